/* SPDX-License-Identifier: EUPL-1.2 */
/* From a token in the path to the row it speaks of: the read job that every page behind a link begins with. The token
 * itself is proved by who knows the row's version. A worker's thread, but for job.run, which a reader calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/token.h"
#include "store/store.h"

struct request;

struct page_link {
    struct read_job job; /* first: the mailbox hands it back */
    struct request *request;
    int64_t id;                               /* of the row, not yet proved */
    void (*answer)(struct page_link *link);   /* on the worker, when the job is back; answers the request */
    void (*release)(struct page_link *link);  /* what is not in the arena; NULL: nothing */
};

/* Spends one of the client's tokens and makes a link of SIZE bytes in an arena of its own, everything behind the link
 * zero. NULL: the request is answered. */
struct page_link *page_link_new(struct request *request, size_t size);
/* Reads with RUN and calls ANSWER; the arena goes afterwards. */
void page_link_read(struct page_link *link, int (*run)(struct read_job *job, struct db *db),
                    void (*answer)(struct page_link *link), void (*release)(struct page_link *link));

/* For ANSWER: the row is there and the token is one of ours for PURPOSE and VERSION; whatever is not so looks the same,
 * 404. page_link_found alone proves nothing. False: the request is answered. */
bool page_link_found(struct page_link *link);
bool page_link_proved(struct page_link *link, enum token_purpose purpose, int64_t version);
