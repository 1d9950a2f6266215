/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mailing: what organisers write to some of an event's people, from the first draft to the recall. One
 * thread. */
#include "ctl/mailing.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "change/mail_row.h"
#include "change/mailing.h"
#include "config/settings.h"
#include "ctl/rows.h"
#include "signup/address.h"
#include "store/db.h"
#include "store/store.h"

/* ---- what runs a change ---- */

static enum ctl_exit said(const struct mailing_arguments *arguments, const struct mailing *mailing)
{
    static const char *const wrong[] = {
        [MAILING_GONE] = "there is no such mailing",
        [MAILING_SENT] = "it has been sent, or is planned to be",
        [MAILING_UNSENT] = "it has not been sent: there is nothing to recall",
        [MAILING_RECALLED] = "it was recalled",
    };
    if (mailing->result != MAILING_DONE) {
        ctl_complain("mailing %" PRId64 ": %s", mailing->id, wrong[mailing->result]);
        return CTL_WRONG;
    }
    if (arguments->json)
        return ctl_print_json(json_pack("{s:I, s:s}", "mailing", (json_int_t)mailing->id, "result", "done"));
    return CTL_OK; /* the verb says more */
}

enum ctl_exit mailing_run(struct ctl *ctl, const struct mailing_arguments *arguments, struct mailing *mailing)
{
    int r = store_run(ctl->store, &mailing->job);
    if (r == 0)
        r = mailing->job.outcome;
    if (r < 0)
        return ctl_change_failed(ctl, r, "whether that was done; mailing list tells");
    return said(arguments, mailing);
}

/* ---- list, show ---- */

enum ctl_exit mailing_list(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    static const char *const headings[] = { "MAILING", "EVENT", "STATE", "DUE", "MAILS", "SENT", "WAITING", "FAILED",
                                            "SUBJECT" };
    struct query *query =
        ctl_query(ctl,
                  arguments->json
                      ? "SELECT * FROM mail_batches WHERE :event IS NULL OR event = :event ORDER BY batch"
                      : "SELECT batch, event, state, due_at, mails, sent, waiting, failed, (SELECT t.value ->> "
                        "'$.subject' FROM json_each(texts) AS t LIMIT 1) FROM mail_batches "
                        "WHERE :event IS NULL OR event = :event ORDER BY batch",
                  ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    return arguments->json ? rows_print_json(ctl, query)
                           : rows_print_table(ctl, query, headings, sizeof(headings) / sizeof(headings[0]));
}

static enum ctl_exit count_people(struct ctl *ctl, int64_t id, int64_t *ret_count)
{
    struct query *query = db_query(ctl->db, "mailing_count");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return ctl_store_failed(ctl, r < 0 ? r : -EIO);
    *ret_count = db_int(query, 0);
    db_reset(query);
    return CTL_OK;
}

/* JSON that stands in a row as text, as what it is. */
static int unpack(json_t *row, const char *member)
{
    return json_object_set_new(row, member, json_loads(json_string_value(json_object_get(row, member)), 0, NULL));
}

enum ctl_exit mailing_show(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    json_t *rows;
    int64_t people = 0;
    struct query *query = ctl_query_id(ctl, "SELECT * FROM mail_batches WHERE batch = :id", ":id", arguments->id);
    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, &rows);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    json_t *row = json_array_get(rows, 0);
    enum ctl_exit exit = row ? count_people(ctl, arguments->id, &people) : CTL_WRONG;
    if (!row)
        ctl_complain("there is no mailing %" PRId64, arguments->id);
    if (exit == CTL_OK && (unpack(row, "filter") < 0 || unpack(row, "texts") < 0 ||
                           json_object_set_new(row, "people", json_integer(people)) < 0))
        exit = ctl_no_memory();
    if (exit == CTL_OK)
        exit = ctl_print_json(json_incref(row));
    json_decref(rows);
    return exit;
}

/* ---- test, send, recall ---- */

static struct mailing *begin(struct arena *arena, const struct mailing_arguments *arguments,
                             const struct change_kind *kind)
{
    struct mailing *mailing = arena ? arena_take(arena, sizeof(*mailing)) : NULL;
    if (mailing)
        *mailing = (struct mailing){ .job = { .kind = kind, .arena = arena }, .actor = "convenectl",
                                     .id = arguments->id };
    return mailing;
}

enum ctl_exit mailing_test(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    struct arena *arena = arena_new();
    struct mailing *mailing = begin(arena, arguments, &change_mailing_try);
    enum ctl_exit exit = mailing ? CTL_OK : ctl_no_memory();
    if (exit == CTL_OK && address_check(arguments->address) < 0) {
        ctl_complain("%s is no email address", arguments->address);
        exit = CTL_WRONG;
    }
    if (exit == CTL_OK) {
        mailing->recipient = arguments->address;
        mailing->language = arguments->language ? arguments->language : "en";
        mailing->message_domain = mail_row_domain(ctl->settings->mail.from_address);
        exit = mailing_run(ctl, arguments, mailing);
    }
    if (exit == CTL_OK && !arguments->json) {
        (void)printf("mailing %" PRId64 ": a test goes to %s\n", arguments->id, arguments->address);
        exit = ctl_output_done();
    }
    arena_free(arena);
    return exit;
}

static enum ctl_exit say_sent(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    int64_t people = 0;
    enum ctl_exit exit = count_people(ctl, arguments->id, &people);
    if (exit != CTL_OK)
        return exit;
    if (arguments->at)
        (void)printf("mailing %" PRId64 ": goes on %s; today it is for %" PRId64 "\n", arguments->id, arguments->at,
                     people);
    else
        (void)printf("mailing %" PRId64 ": goes now to %" PRId64 "; convenectl mailing list tells how they fare\n",
                     arguments->id, people);
    return ctl_output_done();
}

enum ctl_exit mailing_send(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    struct arena *arena = arena_new();
    struct mailing *mailing = begin(arena, arguments, &change_mailing_send);
    enum ctl_exit exit = mailing ? CTL_OK : ctl_no_memory();
    if (exit == CTL_OK && arguments->at && clock_parse(arguments->at, &mailing->due_at) < 0) {
        ctl_complain("%s is no instant: write it as 2027-03-18T09:30:00Z", arguments->at);
        exit = CTL_WRONG;
    }
    if (exit == CTL_OK && arguments->at && mailing->due_at < clock_now(ctl->clock)) {
        ctl_complain("%s has passed", arguments->at);
        exit = CTL_WRONG;
    }
    if (exit == CTL_OK)
        exit = mailing_run(ctl, arguments, mailing);
    if (exit == CTL_OK && !arguments->json)
        exit = say_sent(ctl, arguments);
    arena_free(arena);
    return exit;
}

static enum ctl_exit say_recalled(struct ctl *ctl, int64_t id)
{
    struct query *query = ctl_query_id(ctl, "SELECT sent, mails FROM mail_batches WHERE batch = :id", ":id", id);
    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    if (r > 0)
        (void)printf("mailing %" PRId64 ": recalled; %" PRId64 " of %" PRId64 " mails had gone\n", id,
                     db_int(query, 0), db_int(query, 1));
    db_finish(query);
    return r > 0 ? ctl_output_done() : ctl_store_failed(ctl, r < 0 ? r : -ENOENT);
}

enum ctl_exit mailing_recall(struct ctl *ctl, const struct mailing_arguments *arguments)
{
    struct arena *arena = arena_new();
    struct mailing *mailing = begin(arena, arguments, &change_mailing_recall);
    enum ctl_exit exit = mailing ? mailing_run(ctl, arguments, mailing) : ctl_no_memory();
    if (exit == CTL_OK && !arguments->json)
        exit = say_recalled(ctl, arguments->id);
    arena_free(arena);
    return exit;
}

/* ---- the command ---- */

enum rest { REST_NOTHING, REST_ID, REST_ID_ADDRESS };

static const struct verb {
    const char *name, *needs, *may; /* options, a letter each */
    enum rest rest;
    mailing_verb *run;
} verbs[] = {
    { "create", "eSt", "smxlcanj", REST_NOTHING, mailing_create },
    { "list", "", "ej", REST_NOTHING, mailing_list },
    { "show", "", "j", REST_ID, mailing_show },
    { "test", "", "lj", REST_ID_ADDRESS, mailing_test },
    { "send", "", "@j", REST_ID, mailing_send },
    { "recall", "", "j", REST_ID, mailing_recall },
};

static const struct option options[] = {
    { "event", required_argument, NULL, 'e' },   { "subject", required_argument, NULL, 'S' },
    { "text", required_argument, NULL, 't' },    { "status", required_argument, NULL, 's' },
    { "mode", required_argument, NULL, 'm' },    { "session", required_argument, NULL, 'x' },
    { "language", required_argument, NULL, 'l' }, { "country", required_argument, NULL, 'c' },
    { "answer", required_argument, NULL, 'a' },  { "news", no_argument, NULL, 'n' },
    { "at", required_argument, NULL, '@' },      { "json", no_argument, NULL, 'j' },
    { NULL, 0, NULL, 0 },
};

static void take_option(struct mailing_arguments *arguments, int option)
{
    switch (option) {
    case 'e': arguments->event = optarg; break;
    case 'S': arguments->subjects[arguments->subject_count++] = optarg; break;
    case 't': arguments->texts[arguments->text_count++] = optarg; break;
    case 's': arguments->statuses[arguments->status_count++] = optarg; break;
    case 'm': arguments->mode = optarg; break;
    case 'x': arguments->session = optarg; break;
    case 'l': arguments->language = optarg; break;
    case 'c': arguments->country = optarg; break;
    case 'a': arguments->answers[arguments->answer_count++] = optarg; break;
    case 'n': arguments->news = true; break;
    case '@': arguments->at = optarg; break;
    default: arguments->json = true; break;
    }
}

static bool take_rest(const struct verb *verb, int count, char **rest, struct mailing_arguments *arguments)
{
    static const int wanted[] = { [REST_NOTHING] = 0, [REST_ID] = 1, [REST_ID_ADDRESS] = 2 };
    if (count != wanted[verb->rest])
        return false;
    arguments->address = count > 1 ? rest[1] : NULL;
    return count == 0 || text_to_int(rest[0], 1, INT64_MAX, &arguments->id) == 0;
}

static enum ctl_exit run_verb(struct ctl *ctl, const struct verb *verb, int argc, char **argv,
                              struct mailing_arguments *arguments)
{
    char given[64] = "";
    size_t count = 0;

    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?' || (!strchr(verb->needs, option) && !strchr(verb->may, option)))
            return ctl_misused(&ctl_mailing);
        take_option(arguments, option);
        if (count < sizeof(given) - 1)
            given[count++] = (char)option;
    }
    for (const char *need = verb->needs; *need; need++)
        if (!strchr(given, *need))
            return ctl_misused(&ctl_mailing);
    if (!take_rest(verb, argc - optind, argv + optind, arguments))
        return ctl_misused(&ctl_mailing);
    return verb->run(ctl, arguments);
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    const struct verb *verb = NULL;
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            verb = &verbs[i];
    if (!verb)
        return ctl_misused(&ctl_mailing);
    struct arena *arena = arena_new();
    const size_t room = (size_t)argc * sizeof(char *);
    struct mailing_arguments arguments = { .subjects = arena ? arena_take(arena, room) : NULL,
                                           .texts = arena ? arena_take(arena, room) : NULL,
                                           .statuses = arena ? arena_take(arena, room) : NULL,
                                           .answers = arena ? arena_take(arena, room) : NULL };
    bool taken = arguments.subjects && arguments.texts && arguments.statuses && arguments.answers;
    enum ctl_exit exit = taken ? run_verb(ctl, verb, argc - 1, argv + 1, &arguments) : ctl_no_memory();
    arena_free(arena);
    return exit;
}

const struct ctl_command ctl_mailing = {
    .name = "mailing",
    .usage = "create --event SLUG --subject [LANGUAGE=]TEXT... --text [LANGUAGE=]FILE... [--status STATE]... "
             "[--mode ID] [--session ID] [--language LANGUAGE] [--country CODE] [--answer FIELD=VALUE]... "
             "[--news] [--json]\n"
             "list [--event SLUG] [--json]\n"
             "show ID [--json]\n"
             "test ID ADDRESS [--language LANGUAGE] [--json]\n"
             "send ID [--at INSTANT] [--json]\n"
             "recall ID [--json]",
    .help = "A mail to some of an event's people: written, tried on oneself, sent now or later, recalled.",
    .needs_store = true,
    .run = run,
};
