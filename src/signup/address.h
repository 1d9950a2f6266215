/* SPDX-License-Identifier: EUPL-1.2 */
/* Email addresses that an SMTP server could take (RFC 5321 section 4.1.2, RFC 5322 section 3.4.1; lengths of RFC 5321
 * section 4.5.3.1). Pure. Any thread. */
#pragma once

/* One bare mailbox `local@domain`: no name, no comment, no address literal, a dot in the domain, IDN domains
 * allowed (UTF-8 or A-labels), local part ASCII (SMTPUTF8 cannot be promised before the server is met), a quoted one
 * without blanks and escapes. At most 254 octets, local part at most 64, also with the domain as A-labels.
 * -EINVAL: no SMTP server could take it. -EAFNOSUPPORT: only one with SMTPUTF8 could. -ENOMEM. */
int address_check(const char *address) __attribute__((warn_unused_result));
