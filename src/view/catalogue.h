/* SPDX-License-Identifier: EUPL-1.2 */
/* The words of the program in each language: share/locale/LANG.json, i18next v4 form. English is complete; every other
 * language falls back to it key by key. Immutable, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct catalogue;
struct catalogues;

/* All files of DIRECTORY; en.json must be there. Faults are logged; -EINVAL. */
int catalogues_load(const char *directory, struct catalogues **ret_catalogues) __attribute__((warn_unused_result));
void catalogues_free(struct catalogues *catalogues);

/* NULL: no such language. The languages, sorted, by position. */
const struct catalogue *catalogues_find(const struct catalogues *catalogues, const char *language);
size_t catalogues_count(const struct catalogues *catalogues);
const struct catalogue *catalogues_at(const struct catalogues *catalogues, size_t position);

const char *catalogue_language(const struct catalogue *catalogue); /* "lt" */
const char *catalogue_own_name(const struct catalogue *catalogue); /* "Lietuvių": the key language.name */

/* The sentence of KEY (nested keys joined by dots); the key itself if even English lacks it (the lint finds those). */
const char *catalogue_text(const struct catalogue *catalogue, const char *key);
bool catalogue_has(const struct catalogue *catalogue, const char *key);

/* A sentence with {{name}} filled in. Behind KEY: name, value pairs of strings, ended by NULL. In the arena; NULL: no
 * memory. */
char *catalogue_format(const struct catalogue *catalogue, struct arena *arena, const char *key, ...)
    __attribute__((sentinel));
/* The same with the plural form for COUNT, which is also {{count}} (grouped as the language does). A catalogue's
 * key_zero is taken for 0 in every language. */
char *catalogue_count(const struct catalogue *catalogue, struct arena *arena, const char *key, int64_t count, ...)
    __attribute__((sentinel));
