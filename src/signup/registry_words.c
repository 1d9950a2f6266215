/* SPDX-License-Identifier: EUPL-1.2 */
/* Registers whose numbers are words: Germany's, that each court keeps for itself, and Romania's until 2024. Only the
 * form can be checked. Callers: registry. Pure. Any thread. */
#include "signup/registry_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BLANKS " \t\n"
#define AROUND " \t\n,;:.()-/"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return ((unsigned char)c & 0x80) != 0 || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* Behind the first word of PREFIX that TEXT begins with, or TEXT. */
static const char *without(const char *text, const char *const *words)
{
    for (; *words; words++) {
        const size_t size = strlen(*words);
        if (strncasecmp(text, *words, size) == 0 && !is_letter(text[size]))
            return text + size;
    }
    return text;
}

/* Puts the court's name, TEXT up to END, without its title and what stands around it, behind what WRITTEN holds. */
static void add_court(char *written, size_t size, const char *text, const char *end)
{
    static const char *const titles[] = { "Amtsgerichts", "Amtsgericht", "AG", "Registergericht", "Handelsregister",
                                          "beim", "des", "am", "in", "im", NULL };
    const char *before;
    do {
        before = text;
        while (text < end && strchr(AROUND, *text))
            text++;
        text = without(text, titles);
    } while (text > before && text < end);
    while (end > text && strchr(AROUND, end[-1]) && end[-1] != ')')
        end--;
    if (end > text) {
        const size_t used = strlen(written);
        (void)snprintf(written + used, size - used, "%s%.*s", used ? " " : "", (int)(end - text), text);
    }
}

bool registry_german(const char *number, char *written, size_t size)
{
    static const char *const registers[] = { "HRA", "HRB", "GnR", "GsR", "PR", "VR" };
    const char *start = NULL, *name = NULL;
    for (const char *at = number; *at && !start; at++) {
        if (at > number && is_letter(at[-1]))
            continue;
        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]) && !start; i++)
            if (strncasecmp(at, registers[i], strlen(registers[i])) == 0) {
                const char *behind = at + strlen(registers[i]);
                behind += strspn(behind, BLANKS ".-:");
                if (strncasecmp(behind, "Nr", 2) == 0)
                    behind += 2 + strspn(behind + 2, BLANKS ".-:");
                if (is_digit(*behind)) {
                    name = registers[i];
                    start = at;
                }
            }
    }
    if (!start)
        return false;

    char digits[7] = "", letters[3] = "";
    size_t count = 0;
    const char *end = start + strcspn(start, "0123456789");
    for (; is_digit(*end) || ((*end == ' ' || *end == '.') && is_digit(end[1])); end++)
        if (is_digit(*end)) {
            if (count == sizeof(digits) - 1)
                return false;
            digits[count++] = *end;
        }
    /* One or two letters behind the number tell former districts of a court apart. */
    const char *suffix = end + strspn(end, BLANKS);
    size_t length = 0;
    while (is_letter(suffix[length]))
        length++;
    if (length > 0 && length <= 2 && !(suffix[0] & 0x80) && !(suffix[1] & 0x80)
        && strncasecmp(suffix, "AG", 2) != 0 && strncasecmp(suffix, "in", 2) != 0 && strncasecmp(suffix, "am", 2) != 0
        && strncasecmp(suffix, "im", 2) != 0) {
        for (size_t i = 0; i < length; i++)
            letters[i] = (char)(suffix[i] & ~0x20);
        end = suffix + length;
    }

    char before[256] = "", behind[256] = "";
    add_court(before, sizeof(before), number, start);
    add_court(behind, sizeof(behind), end, end + strlen(end));
    if (before[0] && behind[0])
        return false; /* one of them is no court */
    const char *court = before[0] ? before : behind;
    const int used = snprintf(written, size, "%s%s%s %s%s%s", court, court[0] ? " " : "", name, digits,
                              letters[0] ? " " : "", letters);
    return used > 0 && (size_t)used < size;
}

/* The next digits behind separators, at most MOST of them; *ret_text: behind. */
static bool next_number(const char **ret_text, size_t most, unsigned *ret_number)
{
    const char *text = *ret_text + strspn(*ret_text, BLANKS "/\\-");
    const size_t size = strspn(text, "0123456789");
    if (size == 0 || size > most)
        return false;
    *ret_number = (unsigned)strtoul(text, NULL, 10);
    *ret_text = text + size;
    return true;
}

bool registry_romanian(const char *number, char *written, size_t size)
{
    /* J40/372/2002; the year may be a whole date. */
    unsigned county, order, year, day;
    const char *text = number + strspn(number, BLANKS);
    const char letter = (char)(*text & ~0x20);
    if (!*text || !strchr("JFC", letter))
        return false;
    text++;
    if (!next_number(&text, 2, &county) || !next_number(&text, 6, &order) || !next_number(&text, 4, &year))
        return false;
    while (*text == '.') {
        text++;
        day = year;
        if (day > 31 || !next_number(&text, 4, &year))
            return false;
    }
    if (text[strspn(text, BLANKS)] || year < 1990 || year > 2100 || county == 0 || (county > 40 && county != 51 && county != 52))
        return false;
    const int used = snprintf(written, size, "%c%02u/%u/%u", letter, county, order, year);
    return used > 0 && (size_t)used < size;
}
