/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration: the table of its verbs with their options, and what they share. One thread. */
#include "ctl/registration.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "signup/reference.h"
#include "store/db.h"

#define REASON_MAX 200 /* characters */

enum ctl_exit registration_find(struct ctl *ctl, const char *reference, int64_t *ret_id)
{
    int64_t submission, id = 0;
    size_t length = strcspn(reference, "/");
    char whole[REFERENCE_SIZE + 1], guest[8];

    /* of a guest: what it is of who booked, and /2 */
    int r = length < sizeof(whole) && strlen(reference + length) < sizeof(guest) ? 0 : -EINVAL;
    if (r == 0) {
        (void)snprintf(whole, sizeof(whole), "%.*s", (int)length, reference);
        (void)snprintf(guest, sizeof(guest), "%s", reference + length);
        r = reference_read(whole, &submission);
    }
    if (r < 0) {
        ctl_complain("%s is no reference%s", reference, r == -EBADMSG ? ": a character is wrong" : "");
        return CTL_WRONG;
    }
    /* the number in it is a submission's */
    struct query *query =
        ctl_query_id(ctl,
                     "SELECT r.registration FROM submission AS s JOIN registrations AS r "
                     "ON CASE :guest WHEN '' THEN r.registration = s.registration_id "
                     "ELSE r.party = s.registration_id AND r.reference = s.reference || :guest END WHERE s.id = :id",
                     ":id", submission);
    if (!query)
        return CTL_CANNOT;
    db_bind_text(query, ":guest", guest);
    r = db_step(query);
    if (r > 0)
        id = db_int(query, 0);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("no registration %s", reference);
        return CTL_WRONG;
    }
    *ret_id = id;
    return CTL_OK;
}

enum ctl_exit registration_reason(struct arena *arena, const char *reason, const char **ret_reason)
{
    char *clean = NULL;

    if (reason) {
        int r = text_clean(arena, reason, strlen(reason), false, &clean);
        if (r == -ENOMEM)
            return ctl_no_memory();
        if (r < 0 || text_length(clean) > REASON_MAX) {
            ctl_complain("the reason is no text of at most %d characters", REASON_MAX);
            return CTL_CANNOT;
        }
    }
    *ret_reason = clean && *clean ? clean : NULL;
    return CTL_OK;
}

enum ctl_exit registration_say(const struct registration_arguments *arguments, const char *reference, const char *said,
                               const char *result)
{
    if (arguments->json)
        return ctl_print_json(json_pack("{s:s, s:s}", "reference", reference, "result", result));
    (void)printf("%s: %s\n", reference, said);
    return ctl_output_done();
}

/* ---- the command ---- */

enum rest { REST_NOTHING, REST_REFERENCE, REST_FIELDS };

/* One letter an option. */
static const struct option options[] = {
    { "event", required_argument, NULL, 'e' },
    { "reason", required_argument, NULL, 'r' },
    { "json", no_argument, NULL, 'j' },
    { "status", required_argument, NULL, 's' },
    { "session", required_argument, NULL, 'S' },
    { "mode", required_argument, NULL, 'm' },
    { "slot", required_argument, NULL, 'l' },
    { "language", required_argument, NULL, 'L' },
    { "round", required_argument, NULL, 'R' },
    { "seed", required_argument, NULL, 'd' },
    { "dry-run", no_argument, NULL, 'n' },
    { "lock", no_argument, NULL, 'k' },
    { "late", no_argument, NULL, 't' },
    { "undeliverable", no_argument, NULL, 'u' },
    { NULL, 0, NULL, 0 },
};

static const struct verb {
    const char *name;
    const char *needs, *may; /* options */
    enum rest rest;          /* what stands behind them */
    registration_verb *run;
} verbs[] = {
    { "list", "e", "jsSu", REST_NOTHING, registration_list },
    { "show", "", "j", REST_REFERENCE, registration_show },
    { "cancel", "", "jr", REST_REFERENCE, registration_act },
    { "approve", "", "jr", REST_REFERENCE, registration_act },
    { "reject", "", "jr", REST_REFERENCE, registration_act },
    { "promote", "", "jr", REST_REFERENCE, registration_act },
    { "deliverable", "", "j", REST_REFERENCE, registration_act },
    { "add", "e", "jmSlLt", REST_FIELDS, registration_add },
    { "move", "", "jmSlrt", REST_REFERENCE, registration_move },
    { "allocate", "eR", "jdnk", REST_NOTHING, registration_allocate },
    { "data", "", "j", REST_REFERENCE, registration_data },
    { "erase", "", "j", REST_REFERENCE, registration_erase },
};

static const struct verb *verb_of(const char *name)
{
    for (size_t i = 0; name && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static void take_option(struct registration_arguments *arguments, int option)
{
    switch (option) {
    case 'e': arguments->event = optarg; break;
    case 'r': arguments->reason = optarg; break;
    case 'j': arguments->json = true; break;
    case 's': arguments->status = optarg; break;
    case 'S': arguments->sessions[arguments->session_count++] = optarg; break;
    case 'm': arguments->mode = optarg; break;
    case 'l': arguments->slot = optarg; break;
    case 'L': arguments->language = optarg; break;
    case 'R': arguments->round = optarg; break;
    case 'd': arguments->seed = optarg; break;
    case 'n': arguments->dry_run = true; break;
    case 'k': arguments->lock = true; break;
    case 't': arguments->late = true; break;
    case 'u': arguments->undeliverable = true; break;
    default: break;
    }
}

/* False: not how VERB is used. */
static bool read_arguments(const struct verb *verb, int argc, char **argv, struct registration_arguments *arguments)
{
    bool given[128] = { false };

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?' || (!strchr(verb->needs, option) && !strchr(verb->may, option)))
            return false;
        given[option] = true;
        take_option(arguments, option);
    }
    for (const char *need = verb->needs; *need; need++) {
        if (!given[(unsigned char)*need])
            return false;
    }
    const int rest = argc - optind;
    arguments->verb = verb->name;
    switch (verb->rest) {
    case REST_NOTHING:
        return rest == 0;
    case REST_REFERENCE:
        arguments->reference = argv[optind];
        return rest == 1;
    case REST_FIELDS:
        arguments->fields = argv + optind;
        arguments->field_count = (size_t)rest;
        return rest > 0;
    }
    return false;
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    const struct verb *verb = verb_of(argv[1]);
    struct registration_arguments arguments = { .sessions = calloc((size_t)argc, sizeof(const char *)) };
    enum ctl_exit exit;

    if (!arguments.sessions)
        return ctl_no_memory();
    if (verb && read_arguments(verb, argc - 1, argv + 1, &arguments))
        exit = verb->run(ctl, &arguments);
    else
        exit = ctl_misused(&ctl_registration);
    free(arguments.sessions);
    return exit;
}

const struct ctl_command ctl_registration = {
    .name = "registration",
    .usage = "list --event SLUG [--status STATE] [--session ID] [--undeliverable] [--json]\nshow REFERENCE [--json]\n"
             "cancel REFERENCE [--reason TEXT] [--json]\napprove REFERENCE [--reason TEXT] [--json]\n"
             "reject REFERENCE --reason TEXT [--json]\npromote REFERENCE --reason TEXT [--json]\n"
             "deliverable REFERENCE [--json]\n"
             "add --event SLUG [--mode ID] [--session ROUND=ID]... [--slot KEY] [--late] [--language LANGUAGE] "
             "[--json] FIELD=VALUE...\n"
             "move REFERENCE [--mode ID] [--session ROUND=[ID]]... [--slot KEY] [--late] [--reason TEXT] [--json]\n"
             "allocate --event SLUG --round ROUND [--seed TEXT] --dry-run|--lock [--json]\n"
             "data REFERENCE [--json]\nerase REFERENCE [--json]",
    .help = "Registrations of an event; one with its places, answers, consents and mails; cancels, approves, rejects "
            "one or offers it a place out of turn; says that its address is good after all; adds one, moves one to "
            "other places; makes places of a round's wishes; sends somebody the link to the own data, or erases it. "
            "Mails included.",
    .needs_store = true,
    .run = run,
};
