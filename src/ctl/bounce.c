/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl bounce: one message that came back, on standard input, as a mail server hands it to a pipe. It exits by
 * sysexits.h: 0 for whatever could be read, 75 where the server is to try again later. It answers nobody. What it
 * found is one line on standard output and in the system's log for mail, without a word about the person. One
 * thread. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/token.h"
#include "change/bounce.h"
#include "change/mail_alarm.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "ctl/bounce.h"
#include "ctl/ctl_event.h"
#include "event/definition.h"
#include "mail/alarm.h"
#include "mail/message.h"
#include "mail/returned.h"
#include "report/record.h"
#include "store/db.h"
#include "store/store.h"

#define EVENTS_MAX 20 /* of one address, whose organisers are told by name; of others the host is */

/* ---- the message ---- */

/* Up to RETURNED_MAX bytes are kept; the rest is taken from the server all the same, or it would call it a failure. */
static int read_input(char **ret_data, size_t *ret_size)
{
    char rest[16384], *data = malloc(RETURNED_MAX);
    size_t size = 0;

    if (!data)
        return -ENOMEM;
    for (;;) {
        bool full = size == RETURNED_MAX;
        ssize_t n = read(STDIN_FILENO, full ? rest : data + size, full ? sizeof(rest) : RETURNED_MAX - size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int r = -errno;
            free(data);
            return r;
        }
        if (n == 0)
            break;
        if (!full)
            size += (size_t)n;
    }
    *ret_data = data;
    *ret_size = size;
    return 0;
}

/* ---- whose organisers are told ---- */

struct definitions {
    struct revisions *revisions;
    size_t count;
    struct undeliverable_event items[EVENTS_MAX];
};

static void free_definitions(struct definitions *definitions)
{
    for (size_t i = 0; i < definitions->count; i++)
        event_definition_unref(definitions->items[i].definition);
    revisions_free(definitions->revisions);
}

/* A definition that can no longer be read is left out: it must not keep a bounce from being noted. */
static int load_definitions(struct ctl *ctl, const char *address, struct definitions *definitions)
{
    struct { int64_t event_id, revision_id; } found[EVENTS_MAX];
    struct query *query;
    size_t count = 0;
    int r = revisions_new(1, &definitions->revisions);

    if (r == 0)
        r = db_prepare(ctl->db,
                       "SELECT DISTINCT e.id, e.revision_id FROM event AS e CROSS JOIN registration AS r "
                       "ON r.event_id = e.id AND r.email = :email COLLATE NOCASE AND r.status IN ('pending_email', "
                       "'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted') "
                       "ORDER BY e.starts_at DESC LIMIT 20",
                       &query);
    if (r < 0)
        return r;
    db_bind_text(query, ":email", address);
    while ((r = db_step(query)) > 0 && count < EVENTS_MAX) {
        found[count].event_id = db_int(query, 0);
        found[count++].revision_id = db_int(query, 1);
    }
    db_finish(query);
    for (size_t i = 0; r == 0 && i < count; i++) {
        const struct event_definition *definition;
        int failed = revisions_get(definitions->revisions, ctl->db, found[i].revision_id, &definition);
        if (failed == -ENOMEM || failed == -EAGAIN)
            return failed;
        if (failed == 0)
            definitions->items[definitions->count++] =
                (struct undeliverable_event){ .event_id = found[i].event_id, .definition = definition };
    }
    return r;
}

/* ---- what it is ---- */

struct handling {
    struct ctl *ctl;
    struct arena *arena;
    struct returned returned;
    struct definitions definitions;
    struct bounce bounce;
};

static int judge_report(struct handling *handling, const struct keyring *keyring, const char *recipient)
{
    struct bounce *bounce = &handling->bounce;
    struct returned_verdict verdict;
    const char *address;
    int64_t id;
    int r = bounce_find_mail(handling->ctl, handling->arena, keyring, &handling->returned, recipient, &id, &address);

    bounce->sort = "unknown";
    if (r < 0 || id == 0)
        return r;
    bounce->sort = "delivered";
    if (!returned_judge(&handling->returned, address, &verdict))
        return 0;
    bounce->sort = verdict_name(verdict.verdict);
    bounce->mail_id = id;
    bounce->recipient = address;
    bounce->verdict = verdict.verdict;
    bounce->reply = verdict.reply;
    bounce->status = arena_copy(handling->arena, verdict.status);
    if (!bounce->status)
        return -ENOMEM;
    r = *address ? load_definitions(handling->ctl, address, &handling->definitions) : 0;
    bounce->events.count = handling->definitions.count;
    bounce->events.items = handling->definitions.items;
    return r;
}

static int judge(struct handling *handling, const struct keyring *keyring, const char *recipient)
{
    struct bounce *bounce = &handling->bounce;
    int r = 0;

    switch (handling->returned.sort) {
    case RETURNED_REPORT:
        return judge_report(handling, keyring, recipient);
    case RETURNED_CALENDAR:
        r = bounce_find_invited(handling->ctl, handling->arena, &handling->returned, &bounce->registration_id);
        bounce->sort = bounce->registration_id != 0 ? "calendar" : "unknown";
        bounce->answer = handling->returned.answer;
        return r;
    case RETURNED_AUTOMATIC:
        bounce->sort = "automatic";
        break;
    case RETURNED_OTHER:
        bounce->sort = "reply";
        break;
    }
    return 0;
}

static void say(const struct bounce *bounce)
{
    char line[200];
    int n = snprintf(line, sizeof(line), "%s", bounce->sort);

    if (bounce->mail_id != 0 && bounce->status)
        n += snprintf(line + n, sizeof(line) - (size_t)n, ": mail %" PRId64 ", %s", bounce->mail_id, bounce->status);
    if (bounce->marked > 0)
        n += snprintf(line + n, sizeof(line) - (size_t)n, ", undeliverable now: %zu", bounce->marked);
    if (bounce->registration_id != 0)
        (void)snprintf(line + n, sizeof(line) - (size_t)n, ": registration %" PRId64 ", %s", bounce->registration_id,
                       bounce->answer);
    (void)puts(line);
    openlog("convenectl", LOG_PID, LOG_MAIL);
    syslog(bounce->sort == verdict_name(VERDICT_POLICY) ? LOG_WARNING : LOG_INFO, "bounce: %s", line);
    closelog();
}

/* Who looks after the installation is told, as the daemon does of what it is refused itself: once an hour. */
static int owe_alarm(struct handling *handling)
{
    const struct settings *settings = handling->ctl->settings;
    if (handling->bounce.mail_id == 0 || handling->bounce.verdict != VERDICT_POLICY || !settings->mail.alarm_to)
        return 0;
    struct mail_alarm *alarm = arena_take(handling->arena, sizeof(*alarm));
    if (!alarm)
        return -ENOMEM;
    *alarm = (struct mail_alarm){ .job = { .kind = &change_mail_alarm, .arena = handling->arena },
                                  .sort = ALARM_POLICY,
                                  .recipient = settings->mail.alarm_to,
                                  .language = settings->mail.alarm_language,
                                  .domain = mail_row_domain(settings->mail.from_address),
                                  .data = "{\"sort\":\"policy\"}" };
    int r = store_run(handling->ctl->store, &alarm->job);
    return r < 0 ? r : alarm->job.outcome;
}

static enum ctl_exit handle(struct handling *handling, const struct keyring *keyring, const char *recipient)
{
    struct ctl *ctl = handling->ctl;
    struct bounce *bounce = &handling->bounce;

    bounce->job.kind = &change_bounce;
    bounce->job.arena = handling->arena;
    bounce->settings = ctl->settings;
    int r = judge(handling, keyring, recipient);
    if (r < 0)
        return r == -ENOMEM ? ctl_no_memory() : ctl_store_failed(ctl, r);
    r = store_run(ctl->store, &bounce->job);
    if (r == 0)
        r = bounce->job.outcome;
    if (r == 0)
        r = owe_alarm(handling);
    if (r < 0)
        return ctl_change_failed(ctl, r, "whether the message was noted");
    say(bounce);
    return CTL_OK; /* it is noted, whoever reads what was printed */
}

static enum ctl_exit take(struct ctl *ctl, const struct keyring *keyring, const char *recipient)
{
    struct arena *arena = arena_new();
    struct handling handling = { .ctl = ctl, .arena = arena };
    enum ctl_exit exit = CTL_CANNOT;
    char *data = NULL;
    size_t size;

    int r = arena ? read_input(&data, &size) : -ENOMEM;
    if (r == 0)
        r = returned_read(arena, data, size, &handling.returned);
    if (r == 0)
        exit = handle(&handling, keyring, recipient);
    else
        ctl_complain("standard input cannot be read (%s)", strerrorname_np(-r));
    free_definitions(&handling.definitions);
    free(data);
    arena_free(arena);
    return exit;
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = { { "recipient", required_argument, NULL, 'r' }, { NULL, 0, NULL, 0 } };
    const char *recipient = NULL;
    struct keyring *keyring;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option != 'r')
            return ctl_misused(&ctl_bounce);
        recipient = optarg;
    }
    if (optind < argc)
        return ctl_misused(&ctl_bounce);
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    int r = keyring_load(ctl->settings->store.key_file, &keyring);
    if (r < 0) {
        ctl_complain("%s cannot be used (%s)", ctl->settings->store.key_file, strerrorname_np(-r));
        return CTL_CANNOT;
    }
    message_setup();
    exit = take(ctl, keyring, recipient);
    keyring_free(keyring);
    return exit;
}

const struct ctl_command ctl_bounce = {
    .name = "bounce",
    .usage = "[--recipient ADDRESS] <MESSAGE",
    .help = "Takes a message that came back to mail.bounce_address, as a mail server pipes it: notes what could not be "
            "delivered. Exit: 0 for whatever was read, 75 to try again later.",
    .needs_store = true,
    .cannot = CTL_TRY_LATER,
    .run = run,
};
