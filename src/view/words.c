/* SPDX-License-Identifier: EUPL-1.2 */
/* Dates, hours, countries, numbers and sorting by ICU. Formatters stand in a table by language and pattern and are
 * opened on first use. Every instant is moved by the offset that event/zone gives and then formatted as if it were UTC,
 * so ICU's own zones decide nothing: those of Debian 12 are of 2022. They only name cities.
 * ICU sets some ranges with thin spaces; they become plain ones (and narrow no-break spaces no-break spaces), for
 * mail and old fonts. Callers: page, mail, report. One set per thread. */
#include "view/words.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/uchar.h>
#include <unicode/ucol.h>
#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>
#include <unicode/udatpg.h>
#include <unicode/uldnames.h>
#include <unicode/unum.h>
#include <unicode/ustring.h>

#include "base/arena.h"
#include "base/log.h"
#include "event/zone.h"
#include "view/locale.h"

#define WIDE_SIZE 256
#define LANGUAGE_SIZE 16

/* The forms of the header, and what languages need beside them. */
enum {
    RANGE_MONTH_FIRST = WORDS_DAY_HEADING + 1,
    RANGE_MONTH_LAST,
    RANGE_YEAR_FIRST,
    RANGE_YEAR_LAST,
    WEEKDAY_IN_LINE,
    FORMS
};

struct form {
    const UChar *skeleton; /* NULL: PATTERN as it is */
    const UChar *pattern;
    bool list; /* date and hour are joined by the language's short glue, `{1}, {0}`, not by its `at` */
};

/* H, never j: the hour is of 24. Never z: ICU's short zone names differ from language to language. */
static const struct form forms[FORMS] = {
    [WORDS_DATE] = { .skeleton = u"yMMMMd" },
    [WORDS_DATE_WEEKDAY] = { .skeleton = u"yMMMMEEEEd" },
    [WORDS_DATE_TIME] = { .skeleton = u"yMMMMdHm" },
    [WORDS_SHORT_DATE_TIME_WEEKDAY] = { .skeleton = u"yMMMMEEEdHm", .list = true },
    [WORDS_DAY_TIME] = { .skeleton = u"EEEHm" },
    [WORDS_WEEKDAY] = { .pattern = u"cccc" },
    [WORDS_DAY_OF_MONTH] = { .pattern = u"d" },
    [WORDS_MONTH_YEAR] = { .skeleton = u"yMMMM" },
    [WORDS_TIME] = { .skeleton = u"Hm" },
    [WORDS_DATE_NO_YEAR] = { .skeleton = u"MMMMd" },
    [WORDS_SHORT_DATE_WEEKDAY] = { .skeleton = u"yMMMMEEEd" },
    [WORDS_SHORT_DATE_WEEKDAY_NO_YEAR] = { .skeleton = u"MMMMEEEd" },
    [WORDS_DAY_HEADING] = { .skeleton = u"yMMMMccccd" },
    /* Lithuanian: CLDR leaves out m. and d. in ranges, which reads as a machine's. */
    [RANGE_MONTH_FIRST] = { .pattern = u"y 'm'. MMMM d" },
    [RANGE_MONTH_LAST] = { .pattern = u"d 'd'." },
    [RANGE_YEAR_FIRST] = { .pattern = u"y 'm'. MMMM d 'd'." },
    [RANGE_YEAR_LAST] = { .pattern = u"MMMM d 'd'." },
    /* Latvian: CLDR gives a weekday that stands alone a capital, which is wrong after an "and". */
    [WEEKDAY_IN_LINE] = { .pattern = u"EEEE" },
};

struct speaker {
    char language[LANGUAGE_SIZE];
    char locale[LOCALE_SIZE];
    UDateFormat *dates[FORMS];
    UDateIntervalFormat *date_range, *time_range;
    UCollator *collator;
    ULocaleDisplayNames *names;
    UNumberFormat *numbers;
};

struct words {
    struct speaker **speakers;
    size_t count, room;
    bool complained;
};

int words_new(struct words **ret_words)
{
    struct words *words = calloc(1, sizeof *words);
    if (!words)
        return -ENOMEM;
    *ret_words = words;
    return 0;
}

static void speaker_free(struct speaker *speaker)
{
    for (size_t i = 0; i < FORMS; i++)
        udat_close(speaker->dates[i]);
    udtitvfmt_close(speaker->date_range);
    udtitvfmt_close(speaker->time_range);
    ucol_close(speaker->collator);
    uldn_close(speaker->names);
    unum_close(speaker->numbers);
    free(speaker);
}

void words_free(struct words *words)
{
    if (!words)
        return;
    for (size_t i = 0; i < words->count; i++)
        speaker_free(words->speakers[i]);
    free(words->speakers);
    free(words);
}

/* Whether ICU did what was asked; says once per thread that it did not. */
static bool good(struct words *words, const char *language, UErrorCode error)
{
    if (U_SUCCESS(error))
        return true;
    if (!words->complained)
        log_error("words.icu_failed", LOG_TEXT("language", language), LOG_TEXT("icu", u_errorName(error)));
    words->complained = true;
    return false;
}

static struct speaker *speaker_of(struct words *words, const char *language)
{
    for (size_t i = 0; i < words->count; i++)
        if (strcmp(words->speakers[i]->language, language) == 0)
            return words->speakers[i];
    size_t size = strlen(language);
    if (size >= LANGUAGE_SIZE)
        return NULL;
    if (words->count == words->room) {
        size_t room = words->room ? words->room * 2 : 8;
        struct speaker **speakers = reallocarray(words->speakers, room, sizeof(struct speaker *));
        if (!speakers)
            return NULL;
        words->speakers = speakers;
        words->room = room;
    }
    struct speaker *speaker = calloc(1, sizeof *speaker);
    if (!speaker)
        return NULL;
    memcpy(speaker->language, language, size);
    locale_of(language, speaker->locale);
    words->speakers[words->count++] = speaker;
    return speaker;
}

/* SIZE characters at WIDE as UTF-8. */
static char *narrow(struct words *words, struct arena *arena, const char *language, UChar *wide, int32_t size,
                    UErrorCode error)
{
    if (U_SUCCESS(error) && size > WIDE_SIZE)
        error = U_BUFFER_OVERFLOW_ERROR;
    if (!good(words, language, error))
        return NULL;
    for (int32_t i = 0; i < size; i++) {
        if (wide[i] == 0x2009)
            wide[i] = ' ';
        else if (wide[i] == 0x202f)
            wide[i] = 0xa0;
    }
    char text[3 * WIDE_SIZE];
    int32_t bytes = 0;
    error = U_ZERO_ERROR;
    u_strToUTF8(text, (int32_t)sizeof text, &bytes, wide, size, &error);
    return good(words, language, error) ? arena_copy_n(arena, text, (size_t)bytes) : NULL;
}

/* AT as a UTC instant that reads there as AT does in ZONE. */
static UDate shifted(const char *zone, int64_t at)
{
    return (UDate)(at + zone_offset(zone, at)) * 1000.0;
}

static UDateFormat *open_date(const struct speaker *speaker, const struct form *form, UErrorCode *error)
{
    UChar best[WIDE_SIZE];
    const UChar *pattern = form->pattern;
    if (form->skeleton) {
        UDateTimePatternGenerator *generator = udatpg_open(speaker->locale, error);
        if (form->list) {
            int32_t size = 0;
            const UChar *glue = udatpg_getDateTimeFormatForStyle(generator, UDAT_MEDIUM, &size, error);
            udatpg_setDateTimeFormatForStyle(generator, UDAT_LONG, glue, size, error);
            udatpg_setDateTimeFormatForStyle(generator, UDAT_FULL, glue, size, error);
        }
        udatpg_getBestPattern(generator, form->skeleton, -1, best, WIDE_SIZE, error);
        udatpg_close(generator);
        pattern = best;
    }
    if (U_FAILURE(*error))
        return NULL;
    return udat_open(UDAT_PATTERN, UDAT_PATTERN, speaker->locale, u"GMT", -1, pattern, -1, error);
}

/* What follows the first of a month where that is an ordinal, which CLDR's patterns cannot say; NULL: nothing. */
static const UChar *first_of_month(const char *language)
{
    if (strncmp(language, "fr", 2) == 0)
        return u"er"; /* 1er mars */
    return strncmp(language, "it", 2) == 0 ? u"\u00ba" : NULL; /* 1º marzo */
}

/* The day of these languages' dates stands alone before its month or, in a range, before a dash: no hour and no year
 * has a 1 like that. */
static int32_t say_first_of_month(const char *language, UChar wide[static WIDE_SIZE], int32_t size)
{
    const UChar *suffix = first_of_month(language);
    int32_t length = suffix ? u_strlen(suffix) : 0;
    if (!suffix)
        return size;
    for (int32_t i = 0; i + 1 < size && size + length <= WIDE_SIZE; i++)
        if (wide[i] == '1' && (i == 0 || u_isUWhiteSpace(wide[i - 1])) &&
            (wide[i + 1] == 0x2013 || u_isUWhiteSpace(wide[i + 1]))) {
            u_memmove(wide + i + 1 + length, wide + i + 1, size - i - 1);
            u_memcpy(wide + i + 1, suffix, length);
            size += length;
        }
    return size;
}

/* "8–10 marzo 2027": CLDR's Italian ranges have 08–10. */
static int32_t drop_leading_zeros(UChar wide[static WIDE_SIZE], int32_t size)
{
    for (int32_t i = 0; i + 1 < size; i++)
        if (wide[i] == '0' && u_isdigit(wide[i + 1]) && (i == 0 || !u_isdigit(wide[i - 1]))) {
            u_memmove(wide + i, wide + i + 1, size - i - 1);
            size--;
        }
    return size;
}

static char *format_date(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t at,
                         size_t form)
{
    struct speaker *speaker = speaker_of(words, language);
    if (!speaker)
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    if (!speaker->dates[form])
        speaker->dates[form] = open_date(speaker, &forms[form], &error);
    if (!good(words, language, error))
        return NULL;
    UChar wide[WIDE_SIZE];
    int32_t size = udat_format(speaker->dates[form], shifted(zone, at), wide, WIDE_SIZE, NULL, &error);
    if (U_SUCCESS(error) && size < WIDE_SIZE)
        size = say_first_of_month(language, wide, size);
    return narrow(words, arena, language, wide, size, error);
}

char *words_date(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t at,
                 enum words_form form)
{
    bool in_line = form == WORDS_WEEKDAY && strcmp(language, "lv") == 0;
    return format_date(words, arena, language, zone, at, in_line ? WEEKDAY_IN_LINE : form);
}

static char *format_range(struct words *words, struct arena *arena, const char *language, const char *zone,
                          int64_t first, int64_t last, bool hours)
{
    struct speaker *speaker = speaker_of(words, language);
    if (!speaker)
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    UDateIntervalFormat **format = hours ? &speaker->time_range : &speaker->date_range;
    if (!*format)
        *format = udtitvfmt_open(speaker->locale, hours ? u"Hm" : u"yMMMMd", -1, u"GMT", -1, &error);
    if (!good(words, language, error))
        return NULL;
    UChar wide[WIDE_SIZE];
    int32_t size = udtitvfmt_format(*format, shifted(zone, first), shifted(zone, last), wide, WIDE_SIZE, NULL, &error);
    if (U_SUCCESS(error) && size < WIDE_SIZE && !hours)
        size = say_first_of_month(language, wide, drop_leading_zeros(wide, size));
    return narrow(words, arena, language, wide, size, error);
}

static char *join(struct arena *arena, const char *first, const char *dash, const char *last)
{
    return first && last ? arena_format(arena, "%s%s%s", first, dash, last) : NULL;
}

char *words_date_range(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                       int64_t last)
{
    struct wall a, b;
    zone_to_wall(zone, first, &a);
    zone_to_wall(zone, last, &b);
    if (a.year == b.year && a.month == b.month && a.day == b.day)
        return format_date(words, arena, language, zone, first, WORDS_DATE);
    if (strcmp(language, "lt") != 0)
        return format_range(words, arena, language, zone, first, last, false);
    if (a.year != b.year)
        return join(arena, format_date(words, arena, language, zone, first, WORDS_DATE), " – ",
                    format_date(words, arena, language, zone, last, WORDS_DATE));
    bool month = a.month == b.month;
    return join(arena,
                format_date(words, arena, language, zone, first, month ? RANGE_MONTH_FIRST : RANGE_YEAR_FIRST),
                month ? "–" : " – ",
                format_date(words, arena, language, zone, last, month ? RANGE_MONTH_LAST : RANGE_YEAR_LAST));
}

int words_date_ends(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                    int64_t last, const char **ret_first, const char **ret_last)
{
    struct wall a, b;
    zone_to_wall(zone, first, &a);
    zone_to_wall(zone, last, &b);
    const char *from = format_date(words, arena, language, zone, first, WORDS_DATE);
    const char *to = format_date(words, arena, language, zone, last, WORDS_DATE);
    if (from && to && a.year == b.year) {
        /* Where dates begin with the year it is the second that can do without. */
        bool year_first = strtol(from, NULL, 10) == a.year;
        const char **shorter = year_first ? &to : &from;
        *shorter = format_date(words, arena, language, zone, year_first ? last : first, WORDS_DATE_NO_YEAR);
    }
    if (!from || !to)
        return -ENOMEM;
    *ret_first = from;
    *ret_last = to;
    return 0;
}

char *words_time_range(struct words *words, struct arena *arena, const char *language, const char *zone, int64_t first,
                       int64_t last)
{
    return format_range(words, arena, language, zone, first, last, true);
}

/* The last part of the id, for zones that ICU does not know or that have no city. */
static char *city_of_id(struct arena *arena, const char *zone)
{
    const char *slash = strrchr(zone, '/');
    char *city = arena_copy(arena, slash ? slash + 1 : zone);
    for (char *c = city; c && *c; c++)
        if (*c == '_')
            *c = ' ';
    return city;
}

char *words_zone_city(struct words *words, struct arena *arena, const char *language, const char *zone)
{
    struct speaker *speaker = speaker_of(words, language);
    UChar id[WIDE_SIZE], canonical[WIDE_SIZE], wide[WIDE_SIZE];
    UBool known = false;
    UErrorCode error = U_ZERO_ERROR;
    if (!speaker)
        return NULL;
    if (strlen(zone) >= WIDE_SIZE || !strchr(zone, '/') || strncmp(zone, "Etc/", 4) == 0)
        return city_of_id(arena, zone);
    u_uastrcpy(id, zone);
    ucal_getCanonicalTimeZoneID(id, -1, canonical, WIDE_SIZE, &known, &error);
    if (U_FAILURE(error) || !known)
        return city_of_id(arena, zone);
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, speaker->locale, id, -1, u"VVV", -1, &error);
    int32_t size = udat_format(format, 0, wide, WIDE_SIZE, NULL, &error);
    udat_close(format);
    return narrow(words, arena, language, wide, size, error);
}

char *words_offset(struct arena *arena, const char *zone, int64_t at)
{
    int minutes = zone_offset(zone, at) / 60;
    if (minutes == 0)
        return arena_copy(arena, "UTC");
    const char *sign = minutes < 0 ? "−" : "+";
    minutes = abs(minutes);
    return minutes % 60 == 0 ? arena_format(arena, "UTC%s%d", sign, minutes / 60)
                             : arena_format(arena, "UTC%s%d:%02d", sign, minutes / 60, minutes % 60);
}

char *words_country(struct words *words, struct arena *arena, const char *language, const char *code)
{
    if (strlen(code) != 2)
        return arena_copy(arena, code);
    char region[3] = { (char)toupper((unsigned char)code[0]), (char)toupper((unsigned char)code[1]), '\0' };
    /* The EU writes EL and UK where ISO 3166 has GR and GB. ICU knows UK. */
    if (strcmp(region, "EL") == 0)
        memcpy(region, "GR", 2);
    struct speaker *speaker = speaker_of(words, language);
    if (!speaker)
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    if (!speaker->names)
        speaker->names = uldn_open(speaker->locale, ULDN_STANDARD_NAMES, &error);
    if (!good(words, language, error))
        return NULL;
    UChar wide[WIDE_SIZE];
    int32_t size = uldn_regionDisplayName(speaker->names, region, wide, WIDE_SIZE, &error);
    if (U_SUCCESS(error) && strcmp(region, "ZZ") != 0 && size > 0)
        return narrow(words, arena, language, wide, size, error);
    return arena_copy(arena, code);
}

int words_compare(struct words *words, const char *language, const char *a, const char *b)
{
    struct speaker *speaker = speaker_of(words, language);
    UErrorCode error = U_ZERO_ERROR;
    if (speaker && !speaker->collator)
        speaker->collator = ucol_open(speaker->locale, &error);
    int order = strcmp(a, b);
    if (speaker && good(words, language, error)) {
        UCollationResult result = ucol_strcollUTF8(speaker->collator, a, -1, b, -1, &error);
        if (good(words, language, error))
            order = (int)result;
    }
    return (order > 0) - (order < 0);
}

char *words_number(struct words *words, struct arena *arena, const char *language, int64_t number)
{
    struct speaker *speaker = speaker_of(words, language);
    if (!speaker)
        return NULL;
    UErrorCode error = U_ZERO_ERROR;
    if (!speaker->numbers)
        speaker->numbers = unum_open(UNUM_DECIMAL, NULL, 0, speaker->locale, NULL, &error);
    if (!good(words, language, error))
        return NULL;
    UChar wide[WIDE_SIZE];
    int32_t size = unum_formatInt64(speaker->numbers, number, wide, WIDE_SIZE, NULL, &error);
    return narrow(words, arena, language, wide, size, error);
}
