/* SPDX-License-Identifier: EUPL-1.2 */
/* Owes a mail about the event itself to some of its people: that it is off, or that it has moved. Run by convenectl, a
 * batch at a time; what was owed once is not owed again. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "store/store.h"

enum event_news {
    EVENT_NEWS_OFF,   /* mail `event_off`, to every live registration; what else was owed to it is not sent any more */
    EVENT_NEWS_MOVED, /* mail `event_moved`, to the confirmed; one that was not sent yet gives way */
};

struct event_told {
    int64_t registration_id;
    const char *data; /* of the mail: a JSON object */
};

struct event_tell_plan;

struct event_tell {
    struct store_job job; /* first */

    /* asked, in job.arena */
    int64_t event_id;
    enum event_news news;
    int64_t instance; /* of the mails: 0, or the revision they tell of */
    size_t count;
    const struct event_told *people;
    const char *actor, *message_domain;

    /* answered */
    size_t told; /* fewer than count, if some have ended meanwhile */

    struct event_tell_plan *plan; /* for apply alone */
};

extern const struct change_kind change_event_tell;
