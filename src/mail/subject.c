/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what a mail is about. Callers: queue (on a reader), item. */
#include "mail/subject.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_lease.h"
#include "report/record.h"

int subject_read(struct db *db, struct arena *arena, struct revisions *revisions, const struct leased_mail *mail,
                 struct subject *ret_subject)
{
    *ret_subject = (struct subject){ 0 };
    if (strcmp(mail->subject_kind, "registration") != 0)
        return 0;
    struct record *record = arena_take(arena, sizeof(*record));
    if (!record)
        return -ENOMEM;
    int r = record_read(db, arena, revisions, mail->subject_id, record);
    if (r == 0)
        ret_subject->record = record;
    return r;
}

void subject_done(struct subject *subject)
{
    if (subject->record)
        record_done(subject->record);
    subject->record = NULL;
}
