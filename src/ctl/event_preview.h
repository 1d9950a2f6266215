/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event preview: the link to a draft. One thread. */
#pragma once

#include "ctl/ctl.h"

/* ARGV[0] is the word `preview`. SLUG: prints the link; SLUG --revoke: makes every link to it so far worthless and
 * prints a new one. CTL_CANNOT with COMMAND's usage for a wrong use. */
enum ctl_exit ctl_event_preview(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
