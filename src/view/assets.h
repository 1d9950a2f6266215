/* SPDX-License-Identifier: EUPL-1.2 */
/* The static files, read at start, each under a name with the hash of its content (/static/style-1a2b3c4d.css), so
 * that it may be cached for a year. Immutable, any thread. */
#pragma once

#include <stddef.h>

struct assets;

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
void assets_free(struct assets *assets);
const struct asset *assets_by_hashed(const struct assets *assets, const char *hashed); /* NULL: none */
const struct asset *assets_by_name(const struct assets *assets, const char *name);
