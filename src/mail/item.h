/* SPDX-License-Identifier: EUPL-1.2 */
/* One mail on its way through this process: leased row, facts, outcome. It is handed from thread to thread and
 * belongs to one at a time: main → a reader → main → a sender → the writer → main. All of it lives in its own arena. */
#pragma once

#include <stdbool.h>

#include "change/mail_lease.h"
#include "change/mail_result.h"
#include "mail/retry.h"
#include "mail/subject.h"
#include "store/store.h"

struct edition;
struct mail_queue;

struct item {
    struct item *next;
    struct mail_queue *queue;
    struct arena *arena;
    struct edition *edition; /* a reference */
    struct leased_mail mail;
    bool probe;              /* goes out although the server was not reachable just now */

    struct read_job read;
    struct subject subject;

    struct mail_result result;
    enum attempt attempt;
    bool tried;              /* the server was asked */
    bool warned;             /* that the result could not be written was said */
    char body_hash[65];
};

/* Copies MAIL. -ENOMEM. */
int item_new(const struct leased_mail *mail, struct mail_queue *queue, struct edition *edition, struct item **ret_item)
    __attribute__((warn_unused_result));
void item_free(struct item *item);

/* The item that a read job or a result job stands in. */
struct item *item_of_read(struct post *post);
struct item *item_of_result(struct post *post);
