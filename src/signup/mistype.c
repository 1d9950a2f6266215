/* SPDX-License-Identifier: EUPL-1.2 */
/* Compares the domain of an address with those of large providers. Only a question comes of it, which whoever typed
 * the address may wave away, and which is better asked too rarely than too often. Called by reading_text. Pure. Any
 * thread. */
#include "signup/mistype.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "signup/provider.h"

/* None is so short that another real domain is likely to be one slip away. */
static const char *const usual[] = {
    "gmail.com", "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com", "laposte.net", "outlook.com",
    "protonmail.com", "seznam.cz", "t-online.de", "wanadoo.fr", "yahoo.com", "yahoo.fr",
};

/* One letter is missing, too much, wrong, or two have changed places; the first stands where it should. */
static bool is_one_slip(const char *typed, const char *meant)
{
    const size_t typed_size = strlen(typed), meant_size = strlen(meant);
    size_t at = 1;

    if (strncasecmp(typed, meant, 1) != 0)
        return false;
    while (typed[at] && strncasecmp(typed + at, meant + at, 1) == 0)
        at++;
    const char *a = typed + at, *b = meant + at;
    if (typed_size == meant_size && *a)
        return strcasecmp(a + 1, b + 1) == 0 ||
               (strncasecmp(a, b + 1, 1) == 0 && strncasecmp(a + 1, b, 1) == 0 && strcasecmp(a + 2, b + 2) == 0);
    if (typed_size == meant_size + 1)
        return strcasecmp(a + 1, b) == 0;
    return typed_size + 1 == meant_size && strcasecmp(a, b + 1) == 0;
}

const char *mistype_meant(struct arena *arena, const char *address)
{
    const char *at = strrchr(address, '@');

    if (!at || at == address || provider_known(at + 1))
        return NULL;
    for (size_t i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
        if (is_one_slip(at + 1, usual[i]))
            return arena_format(arena, "%.*s@%s", (int)(at - address), address, usual[i]);
    return NULL;
}
