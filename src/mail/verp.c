/* SPDX-License-Identifier: EUPL-1.2 */
/* Senders by MAC. Callers: sender, ctl/bounce. */
#include "mail/verp.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "config/settings.h"

/* What a token is bound to besides the mail's id: an id that is used again after a store was restored from a copy has
 * another Message-ID. */
static int64_t version_of(const char *message_id)
{
    unsigned char hash[crypto_generichash_BYTES_MIN];
    int64_t version = 0;

    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)message_id, strlen(message_id), NULL, 0);
    for (size_t i = 0; i < sizeof(version); i++)
        version = (int64_t)((uint64_t)version << 8 | hash[i]);
    return version;
}

const char *verp_sender(const struct settings_host *host, const struct keyring *keyring, int64_t id,
                        const char *message_id, char ret_sender[static VERP_SIZE])
{
    char token[TOKEN_SIZE];
    const char *at = host->bounce_address ? strchr(host->bounce_address, '@') : NULL;

    if (!at)
        return host->from_address;
    token_make(keyring, TOKEN_BOUNCE, id, version_of(message_id), token);
    int size = snprintf(ret_sender, VERP_SIZE, "%.*s+%s%s", (int)(at - host->bounce_address), host->bounce_address,
                        token, at);
    return size > 0 && size < VERP_SIZE ? ret_sender : host->from_address; /* the settings see to it that it fits */
}

bool verp_is_ours(const struct keyring *keyring, const char *token, const char *message_id)
{
    return token_verify(keyring, TOKEN_BOUNCE, token, version_of(message_id)) == 0;
}

/* Servers on the way may have changed the case (RFC 5321 section 2.4 forbids it, some do). */
static char symbol(char c)
{
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7') ? c : '\0';
}

bool verp_next(const char **text, char ret_token[static TOKEN_SIZE])
{
    const char *c = *text;

    while (*c) {
        size_t size = 0;
        while (symbol(c[size]))
            size++;
        /* behind a sign that may part an address from its extension: what is asked is set in the server, not here */
        bool behind = c == *text || !symbol(c[-1]);
        if (size == TOKEN_SIZE - 1 && behind) {
            for (size_t i = 0; i < size; i++)
                ret_token[i] = symbol(c[i]);
            ret_token[size] = '\0';
            *text = c + size;
            return true;
        }
        c += size > 0 ? size : 1;
    }
    *text = c;
    return false;
}
