/* SPDX-License-Identifier: EUPL-1.2 */
/* One mail for each organiser who is told of registrations. Called by sign_up and confirm; the writer's thread. */
#include "change/notice.h"

#include <errno.h>

#include "base/arena.h"
#include "event/definition.h"
#include "store/db.h"
#include "store/facts.h"

int notices_plan(struct arena *arena, struct facts *facts, const struct event_definition *definition,
                 const char *message_domain, const struct mail_row *what, struct notices *ret_notices)
{
    struct notices notices = { .count = definition->notify.registrations ? definition->notify.to_count : 0 };
    notices.mails = arena_take(arena, (notices.count + 1) * sizeof(*notices.mails));
    if (!notices.mails)
        return -ENOMEM;
    for (size_t i = 0; i < notices.count; i++) {
        struct mail_row *mail = &notices.mails[i];
        *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                                   .subject_id = what->subject_id,
                                   .event_id = what->event_id,
                                   .revision_id = what->revision_id,
                                   .instance = (int64_t)i,
                                   .kind = "new_registration",
                                   .recipient = definition->notify.to[i],
                                   .language = definition->notify.language,
                                   .born_at = what->born_at,
                                   .due_at = what->born_at };
        mail->message_id = mail_row_message_id(arena, mail->id, message_domain);
        if (!mail->message_id)
            return -ENOMEM;
    }
    *ret_notices = notices;
    return 0;
}

int notices_write(const struct notices *notices, struct db *db)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < notices->count; i++)
        r = mail_row_insert(db, &notices->mails[i]);
    return r;
}
