/* SPDX-License-Identifier: EUPL-1.2 */
/* The way from a manage link to the registration it speaks of, for the pages behind /r/{token}. A worker's thread. */
#pragma once

#include <jansson.h>

#include "page/page_link.h"
#include "report/consent.h"
#include "report/privates.h"
#include "report/record.h"
#include "signup/ask.h"

struct event_definition;
struct event_entry;
struct page;
struct request;

/* Another address that was asked for and not taken yet, be it too late. */
struct page_record_address {
    const char *email; /* NULL: none */
    int64_t expires_at;
};

/* What THEN gets: the record of a link that is proved. It is gone when THEN returns. */
struct page_record {
    struct page_link link; /* first: the mailbox hands it back */
    void (*then)(struct page_record *found);
    struct revisions *revisions;
    struct record record;
    struct privates privates;        /* special needs */
    struct privates *guest_privates; /* of each of record.guests */
    struct consents consents;        /* if PAGE_RECORD_CONSENTS was asked */
    struct page_record_address address;   /* if PAGE_RECORD_ADDRESS was */
    struct ask_invitation invitation;     /* it came by; id 0: none */
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
enum { PAGE_RECORD_CONSENTS = 1, PAGE_RECORD_PERSON = 2, PAGE_RECORD_ADDRESS = 4 };
void page_record_read_parts(struct request *request, unsigned parts, void (*then)(struct page_record *found));

/* The definition that holds now: today's, else the one its owner saw. */
const struct event_definition *page_record_today(const struct page_record *found);

/* Begins a page in the language of the path, else of the registration. */
void page_record_begin(struct page *page, const struct page_record *found);

/* "/lt/r/TOKEN" and TAIL ("", "/confirm" or "/cancel") */
const char *page_record_href(struct page *page, const struct page_record *found, const char *tail);
