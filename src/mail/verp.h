/* SPDX-License-Identifier: EUPL-1.2 */
/* The sender on the envelope of each mail, bounces+TOKEN@domain, by which what comes back is known again. Only we can
 * make such a token; it says which mail it is and is bound to that mail's Message-ID. Made by the senders, read by
 * convenectl bounce; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/token.h"

struct keyring;
struct settings_host;

#define VERP_SIZE 320 /* 64 octets, @ and a domain of 253, and the zero */

/* The sender of mail ID: of HOST's bounce_address, with a token; else its from_address as it is. Points to RET_SENDER
 * or into HOST. */
const char *verp_sender(const struct settings_host *host, const struct keyring *keyring, int64_t id,
                        const char *message_id, char ret_sender[static VERP_SIZE]);

/* Whether TOKEN was made for the mail with that MESSAGE_ID. */
bool verp_is_ours(const struct keyring *keyring, const char *token, const char *message_id);

/* What may be a token in *TEXT, an address or a list of such, in lower case; *TEXT then stands behind it. False:
 * there is none any more. Nothing is proved yet. */
bool verp_next(const char **text, char ret_token[static TOKEN_SIZE]);
