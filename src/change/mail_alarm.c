/* SPDX-License-Identifier: EUPL-1.2 */
/* Writes the row of an alarm. Called by the writer through the descriptor. */
#include "change/mail_alarm.h"

#include <errno.h>

#include "change/mail_row.h"
#include "store/db.h"
#include "store/facts.h"

#define HOUR 3600
#define LASTS (INT64_C(24) * HOUR) /* a day later it is no news */

static int alarm_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job; /* nothing but a fresh id */
    (void)wanted;
    return 0;
}

static int alarm_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct mail_alarm *alarm = (struct mail_alarm *)job;
    alarm->at = moment->now;
    alarm->id = facts_fresh_id(facts, FACTS_MAIL);
    alarm->message_id = mail_row_message_id(job->arena, alarm->id, alarm->domain);
    if (!alarm->message_id)
        return -ENOMEM;
    job->writes = true;
    return 0;
}

static int alarm_apply(const struct store_job *job, struct db *db)
{
    const struct mail_alarm *alarm = (const struct mail_alarm *)job;
    const struct mail_row row = { .id = alarm->id,
                                  .instance = alarm->at / HOUR * 10 + alarm->sort,
                                  .kind = "alarm",
                                  .recipient = alarm->recipient,
                                  .language = alarm->language,
                                  .data = alarm->data,
                                  .message_id = alarm->message_id,
                                  .born_at = alarm->at,
                                  .due_at = alarm->at,
                                  .expires_at = alarm->at + LASTS };
    return mail_row_insert(db, &row);
}

const struct change_kind change_mail_alarm = {
    .name = "mail_alarm",
    .inside = true,
    .facts = alarm_facts,
    .decide = alarm_decide,
    .apply = alarm_apply,
};
