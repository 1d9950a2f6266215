/* SPDX-License-Identifier: EUPL-1.2 */
/* Which content codings a client takes. Pure. Caller: page. Any thread. */
#pragma once

#include <stdbool.h>

/* True if Accept-Encoding HEADER (may be NULL) takes gzip, and likes it no less than the plain bytes (RFC 9110 section
 * 12.5.3). What is malformed in it is passed over. */
bool encoding_takes_gzip(const char *header);
