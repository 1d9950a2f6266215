/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers as people of a language write them. Callers: signup/reading_number, page. Pure. Any thread. */
#include "signup/number.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <unicode/uchar.h>
#include <unicode/unum.h>

#include "base/arena.h"
#include "base/text.h"

#define SIGNS_MAX 40  /* digits and marks of a number */
#define DIGITS_MAX 15 /* what a double holds exactly */

/* What stands between digits. */
enum sign { GROUP = 'g', DECIMAL = 'd' }; /* for sure; '.' and ',' could be either */

static UChar symbol(const char *language, UNumberFormatSymbol which)
{
    UErrorCode code = U_ZERO_ERROR;
    UChar text[8] = { 0 };
    UNumberFormat *format = unum_open(UNUM_DECIMAL, NULL, 0, language, NULL, &code);

    if (U_SUCCESS(code))
        (void)unum_getSymbol(format, which, text, 8, &code);
    unum_close(format);
    return U_SUCCESS(code) ? text[0] : 0;
}

/* One character as a digit in ASCII, '-', '.', ',', GROUP or DECIMAL; 0: it says nothing; -1: it is in no number. */
static int plain_sign(UChar32 c)
{
    const int32_t digit = u_charDigitValue(c);

    if (digit >= 0)
        return '0' + digit;
    switch (c) {
    case '.':
    case ',':
    case '-':
        return (int)c;
    case 0x2212: /* minus */
        return '-';
    case 0x066b: /* of Arabic */
        return DECIMAL;
    case '\'':
    case 0x2019:
    case 0x066c:
        return GROUP;
    case '+':
    case 0x061c: /* marks of direction */
    case 0x200e:
    case 0x200f:
        return 0;
    default:
        return u_isUWhiteSpace(c) ? GROUP : -1;
    }
}

/* The signs of TEXT, without one before them, into SIGNS. */
static int plain_signs(const char *text, char signs[SIGNS_MAX + 1], bool *ret_negative)
{
    const size_t size = strlen(text);
    size_t count = 0;
    bool negative = false;

    for (size_t at = 0; at < size;) {
        const UChar32 c = text_point(text, size, &at);
        const int sign = c < 0 ? -1 : plain_sign(c);
        if (sign < 0 || count == SIGNS_MAX || (sign == '-' && (count > 0 || negative)) || (c == '+' && count > 0))
            return -EINVAL;
        negative = negative || sign == '-';
        if (sign != 0 && sign != '-' && !(count == 0 && sign == GROUP)) /* "- 5" */
            signs[count++] = (char)sign;
    }
    signs[count] = '\0';
    *ret_negative = negative;
    return 0;
}

static size_t count_of(const char *signs, char sign)
{
    size_t count = 0;
    for (; *signs; signs++)
        count += *signs == sign;
    return count;
}

static void replace(char *signs, char from, char to)
{
    for (; *signs; signs++)
        if (*signs == from)
            *signs = to;
}

/* One to three digits, MARK, three digits. */
static bool could_be_group(const char *signs, char mark)
{
    const char *at = strchr(signs, mark);
    return at - signs >= 1 && at - signs <= 3 && signs[0] != '0' && strlen(at + 1) == 3;
}

/* Points and commas become what they mean. */
static void tell_marks(char *signs, const char *language)
{
    const size_t points = count_of(signs, '.'), commas = count_of(signs, ',');

    if (points > 0 && commas > 0) {
        const char last = strrchr(signs, '.') > strrchr(signs, ',') ? '.' : ',';
        replace(signs, last == '.' ? ',' : '.', GROUP);
        replace(signs, last, DECIMAL);
    } else if (points + commas > 1) {
        replace(signs, points > 0 ? '.' : ',', GROUP);
    } else if (points + commas == 1) {
        const char mark = points > 0 ? '.' : ',';
        bool group = could_be_group(signs, mark) && symbol(language, UNUM_GROUPING_SEPARATOR_SYMBOL) == (UChar)mark;
        replace(signs, mark, group ? GROUP : DECIMAL);
    }
}

/* Groups of three, or of two further up as in India; one mark at most, with digits behind it. */
static bool well_formed(const char *signs)
{
    const size_t whole = strcspn(signs, "d");
    size_t run = 0;
    bool grouped = false;

    if (whole == 0 || (signs[whole] && (!signs[whole + 1] || strspn(signs + whole + 1, "0123456789") !=
                                                                 strlen(signs + whole + 1))))
        return false;
    for (size_t i = 0; i <= whole; i++) {
        if (i < whole && signs[i] != GROUP) {
            run++;
            continue;
        }
        const bool last = i == whole;
        if (run == 0 || (!grouped && !last && run > 3) || (grouped && (last ? run != 3 : run != 2 && run != 3)))
            return false;
        grouped = grouped || !last;
        run = 0;
    }
    return true;
}

int number_read(const char *language, const char *text, double *ret_number, int *ret_decimals)
{
    char signs[SIGNS_MAX + 1];
    bool negative, behind = false;
    int64_t digits = 0;
    int count = 0, decimals = 0;

    if (plain_signs(text, signs, &negative) < 0)
        return -EINVAL;
    tell_marks(signs, language);
    if (!well_formed(signs))
        return -EINVAL;
    size_t size = strlen(signs);
    while (strchr(signs, DECIMAL) && (signs[size - 1] == '0' || signs[size - 1] == DECIMAL))
        signs[--size] = '\0'; /* 5.00 is 5 */
    for (size_t i = 0; i < size; i++) {
        if (signs[i] == DECIMAL) {
            behind = true;
        } else if (signs[i] != GROUP) {
            digits = digits * 10 + (signs[i] - '0');
            count += digits > 0;
            decimals += behind;
        }
        if (count > DIGITS_MAX || decimals > DIGITS_MAX)
            return -EINVAL;
    }
    double number = (double)digits / pow(10, decimals);
    *ret_number = negative && digits > 0 ? -number : number;
    *ret_decimals = decimals;
    return 0;
}

const char *number_write(struct arena *arena, const char *language, double number, int decimals)
{
    char *text = arena_format(arena, "%.*f", decimals, number);
    char *mark = text ? strchr(text, '.') : NULL;

    if (!mark)
        return text;
    size_t size = strlen(text);
    while (text[size - 1] == '0')
        text[--size] = '\0';
    if (text[size - 1] == '.')
        text[size - 1] = '\0';
    else if (symbol(language, UNUM_DECIMAL_SEPARATOR_SYMBOL) == ',')
        *mark = ',';
    return text;
}
