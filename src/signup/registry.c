/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of the public registers: cleans what was typed, finds the form among those of the country, asks its rule and
 * writes the number as the register does. Callers: signup/rules, page. Pure. Any thread. */
#include "signup/registry.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "signup/registry_rows.h"

/* The longest number that any row knows is half of that. */
#define ROOM 48
/* Longer than any number with the words that people put around it. */
#define TYPED_MAX 200

/* One part of a number that a class of a shape found. */
struct piece {
    const char *text;
    size_t size;
};

struct match {
    struct piece pieces[ROOM];
    size_t count;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* What is left of NUMBER without blanks, dots, hyphens and the like, letters as capitals, `?` for a letter that is not
 * of ASCII. False: longer than any number. */
static bool compact(const char *number, char ret_text[static ROOM])
{
    size_t size = 0;
    for (const unsigned char *c = (const unsigned char *)number; *c; c++) {
        char kept;
        if ((*c & 0xC0) == 0x80 || strchr(" \t\n.,:;-/_()'\"#", *c)) /* the rest of a letter, too */
            continue;
        /* The blanks, hyphens and quotes of U+00A0, U+2000 to U+206F, and the minus sign, U+2212. */
        if ((c[0] == 0xC2 && c[1] == 0xA0) || (c[0] == 0xE2 && (c[1] == 0x80 || c[1] == 0x81))
            || (c[0] == 0xE2 && c[1] == 0x88 && c[2] == 0x92))
            continue;
        if (*c >= 'a' && *c <= 'z')
            kept = (char)(*c - 'a' + 'A');
        else
            kept = *c & 0x80 ? '?' : (char)*c;
        if (size + 1 == ROOM)
            return false;
        ret_text[size++] = kept;
    }
    ret_text[size] = '\0';
    return true;
}

/* How much of TEXT the class at SHAPE takes; the longest. 0: nothing. *ret_next: behind the class. */
static size_t taken(const char *shape, const char *text, const char **ret_next)
{
    size_t size = 0;
    *ret_next = shape + 1;
    switch (*shape) {
    case 'd': return is_digit(*text);
    case 'l': return is_letter(*text);
    case 'c': return is_digit(*text) || is_letter(*text);
    case 'n':
        while (size < 6 && is_digit(text[size]))
            size++;
        return size;
    case 'm':
        while (size < 10 && is_digit(text[size]))
            size++;
        return size < 2 || text[0] == '0' ? 0 : size;
    case '[': {
        const char *end = strchr(shape, ']');
        *ret_next = end + 1;
        return *text && memchr(shape + 1, *text, (size_t)(end - shape - 1)) != NULL;
    }
    default: return *text == *shape;
    }
}

static bool fits(const char *shape, const char *text, struct match *ret_match)
{
    ret_match->count = 0;
    while (*shape) {
        const char *next;
        const size_t size = taken(shape, text, &next);
        if (size == 0)
            return false;
        if (strchr("dlcnm[", *shape)) {
            ret_match->pieces[ret_match->count].text = text;
            ret_match->pieces[ret_match->count++].size = size;
        }
        text += size;
        shape = next;
    }
    return *text == '\0';
}

static void join(const struct match *match, char ret_text[static ROOM])
{
    size_t size = 0;
    for (size_t i = 0; i < match->count; i++) {
        memcpy(ret_text + size, match->pieces[i].text, match->pieces[i].size);
        size += match->pieces[i].size;
    }
    ret_text[size] = '\0';
}

static void write_number(const char *format, const struct match *match, char ret_text[static ROOM])
{
    size_t size = 0, piece = 0;
    for (; *format; format++) {
        if (*format != '#' && *format != '_' && *format != '~') {
            ret_text[size++] = *format;
            continue;
        }
        const struct piece *found = &match->pieces[piece++];
        for (size_t i = 0; i < found->size && *format != '~'; i++)
            ret_text[size++] = (char)(*format == '_' ? found->text[i] | 0x20 : found->text[i]);
    }
    ret_text[size] = '\0';
}

/* The first form of COUNTRY that TEXT has and whose rule it keeps. */
static enum registry_verdict look_up(const char *country, const char *text, char ret_written[static ROOM])
{
    enum registry_verdict verdict = REGISTRY_FORM;
    size_t count;
    const struct registry_row *rows = registry_rows(&count);
    for (const struct registry_row *row = rows; row < rows + count; row++) {
        struct match match;
        char found[ROOM];
        if (strcmp(row->country, country) != 0 || !fits(row->shape, text, &match))
            continue;
        join(&match, found);
        if (!row->check || row->check(found)) {
            write_number(row->format, &match, ret_written);
            return REGISTRY_GOOD;
        }
        verdict = REGISTRY_DIGITS;
    }
    return verdict;
}

/* As look_up; what people like to write in front of a number may stand there. */
static enum registry_verdict look_up_labelled(const struct registry_country *country, const char *text,
                                              char ret_written[static ROOM])
{
    const char *const lists[] = { country->labels, "VAT VATNO VATNR VATNUMBER REG REGNO REGNR NO NR" };
    enum registry_verdict verdict = look_up(country->code, text, ret_written);
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        const char *label = lists[i];
        while (verdict == REGISTRY_FORM && label) {
            const size_t size = strcspn(label, " ");
            if (strncmp(text, label, size) == 0)
                verdict = look_up(country->code, text + size, ret_written);
            label = label[size] ? label + size + 1 : NULL;
        }
    }
    return verdict;
}

int registry_check(struct arena *arena, const char *country, const char *number, enum registry_verdict *ret_verdict,
                   const char **ret_number)
{
    const struct registry_country *known = country ? registry_country(country) : NULL;
    enum registry_verdict verdict = known ? REGISTRY_FORM : REGISTRY_UNKNOWN;
    char text[ROOM], found[ROOM], words[2 * TYPED_MAX];
    const char *written = number;

    if (known && strlen(number) <= TYPED_MAX) {
        if (compact(number, text))
            verdict = look_up_labelled(known, text, found);
        if (verdict == REGISTRY_GOOD) {
            written = found;
        } else if (verdict == REGISTRY_FORM
                   && ((strcmp(country, "DE") == 0 && registry_german(number, words, sizeof(words)))
                       || (strcmp(country, "RO") == 0 && registry_romanian(number, words, sizeof(words))))) {
            verdict = REGISTRY_GOOD;
            written = words;
        }
    }
    if (verdict == REGISTRY_GOOD || verdict == REGISTRY_UNKNOWN) {
        char *copy = arena_copy(arena, written);
        if (!copy)
            return -ENOMEM;
        *ret_number = copy;
    }
    *ret_verdict = verdict;
    return 0;
}

const char *registry_example(const char *country)
{
    const struct registry_country *known = country ? registry_country(country) : NULL;
    return known ? known->example : NULL;
}
