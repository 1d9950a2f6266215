/* SPDX-License-Identifier: EUPL-1.2 */
/* Text that came from outside: valid, cleaned, counted, folded. Everything is UTF-8.
 * Callers: every room but store, change and report. Any thread; a folder belongs to one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

bool text_is_utf8(const char *text, size_t size);
/* The code point at *I, which moves behind it; -1: not UTF-8. *I < SIZE. */
int32_t text_point(const char *text, size_t size, size_t *i);
bool text_is_ascii(const char *text, size_t size);

/* One clean() for every value that reaches GMime, libical or the store: makes a copy without control characters
 * (C0, DEL, C1; in MANY_LINES texts a line feed stays, CR LF and other ends of lines become one), without bidi
 * embeddings, overrides and isolates (U+202A..202E, U+2066..2069) and without U+FEFF and noncharacters, with white
 * space trimmed at both ends, NFC.
 * In one-line texts every run of white space becomes one space.
 * -EILSEQ: not UTF-8. -ENOMEM. */
int text_clean(struct arena *arena, const char *text, size_t size, bool many_lines, char **ret_clean)
    __attribute__((warn_unused_result));

/* True if TEXT holds, inside its outer white space, what text_clean would take away or turn into a space: a control
 * character (line feed and tab too), a bidi control, a noncharacter; or is no UTF-8. Used where silently mending would
 * hide an attack: addresses, header values. */
bool text_has_control(const char *text, size_t size);

/* Characters as people count them (grapheme clusters would need a locale; these are code points). */
size_t text_length(const char *text);

/* True if nothing of TEXT can be seen: empty, white space, zero-width and filler characters only. */
bool text_is_blank(const char *text);

/* Names in lower case ASCII letters for search: Õunapuu -> ounapuu, Παπαδόπουλος -> papadopoulos. A folder is one
 * thread's; its first text beyond ASCII opens ICU's tables. */
struct text_folder;
int text_folder_new(struct text_folder **ret_folder) __attribute__((warn_unused_result));
void text_folder_free(struct text_folder *folder);
int text_fold(struct text_folder *folder, struct arena *arena, const char *text, char **ret_folded)
    __attribute__((warn_unused_result));

/* Unicode case folding (not ASCII-fying): Õ@X.EE -> õ@x.ee. For comparing addresses and names. */
int text_casefold(struct arena *arena, const char *text, char **ret_folded) __attribute__((warn_unused_result));

/* Of names and other tokens of HTTP (RFC 9110 section 5.6.2). */
bool text_is_token(char c);

/* A quality value, `1`, `0.7` or `0.123` (RFC 9110 section 12.4.2), in thousandths; -1: none. */
int text_quality(const char *text, size_t size);

/* A whole decimal number without sign, blanks or overflow. -EINVAL, -ERANGE. */
int text_to_int(const char *text, int64_t min, int64_t max, int64_t *ret_number) __attribute__((warn_unused_result));
