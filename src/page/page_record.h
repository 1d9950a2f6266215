/* SPDX-License-Identifier: EUPL-1.2 */
/* The way from a manage link to the registration it speaks of, for the pages behind /r/{token}. A worker's thread. */
#pragma once

#include <jansson.h>

#include "report/consent.h"
#include "report/privates.h"
#include "report/record.h"
#include "store/store.h"

struct edition;
struct event_entry;
struct page;
struct request;

/* What THEN gets: the record of a link that is proved. It is gone when THEN returns. */
struct page_record {
    struct read_job job; /* first: the mailbox hands it back */
    struct request *request;
    void (*then)(struct page_record *found);
    struct revisions *revisions;
    int64_t id;
    struct record record;
    struct consents consents;        /* if PAGE_RECORD_CONSENTS was asked … */
    struct privates privates;        /* … and what they are for, of special needs */
    json_t *person;                  /* all that is held, if PAGE_RECORD_PERSON was; owned */
    unsigned parts;
    const char *language;            /* of the path; NULL: none */
    int64_t before;                  /* how many are before it on its waiting list */
    const struct event_entry *entry; /* the event as it is today; NULL: it is no longer known */
};

/* Reads the record of REQUEST's token and calls THEN, which answers. If there is no such registration, or the link is
 * not one of ours, both look the same: 404. */
void page_record_read(struct request *request, void (*then)(struct page_record *found));

/* The same, and more of it at once. */
enum { PAGE_RECORD_CONSENTS = 1, PAGE_RECORD_PERSON = 2 };
void page_record_read_parts(struct request *request, unsigned parts, void (*then)(struct page_record *found));

/* Begins a page in the language of the path, else of the registration. */
void page_record_begin(struct page *page, const struct page_record *found);

/* "/lt/r/TOKEN" and TAIL ("", "/confirm" or "/cancel") */
const char *page_record_href(struct page *page, const struct page_record *found, const char *tail);
