/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail preview: a letter as somebody would get it, whether it is owed or not. One thread. */
#pragma once

#include "ctl/ctl.h"

/* ARGV[0] is the word `preview`; KIND and whom it is about, with options. CTL_CANNOT with COMMAND's usage for a wrong
 * use. */
enum ctl_exit ctl_mail_preview(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv);
