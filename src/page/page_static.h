/* SPDX-License-Identifier: EUPL-1.2 */
/* Static files as answers. A worker's thread. */
#pragma once

#include "http/reply.h"

struct asset;
struct request;

/* ASSET as it is, or compressed to who takes that. */
void page_static_send(struct request *request, const struct asset *asset, enum reply_cache cache);
