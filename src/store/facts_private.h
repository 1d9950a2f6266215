/* SPDX-License-Identifier: EUPL-1.2 */
/* What facts.c and facts_event.c share, and nobody else. */
#pragma once

#include "store/facts.h"
#include "store/store.h"

struct query;

struct due_list {
    size_t count;
    struct mail_fact **mails;
};

struct facts {
    struct arena *arena;
    struct db *db;
    void *places, *registrations, *keys, *mails, *mailboxes; /* tsearch trees over facts in the arena */
    struct due_list due[STORE_MAIL_PRIORITIES];
    int64_t last_id[FACTS_TABLES];
    size_t event_count;
    struct event_fact *events;
};

/* A text column in the arena; NULL for null. Lack of memory shows in *r. */
const char *facts_keep(struct facts *facts, const struct query *query, int column, int *r);

int facts_load_place(struct facts *facts, int64_t id) __attribute__((warn_unused_result));
int facts_load_events(struct facts *facts) __attribute__((warn_unused_result)); /* facts_event.c */
