/* SPDX-License-Identifier: EUPL-1.2 */
/* What the verbs of convenectl mail share; each file mail_*.c has some of them. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ctl/ctl.h"

/* What was said on the command line; NULL: not said. */
struct mail_arguments {
    const char *verb, *event, *state, *kind, *registration;
    size_t id_count;
    char **ids; /* as they came */
    bool json, failed;
};

/* A verb that the command's options have been checked for. */
typedef enum ctl_exit mail_verb(struct ctl *ctl, const struct mail_arguments *arguments);
mail_verb mail_list, mail_show;
mail_verb mail_act;   /* retry, cancel */
mail_verb mail_pause; /* and resume */
