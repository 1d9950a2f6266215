/* SPDX-License-Identifier: EUPL-1.2 */
/* How large a form can become: what the limits of a definition let people write, against what the daemon takes in.
 * Callers: folder, and so main (start, reload, -t) and convenectl. Pure. */
#pragma once

#include <stddef.h>

struct event_definition;

/* The largest form that somebody can send who keeps to all limits and fills in everything, each letter of a text one of
 * two bytes, as in Greek or Cyrillic; with everybody who may come along. */
struct post_size {
    size_t controls; /* of http.field_limit */
    size_t bytes;    /* of http.body_limit: percent-encoded */
};

struct post_size event_post_size(const struct event_definition *definition);
