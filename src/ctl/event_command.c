/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event: what is done with a whole event. Its words and their options; a file each does them. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/event.h"
#include "ctl/event_preview.h"

#define MANY 10000 /* files of one check */

/* One letter an option. */
static const struct option options[] = {
    { "json", no_argument, NULL, 'j' },        { "text", no_argument, NULL, 't' },
    { "yes", no_argument, NULL, 'y' },         { "dry-run", no_argument, NULL, 'n' },
    { "reason", required_argument, NULL, 'r' }, { "revision", required_argument, NULL, 'v' },
    { NULL, 0, NULL, 0 },
};

static const struct verb {
    const char *name;
    const char *may; /* options */
    size_t least, most;   /* how many words stand behind them */
    size_t revisions; /* how often --revision may be said */
    ctl_event_verb *run;
} verbs[] = {
    { "list", "j", 0, 0, 0, ctl_event_list },
    { "check", "j", 1, MANY, 0, ctl_event_check },
    { "show", "jtv", 1, 1, 1, ctl_event_show },
    { "diff", "jv", 1, 2, 2, ctl_event_diff },
    { "export", "v", 1, 1, 1, ctl_event_export },
    { "cancel", "jyr", 1, 1, 0, ctl_event_cancel },
    { "move", "jyn", 1, 1, 0, ctl_event_move },
};

/* A number of a revision: digits, from 1. */
static bool read_revision(const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    const long long number = strtoll(text, &end, 10);
    if (strspn(text, "0123456789") != strlen(text) || *end != '\0' || errno != 0 || number < 1)
        return false;
    *ret_number = number;
    return true;
}

static bool take_option(const struct verb *verb, struct event_arguments *arguments, int option)
{
    switch (option) {
    case 'j': arguments->json = true; return true;
    case 't': arguments->text = true; return true;
    case 'y': arguments->yes = true; return true;
    case 'n': arguments->dry_run = true; return true;
    case 'r': arguments->reason = optarg; return true;
    case 'v':
        return arguments->revision_count < verb->revisions &&
               read_revision(optarg, &arguments->revisions[arguments->revision_count++]);
    default: return false;
    }
}

/* False: not how VERB is used. */
static bool read_arguments(const struct verb *verb, int argc, char **argv, struct event_arguments *arguments)
{
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;)
        if (option == '?' || !strchr(verb->may, option) || !take_option(verb, arguments, option))
            return false;
    arguments->rest = argv + optind;
    arguments->rest_count = (size_t)(argc - optind);
    arguments->slug = argv[optind];
    return arguments->rest_count >= verb->least && arguments->rest_count <= verb->most;
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    struct event_arguments arguments = { .json = false };

    if (argc > 1 && strcmp(argv[1], "preview") == 0)
        return ctl_event_preview(ctl, &ctl_event, argc - 1, argv + 1);
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0 && read_arguments(&verbs[i], argc - 1, argv + 1, &arguments))
            return verbs[i].run(ctl, &arguments);
    return ctl_misused(&ctl_event);
}

const struct ctl_command ctl_event = {
    .name = "event",
    .usage = "list [--json]\ncheck DEFINITION... [--json]\nshow SLUG [--revision NUMBER] [--text] [--json]\n"
             "diff SLUG [--revision NUMBER]... [--json]\ndiff SLUG [--revision NUMBER] DEFINITION [--json]\n"
             "export SLUG [--revision NUMBER]\ncancel SLUG --reason TEXT --yes [--json]\n"
             "move SLUG --dry-run|--yes [--json]\npreview SLUG [--revoke]",
    .help = "Events and their revisions: lists them, checks definitions before they are loaded, shows one, what "
            "differs between two, its text; calls one off, tells that one has moved, both by mail; the link to a "
            "draft.",
    .needs_store = true,
    .storeless = "check",
    .run = run,
};
