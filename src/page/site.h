/* SPDX-License-Identifier: EUPL-1.2 */
/* The pages as one site for http/: the map of endpoints (page_table.c) and what each worker keeps. Made by main. */
#pragma once

struct clock;
struct edition;
struct guard;
struct http_site;
struct keyring;
struct mailbox;
struct metrics;
struct revisions;
struct store;

struct site_options {
    struct store *store;
    struct clock *clock;
    const struct keyring *keyring;
    struct revisions *revisions;
    struct edition *edition; /* a reference is taken */
    struct guard *guard;     /* the server's; NULL: nothing is limited */
    struct metrics *metrics; /* NULL: nothing is counted */
};

struct site;

int site_new(const struct site_options *options, struct site **ret_site) __attribute__((warn_unused_result));
void site_free(struct site *site); /* after the workers have ended; NULL is allowed */
const struct http_site *site_http(const struct site *site);

/* Hands EDITION (a reference is taken) to a worker by its mailbox; it swaps between two requests. */
int site_post_edition(struct site *site, struct mailbox *worker, struct edition *edition)
    __attribute__((warn_unused_result));
