/* SPDX-License-Identifier: EUPL-1.2 */
/* What an event sends on a date, as rows of mail_plan: reminders and join links before each of its days, thanks behind
 * its end, the organisers' digest. Written with a revision, so that an event that has moved is reminded of at its new
 * date. Used by take_revision and plan. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct db;
struct event_definition;

#define REVISION_PLANS_DAY 10000 /* instance: the local date in days since 1970 times this, and hours of lead */

struct revision_plan {
    const char *kind;
    int64_t instance;
    const char *data; /* JSON object */
    int64_t due_at, expires_at;
};

struct revision_plans {
    size_t count;
    struct revision_plan *rows;
};

/* What is still to come of DEFINITION's at NOW. In ARENA. -ENOMEM. `data`:
 *   reminder, join   {"day":INDEX, "starts":INSTANT, "ends":INSTANT}; without a day: of that date's slots alone
 *   thanks           {}
 *   digest           {"since":INSTANT, "day":DAY}: what the last one told, and its date in days since 1970 */
int revision_plans_make(struct arena *arena, const struct event_definition *definition, int64_t now,
                        struct revision_plans *ret_plans) __attribute__((warn_unused_result));

/* These and no others are planned for the event from now on. What has been sent is not sent again: a plan that is done
 * stays so, and one that was dropped is taken up again. */
int revision_plans_write(struct db *db, int64_t event_id, const struct revision_plans *plans)
    __attribute__((warn_unused_result));

/* When the organisers' next digest is due after AFTER; 0: there is none any more. */
int64_t revision_plans_digest(const struct event_definition *definition, int64_t after);
