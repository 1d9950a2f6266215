/* SPDX-License-Identifier: EUPL-1.2 */
/* What must be known of a kind of mail where it is born: what it is about, how urgent it is, whether people may stop
 * it, and what keeps two of a kind apart. How it reads and until when it is owed is mail/kind.
 * Used by the changes and by mail; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Which mails go first when several are due. */
enum mail_priority { MAIL_AT_ONCE, MAIL_REMINDER, MAIL_BULK };

struct mail_kind {
    const char *name;
    const char *subject; /* mail.subject_kind: registration, notice, event, mailing, daemon */
    enum mail_priority priority;
    bool stoppable;      /* a registration's owner may say that he wants no more of them; of bulk mail only news */
    bool outlives;       /* the data of its registration: nothing of that is read for it */
};

/* mail.subject_id is that of a registration: the mail is to its owner, or as a notice to an organiser. */
bool mail_kind_is_of_registration(const char *subject_kind);

/* NULL: there is no such kind. */
const struct mail_kind *mail_kind_find(const char *name);
/* The N-th; NULL past the end. */
const struct mail_kind *mail_kind_at(size_t n);
