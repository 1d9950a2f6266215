/* SPDX-License-Identifier: EUPL-1.2 */
/* A host's own style sheet: the built-in one with the host's colours in the place of its first block. Pure. Called by
 * view/assets. */
#pragma once

#include <stddef.h>

struct settings_host;

/* The first block of STYLE, up to its first empty line, holds the colours. HOST without colours: STYLE as it is. For
 * free(). -EINVAL: STYLE has no such block. -ENOMEM. */
int sheet_make(const char *style, size_t size, const struct settings_host *host, char **ret_data, size_t *ret_size)
    __attribute__((warn_unused_result));
