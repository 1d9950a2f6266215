/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail: its words. One thread. */
#include "ctl/ctl.h"

#include <string.h>

#include "ctl/mail_preview.h"

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "preview") == 0)
        return ctl_mail_preview(ctl, &ctl_mail, argc - 1, argv + 1);
    return ctl_misused(&ctl_mail);
}

const struct ctl_command ctl_mail = {
    .name = "mail",
    .usage = "preview KIND REFERENCE | EVENT [--lang LANG] [--part text | html | subject | message] [--mailing ID]",
    .help = "A letter as somebody would get it, owed or not; its links open nothing.",
    .needs_store = true,
    .run = run,
};
