/* SPDX-License-Identifier: EUPL-1.2 */
/* The edition's counter: whoever lets go of it last frees all five parts. Callers: main (make), page, mail (hold).
 * Any thread. */
#include "view/edition.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "config/settings.h"
#include "event/book.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/template.h"

struct counted {
    struct edition edition; /* first: the same address */
    atomic_size_t references;
    struct settings *settings;
    struct event_book *events;
    struct catalogues *catalogues;
    struct templates *templates;
    struct assets *assets;
};

int edition_new(struct settings *settings, struct event_book *events, struct catalogues *catalogues,
                struct templates *templates, struct assets *assets, struct edition **ret_edition)
{
    struct counted *counted = calloc(1, sizeof *counted);
    if (!counted)
        return -ENOMEM;
    counted->edition = (struct edition){ .settings = settings, .events = events, .catalogues = catalogues,
                                         .templates = templates, .assets = assets };
    counted->settings = settings;
    counted->events = events;
    counted->catalogues = catalogues;
    counted->templates = templates;
    counted->assets = assets;
    atomic_init(&counted->references, 1);
    *ret_edition = &counted->edition;
    return 0;
}

struct edition *edition_ref(struct edition *edition)
{
    struct counted *counted = (struct counted *)edition;
    (void)atomic_fetch_add_explicit(&counted->references, 1, memory_order_relaxed);
    return edition;
}

void edition_unref(struct edition *edition)
{
    struct counted *counted = (struct counted *)edition;
    /* acq_rel: what other threads did with the parts has happened before they are freed */
    if (!counted || atomic_fetch_sub_explicit(&counted->references, 1, memory_order_acq_rel) > 1)
        return;
    settings_free(counted->settings);
    event_book_free(counted->events);
    catalogues_free(counted->catalogues);
    templates_free(counted->templates);
    assets_free(counted->assets);
    free(counted);
}
