/* SPDX-License-Identifier: EUPL-1.2 */
/* Chooses the language of a page. Called by the endpoints. A worker's thread. */
#include "page/page_language.h"

#include <stddef.h>

#include "base/arena.h"
#include "event/definition.h"
#include "http/request.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/negotiate.h"

static const char *known(const struct edition *edition, const char *code)
{
    const struct catalogue *catalogue = code ? catalogues_find(edition->catalogues, code) : NULL;

    return catalogue ? catalogue_language(catalogue) : NULL;
}

const char *page_language_choose(struct request *request, const struct edition *edition,
                                 const struct event_definition *definition, bool *ret_vary)
{
    const char *language = known(edition, request_language(request));
    size_t total = catalogues_count(edition->catalogues), count = 0;
    size_t most = total > (definition ? definition->language_count : 0) ? total : definition->language_count;
    const char **candidates, *header;

    *ret_vary = !language;
    if (language)
        return language;

    header = request_header(request, "Accept-Language");
    candidates = arena_take(request_arena(request), most * sizeof *candidates);
    if (candidates && header) {
        /* A language of the definition without a catalogue would be read in two languages at once: not offered. */
        for (size_t i = 0; definition && i < definition->language_count; i++) {
            const char *code = known(edition, definition->languages[i]);

            if (code)
                candidates[count++] = code;
        }
        language = count > 0 ? negotiate_language(header, candidates, count) : NULL;
        if (language)
            return language;
        for (size_t i = 0; i < total; i++)
            candidates[i] = catalogue_language(catalogues_at(edition->catalogues, i));
        language = negotiate_language(header, candidates, total);
        if (language)
            return language;
    }
    language = definition ? known(edition, definition->languages[0]) : NULL;
    return language ? language : "en";
}

const char *page_language_stored(struct request *request, const struct edition *edition, const char *stored,
                                 bool *ret_vary)
{
    const char *language = known(edition, request_language(request));

    *ret_vary = false;
    if (!language)
        language = known(edition, stored);
    return language ? language : page_language_choose(request, edition, NULL, ret_vary);
}
