/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the shared parts of the pages' models. Called by the endpoints. A worker's thread. */
#include "page/page_model.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "http/request.h"
#include "page/page.h"
#include "page/page_when.h"
#include "report/when.h"
#include "signup/phase.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

/* More of them fold up behind one line: on a phone they would stand before all else. */
#define LANGUAGES_IN_A_ROW 5

static const char *asset_href(struct page *page, const struct asset *asset)
{
    return asset ? arena_format(page->arena, "/static/%s", asset->hashed) : "";
}

const char *page_model_mailto(struct arena *arena, const char *address)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~@+";
    static const char hex[] = "0123456789ABCDEF";
    static const char scheme[] = "mailto:";
    char *href = arena_take(arena, sizeof scheme + 3 * strlen(address));
    char *out;

    if (!href)
        return NULL;
    memcpy(href, scheme, sizeof scheme);
    out = href + sizeof scheme - 1;
    for (const char *in = address; *in; in++) {
        if (strchr(plain, *in)) {
            *out++ = *in;
        } else {
            *out++ = '%';
            *out++ = hex[(unsigned char)*in >> 4];
            *out++ = hex[(unsigned char)*in & 15];
        }
    }
    *out = '\0';
    return href;
}

void page_model_contact(struct page *page, json_t *object, const char *address)
{
    json_t *contact = page_object(page);

    page_put_string(page, contact, "text", address);
    page_put_string(page, contact, "href", page_model_mailto(page->arena, address));
    page_put(page, object, "contact", contact);
}

static void put_funding(struct page *page, const struct event_definition *definition)
{
    json_t *funding;
    const char *programme, *grant, *detail = NULL;

    if (!definition || !definition->funding.given) {
        page_put_bool(page, page->model, "funding", false);
        return;
    }
    funding = page_object(page);
    page_put(page, funding, "statement", page_text(page, definition, &definition->funding.statement));
    programme = definition->funding.programme;
    grant = definition->funding.grant;
    if (grant)
        grant = catalogue_format(page->catalogue, page->arena, "funding.grant", "grant", grant, NULL);
    if (programme && grant)
        detail = arena_format(page->arena, "%s, %s.", programme, grant);
    else if (programme || grant)
        detail = arena_format(page->arena, "%s.", programme ? programme : grant);
    page_put_optional(page, funding, "detail", detail);
    if (definition->funding.has_disclaimer)
        page_put(page, funding, "disclaimer", page_text(page, definition, &definition->funding.disclaimer));
    else
        page_put_bool(page, funding, "disclaimer", false);
    page_put(page, page->model, "funding", funding);
}

static void put_languages(struct page *page, const struct page_layout *layout)
{
    const struct catalogues *catalogues = page->edition->catalogues;
    json_t *languages = page_array(page);
    size_t total = catalogues_count(catalogues);

    for (size_t i = 0; layout->links && i < total; i++) {
        const struct catalogue *catalogue = catalogues_at(catalogues, i);
        const char *code = catalogue_language(catalogue);
        json_t *language;

        /* in another one it would be read in two languages at once */
        if (layout->definition && event_language(layout->definition, code) < 0 &&
            (layout->offered || catalogue != page->catalogue))
            continue;
        language = page_object(page);
        page_put_string(page, language, "code", code);
        page_put_string(page, language, "name", catalogue_own_name(catalogue));
        page_put_string(page, language, "href",
                        arena_format(page->arena, "/%s%s", code,
                                     layout->path ? layout->path : request_path(page->request)));
        page_put_bool(page, language, "current", catalogue == page->catalogue);
        page_add(page, languages, language);
    }
    /* One language is no choice, unless the page is shown in another one. */
    page_put_bool(page, page->model, "has_languages",
                  json_array_size(languages) > 1
                      || (json_array_size(languages) == 1
                          && json_is_false(json_object_get(json_array_get(languages, 0), "current"))));
    page_put_bool(page, page->model, "many_languages", json_array_size(languages) > LANGUAGES_IN_A_ROW);
    page_put_string(page, page->model, "own_language", catalogue_own_name(page->catalogue));
    page_put(page, page->model, "languages", languages);
}

const char *page_model_find(struct page *page, const char *slug)
{
    const char *path = arena_format(page->arena, "/e/%s/find", slug);

    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

const char *page_model_notice(struct page *page, const char *slug)
{
    const char *path = arena_format(page->arena, "/e/%s/privacy%s%s", slug, page->preview ? "?preview=" : "",
                                    page->preview ? page->preview : "");

    if (!path)
        page->failed = true;
    return path ? page_href(page, path) : NULL;
}

const char *page_model_hosted(struct page *page, const char *path, const struct settings_host *host)
{
    const char *hosted = path;

    if (host != hosts_of(page->edition->settings, NULL))
        hosted = arena_format(page->arena, "%s?host=%s", path, host->id);
    if (!hosted)
        page->failed = true;
    return hosted;
}

const struct settings_host *page_model_asked_host(const struct request *request, const struct edition *edition)
{
    const char *id = request_query(request, "host");

    return id ? hosts_find(edition->settings, id) : hosts_of(edition->settings, NULL);
}

static const struct settings_host *host_of(const struct page *page, const struct page_layout *layout)
{
    if (layout->host)
        return layout->host;
    return hosts_of(page->edition->settings, layout->definition ? layout->definition->host : NULL);
}

/* What is there for all of a host's pages. */
static void put_host_links(struct page *page, const struct settings_host *host)
{
    const char *imprint = page_model_hosted(page, "/imprint", host);
    const char *accessibility = page_model_hosted(page, "/accessibility", host);

    page_put_optional(page, page->model, "imprint",
                      host->imprint.count > 0 && imprint ? page_href(page, imprint) : NULL);
    page_put_string(page, page->model, "accessibility", accessibility ? page_href(page, accessibility) : NULL);
}

void page_model_layout(struct page *page, const struct page_layout *layout)
{
    const struct settings_host *host = host_of(page, layout);
    const struct assets *assets = page->edition->assets;
    const struct asset *logo = assets_logo(assets, host);
    const struct asset *form = layout->form ? assets_form(assets, layout->definition) : NULL;

    page_put_string(page, page->model, "lang", page->language);
    page_put_string(page, page->model, "dir", page_say(page, "language.dir"));
    page_put_string(page, page->model, "title", arena_format(page->arena, "%s – %s", layout->title, host->name));
    page_put_optional(page, page->model, "description", layout->description);
    page_put_string(page, page->model, "brand", host->name);
    page_put_string(page, page->model, "home", page_href(page, "/"));
    page_put_string(page, page->model, "stylesheet", asset_href(page, assets_sheet(assets, host)));
    page_put_optional(page, page->model, "form_sheet", form ? asset_href(page, form) : NULL);
    page_put_string(page, page->model, "logo", asset_href(page, logo));
    page_put_string(page, page->model, "logo_type", logo ? logo->type : "image/svg+xml");
    page_put_string(page, page->model, "emblem", asset_href(page, assets_by_name(assets, "emblem.svg")));
    page_put_bool(page, page->model, "private", layout->private);
    put_languages(page, layout);
    put_funding(page, layout->definition);
    /* The same on every page (WCAG 2.2, 3.2.6). */
    page_model_contact(page, page->model, host->contact);
    /* a draft has given nobody a link that could be lost */
    page_put_optional(page, page->model, "find",
                      layout->find && !page->preview ? page_model_find(page, layout->find) : NULL);
    page_put_bool(page, page->model, "draft", page->preview != NULL);
    page_put_optional(page, page->model, "notice", layout->notice ? page_model_notice(page, layout->notice) : NULL);
    put_host_links(page, host);
}

const char *page_model_deadline(struct page *page, const char *zone, int64_t at)
{
    struct words *words = page->worker->words;
    const char *date = words_date(words, page->arena, page->language, zone, at, WORDS_DATE_WEEKDAY);
    const char *time = words_date(words, page->arena, page->language, zone, at, WORDS_TIME);

    if (!date || !time)
        return NULL;
    return catalogue_format(page->catalogue, page->arena, "when.day_time", "date", date, "time", time, NULL);
}

const char *page_model_day(struct page *page, const char *day)
{
    return when_date(page->arena, page->worker->words, page->language, day);
}

const char *page_model_instant(struct page *page, const char *zone, int64_t at)
{
    struct wall wall;
    int minutes = zone_offset(zone, at) / 60;

    zone_to_wall(zone, at, &wall);
    return arena_format(page->arena, "%04d-%02d-%02dT%02d:%02d%c%02d:%02d", wall.year, wall.month, wall.day, wall.hour,
                        wall.minute, minutes < 0 ? '-' : '+', abs(minutes) / 60, abs(minutes) % 60);
}

const char *page_model_event_path(struct page *page, const struct event_definition *definition)
{
    const char *path = arena_format(page->arena, "/e/%s%s%s", definition->slug, page->preview ? "?preview=" : "",
                                    page->preview ? page->preview : "");

    if (!path)
        page->failed = true;
    return path;
}

json_t *page_model_event(struct page *page, const struct event_definition *definition)
{
    json_t *event = page_object(page);
    const char *path = page_model_event_path(page, definition);
    bool onsite = false;

    for (size_t i = 0; i < definition->mode_count; i++)
        onsite = onsite || !event_mode_is_online(&definition->modes[i]);

    page_put_string(page, event, "slug", definition->slug);
    page_put_string(page, event, "href", path ? page_href(page, path) : NULL);
    page_put(page, event, "title", page_text(page, definition, &definition->title));
    page_when_put(page, event, definition, NULL);
    if (definition->has_place)
        page_put(page, event, "where", page_text(page, definition, &definition->place));
    else if (!onsite)
        page_put(page, event, "where", page_words(page, page_say(page, "event.online"), page->language));
    else
        page_put_bool(page, event, "where", false);
    return event;
}

json_t *page_model_today(struct page *page, const struct event_entry *entry, const struct event_definition *otherwise)
{
    enum phase phase = entry ? phase_of(entry, page->now) : PHASE_HIDDEN;
    const struct event_definition *definition = entry ? entry->definition : otherwise;
    json_t *event;

    if (!definition)
        return json_false();
    event = page_model_event(page, definition);
    if (phase == PHASE_HIDDEN || phase == PHASE_WITHDRAWN)
        page_put_bool(page, event, "href", false);
    return event;
}

json_t *page_model_mode(struct page *page, const struct event_definition *definition, const struct event_mode *mode)
{
    const char *key;

    if (mode->has_title)
        return page_text(page, definition, &mode->title);
    key = arena_format(page->arena, "mode.%s", mode->id);
    if (!key) {
        page->failed = true;
        return NULL;
    }
    return page_words(page, catalogue_has(page->catalogue, key) ? page_say(page, key) : mode->id, page->language);
}
