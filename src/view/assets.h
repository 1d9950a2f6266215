/* SPDX-License-Identifier: EUPL-1.2 */
/* The static files, read at start, each under a name with the hash of its content (/static/style-1a2b3c4d.css), so
 * that it may be cached for a year. Immutable, any thread. */
#pragma once

#include <stddef.h>

struct assets;
struct event_book;
struct event_definition;
struct settings;
struct settings_host;

struct asset {
    const char *name;   /* style.css */
    const char *hashed; /* style-1a2b3c4d5e6f.css */
    const char *type;
    const char *data;
    size_t size;
    const char *gzip; /* the same in the gzip format; NULL: that would not be smaller */
    size_t gzip_size;
};

/* All files of DIRECTORY whose type is known. */
int assets_load(const char *directory, struct assets **ret_assets) __attribute__((warn_unused_result));
/* The sheets and logos of the hosts, under names with their ids: /static/ID-1a2b3c4d5e6f.css. Before the assets are
 * shared. -ENOENT: there is no style.css to make them from. */
int assets_add_hosts(struct assets *assets, const struct settings *settings) __attribute__((warn_unused_result));
/* The sheets of the events' forms (view/sheet_condition), where there is something to say: /static/e-1a2b3c4d5e6f.css.
 * Before the assets are shared. */
int assets_add_forms(struct assets *assets, const struct event_book *events) __attribute__((warn_unused_result));
void assets_free(struct assets *assets);
const struct asset *assets_by_hashed(const struct assets *assets, const char *hashed); /* NULL: none */
const struct asset *assets_by_name(const struct assets *assets, const char *name);
/* The host's own, else the built-in one; NULL: there is none of these either. */
const struct asset *assets_sheet(const struct assets *assets, const struct settings_host *host);
const struct asset *assets_logo(const struct assets *assets, const struct settings_host *host);
/* The sheet of the event's form; NULL: it has none. */
const struct asset *assets_form(const struct assets *assets, const struct event_definition *definition);
