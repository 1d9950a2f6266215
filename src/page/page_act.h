/* SPDX-License-Identifier: EUPL-1.2 */
/* From a button of a page behind /r/{token} to the store and back to the registration. A worker's thread. */
#pragma once

#include <stdint.h>

struct change_kind;
struct event_entry;
struct page;
struct page_record;
struct record_guest;

struct page_act {
    const struct change_kind *kind; /* of change/act.h */
    const struct record_guest *guest; /* it is done to this guest of the registration; NULL: to the registration */
    const char *reason;             /* may be NULL */
    const char *purpose, *field;    /* of change_withdraw; copied */
    int64_t evidence_until;         /* of change_erase … */
    const char *kept;               /* … copied */
    struct { const char *text, *language, *zone; } title; /* … of the event; copied */
    const char *failed, *unknown;   /* words of the error page: surely not done; nobody knows */
    /* Answers where the time is over, with the record read anew; NULL: as where it is done already. */
    void (*late)(struct page_record *found);
    /* Answers where it is done and there is no registration to go back to; NULL: there is. ENTRY may be NULL. */
    void (*done)(struct page *page, const struct event_entry *entry);
};

/* Runs the act on the registration of the link and leads back to its page. PAGE is given up, the request waits. */
void page_act_run(struct page *page, const struct page_record *found, const struct page_act *act);

/* 303 to the page of the registration, where there is nothing to do. PAGE is given up. */
void page_act_back(struct page *page, const struct page_record *found);
