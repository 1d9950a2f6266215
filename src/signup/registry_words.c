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

/* Longer than the name of any court. */
#define COURT_SIZE 101

/* Where a register's name begins in TEXT that digits follow; NULL: nowhere. *ret_digits: those. */
static const char *find_register(const char *text, const char **ret_name, const char **ret_digits)
{
    static const char *const registers[] = { "HRA", "HRB", "GnR", "GsR", "PR", "VR" };
    for (const char *at = text; *at; at++) {
        for (size_t i = 0; i < sizeof(registers) / sizeof(registers[0]); i++) {
            const size_t size = strlen(registers[i]);
            if ((at > text && is_letter(at[-1])) || strncasecmp(at, registers[i], size) != 0)
                continue;
            const char *behind = at + size + strspn(at + size, BLANKS ".-:");
            if (strncasecmp(behind, "Nr", 2) == 0)
                behind += 2 + strspn(behind + 2, BLANKS ".-:");
            if (!is_digit(*behind))
                continue;
            *ret_name = registers[i];
            *ret_digits = behind;
            return at;
        }
    }
    return NULL;
}

/* Up to six digits, that a blank or a dot may part. Behind them; NULL: there are more. */
static const char *take_digits(const char *text, char ret_digits[static 7])
{
    size_t count = 0;
    for (; is_digit(*text) || ((*text == ' ' || *text == '.') && is_digit(text[1])); text++) {
        if (!is_digit(*text))
            continue;
        if (count == 6)
            return NULL;
        ret_digits[count++] = *text;
    }
    ret_digits[count] = '\0';
    return text;
}

static bool is_one_of(const char *word, size_t size, const char *const *words)
{
    for (; *words; words++)
        if (strlen(*words) == size && strncasecmp(word, *words, size) == 0)
            return true;
    return false;
}

/* One or two letters behind the number tell the former districts of a court apart. Behind them. */
static const char *take_letters(const char *text, char ret_letters[static 3])
{
    static const char *const words[] = { "AG", "am", "im", "in", NULL };
    const char *start = text + strspn(text, BLANKS);
    size_t size = 0;
    while (is_letter(start[size]))
        size++;
    ret_letters[0] = '\0';
    if (size == 0 || size > 2 || (start[0] & 0x80) || (start[size - 1] & 0x80) || is_one_of(start, size, words))
        return text;
    for (size_t i = 0; i < size; i++)
        ret_letters[i] = (char)(start[i] & ~0x20);
    ret_letters[size] = '\0';
    return start + size;
}

/* The court's name: TEXT up to END without its title and what stands around it. False: that is no name. */
static bool take_court(const char *text, const char *end, char ret_court[static COURT_SIZE])
{
    static const char *const titles[] = { "AG", "Amtsgericht", "Amtsgerichts", "Handelsregister", "Registergericht",
                                          "am", "beim", "des", "im", "in", NULL };
    for (;;) {
        while (text < end && strchr(AROUND, *text))
            text++;
        size_t size = 0;
        while (text + size < end && is_letter(text[size]))
            size++;
        if (!is_one_of(text, size, titles))
            break;
        text += size;
    }
    while (end > text && strchr(AROUND, end[-1])) {
        if (end[-1] == ')' && memchr(text, '(', (size_t)(end - text)))
            break;
        end--;
    }
    if (end - text >= COURT_SIZE)
        return false;
    (void)snprintf(ret_court, COURT_SIZE, "%.*s", (int)(end - text), text);
    const char *name, *digits;
    return !find_register(ret_court, &name, &digits);
}

bool registry_german(const char *number, char *written, size_t size)
{
    /* "Amtsgericht München, HRB 42243" or "HRB 151080 B, Charlottenburg" */
    const char *name, *at;
    char digits[7], letters[3], before[COURT_SIZE], behind[COURT_SIZE];
    const char *start = find_register(number, &name, &at);
    if (!start || !(at = take_digits(at, digits)))
        return false;
    at = take_letters(at, letters);
    if (!take_court(number, start, before) || !take_court(at, at + strlen(at), behind) || (before[0] && behind[0]))
        return false;
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
    if (text[strspn(text, BLANKS)] || year < 1990 || year > 2100)
        return false;
    if (county == 0 || (county > 40 && county != 51 && county != 52))
        return false;
    const int used = snprintf(written, size, "%c%02u/%u/%u", letter, county, order, year);
    return used > 0 && (size_t)used < size;
}
