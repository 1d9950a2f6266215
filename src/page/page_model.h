/* SPDX-License-Identifier: EUPL-1.2 */
/* The parts of the model that pages share: the layout around them, and an event in short. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct arena;
struct event_definition;
struct event_entry;
struct event_mode;
struct page;

/* Puts lang, dir, title, brand, home, stylesheet, logo, emblem, languages, private, funding, contact and imprint into
 * the model. TITLE stands before the brand. DEFINITION (may be NULL): whose funding is shown; and if
 * OFFERED, only its languages are linked. PRIVATE pages belong to one person and are not for search engines.
 * LINKS false: no language links, for pages that must not echo the path. */
struct page_layout {
    const char *title;
    const char *path; /* of the language links; NULL: the request's, as it was spelt */
    const struct event_definition *definition;
    bool offered, private, links;
    const char *find; /* slug of the event whose page to find a lost link stands in the footer; NULL: none */
};
void page_model_layout(struct page *page, const struct page_layout *layout);

/* "/en/e/SLUG/find" */
const char *page_model_find(struct page *page, const char *slug);

/* An address as a link (RFC 6068 section 2: whatever is not unreserved is percent-encoded). NULL: no memory. */
const char *page_model_mailto(struct arena *arena, const char *address);

/* {slug, href, title, when, hours, at, zone, where}: `when` are days, `hours` the time on them. */
json_t *page_model_event(struct page *page, const struct event_definition *definition);

/* The same of the event as it is today; its page is linked only if it is there. ENTRY NULL: no longer known, then of
 * OTHERWISE; false if that is NULL too. */
json_t *page_model_today(struct page *page, const struct event_entry *entry, const struct event_definition *otherwise);

/* The title of a mode as {text, lang}. */
json_t *page_model_mode(struct page *page, const struct event_definition *definition, const struct event_mode *mode);

/* True if the event begins and ends on one day of its zone. */
bool page_model_one_day(const struct event_definition *definition);

/* An instant until which somebody is to answer, with weekday: "Friday, 5 March 2027, 18:00" */
const char *page_model_deadline(struct page *page, const char *zone, int64_t at);

/* The instant as `<time datetime>` wants it: 2027-03-18T09:30+02:00 */
const char *page_model_instant(struct page *page, const char *zone, int64_t at);

/* "2032-12-31" in words. */
const char *page_model_day(struct page *page, const char *day);
