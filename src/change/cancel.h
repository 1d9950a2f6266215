/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that cancels a registration: frees exactly what was claimed, offers it to who waits, stops mails that are
 * no longer owed, sends its own. Submitted by page/cancel and convenectl. */
#pragma once

#include "change/act.h"

extern const struct change_kind change_cancel;
