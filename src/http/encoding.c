/* SPDX-License-Identifier: EUPL-1.2 */
/* Accept-Encoding of RFC 9110 section 12.5.3, for a server that has each thing plain and some of it as gzip.
 * Pure. Caller: page. Any thread. */
#include "http/encoding.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

#define UNSAID (-1)

/* Thousandths of a quality; UNSAID: not named. */
struct wishes { int gzip, identity, any; };

static size_t trim(const char **text, size_t size)
{
    while (size > 0 && (**text == ' ' || **text == '\t')) {
        (*text)++;
        size--;
    }
    while (size > 0 && ((*text)[size - 1] == ' ' || (*text)[size - 1] == '\t'))
        size--;
    return size;
}

static bool is(const char *text, size_t size, const char *name)
{
    return strlen(name) == size && strncasecmp(text, name, size) == 0;
}

/* One item, `gzip;q=0.8`. Who names a coding twice gets the lower of both. */
static void read_item(const char *item, size_t size, struct wishes *wishes)
{
    const char *weight = memchr(item, ';', size), *end = item + size;
    size_t name_size = trim(&item, weight ? (size_t)(weight - item) : size);
    int quality = 1000, *wish;

    if (weight) {
        size_t weight_size = (size_t)(end - ++weight);
        weight_size = trim(&weight, weight_size);
        if (weight_size < 3 || (*weight != 'q' && *weight != 'Q') || weight[1] != '=')
            return;
        quality = text_quality(weight + 2, weight_size - 2);
        if (quality < 0)
            return;
    }
    if (is(item, name_size, "gzip") || is(item, name_size, "x-gzip")) /* RFC 9110 section 8.4.1.3 */
        wish = &wishes->gzip;
    else if (is(item, name_size, "identity"))
        wish = &wishes->identity;
    else if (is(item, name_size, "*"))
        wish = &wishes->any;
    else
        return;
    if (*wish == UNSAID || quality < *wish)
        *wish = quality;
}

bool encoding_takes_gzip(const char *header)
{
    struct wishes wishes = { UNSAID, UNSAID, UNSAID };

    for (const char *item = header; item;) {
        size_t size = strcspn(item, ",");
        read_item(item, size, &wishes);
        item = item[size] ? item + size + 1 : NULL;
    }
    if (wishes.gzip == UNSAID)
        wishes.gzip = wishes.any;
    if (wishes.identity == UNSAID)
        wishes.identity = wishes.any; /* if that is unsaid too the plain bytes are good, but nothing is said for them */
    return wishes.gzip > 0 && wishes.gzip >= wishes.identity;
}
