/* SPDX-License-Identifier: EUPL-1.2 */
/* Whose fault it is that a mail was not delivered, from the codes and words of mail servers: enhanced status codes
 * (RFC 3463) and SMTP replies (RFC 5321). Used by mail/returned for reports, by the changes for replies. Pure; any
 * thread. */
#pragma once

#include <stddef.h>

enum verdict {
    VERDICT_PERMANENT, /* nobody can be reached under that address */
    VERDICT_TRANSIENT, /* given up, but the address may be good: a full mailbox, a server that was away for days */
    VERDICT_POLICY,    /* about us or the message, not about the address: blocked, no SPF, too large */
    VERDICT_DELAYED,   /* not given up yet */
    VERDICTS
};

/* "permanent" …, as table bounce has it. */
const char *verdict_name(enum verdict verdict);

struct verdict_status { unsigned class, subject, detail; };
#define VERDICT_STATUS_SIZE 12 /* "5.999.999" and the zero */

/* What a server's words say: an enhanced code that stands behind a reply code ("550 5.1.1 …") or a number sign
 * ("#5.1.1"), else the class of the reply code itself ("550 …": 5.0.0). All 0: nothing. Numbers that only look like a
 * code (addresses, versions) are passed over. */
struct verdict_status verdict_read(const char *words);

/* The code of a report's field Status, made more precise by its Diagnostic-Code where the field says nothing but the
 * class. Either may be NULL. All 0: neither says anything. */
struct verdict_status verdict_join(const char *status, const char *diagnostic);

/* What the failure with that code means. Of class 2 and 0 nothing is known: VERDICT_TRANSIENT. */
enum verdict verdict_of(struct verdict_status status);

void verdict_print(struct verdict_status status, char ret_text[static VERDICT_STATUS_SIZE]);
