/* SPDX-License-Identifier: EUPL-1.2 */
/* The way from an invitation's link, /e/{slug}?invite=TOKEN and the hidden control `_invite`, to the row it speaks of,
 * and what its visitor sees of it. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/store.h"

struct arena;
struct event_entry;
struct page;
struct page_places;
struct request;
struct rules_result;

/* An invitation that is proved, and holds now. */
struct page_invite {
    int64_t id, link_version, uses;
    const char *token;
    const char *email;   /* whose it is, folded; NULL: anybody's */
    const char *reserve; /* what it opens; NULL: no reserve */
};

enum page_invite_state {
    PAGE_INVITE_GOOD,
    PAGE_INVITE_BAD,    /* none of ours, of another event, revoked, expired or used up: all look the same */
    PAGE_INVITE_UNKNOWN /* the store could not tell now */
};

/* What THEN gets; all of it is gone when THEN returns. */
struct page_invite_read {
    struct read_job job; /* first: the mailbox hands it back; job.edition has the event */
    struct request *request;
    const struct event_entry *entry;
    void (*then)(struct page_invite_read *read);
    enum page_invite_state state;
    struct page_invite invite; /* if GOOD */
    int64_t event_id, now;
    bool ended; /* revoked, expired or used up */
};

/* Proves TOKEN (not NULL) for the event of ENTRY, an entry of the worker's edition, and calls THEN, which answers. It
 * does so at once if the token cannot be one of ours or the store takes no query. */
void page_invite_prove(struct request *request, const struct event_entry *entry, const char *token,
                       void (*then)(struct page_invite_read *read));

/* INVITE with its texts in ARENA. NULL: no memory. */
struct page_invite *page_invite_copy(struct arena *arena, const struct page_invite *invite);

/* Whose address was typed: RULE_NOT_INVITED at it if the invitation is for another. -ENOMEM. */
int page_invite_check(struct page *page, const struct event_entry *entry, const struct page_invite *invite,
                      struct rules_result *rules) __attribute__((warn_unused_result));

/* What is kept for the invited is free for the page's visitor. */
void page_invite_places(struct page *page, const struct event_entry *entry, struct page_places *places);

/* The token for the form's `_invite`: of the page's invitation, else one that came with a form and was not looked at
 * yet; NULL: none. */
const char *page_invite_token(const struct page *page);

/* "/e/SLUG?invite=TOKEN", or without; NULL: no memory. */
const char *page_invite_path(struct page *page, const struct event_entry *entry);

/* {heading, text, detail}: that the visitor is invited, or that the link is no longer good. */
json_t *page_invite_model(struct page *page, const struct event_entry *entry, enum page_invite_state state);
