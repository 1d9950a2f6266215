/* SPDX-License-Identifier: EUPL-1.2 */
/* One SMTP connection by libcurl, reused from message to message. Belongs to one sender thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "mail/retry.h"

struct settings;
struct smtp;

/* Settings must outlive it. The password file is read here. */
int smtp_new(const struct settings *settings, struct smtp **ret_smtp) __attribute__((warn_unused_result));
void smtp_free(struct smtp *smtp);

struct smtp_result {
    enum attempt attempt;
    long code;
    char reply[256]; /* the server's last line, or curl's word; cleaned */
    char enhanced[RETRY_ENHANCED_SIZE]; /* what that line names; empty: nothing */
    bool at_recipient; /* it answers RCPT */
};

/* Sends one message to one recipient; domains go as A-labels. Blocks. A stale connection is tried again at once, once.
 * ATTEMPT_NEVER without a code: an address that curl must not see, a message that is not lines of 7 bits with CRLF, or
 * a local part beyond ASCII and a server that does not offer SMTPUTF8; then nothing but EHLO was said. */
void smtp_send(struct smtp *smtp, const char *sender, const char *recipient, const char *data, size_t size,
               struct smtp_result *ret_result);

/* From another thread: the transfer under way, if any, and all later ones are broken off soon. The first call spares a
 * message that has been handed over whole and waits for the server's word; the second does not. */
void smtp_abort(struct smtp *smtp);
