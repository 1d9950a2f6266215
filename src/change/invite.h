/* SPDX-License-Identifier: EUPL-1.2 */
/* The changes that make and revoke an invitation: a link that lets somebody in without approval, or to a reserve. Run
 * by convenectl. */
#pragma once

#include <stdint.h>

#include "store/store.h"

enum invite_result {
    INVITE_DONE,
    INVITE_ALREADY, /* it was revoked before */
    INVITE_GONE     /* no such invitation */
};

struct invite {
    struct store_job job; /* first */

    /* asked, everything in job.arena */
    const char *actor;
    int64_t id;       /* change_revoke: which; change_invite answers it */
    int64_t event_id; /* this and what follows: change_invite alone */
    const char *email;   /* whose it is, folded; NULL: anybody's */
    const char *reserve; /* the id of a reserve that it opens; NULL: none */
    const char *note;    /* for organisers; may be NULL */
    int64_t uses;        /* how many may register by it */
    int64_t expires_at;  /* 0: never */

    /* answered */
    enum invite_result result;
    int64_t link_version; /* change_invite: of its link */

    /* decided, for apply alone */
    int64_t at;
};

extern const struct change_kind change_invite;
extern const struct change_kind change_revoke;
