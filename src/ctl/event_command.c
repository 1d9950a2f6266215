/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event: what is done with a whole event. */
#include "ctl/ctl.h"

#include <string.h>

#include "ctl/event_preview.h"

static const struct verb {
    const char *name;
    enum ctl_exit (*run)(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
} verbs[] = {
    { "preview", ctl_event_preview },
};

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return verbs[i].run(ctl, &ctl_event, argc - 1, argv + 1);
    return ctl_misused(&ctl_event);
}

const struct ctl_command ctl_event = {
    .name = "event",
    .usage = "preview SLUG [--revoke]",
    .help = "The link to a draft, for who shall see it before it is public; --revoke makes all links to it so far "
            "worthless.",
    .needs_store = true,
    .run = run,
};
