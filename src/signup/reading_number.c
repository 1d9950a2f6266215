/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads numbers, steps of a scale and days. Called by rules. Pure. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <unicode/uchar.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"
#include "signup/answers.h"
#include "signup/number.h"
#include "signup/reading.h"

static const char *language_of(const struct reading *reading)
{
    const char *language = reading->moment->language;
    return language ? language : reading->definition->languages[0];
}

int reading_number(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *text;
    double number;
    int decimals;
    int r = reading_line(reading, field->id, field->required, field->max_length, &text);

    if (r < 0 || !text)
        return r;
    if (number_read(language_of(reading), text, &number, &decimals) < 0) {
        reading_fault(reading, field->id, RULE_NOT_NUMBER, 0);
    } else if (decimals > field->decimals) {
        reading_fault(reading, field->id, field->decimals == 0 ? RULE_NOT_WHOLE : RULE_TOO_PRECISE, field->decimals);
    } else if (field->has_min && number < field->min) {
        reading_fault(reading, field->id, RULE_TOO_SMALL, 0);
    } else if (field->has_max && number > field->max) {
        reading_fault(reading, field->id, RULE_TOO_LARGE, 0);
    } else {
        answer->has_number = true;
        answer->number = number;
    }
    return 0;
}

/* One of the radios, so that anything else is no slip of a person. */
int reading_scale(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const struct form_value *value;
    char step[16];

    if (!reading_value(reading, field->id, field->required, &value))
        return 0;
    if (value->size == 0) {
        if (field->required)
            reading_fault(reading, field->id, RULE_MISSING, 0);
        return 0;
    }
    for (int at = (int)field->min; at <= (int)field->max; at++) {
        (void)snprintf(step, sizeof(step), "%d", at);
        if (strcmp(step, value->value) == 0) {
            answer->has_number = true;
            answer->number = at;
            return 0;
        }
    }
    reading_fault(reading, field->id, RULE_NO_SUCH, 0);
    return 0;
}

/* Three whole numbers with points, slashes, hyphens or spaces between them, in digits of any script. */
struct numbers { int value[3], digits[3]; };

static bool read_numbers(const char *text, struct numbers *ret_numbers)
{
    const size_t size = strlen(text);
    struct numbers numbers = { 0 };
    size_t n = 0;
    bool apart = false; /* something stands between this and the last digit */

    for (size_t at = 0; at < size;) {
        const UChar32 c = text_point(text, size, &at);
        const int digit = c < 0 ? -1 : u_charDigitValue(c);
        if (digit < 0) {
            if (c <= 0 || c > 0x7f || !strchr("./- ", c) || numbers.digits[n] == 0)
                return false;
            apart = true;
            continue;
        }
        if (apart && ++n == 3)
            return false;
        apart = false;
        if (++numbers.digits[n] > 4)
            return false;
        numbers.value[n] = numbers.value[n] * 10 + digit;
    }
    *ret_numbers = numbers;
    return n == 2;
}

/* The day, as 2027-03-18: year, month, day, or the other way round as Europe writes. */
static bool read_day(const char *text, char ret_day[11])
{
    struct numbers n;
    char whole[64];

    if (!read_numbers(text, &n))
        return false;
    const int year = n.digits[0] == 4 ? 0 : 2, day = 2 - year;
    if (n.digits[year] != 4 || n.digits[1] > 2 || n.digits[day] > 2)
        return false;
    (void)snprintf(whole, sizeof(whole), "%04d-%02d-%02d", n.value[year], n.value[1], n.value[day]);
    (void)snprintf(ret_day, 11, "%.10s", whole);
    return wall_is_day(ret_day);
}

int reading_date(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *text;
    char day[11];
    int r = reading_line(reading, field->id, field->required, field->max_length, &text);

    if (r < 0 || !text)
        return r;
    if (!read_day(text, day)) {
        reading_fault(reading, field->id, RULE_NOT_DATE, 0);
    } else if (field->earliest && strcmp(day, field->earliest) < 0) {
        reading_fault(reading, field->id, RULE_TOO_EARLY, 0);
    } else if (field->latest && strcmp(day, field->latest) > 0) {
        reading_fault(reading, field->id, RULE_TOO_LATE, 0);
    } else {
        answer->text = arena_copy(reading->arena, day);
        return answer->text ? 0 : -ENOMEM;
    }
    return 0;
}
