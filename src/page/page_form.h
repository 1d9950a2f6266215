/* SPDX-License-Identifier: EUPL-1.2 */
/* The registration form as a model: steps, fields, answers kept, faults at their fields. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "signup/phase.h"
#include "signup/step.h"

struct event_entry;
struct event_field;
struct form;
struct page;
struct page_full;
struct page_places;
struct rules_result;

/* Somebody who came along, of a registration that is there already. */
struct page_form_guest {
    const char *number; /* the end of his reference */
    bool reached;       /* at an address of his own */
    bool own;           /* he has acted there: the address is his own affair */
    bool undeliverable; /* mail to that address comes back */
};

/* The form of a registration that is there already: without the address and the consents, which have their
 * own ways. */
struct page_form_own {
    const char *action;
    const char *version; /* of the registration that is shown: `_version` */
    size_t guest_count;
    const struct page_form_guest *guests; /* of the first blocks */
    size_t next_guest;                    /* the end of the reference that somebody new would get */
};

struct page_form {
    const struct event_entry *entry;
    enum phase phase;
    const struct page_places *places;
    const char *token;                /* of `_form`; NULL if OWN */
    const char *invite;               /* of `_invite`; NULL: none */
    const struct form *answers;       /* what was typed; NULL: nothing yet */
    bool fresh;                       /* nobody has typed: defaults stand where ANSWERS have nothing */
    const struct rules_result *rules; /* its faults; NULL: none */
    const struct page_form_own *own;  /* NULL: a new registration */
    const struct page_full *full;     /* what has just been found full; NULL: nothing */
};

/* What is wrong with CONTROL, of FIELD or (NULL) of another kind, in words; NULL: nothing. */
const char *page_form_error(struct page *page, const struct page_form *form, const char *control,
                            const struct event_field *field);
/* Adds {href, text} to the problem's ITEMS; CONTROL is an id on the page, or NULL. */
void page_form_item(struct page *page, json_t *items, const char *control, const char *text);

/* Adds to LIST the fields of STEP, as page_field makes them, and to ITEMS what is wrong with them. */
void page_form_add(struct page *page, const struct page_form *form, enum step step, json_t *list, json_t *items);

/* "The organisers confirm each registration." where they do so for that mode; NULL. */
const char *page_form_approval(struct page *page, const struct page_form *form, size_t mode);

/* {action, token, carried, typed, version, heading, intro, begin, steps, privacy, button, after}. Each fault goes to
 * ITEMS too, in the order of the page: {href, text}. */
json_t *page_form_model(struct page *page, const struct page_form *form, json_t *items);
