/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail: the table of its verbs with their options. One thread. */
#include "ctl/mail.h"

#include <getopt.h>
#include <string.h>

#include "ctl/mail_preview.h"

enum rest { REST_NOTHING, REST_ID, REST_IDS, REST_IDS_OR_FAILED };

static const struct verb {
    const char *name;
    const char *may; /* options, one letter each */
    enum rest rest;  /* what stands behind them */
    mail_verb *run;
} verbs[] = {
    { "list", "jeskr", REST_NOTHING, mail_list },
    { "show", "j", REST_ID, mail_show },
    { "retry", "jfe", REST_IDS_OR_FAILED, mail_act },
    { "cancel", "j", REST_IDS, mail_act },
    { "pause", "je", REST_NOTHING, mail_pause },
    { "resume", "je", REST_NOTHING, mail_pause },
};

static const struct option options[] = {
    { "event", required_argument, NULL, 'e' }, { "state", required_argument, NULL, 's' },
    { "kind", required_argument, NULL, 'k' },  { "registration", required_argument, NULL, 'r' },
    { "failed", no_argument, NULL, 'f' },      { "json", no_argument, NULL, 'j' },
    { NULL, 0, NULL, 0 },
};

static void take_option(struct mail_arguments *arguments, int option)
{
    switch (option) {
    case 'e': arguments->event = optarg; break;
    case 's': arguments->state = optarg; break;
    case 'k': arguments->kind = optarg; break;
    case 'r': arguments->registration = optarg; break;
    case 'f': arguments->failed = true; break;
    case 'j': arguments->json = true; break;
    default: break;
    }
}

/* False: not how VERB is used. */
static bool read_arguments(const struct verb *verb, int argc, char **argv, struct mail_arguments *arguments)
{
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == '?' || !strchr(verb->may, option))
            return false;
        take_option(arguments, option);
    }
    arguments->verb = verb->name;
    arguments->ids = argv + optind;
    arguments->id_count = (size_t)(argc - optind);
    switch (verb->rest) {
    case REST_NOTHING:
        return arguments->id_count == 0;
    case REST_ID:
        return arguments->id_count == 1;
    case REST_IDS:
        return arguments->id_count > 0;
    case REST_IDS_OR_FAILED:
        return arguments->failed != (arguments->id_count > 0) && (arguments->failed || !arguments->event);
    }
    return false;
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    struct mail_arguments arguments = { 0 };

    if (argc > 1 && strcmp(argv[1], "preview") == 0)
        return ctl_mail_preview(ctl, &ctl_mail, argc - 1, argv + 1);
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0 && read_arguments(&verbs[i], argc - 1, argv + 1, &arguments))
            return verbs[i].run(ctl, &arguments);
    return ctl_misused(&ctl_mail);
}

const struct ctl_command ctl_mail = {
    .name = "mail",
    .usage = "list [--event SLUG] [--state STATE] [--kind KIND] [--registration REFERENCE] [--json]\n"
             "show ID [--json]\n"
             "retry ID... [--json]\n"
             "retry --failed [--event SLUG] [--json]\n"
             "cancel ID... [--json]\n"
             "pause [--event SLUG] [--json]\n"
             "resume [--event SLUG] [--json]\n"
             "preview KIND REFERENCE|SLUG [--language LANGUAGE] [--part text|html|subject|message] [--mailing ID]",
    .help = "The mails that wait and those that went, with what the server said; sends some again or not at all; holds "
            "them back. A letter as somebody would get it, owed or not; its links open nothing.",
    .needs_store = true,
    .run = run,
};
