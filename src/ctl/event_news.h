/* SPDX-License-Identifier: EUPL-1.2 */
/* Runs change_event_tell over many people, some hundred a transaction. For convenectl event cancel and move. One
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "change/event_tell.h"
#include "ctl/ctl.h"

/* Who would be told, in ARENA; a list that grows. */
struct event_people {
    size_t count, room;
    struct event_told *items;
};

/* What is the same for all of them. */
struct event_message {
    int64_t event_id, instance;
    enum event_news news;
};

/* Live registrations that can be told, each for itself, whoever else has its address; of a guest without one who booked
 * reads. A condition on `registration AS r`. */
#define CTL_NEWS_LIVE                                                                                                  \
    "r.status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted') "           \
    "AND r.email IS NOT NULL "

/* DATA must live in the same arena. */
int ctl_news_add(struct arena *arena, struct event_people *people, int64_t registration_id, const char *data)
    __attribute__((warn_unused_result));

/* Owes them their mails. What was done before a failure stays: run again it goes on with the rest. */
enum ctl_exit ctl_news_tell(struct ctl *ctl, const struct event_message *message, const struct event_people *people,
                            size_t *ret_told);
