/* SPDX-License-Identifier: EUPL-1.2 */
/* What a letter says, as the JSON model that its templates are filled from. Sender's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "mail/kind.h"
#include "signup/state.h"
#include "view/calendar.h"

struct arena;
struct catalogue;
struct edition;
struct event_definition;
struct event_entry;
struct leased_mail;
struct letter_desk;
struct making;
struct record;
struct record_guest;
struct subject;

/* What is known when a letter is written. */
struct letter {
    const struct letter_desk *desk;
    const struct edition *edition;
    const struct leased_mail *mail;
    const struct kind *kind;
    int64_t now;
    const struct subject *subject;
    const struct record *record;                /* the subject's; NULL: it is no registration */
    const struct event_entry *entry;            /* today's; NULL: the event is gone */
    const struct event_definition *definition;  /* today's, else the record's; NULL: none */
    const struct catalogue *catalogue;
    const char *language;                       /* of the catalogue */
    struct arena *arena;
    enum state was;                             /* before the change that wrote the mail; STATE_NONE: not noted */
    bool asks;                                  /* an answer is waited for, and there is time for it */
    bool has_place;                             /* now, or before it was taken away */
    bool has_calendar;
    bool uncalendars;                           /* its entry takes the event out of the calendar */
    json_t *data;                               /* what the change noted in the mail's row; NULL: nothing */
    enum letter_reader reader;
    bool off;                                   /* the event does not take place */
    bool unplaced;                              /* it tells that none of the wishes of a round was met */
    struct { int64_t id, version, until; } address; /* READER_NEW_ADDRESS: the row of address_change, its deadline */
    bool has_emblem;
    bool has_code;                              /* the reference as a QR code, for the door */
    struct { bool given; int64_t starts, ends; } day; /* reminder, join: the day it is about */
};

/* Of a letter to the person, or to a former or new address. NULL: no memory. The caller gives it back. */
json_t *letter_model_make(const struct letter *letter, const struct letter_words *words);

/* What stands at the foot of every letter: who is responsible for the data, who pays. */
void letter_model_foot(struct making *making, json_t *model);

/* The mode ID in the reader's words. */
const char *letter_model_mode(const struct letter *letter, const char *id);
/* Who came along: the name, or "Person 2". NULL: no memory. */
const char *letter_model_guest(const struct letter *letter, const struct record_guest *guest);
/* True if this person takes part online. */
bool letter_model_is_online(const struct letter *letter);

/* The booked slot whose time the letter gives under "When"; NULL: there it says something else. */
const struct record_place *letter_model_slot(const struct letter *letter);
