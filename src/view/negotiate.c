/* SPDX-License-Identifier: EUPL-1.2 */
/* The language a visitor reads best: the ranges of Accept-Language by falling quality (RFC 9110 section 12.4.2), each
 * shortened part by part until a candidate fits (RFC 4647 section 3.4). What is malformed is passed over; what follows
 * the first 1000 bytes or the 32nd range is not read. Caller: page. Pure, any thread. */
#include "view/negotiate.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define HEADER_MAX 1000
#define RANGES_MAX 32
#define TAG_MAX 35 /* the longest of RFC 5646 section 4.4.1 */

struct range {
    char tag[TAG_MAX + 1];
    int quality; /* thousandths */
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* `*`, or parts of one to eight letters and digits joined by hyphens. */
static bool is_range(const char *tag, size_t size)
{
    if (size == 1 && *tag == '*')
        return true;
    size_t part = 0;
    for (size_t i = 0; i < size; i++) {
        if (tag[i] == '-') {
            if (part == 0)
                return false;
            part = 0;
        } else if (!is_alphanumeric(tag[i]) || ++part > 8) {
            return false;
        }
    }
    return part > 0 && size <= TAG_MAX;
}

/* One item of the list, `lt-LT;q=0.8`. */
static bool read_range(const char *item, size_t size, struct range *ret_range)
{
    while (size > 0 && is_blank(*item)) {
        item++;
        size--;
    }
    while (size > 0 && is_blank(item[size - 1]))
        size--;
    const char *weight = memchr(item, ';', size), *end = item + size;
    size_t tag_size = weight ? (size_t)(weight - item) : size;
    while (tag_size > 0 && is_blank(item[tag_size - 1]))
        tag_size--;
    if (!is_range(item, tag_size))
        return false;
    struct range range = { .quality = 1000 };
    memcpy(range.tag, item, tag_size);
    if (weight) {
        weight++;
        while (weight < end && is_blank(*weight))
            weight++;
        if (end - weight < 3 || (*weight != 'q' && *weight != 'Q') || weight[1] != '=')
            return false;
        range.quality = text_quality(weight + 2, (size_t)(end - weight - 2));
        if (range.quality < 0)
            return false;
    }
    *ret_range = range;
    return true;
}

/* Puts RANGE behind those of at least its quality. */
static void insert(struct range *ranges, size_t count, const struct range *range)
{
    size_t at = count;
    for (; at > 0 && ranges[at - 1].quality < range->quality; at--)
        ranges[at] = ranges[at - 1];
    ranges[at] = *range;
}

static size_t read_ranges(const char *header, struct range ranges[static RANGES_MAX])
{
    size_t count = 0, size = strnlen(header, HEADER_MAX + 1);
    if (size > HEADER_MAX) { /* not the item that the limit cuts */
        const char *comma = memrchr(header, ',', HEADER_MAX);
        size = comma ? (size_t)(comma - header) : 0;
    }
    for (const char *end = header + size; header < end && count < RANGES_MAX;) {
        const char *comma = memchr(header, ',', (size_t)(end - header));
        struct range range;
        if (read_range(header, (size_t)((comma ? comma : end) - header), &range)) {
            insert(ranges, count, &range);
            count++;
        }
        header = comma ? comma + 1 : end;
    }
    return count;
}

static bool is_refused(const struct range *ranges, size_t count, const char *candidate)
{
    for (size_t i = 0; i < count; i++)
        if (ranges[i].quality == 0 && strcasecmp(ranges[i].tag, candidate) == 0)
            return true;
    return false;
}

/* Takes the last part away, and a single letter before it, which only announces it. False: nothing is left. */
static bool shorten(char *tag)
{
    char *hyphen = strrchr(tag, '-');
    if (!hyphen)
        return false;
    *hyphen = '\0';
    hyphen = strrchr(tag, '-');
    if (hyphen && strlen(hyphen) == 2)
        *hyphen = '\0';
    return true;
}

const char *negotiate_language(const char *header, const char *const *candidates, size_t count)
{
    struct range ranges[RANGES_MAX];
    size_t range_count = header ? read_ranges(header, ranges) : 0;
    for (size_t i = 0; i < range_count && ranges[i].quality > 0; i++) {
        char tag[TAG_MAX + 1];
        memcpy(tag, ranges[i].tag, sizeof tag);
        bool any = strcmp(tag, "*") == 0;
        do {
            for (size_t k = 0; k < count; k++)
                if ((any || strcasecmp(tag, candidates[k]) == 0) && !is_refused(ranges, range_count, candidates[k]))
                    return candidates[k];
        } while (shorten(tag));
    }
    return NULL;
}
