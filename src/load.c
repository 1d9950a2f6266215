/* SPDX-License-Identifier: EUPL-1.2 */
/* From files to an edition. Called by main.c at start and at reload, on its thread; between load_new and load_edition
 * the writer has taken the revisions over. */
#include "load.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/faults.h"
#include "base/log.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "event/book.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"

static int fill_take(struct load *load)
{
    const struct event_folder *folder = &load->folder;
    struct take_revision *take = &load->take;
    take->job.arena = arena_new();
    if (!take->job.arena)
        return -ENOMEM;
    take->files = arena_take(take->job.arena, (folder->count + 1) * sizeof(*take->files));
    if (!take->files)
        return -ENOMEM;
    for (size_t i = 0; i < folder->count; i++)
        take->files[i] = (struct revision_file){ .name = folder->files[i].name,
                                                 .text = folder->files[i].text,
                                                 .size = folder->files[i].size,
                                                 .definition = folder->files[i].definition };
    take->file_count = folder->count;
    take->may_withdraw = folder->readable && folder->count > 0 && folder->all_parse;
    take->job.kind = &change_take_revision;
    take->message_domain = mail_row_domain(load->settings->mail.from_address);
    return 0;
}

int load_new(const char *file, struct settings *settings, struct load **ret_load)
{
    struct load *load = calloc(1, sizeof(*load));
    if (!load)
        return -ENOMEM;
    load->settings = settings;
    int r = faults_new(&load->faults);
    if (r == 0 && !settings) {
        r = settings_load(file, load->faults, &load->settings);
        faults_log(load->faults, "settings.fault");
    }
    if (r == 0) {
        faults_free(load->faults);
        load->faults = NULL;
        r = faults_new(&load->faults);
    }
    if (r == 0)
        r = event_folder_read(load->settings->events.directory, load->faults, &load->folder);
    if (r == 0) {
        event_folder_check(&load->folder, load->settings, load->faults);
        faults_log(load->faults, "event.fault");
        r = fill_take(load);
    }
    if (r < 0) {
        load_free(load);
        return r;
    }
    *ret_load = load;
    return 0;
}

void load_free(struct load *load)
{
    if (!load)
        return;
    event_folder_done(&load->folder);
    faults_free(load->faults);
    settings_free(load->settings);
    arena_free(load->take.job.arena);
    free(load);
}

static int add_event(struct event_book *book, const struct revision_event *event)
{
    const struct event_definition *definition = event->definition ? event_definition_ref(event->definition) : NULL;
    int r = 0;
    if (!definition) {
        r = event_definition_parse(event->text, strlen(event->text), event->slug, NULL, &definition);
        if (r == -EINVAL) { /* a good revision of an older version that this one no longer accepts */
            log_error("event.unserved", LOG_TEXT("slug", event->slug));
            return 0;
        }
    }
    if (r == 0)
        r = event_book_add(book, definition, event->event_id, event->revision_id, event->ical_sequence, event->state,
                           event->row_count, event->rows);
    if (r < 0)
        event_definition_unref(definition);
    return r;
}

static int make_book(struct load *load, struct event_book **ret_book)
{
    struct event_book *book;
    const struct take_revision *take = &load->take;
    int r = event_book_new(take->event_count, &book);
    if (r < 0)
        return r;
    for (size_t i = 0; r == 0 && i < take->event_count; i++)
        r = add_event(book, &take->events[i]);
    if (r < 0) {
        event_book_free(book);
        return r;
    }
    event_book_sort(book);
    *ret_book = book;
    return 0;
}

struct known { const struct event_book *book; const struct event_folder *folder; const struct catalogues *catalogues; };

/* There is such an event, and such a language. */
static bool is_known(void *user, const char *slug, const char *language)
{
    const struct known *known = user;
    bool there = !slug || (known->book && event_book_find(known->book, slug));
    for (size_t i = 0; known->folder && !there && i < known->folder->count; i++) {
        const struct event_definition *definition = known->folder->files[i].definition;
        there = definition && strcmp(definition->slug, slug) == 0;
    }
    return there && (!language || catalogues_find(known->catalogues, language));
}

int load_edition(struct load *load, struct edition **ret_edition)
{
    struct event_book *book = NULL;
    struct catalogues *catalogues = NULL;
    struct templates *templates = NULL;
    struct assets *assets = NULL;

    for (size_t i = 0; i < load->take.refusal_count; i++)
        log_error("event.refused", LOG_TEXT("file", load->take.refusals[i].file),
                  LOG_TEXT("slug", load->take.refusals[i].slug), LOG_TEXT("why", load->take.refusals[i].reason));
    for (size_t i = 0; i < load->take.event_count; i++)
        if (load->take.events[i].state == EVENT_WITHDRAWN)
            log_warning("event.withdrawn", LOG_TEXT("slug", load->take.events[i].slug));
    int r = make_book(load, &book);
    if (r == 0)
        r = catalogues_load(PKGDATADIR "/locale", &catalogues);
    if (r == 0)
        r = templates_load(PKGDATADIR "/templates", load->settings->mail.templates, &templates);
    if (r == 0)
        templates_check(templates, load->settings->mail.templates, is_known,
                        &(struct known){ .book = book, .catalogues = catalogues });
    if (r == 0)
        r = assets_load(PKGDATADIR "/static", &assets);
    if (r == 0)
        r = assets_add_hosts(assets, load->settings);
    if (r == 0)
        r = assets_add_forms(assets, book);
    if (r == 0)
        r = edition_new(load->settings, book, catalogues, templates, assets, ret_edition);
    if (r == 0) {
        load->settings = NULL; /* the edition's now */
        return 0;
    }
    event_book_free(book);
    catalogues_free(catalogues);
    templates_free(templates);
    assets_free(assets);
    return r;
}

/* What is wrong with the installation's own mails is logged with file and line. */
static bool check_mails(const struct settings *settings, const struct event_folder *folder)
{
    const char *own = settings->mail.templates;
    struct templates *templates = NULL;
    struct catalogues *catalogues = NULL;
    if (!own)
        return true;
    int r = templates_load(PKGDATADIR "/templates", own, &templates);
    if (r < 0)
        (void)fprintf(stderr, "%s: these mails cannot be used\n", own);
    if (r == 0)
        r = catalogues_load(PKGDATADIR "/locale", &catalogues);
    if (r == 0)
        templates_check(templates, own, is_known, &(struct known){ .folder = folder, .catalogues = catalogues });
    templates_free(templates);
    catalogues_free(catalogues);
    return r == 0;
}

/* A file that a mail cannot go without. What systemd hands over is there for the daemon alone. */
static void check_file(const char *setting, const char *path)
{
    static const char credentials[] = "/run/credentials/";
    if (path && strncmp(path, credentials, sizeof credentials - 1) != 0 && access(path, R_OK) < 0)
        log_warning("setting.unreadable", LOG_TEXT("setting", setting), LOG_TEXT("file", path), LOG_ERRNO(-errno));
}

int load_check(const char *file)
{
    struct faults *faults;
    struct settings *settings = NULL;
    char *directory = NULL;
    struct event_folder folder = { .count = 0 };
    int r = faults_new(&faults);
    if (r == 0)
        r = settings_load(file, faults, &settings);
    /* a fault of the settings hides none of the events */
    if ((r == 0 || r == -EINVAL) && settings_events(file, &directory) == 0)
        r = event_folder_read(directory, faults, &folder);
    event_folder_check(&folder, settings, faults);
    if (settings) {
        check_file("mail.password_file", settings->mail.password_file);
        check_file("mail.ca_file", settings->mail.ca_file);
    }
    bool mails = !settings || check_mails(settings, &folder);
    if (r == 0 || faults_count(faults) > 0) {
        faults_print(faults, 1 + folder.count, stderr);
        r = faults_count(faults) > 0 || !mails ? 1 : 0;
    } else {
        log_error("check.failed", LOG_ERRNO(r));
        r = 1;
    }
    event_folder_done(&folder);
    free(directory);
    settings_free(settings);
    faults_free(faults);
    return r;
}
