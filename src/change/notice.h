/* SPDX-License-Identifier: EUPL-1.2 */
/* The mails by which an event's organisers hear of a new registration, if its definition wants them told. Owed in the
 * transaction that brings the registration, or confirms its address. Used by sign_up and confirm. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "change/mail_row.h"

struct arena;
struct event_definition;
struct facts;

struct notices {
    size_t count;
    struct mail_row *mails; /* one each of `notify.to` */
};

/* Of WHAT the id of who signed up, event, revision and instant are taken; who came along is told of with him.
 * DEFINITION must outlive the notices, which are made in ARENA. -ENOMEM. */
int notices_plan(struct arena *arena, struct facts *facts, const struct event_definition *definition,
                 const char *message_domain, const struct mail_row *what, struct notices *ret_notices)
    __attribute__((warn_unused_result));

int notices_write(const struct notices *notices, struct db *db) __attribute__((warn_unused_result));
