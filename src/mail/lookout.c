/* SPDX-License-Identifier: EUPL-1.2 */
/* What is told about the mails: one line in the log and a number for each result; alarms, by log, number and mail.
 * Caller: queue; main's thread. */
#include "mail/lookout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "change/mail_alarm.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "mail/item.h"
#include "mail/queue.h"
#include "mail/retry.h"
#include "store/store.h"

static void count_result(struct lookout *lookout, enum mail_outcome outcome)
{
    if (outcome == MAIL_SENT)
        metrics_add(lookout->options->metrics, METRIC_MAILS_SENT, 1);
    else if (outcome == MAIL_DEFERRED)
        metrics_add(lookout->options->metrics, METRIC_MAILS_DEFERRED, 1);
    else if (outcome == MAIL_FAILED)
        metrics_add(lookout->options->metrics, METRIC_MAILS_FAILED, 1);
    else if (outcome == MAIL_EXPIRED)
        metrics_add(lookout->options->metrics, METRIC_MAILS_EXPIRED, 1);
}

/* Its numbers alone: a server's words may name a person. Where it refused nothing the words are libcurl's, and its last
 * code is of a step that went well. */
static void keep_answer(struct lookout *lookout, const struct mail_result *result)
{
    if (result->code >= 400)
        (void)snprintf(lookout->answer, sizeof(lookout->answer), "%ld%s%s", result->code, result->enhanced ? " " : "",
                       result->enhanced ? result->enhanced : "");
    else
        (void)snprintf(lookout->answer, sizeof(lookout->answer), "%s", result->reply ? result->reply : "");
}

/* What an answer of the server means for the alarm; its own letters are no news. */
static void note_answer(struct lookout *lookout, const struct item *item)
{
    const struct mail_result *result = &item->result;
    if (item->tried && result->outcome != MAIL_SENT)
        keep_answer(lookout, result);
    if (!item->tried || result->outcome == MAIL_RETURNED || strcmp(item->mail.kind, "alarm") == 0)
        return;
    /* a refusal for good counts though the mail is kept, as where our own address is refused */
    bool refused = result->outcome == MAIL_FAILED || result->code >= 500;
    alarm_note(&lookout->alarm, refused, retry_is_policy(result->code, result->enhanced),
               clock_now(lookout->options->clock));
}

static void log_result(const struct item *item)
{
    const struct mail_result *result = &item->result;
    const struct log_field id = LOG_INT("mail", item->mail.id), kind = LOG_TEXT("kind", item->mail.kind);
    const struct log_field attempts = LOG_INT("attempts", item->mail.attempts + 1);
    const struct log_field code = LOG_INT("code", result->code);

    switch (result->outcome) {
    case MAIL_SENT:
        log_info("mail.sent", id, kind, attempts, code);
        break;
    case MAIL_DEFERRED: {
        char due[CLOCK_STAMP_SIZE];
        clock_stamp(result->due_at, due);
        log_warning("mail.deferred", id, kind, attempts, code, LOG_TEXT("due", due));
        break;
    }
    case MAIL_FAILED:
        log_warning("mail.failed", id, kind, attempts, code, LOG_TEXT("enhanced", result->enhanced));
        break;
    case MAIL_EXPIRED:
        log_info("mail.expired", id, kind);
        break;
    case MAIL_SUPERSEDED:
        log_info("mail.superseded", id, kind);
        break;
    case MAIL_RETURNED:
        log_debug("mail.returned", id, kind);
        break;
    }
}

void lookout_result(struct lookout *lookout, const struct item *item)
{
    log_result(item);
    count_result(lookout, item->result.outcome);
    note_answer(lookout, item);
}

/* ---- alarms ---- */

static void alarm_arrived(struct post *post)
{
    struct mail_alarm *alarm = (struct mail_alarm *)(void *)post;
    if (alarm->job.outcome < 0)
        log_warning("mail.alarm_unwritten", LOG_ERRNO(alarm->job.outcome));
    arena_free(alarm->job.arena);
}

/* As change/mail_kind.c says. NULL: no memory. */
static const char *describe(struct arena *arena, const struct lookout *lookout, enum alarm_sort sort, int64_t age)
{
    const struct alarm *alarm = &lookout->alarm;
    json_t *data = json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "sort", alarm_name(sort), "minutes",
                             (json_int_t)(age / 60), "failed", (json_int_t)alarm->failed, "of",
                             (json_int_t)alarm->answered, "since", (json_int_t)alarm->since[sort], "answer",
                             lookout->answer);
    char *text = data ? json_dumps(data, JSON_COMPACT) : NULL;
    const char *copy = text ? arena_copy(arena, text) : NULL;
    free(text);
    json_decref(data);
    return copy;
}

/* The mail about an alarm. What cannot be written is in the log all the same. */
static void owe_alarm(struct lookout *lookout, const struct settings *settings, enum alarm_sort sort, int64_t age)
{
    struct arena *arena = arena_new();
    struct mail_alarm *alarm = arena ? arena_take(arena, sizeof(*alarm)) : NULL;
    const char *data = NULL;

    if (alarm) {
        data = describe(arena, lookout, sort, age);
        *alarm = (struct mail_alarm){ .job = { .post.arrive = alarm_arrived, .kind = &change_mail_alarm,
                                               .reply_to = lookout->options->mailbox, .arena = arena },
                                      .sort = (int64_t)sort,
                                      .recipient = arena_copy(arena, settings->mail.alarm_to),
                                      .language = arena_copy(arena, settings->mail.alarm_language),
                                      .domain = arena_copy(arena, mail_row_domain(settings->mail.from_address)),
                                      .data = data };
    }
    int r = alarm && data && alarm->recipient && alarm->language && alarm->domain
                ? store_submit(lookout->options->store, &alarm->job)
                : -ENOMEM;
    if (r < 0) {
        log_warning("mail.alarm_unwritten", LOG_ERRNO(r));
        arena_free(arena);
    }
}

static void say_alarm(struct lookout *lookout, const struct settings *settings, enum alarm_sort sort, int64_t age)
{
    const struct alarm *alarm = &lookout->alarm;
    char since[CLOCK_STAMP_SIZE];
    clock_stamp(alarm->since[sort], since);
    log_error("mail.alarm", LOG_TEXT("sort", alarm_name(sort)), LOG_TEXT("since", since),
              LOG_INT("oldest_seconds", age), LOG_INT("failed", alarm->failed), LOG_INT("of", alarm->answered),
              LOG_TEXT("answer", *lookout->answer ? lookout->answer : NULL));
    if (settings->mail.alarm_to)
        owe_alarm(lookout, settings, sort, age);
}

void lookout_look(struct lookout *lookout, const struct settings *settings)
{
    const struct alarm_limits limits = { .age = settings->mail.alarm_age, .failures = settings->mail.alarm_failures };
    int64_t now = clock_now(lookout->options->clock), oldest = store_oldest_due(lookout->options->store);
    int64_t age = oldest < now ? now - oldest : 0;
    unsigned say = alarm_look(&lookout->alarm, &limits, age, now);

    metrics_set(lookout->options->metrics, METRIC_MAIL_OLDEST, age);
    for (unsigned sort = 0; sort < ALARM_SORTS; sort++) {
        metrics_set(lookout->options->metrics, METRIC_MAIL_ALARM_AGE + sort, lookout->alarm.holds[sort]);
        if (say & 1U << sort)
            say_alarm(lookout, settings, sort, age);
    }
}
