/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event export: the text of a definition as it came, for another installation. One thread. */
#include "ctl/event.h"

#include <stdio.h>

#include "base/arena.h"

enum ctl_exit ctl_event_export(struct ctl *ctl, const struct event_arguments *arguments)
{
    struct event_revision revision;
    struct arena *arena = arena_new();
    if (!arena)
        return ctl_no_memory();
    enum ctl_exit exit = ctl_event_revision(ctl, arena, arguments->slug, arguments->revisions[0], &revision);
    if (exit == CTL_OK) {
        (void)fputs(revision.text, stdout); /* exactly: it is to be a file again */
        exit = ctl_output_done();
    }
    arena_free(arena);
    return exit;
}
