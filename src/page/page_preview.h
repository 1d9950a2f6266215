/* SPDX-License-Identifier: EUPL-1.2 */
/* Drafts: an event that only those see who have a link of ours to it, `?preview=TOKEN`. The token speaks of the event's
 * id and of a version in the store, so that all its links can be revoked at once. A worker's thread. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct db;
struct edition;
struct event_entry;
struct request;

/* What THEN gets, when the link is proved. */
struct page_preview {
    struct read_job job; /* first: the mailbox hands it back */
    struct request *request;
    void (*then)(const struct page_preview *preview);
    const struct event_entry *entry; /* of job.edition */
    const char *token;
    int64_t version;
};

/* The draft that the path's slug names, if the request has a `preview` at all; NULL: it is no such request. */
const struct event_entry *page_preview_asked(struct request *request);

/* Proves the link of REQUEST, for which page_preview_asked gave ENTRY, and calls THEN, which answers. A link that is
 * not good gets the 404 that a draft gives everybody. It spends one of the client's tokens. */
void page_preview_read(struct request *request, const struct event_entry *entry,
                       void (*then)(const struct page_preview *preview));

/* The version that links to the event's preview have now. For jobs that read more than it; 0 or negative errno. */
int page_preview_version(struct db *db, int64_t event_id, int64_t *ret_version) __attribute__((warn_unused_result));
/* True if TOKEN is one of the event's with that version. */
bool page_preview_proves(const struct request *request, const char *token, int64_t event_id, int64_t version);
