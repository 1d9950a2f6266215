/* SPDX-License-Identifier: EUPL-1.2 */
/* What the log, monitoring and whoever looks after the installation are told about the mails. Main's thread; used by
 * mail/queue. */
#pragma once

#include "mail/alarm.h"

struct item;
struct mail_queue_options;
struct settings;

struct lookout {
    const struct mail_queue_options *options;
    struct alarm alarm;
    char answer[80]; /* the last that was no success: "550 5.7.1", or what libcurl says of a connection; "": none */
};

/* The result of ITEM has been written. */
void lookout_result(struct lookout *lookout, const struct item *item);

/* Every few seconds: brings the numbers up to date and raises the alarms of SETTINGS. */
void lookout_look(struct lookout *lookout, const struct settings *settings);
