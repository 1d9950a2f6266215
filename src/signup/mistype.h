/* SPDX-License-Identifier: EUPL-1.2 */
/* An email address that looks mistyped: one slip away from a provider that very many have. Pure. Any thread. */
#pragma once

struct arena;

/* What ADDRESS, a good one, was probably meant to be, in ARENA; NULL: it looks as it should, or no memory. */
const char *mistype_meant(struct arena *arena, const char *address);
