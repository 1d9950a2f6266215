/* SPDX-License-Identifier: EUPL-1.2 */
/* The parts of the model that pages share: the layout around them, and an event in short. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct edition;
struct event_definition;
struct event_entry;
struct event_mode;
struct page;
struct request;
struct settings_host;

/* Puts lang, dir, title, brand, home, stylesheet, form_sheet, logo, emblem, languages, private, funding, contact and
 * the links of the footer into the model. TITLE stands before the brand. DEFINITION (may be NULL): whose funding is
 * shown, in whose host's name the page speaks unless HOST says another, and if OFFERED, only its languages are
 * linked. PRIVATE pages belong to one person and are not for search engines. LINKS false: no language links, for
 * pages that must not echo the path. */
struct page_layout {
    const char *title;
    const char *description; /* in the page's language, for search engines; NULL: none */
    const char *path; /* of the language links; NULL: the request's, as it was spelt */
    const struct event_definition *definition;
    const struct settings_host *host; /* NULL: the definition's, else the first */
    bool offered, private, links;
    const char *find;   /* slug of the event whose page to find a lost link stands in the footer; NULL: none */
    const char *notice; /* slug of the event whose privacy notice does; NULL: none */
    bool form;          /* the page has the definition's form, which may have a sheet of its own */
};
void page_model_layout(struct page *page, const struct page_layout *layout);

/* "/e/SLUG", and behind it the token of a draft that is shown. */
const char *page_model_event_path(struct page *page, const struct event_definition *definition);
/* "/en/e/SLUG/find" */
const char *page_model_find(struct page *page, const char *slug);
/* "/en/e/SLUG/privacy" */
const char *page_model_notice(struct page *page, const char *slug);
/* PATH of ours, with `?host=ID` if HOST is not the first. Without the language. */
const char *page_model_hosted(struct page *page, const char *path, const struct settings_host *host);
/* The host whose page it is by the query; NULL: it names one that there is not. Without a query the first. */
const struct settings_host *page_model_asked_host(const struct request *request, const struct edition *edition);

/* An address as a link (RFC 6068 section 2: whatever is not unreserved is percent-encoded). NULL: no memory. */
const char *page_model_mailto(struct arena *arena, const char *address);
/* Puts {text, href} of ADDRESS into OBJECT, as `contact`. */
void page_model_contact(struct page *page, json_t *object, const char *address);

/* {slug, href, title, where} and what page_when_put says of its time. */
json_t *page_model_event(struct page *page, const struct event_definition *definition);

/* The same of the event as it is today; its page is linked only if it is there. ENTRY NULL: no longer known, then of
 * OTHERWISE; false if that is NULL too. */
json_t *page_model_today(struct page *page, const struct event_entry *entry, const struct event_definition *otherwise);

/* The title of a mode as {text, lang}. */
json_t *page_model_mode(struct page *page, const struct event_definition *definition, const struct event_mode *mode);

/* An instant until which somebody is to answer, with weekday: "Friday, 5 March 2027, 18:00" */
const char *page_model_deadline(struct page *page, const char *zone, int64_t at);

/* "2032-12-31" in words. */
const char *page_model_day(struct page *page, const char *day);

/* The instant as `<time datetime>` wants it: 2027-03-18T09:30+02:00 */
const char *page_model_instant(struct page *page, const char *zone, int64_t at);
