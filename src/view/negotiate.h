/* SPDX-License-Identifier: EUPL-1.2 */
/* Which language a visitor reads: RFC 9110 section 12.5.4, RFC 4647 lookup. Pure. Any thread. */
#pragma once

#include <stddef.h>

/* The best of HEADER (Accept-Language; may be NULL) among CANDIDATES; NULL if none fits. */
const char *negotiate_language(const char *header, const char *const *candidates, size_t count);
