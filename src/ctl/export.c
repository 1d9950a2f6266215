/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl export: an event's registrations with their answers, to standard output. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "report/export.h"

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = {
        { "event", required_argument, NULL, 'e' }, { "format", required_argument, NULL, 'f' }, { NULL, 0, NULL, 0 },
    };
    const char *slug = NULL, *format = NULL;

    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'e')
            slug = optarg;
        else if (option == 'f')
            format = optarg;
        else
            return ctl_misused(&ctl_export);
    }
    if (optind != argc || !slug || !format || (strcmp(format, "csv") != 0 && strcmp(format, "json") != 0))
        return ctl_misused(&ctl_export);

    int r = export_event(ctl->db, slug, format[0] == 'c' ? EXPORT_CSV : EXPORT_JSON, stdout);
    if (r == -ENOENT) {
        ctl_complain("no event %s", slug);
        return CTL_WRONG;
    }
    if (ctl_output_done() != CTL_OK)
        return CTL_CANNOT;
    return r < 0 ? ctl_store_failed(ctl, r) : CTL_OK;
}

const struct ctl_command ctl_export = {
    .name = "export",
    .usage = "--event SLUG --format csv|json",
    .help = "All registrations of an event with their answers, to standard output.",
    .needs_store = true,
    .run = run,
};
