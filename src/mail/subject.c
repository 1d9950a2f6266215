/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what a mail is about. Callers: queue (on a reader), item. */
#include "mail/subject.h"

#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_kind.h"
#include "change/mail_lease.h"
#include "report/record.h"
#include "report/tally.h"

/* What is new is counted from the instant that the mail's row names. */
static int read_tally(struct db *db, struct arena *arena, const struct leased_mail *mail, struct subject *ret_subject)
{
    json_t *data = json_loads(mail->data, 0, NULL);
    int64_t since = (int64_t)json_integer_value(json_object_get(data, "since"));
    json_decref(data);
    struct tally *tally = arena_take(arena, sizeof(*tally));
    int r = tally ? tally_read(db, arena, mail->subject_id, since, tally) : -ENOMEM;
    if (r == 0)
        ret_subject->tally = tally;
    return r;
}

int subject_read(struct db *db, struct arena *arena, struct revisions *revisions, const struct leased_mail *mail,
                 struct subject *ret_subject)
{
    *ret_subject = (struct subject){ 0 };
    const struct mail_kind *kind = mail_kind_find(mail->kind);
    if (strcmp(mail->subject_kind, "event") == 0)
        return read_tally(db, arena, mail, ret_subject);
    bool about_one = strcmp(mail->subject_kind, "registration") == 0 || strcmp(mail->subject_kind, "notice") == 0;
    if (!about_one || (kind && kind->outlives))
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
