/* SPDX-License-Identifier: EUPL-1.2 */
/* One edition: settings, events, templates and languages as they stood together from one reload to the next.
 * Immutable, counted by an atomic reference. Main makes it; threads swap between two pieces of work; a job keeps the
 * edition it was made with. */
#pragma once

struct catalogues;
struct event_book;
struct settings;
struct templates;
struct assets;

struct edition {
    const struct settings *settings;
    const struct event_book *events;
    const struct catalogues *catalogues;
    const struct templates *templates;
    const struct assets *assets;
};

/* Takes all five over. */
int edition_new(struct settings *settings, struct event_book *events, struct catalogues *catalogues,
                struct templates *templates, struct assets *assets, struct edition **ret_edition)
    __attribute__((warn_unused_result));
struct edition *edition_ref(struct edition *edition);
void edition_unref(struct edition *edition); /* NULL is allowed */
