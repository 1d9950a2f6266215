/* SPDX-License-Identifier: EUPL-1.2 */
/* The page of one event with its form, as page_sign_up shows it again. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "http/request.h"
#include "signup/phase.h"

struct ask_cap;
struct event_definition;
struct event_entry;
struct page;
struct rules_result;

/* Why the form comes back. */
struct page_event_return {
    int status;
    int64_t retry_after;              /* seconds, of a 429 */
    const char *trouble;              /* the sentence `problem.TROUBLE`; NULL if EDIT */
    bool edit;                        /* nothing is wrong: somebody looks at what was typed once more */
    const struct rules_result *rules; /* the faults; NULL: none */
    int64_t full_place;               /* the row of `place` that is full; 0: none … */
    int mode;                         /* … for who takes part in this mode */
    const struct ask_cap *full_cap;   /* the limit that is reached; NULL: none … */
    size_t full_block;                /* … by the guest of that block; 0: by who signs up */
    bool full_party;                  /* there is room, but not for all of them */
    bool uninvited;                   /* the invitation that came is good for nothing: it is left out */
    const char *token;                /* the one that came, if it is still good; NULL: a new one */
};

/* Answers a POST with the form again, every answer kept. */
void page_event_return(struct page *page, const struct event_entry *entry, const struct page_event_return *back);

/* The sources that may show the event's pages in a frame, as CSP wants them; NULL: nobody. */
const char *page_event_frames(struct page *page, const struct event_definition *definition);

/* The entry of the path's slug, or NULL: then the 404 or 410 has gone out and the request with it. */
const struct event_entry *page_event_entry(struct request *request, enum phase *ret_phase);

extern const struct endpoint page_event;
