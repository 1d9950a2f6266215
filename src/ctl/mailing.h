/* SPDX-License-Identifier: EUPL-1.2 */
/* What the verbs of convenectl mailing share. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ctl/ctl.h"

struct mailing;

/* What was said on the command line; NULL: not said. */
struct mailing_arguments {
    const char *event, *mode, *session, *language, *country, *at, *address;
    size_t subject_count, text_count, status_count, answer_count;
    const char **subjects, **texts, **statuses, **answers; /* each as it came */
    bool news, json;
    int64_t id;
};

typedef enum ctl_exit mailing_verb(struct ctl *ctl, const struct mailing_arguments *arguments);
mailing_verb mailing_create, mailing_list, mailing_show, mailing_test, mailing_send, mailing_recall;

/* Runs the change and says what came of it. */
enum ctl_exit mailing_run(struct ctl *ctl, const struct mailing_arguments *arguments, struct mailing *mailing);
