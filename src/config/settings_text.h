/* SPDX-License-Identifier: EUPL-1.2 */
/* Settings that are words for people: one string, or a group of strings by language. Reading: private to config.
 * settings_text_in: any room, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct settings_text;
struct source;
struct config_setting_t;

/* Reads SETTING, texts of at most LENGTH characters. Faults are noted in SOURCE. 0 or -ENOMEM. */
int settings_text_read(struct source *source, struct arena *arena, const struct config_setting_t *setting,
                       size_t length, struct settings_text *text) __attribute__((warn_unused_result));

/* TEXT in LANGUAGE, else in English, else the first that there is; NULL: none was given. *ret_language: which it is;
 * NULL: the file does not say. */
const char *settings_text_in(const struct settings_text *text, const char *language, const char **ret_language);

bool settings_text_same(const struct settings_text *a, const struct settings_text *b);
