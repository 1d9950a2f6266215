/* SPDX-License-Identifier: EUPL-1.2 */
/* Which ICU locale speaks for a language of ours. Private to the room; pure, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LOCALE_SIZE 40

/* "en" -> "en_GB": days before months, as in all of Europe; "pt-PT" -> "pt_PT"; else the language as it is. */
void locale_of(const char *language, char ret_locale[static LOCALE_SIZE]);

/* The SIZE bytes at TEXT are a language code: two or three small letters, then perhaps a country, "pt-PT". */
bool locale_is_language(const char *text, size_t size);
