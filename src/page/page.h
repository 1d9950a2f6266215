/* SPDX-License-Identifier: EUPL-1.2 */
/* A page while it is being made, and what a worker keeps for making pages. Private to this room.
 * A handler begins a page, puts its model together and sends it; the model is plain JSON and knows nothing of HTML,
 * but for Markdown that was made safe. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "http/reply.h"

struct arena;
struct catalogue;
struct edition;
struct event_definition;
struct event_text;
struct mailbox;
struct page_cache;
struct page_country;
struct page_invite;
struct request;
struct site;
struct site_options;
struct text_folder;
struct trusted;
struct words;

/* One http worker's own: nothing in it is shared with another thread but what site_options points to. */
struct page_worker {
    struct site *site;
    const struct site_options *options; /* of the site */
    struct mailbox *mailbox;
    struct edition *edition; /* swapped between two requests; a waiting job holds its own reference */
    struct trusted *trusted; /* proxies, of that edition's settings */
    struct words *words;
    struct text_folder *folder;
    struct page_cache *cache;
    struct page_country *countries;
    struct buffer out;
    struct page_worker *next; /* the site's list */
};

struct page {
    struct request *request;
    struct page_worker *worker;
    struct arena *arena; /* the request's */
    const struct edition *edition;
    const struct catalogue *catalogue;
    const char *language; /* of the interface; always one of the catalogues */
    bool vary;            /* it was negotiated */
    int64_t now;
    const char *preview;  /* the token of a draft that is shown, for its own links; NULL */
    json_t *model;
    const struct page_invite *invite; /* by which its visitor came, proved; NULL: by none */
    bool failed;          /* memory ran out somewhere: the page is not sent */
};

/* EDITION NULL: the worker's. */
void page_begin(struct page *page, struct request *request, const struct edition *edition, const char *language,
                bool vary);

/* The only way out of this room: reply_send with what holds for all of the site, now (HSTS). The request is gone
 * afterwards. */
void page_respond(struct request *request, const struct reply *how);
/* 303 to LOCATION, a path of ours; NULL: there was no memory for it, a bare 500. FRAMES: as reply's; may be NULL. */
void page_see_other(struct request *request, const char *location, const char *frames);
/* True if the client takes gzip. */
bool page_takes_gzip(const struct request *request);

/* The page is not sent: what it was made of goes. */
void page_drop(struct page *page);

/* Renders TEMPLATE ("event") and answers with it; HOW has status, cache and the like, the rest is filled in. The
 * request is gone afterwards. If the page cannot be made a short plain 500 goes out. */
void page_send(struct page *page, const char *template, const struct reply *how);
/* The same in two steps: the bytes are in worker->out. On failure the plain 500 has gone out: negative errno. */
int page_render(struct page *page, const char *template);
void page_reply(struct page *page, const struct reply *how, const char *data, size_t size);

/* Answers with what is no page: HOW has the type, the data and its size. The model is dropped, the request gone. */
void page_send_file(struct page *page, const struct reply *how);

/* Building the model. VALUE is taken over; NULL marks the page as failed. */
json_t *page_object(struct page *page);
json_t *page_array(struct page *page);
void page_put(struct page *page, json_t *object, const char *key, json_t *value);
void page_add(struct page *page, json_t *array, json_t *value);
void page_put_string(struct page *page, json_t *object, const char *key, const char *text); /* NULL is a failure */
void page_put_optional(struct page *page, json_t *object, const char *key, const char *text); /* NULL: false */
/* Every key that a template asks for is put, false where there is nothing: Mustache would else look further out. */
void page_put_bool(struct page *page, json_t *object, const char *key, bool value);

/* {text, lang}: lang is false where the text is in the page's language (WCAG 2.2, 3.1.2). */
json_t *page_words(struct page *page, const char *text, const char *language);
json_t *page_text(struct page *page, const struct event_definition *definition, const struct event_text *text);

/* The path of ours behind the page's language: "/lt" and PATH. */
const char *page_href(struct page *page, const char *path);
const char *page_say(struct page *page, const char *key); /* a plain sentence */
