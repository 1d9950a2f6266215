/* SPDX-License-Identifier: EUPL-1.2 */
/* The map of the site: every endpoint there is. What is not here is 404. */
#pragma once

#include <stddef.h>

#include "http/request.h"

extern const struct endpoint page_list, page_event, page_next, page_manage, page_confirm, page_cancel, page_static,
    page_health, page_ready, page_imprint, page_robots, page_security, page_favicon, page_event_calendar,
    page_person_calendar, page_code, page_data_json, page_data_csv, page_consents, page_find, page_find_sent,
    page_change, page_release, page_address, page_new_address, page_erase, page_stop, page_privacy,
    page_accessibility;

extern const struct endpoint *const page_table[];
extern const size_t page_table_count;
