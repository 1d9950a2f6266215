/* SPDX-License-Identifier: EUPL-1.2 */
/* The change that makes all links to the preview of an event worthless. Run by convenectl. */
#pragma once

#include <stdint.h>

#include "store/store.h"

struct revoke_preview {
    struct store_job job; /* first */

    /* asked, in job.arena */
    int64_t event_id;
    const char *actor;

    int64_t at; /* when it was decided */
};

extern const struct change_kind change_revoke_preview;
