/* SPDX-License-Identifier: EUPL-1.2 */
/* Email addresses that an SMTP server could take (RFC 5321 section 4.1.2, RFC 5322 section 3.4.1; lengths of RFC 5321
 * section 4.5.3.1). Callers: signup, page, mail. Pure. Any thread. */
#pragma once

#include <stddef.h>

struct arena;

/* One bare mailbox `local@domain`: no name, no comment, no address literal, a dot in the domain, IDN domains
 * allowed (UTF-8 or A-labels), local part ASCII (SMTPUTF8 cannot be promised before the server is met), a quoted one
 * without blanks and escapes. At most 254 octets, local part at most 64, also with the domain as A-labels.
 * -EINVAL: no SMTP server could take it. -EAFNOSUPPORT: only one with SMTPUTF8 could. -ENOMEM. */
int address_check(const char *address) __attribute__((warn_unused_result));

/* A name of the Domain Name System with two labels at least, in any script; *ret_size: the bytes of its A-labels.
 * -EINVAL: it is none; -ENOMEM. */
int address_host_check(const char *host, size_t *ret_size) __attribute__((warn_unused_result));

/* A checked ADDRESS as an envelope and a header take it: the local part as it is, the domain as A-labels (RFC 5891), so
 * that only a local part can ask for SMTPUTF8. -EINVAL: none that address_check lets through; -ENOMEM. */
#define ADDRESS_WIRE_SIZE 320
int address_wire(const char *address, char ret_wire[static ADDRESS_WIRE_SIZE]) __attribute__((warn_unused_result));

/* What stands behind the @ of a checked ADDRESS, in lower case as A-labels; googlemail.com as gmail.com. -ENOMEM. */
int address_domain(struct arena *arena, const char *address, const char **ret_domain)
    __attribute__((warn_unused_result));

/* Which mailbox a checked ADDRESS most likely reaches, for counting mails: case and quotes do not matter, nor what
 * stands behind a plus sign, nor dots at Google's; the domain as A-labels. Never for sending. -ENOMEM. */
int address_mailbox(struct arena *arena, const char *address, const char **ret_mailbox)
    __attribute__((warn_unused_result));

/* The same as a key from which nobody reads an address: hex of its BLAKE2b-128. -ENOMEM. */
#define ADDRESS_KEY_SIZE 33
int address_key(struct arena *arena, const char *address, char ret_key[static ADDRESS_KEY_SIZE])
    __attribute__((warn_unused_result));
