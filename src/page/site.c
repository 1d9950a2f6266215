/* SPDX-License-Identifier: EUPL-1.2 */
/* Joins the pages to http/: starts and stops what a worker keeps, hands it new editions. Called by main, and by http/
 * through struct http_site. Main's thread makes it; the callbacks run on the workers'. */
#include "page/site.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mailbox.h"
#include "base/text.h"
#include "config/settings.h"
#include "http/client.h"
#include "http/request.h"
#include "http/server.h"
#include "page/page.h"
#include "page/page_cache.h"
#include "page/page_country.h"
#include "page/page_error.h"
#include "page/page_table.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

struct site {
    struct site_options options;
    struct http_site http;
    pthread_mutex_t lock; /* over the list of workers alone */
    struct page_worker *workers;
};

/* ---- a worker ---- */

static void worker_free(struct page_worker *worker)
{
    if (!worker)
        return;
    page_cache_free(worker->cache);
    page_country_free(worker->countries);
    text_folder_free(worker->folder);
    words_free(worker->words);
    buffer_done(&worker->out);
    trusted_free(worker->trusted);
    edition_unref(worker->edition);
    free(worker);
}

static int worker_start(void *context, struct mailbox *mailbox, void **ret_state)
{
    struct site *site = context;
    struct page_worker *worker = calloc(1, sizeof *worker);
    int r;

    if (!worker)
        return -ENOMEM;
    worker->site = site;
    worker->options = &site->options;
    worker->mailbox = mailbox;
    /* What was posted since waits in the mailbox. */
    worker->edition = edition_ref(site->options.edition);
    r = trusted_new(&worker->edition->settings->http.trusted_proxies, &worker->trusted);
    if (r < 0)
        goto fail;
    r = words_new(&worker->words);
    if (r < 0)
        goto fail;
    r = text_folder_new(&worker->folder);
    if (r < 0)
        goto fail;
    r = page_cache_new((size_t)worker->edition->settings->http.page_cache, &worker->cache);
    if (r < 0)
        goto fail;

    (void)pthread_mutex_lock(&site->lock);
    worker->next = site->workers;
    site->workers = worker;
    (void)pthread_mutex_unlock(&site->lock);
    *ret_state = worker;
    return 0;

fail:
    worker_free(worker);
    return r;
}

static void worker_stop(void *state)
{
    struct page_worker *worker = state;
    struct site *site = worker->site;
    struct page_worker **slot;

    (void)pthread_mutex_lock(&site->lock);
    for (slot = &site->workers; *slot && *slot != worker; slot = &(*slot)->next)
        ;
    if (*slot)
        *slot = worker->next;
    (void)pthread_mutex_unlock(&site->lock);
    worker_free(worker);
}

static bool is_language(void *state, const char *code)
{
    const struct page_worker *worker = state;

    return catalogues_find(worker->edition->catalogues, code) != NULL;
}

static const struct trusted *trusted(void *state)
{
    return ((const struct page_worker *)state)->trusted;
}

/* ---- the site ---- */

int site_new(const struct site_options *options, struct site **ret_site)
{
    struct site *site = calloc(1, sizeof *site);

    if (!site)
        return -ENOMEM;
    if (pthread_mutex_init(&site->lock, NULL) != 0) {
        free(site);
        return -ENOMEM;
    }
    site->options = *options;
    site->options.edition = edition_ref(options->edition);
    site->http = (struct http_site){
        .endpoints = page_table,
        .endpoint_count = page_table_count,
        .context = site,
        .worker_start = worker_start,
        .worker_stop = worker_stop,
        .is_language = is_language,
        .refuse = page_error,
        .trusted = trusted,
    };
    *ret_site = site;
    return 0;
}

void site_free(struct site *site)
{
    if (!site)
        return;
    edition_unref(site->options.edition);
    (void)pthread_mutex_destroy(&site->lock);
    free(site);
}

const struct http_site *site_http(const struct site *site)
{
    return &site->http;
}

/* ---- a new edition ---- */

struct swap {
    struct post post; /* first: the mailbox hands it back */
    struct site *site;
    struct mailbox *mailbox;
    struct edition *edition;
};

/* Without memory for the new list the old one stays. */
static void swap_trusted(struct page_worker *worker)
{
    struct trusted *new;
    int r = trusted_new(&worker->edition->settings->http.trusted_proxies, &new);

    if (r < 0) {
        log_error("reload.proxies_stale", LOG_ERRNO(r));
        return;
    }
    trusted_free(worker->trusted);
    worker->trusted = new;
}

static void swap_arrive(struct post *post)
{
    struct swap *swap = (struct swap *)post;
    struct page_worker *worker;

    (void)pthread_mutex_lock(&swap->site->lock);
    for (worker = swap->site->workers; worker && worker->mailbox != swap->mailbox; worker = worker->next)
        ;
    (void)pthread_mutex_unlock(&swap->site->lock);
    if (worker) {
        edition_unref(worker->edition);
        worker->edition = swap->edition;
        swap_trusted(worker);
        page_cache_clear(worker->cache, (size_t)swap->edition->settings->http.page_cache);
    } else {
        edition_unref(swap->edition);
    }
    free(swap);
}

int site_post_edition(struct site *site, struct mailbox *worker, struct edition *edition)
{
    struct swap *swap = calloc(1, sizeof *swap);

    if (!swap)
        return -ENOMEM;
    swap->post.arrive = swap_arrive;
    swap->site = site;
    swap->mailbox = worker;
    swap->edition = edition_ref(edition);
    mailbox_put(worker, &swap->post, &swap->post);
    return 0;
}
