/* SPDX-License-Identifier: EUPL-1.2 */
/* What a message that came back is about, found in the store. Private to the files of convenectl bounce. One thread. */
#pragma once

#include <stdint.h>

#include "ctl/ctl.h"

struct arena;
struct keyring;
struct returned;
struct undeliverable_events;

/* The mail that REPORT speaks of: by the token of the envelope's recipient, else by one in the headers, else by the
 * Message-ID, which nobody can guess. RECIPIENT: of the envelope; NULL: as the environment says. *RET_ID 0: none is
 * proved. *RET_RECIPIENT: whom it was sent to, in ARENA. Negative errno. */
int bounce_find_mail(struct ctl *ctl, struct arena *arena, const struct keyring *keyring, const struct returned *report,
                     const char *recipient, int64_t *ret_id, const char **ret_recipient)
    __attribute__((warn_unused_result));

/* The registration whose invitation was answered, by whom it was sent to. *RET_ID 0: none. Negative errno. */
int bounce_find_invited(struct ctl *ctl, struct arena *arena, const struct returned *answer, int64_t *ret_id)
    __attribute__((warn_unused_result));
