/* SPDX-License-Identifier: EUPL-1.2 */
/* A short text as a QR code (ISO/IEC 18004), for whoever scans it at the door. Called by mail/letter and
 * page/page_code. Any thread. */
#pragma once

#include <stddef.h>

/* A PNG in black and white with its quiet zone, for free(). TEXT: letters, digits and what stands between them, at most
 * 100 bytes. -EINVAL: it does not fit. -ENOMEM. */
int qr_png(const char *text, void **ret_data, size_t *ret_size) __attribute__((warn_unused_result));
