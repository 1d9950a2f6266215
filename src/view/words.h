/* SPDX-License-Identifier: EUPL-1.2 */
/* Words of a language that ICU knows: dates, hours, countries, sorting. A `struct words` belongs to one thread; its
 * formatters are opened on first use and kept. Offsets come from event/zone, never from ICU (its zones are of 2022 in
 * Debian 12). Callers: page, mail, report. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct words;

int words_new(struct words **ret_words) __attribute__((warn_unused_result));
void words_free(struct words *words);

/* The forms a date comes in. Examples in English for 18 March 2027 09:30. The first of a month is an ordinal in French
 * (1er mars 2027) and in Italian (1º marzo 2027). */
enum words_form {
    WORDS_DATE,          /* 18 March 2027 */
    WORDS_DATE_WEEKDAY,  /* Thursday, 18 March 2027 */
    WORDS_DATE_TIME,     /* 18 March 2027 at 09:30 */
    WORDS_SHORT_DATE_TIME_WEEKDAY, /* Thu, 18 March 2027, 09:30 */
    WORDS_DAY_TIME,      /* Thu 09:30 */
    WORDS_WEEKDAY,       /* Thursday */
    WORDS_DAY_OF_MONTH,  /* 18 */
    WORDS_MONTH_YEAR,    /* March 2027 */
    WORDS_TIME,          /* 09:30 */
    WORDS_DATE_NO_YEAR,  /* 18 March */
    WORDS_SHORT_DATE_WEEKDAY, /* Thu, 18 March 2027 */
    WORDS_SHORT_DATE_WEEKDAY_NO_YEAR, /* Thu, 18 March */
    WORDS_DAY_HEADING,   /* Thursday, 18 March 2027 that stands alone: not "on Thursday", as Finnish inflects it */
};
/* All in ARENA; NULL: no memory (or ICU refused, which is logged once). LANGUAGE: "lt". ZONE: IANA. The hour is of 24
 * everywhere. */
char *words_date(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t at,
                 enum words_form form);
/* "18–19 March 2027", "31 March – 1 April 2027", or one date if both are the same day there. LAST is an instant of the
 * last day. */
char *words_date_range(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                       int64_t last);
/* The two halves of a range for a sentence of its own, the year said once: "12 April" and "11 June 2027", "2027 m.
 * balandžio 12 d." and "birželio 11 d."; two whole dates where the years differ. -ENOMEM as above. */
int words_date_ends(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                    int64_t last, const char **ret_first, const char **ret_last) __attribute__((warn_unused_result));
/* "09:30–16:00" on one day. */
char *words_time_range(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                       int64_t last);
/* The zone's city in the language: "Vilnius", "Viļņa". */
char *words_zone_city(struct words *words, struct arena *arena, const char *language, const char *zone);
/* "UTC+2", "UTC+5:30", "UTC" */
char *words_offset(struct arena *arena, const char *zone, int64_t at);

/* The country's name; the code itself if unknown. EL and UK are understood. */
char *words_country(struct words *words, struct arena *arena, const char *language, const char *code);
/* -1, 0, 1 by the language's rules. */
int words_compare(struct words *words, const char *language, const char *a, const char *b);
/* 1234 -> "1,234" or as the language has it */
char *words_number(struct words *words, struct arena *arena, const char *language, int64_t number);
