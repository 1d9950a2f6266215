/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads, compares and mixes colours. Pure. Called by config/hosts and view/sheet. Any thread. */
#include "config/colour.h"

#include <math.h>
#include <string.h>

static int digit(char c)
{
    static const char hex[] = "0123456789abcdef";
    const char *at = c ? strchr(hex, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
    return at ? (int)(at - hex) : -1;
}

bool colour_parse(const char *text, colour *ret_colour)
{
    size_t size = strlen(text);
    colour value = 0;

    if (text[0] != '#' || (size != 4 && size != 7))
        return false;
    for (size_t i = 1; i < size; i++) {
        int n = digit(text[i]);
        if (n < 0)
            return false;
        value = value << 4 | (colour)n;
        if (size == 4)
            value = value << 4 | (colour)n;
    }
    *ret_colour = value;
    return true;
}

static double linear(unsigned channel)
{
    double c = channel / 255.0;
    return c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4);
}

/* WCAG 2.2, relative luminance. */
static double luminance(colour c)
{
    return 0.2126 * linear(c >> 16 & 255) + 0.7152 * linear(c >> 8 & 255) + 0.0722 * linear(c & 255);
}

double colour_contrast(colour a, colour b)
{
    double x = luminance(a), y = luminance(b);
    return (fmax(x, y) + 0.05) / (fmin(x, y) + 0.05);
}

colour colour_mix(colour a, colour b, unsigned percent)
{
    colour mixed = 0;

    for (unsigned shift = 0; shift <= 16; shift += 8)
        mixed |= (((a >> shift & 255) * percent + (b >> shift & 255) * (100 - percent) + 50) / 100) << shift;
    return mixed;
}
