/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail preview: writes a letter by the rules of the daemon, with its templates and the installation's own.
 * What the letter needs and the registration is not (cancelled, offered …) is pretended; the store is only read. Its
 * links are signed by a key that is gone with the process, so that a preview can be handed on. One thread. */
#include "ctl/mail_preview.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/token.h"
#include "change/mail_kind.h"
#include "change/mail_lease.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "ctl/registration.h"
#include "event/book.h"
#include "mail/kind.h"
#include "mail/letter.h"
#include "mail/message.h"
#include "mail/subject.h"
#include "report/record.h"
#include "signup/state.h"
#include "store/db.h"
#include "store/store.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"
#include "view/words.h"

#define DAY 86400
#define OFFER_TIME (2 * DAY) /* an answer that is pretended to be waited for */

/* What is printed. */
static const char *const parts[] = { "text", "html", "subject", "message" };
enum part { PART_TEXT, PART_HTML, PART_SUBJECT, PART_MESSAGE, PARTS };

struct preview {
    struct ctl *ctl;
    struct arena *arena;
    const char *kind_name, *whom, *language;
    enum part part;
    const struct kind *kind;
    const struct mail_kind *born;
    int64_t now;

    struct edition edition; /* of the five that follow */
    struct event_book *events;
    struct catalogues *catalogues;
    struct templates *templates;
    struct assets *assets;
    struct keyring *keyring;
    struct words *words;
    struct revisions *revisions;
    struct leased_mail mail;
    struct subject subject;
};

/* ---- what the daemon has in its edition ---- */

static int load_shared(struct preview *preview)
{
    const struct ctl *ctl = preview->ctl;
    const char *locale = arena_format(preview->arena, "%s/locale", ctl->share);
    const char *templates = arena_format(preview->arena, "%s/templates", ctl->share);
    const char *files = arena_format(preview->arena, "%s/static", ctl->share);
    int r = locale && templates && files ? 0 : -ENOMEM;
    if (r == 0)
        r = catalogues_load(locale, &preview->catalogues);
    if (r == 0)
        r = templates_load(templates, ctl->settings->mail.templates, &preview->templates);
    if (r == 0)
        r = assets_load(files, &preview->assets);
    if (r == 0)
        r = keyring_random(&preview->keyring);
    if (r == 0)
        r = words_new(&preview->words);
    if (r == 0)
        r = revisions_new(2, &preview->revisions);
    preview->edition = (struct edition){ .settings = ctl->settings, .catalogues = preview->catalogues,
                                         .templates = preview->templates, .assets = preview->assets };
    return r;
}

/* The one event that the letter speaks of, as it is today. */
static enum ctl_exit load_event(struct preview *preview, const char *slug)
{
    enum ctl_exit exit = ctl_event_load(preview->ctl, slug, &preview->events);
    if (exit != CTL_OK)
        return exit;
    const struct event_entry *entry = &preview->events->entries[0];
    preview->edition.events = preview->events;
    preview->mail.event_id = entry->event_id;
    preview->mail.revision_id = entry->revision_id;
    if (!preview->mail.language)
        preview->mail.language = entry->definition->languages[0];
    return CTL_OK;
}

/* ---- whom it is about ---- */

/* The slug and the address of a registration. */
static enum ctl_exit find_registration(struct preview *preview, const char **ret_slug)
{
    struct leased_mail *mail = &preview->mail;
    enum ctl_exit exit = registration_find(preview->ctl, preview->whom, &mail->subject_id);
    if (exit != CTL_OK)
        return exit;
    struct query *query = ctl_query_id(preview->ctl,
                                       "SELECT event, email, language FROM registrations WHERE registration = :id",
                                       ":id", mail->subject_id);
    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    if (r > 0) {
        *ret_slug = arena_copy(preview->arena, db_text(query, 0));
        mail->recipient = db_text(query, 1) ? arena_copy(preview->arena, db_text(query, 1)) : "nobody@example.org";
        mail->language = arena_copy(preview->arena, db_text(query, 2));
    }
    db_finish(query);
    if (r <= 0)
        return ctl_store_failed(preview->ctl, r < 0 ? r : -ENOENT);
    return *ret_slug && mail->recipient && mail->language ? CTL_OK : ctl_no_memory();
}

static enum ctl_exit find_subject(struct preview *preview)
{
    struct leased_mail *mail = &preview->mail;
    const char *slug = preview->whom;
    enum ctl_exit exit = CTL_OK;

    mail->kind = preview->kind->name;
    mail->subject_kind = preview->born->subject;
    mail->recipient = preview->ctl->settings->mail.from_address;
    mail->message_id = "preview@localhost";
    mail->born_at = mail->due_at = preview->now;
    if (mail_kind_is_of_registration(mail->subject_kind))
        exit = find_registration(preview, &slug);
    if (exit == CTL_OK && strcmp(mail->subject_kind, "daemon") != 0)
        exit = load_event(preview, slug);
    else if (exit == CTL_OK && event_book_new(0, &preview->events) < 0)
        exit = ctl_no_memory();
    preview->edition.events = preview->events;
    if (exit == CTL_OK && strcmp(mail->subject_kind, "event") == 0)
        mail->subject_id = mail->event_id;
    if (strcmp(mail->subject_kind, "mailing") == 0)
        mail->subject_id = mail->instance;
    if (preview->language)
        mail->language = preview->language;
    if (!mail->language)
        mail->language = "en";
    return exit;
}

/* ---- what is pretended ---- */

static void pretend_state(const struct preview *preview)
{
    struct record *record = preview->subject.record;
    if (!record)
        return;
    if (strcmp(preview->kind->name, "cancelled") == 0)
        record->status = STATE_CANCELLED;
    else if (preview->kind->owed != STATE_NONE)
        record->status = preview->kind->owed;
    else if (!state_is_live(record->status))
        record->status = STATE_CONFIRMED;
    if ((record->status == STATE_PENDING_EMAIL || record->status == STATE_OFFERED) &&
        record->expires_at <= preview->now)
        record->expires_at = preview->now + OFFER_TIME;
}

/* The round that `allocated` speaks of, and its first session; NULL: there is none. */
static json_t *made_up_round(const struct event_definition *definition)
{
    const struct event_programme *programme = &definition->programme;
    for (size_t i = 0; i < programme->session_count; i++)
        if (programme->sessions[i].round >= 0)
            return json_pack("{s:s, s:s}", "round", programme->rounds[programme->sessions[i].round].id, "key",
                             programme->sessions[i].id);
    return json_pack("{s:s, s:n}", "round", "", "key");
}

/* As change/mail_kind.c says it for each kind; what a kind does not ask for is not looked at. */
static json_t *made_up_data(const struct preview *preview)
{
    const char *kind = preview->kind->name;
    const struct event_definition *definition =
        preview->mail.event_id != 0 ? preview->events->entries[0].definition : NULL;
    json_int_t now = preview->now;

    if (strcmp(kind, "digest") == 0)
        return json_pack("{s:I}", "since", now - DAY);
    if (strcmp(kind, "new_address") == 0)
        return json_pack("{s:i, s:i, s:I}", "change", 1, "version", 1, "until", now + DAY);
    if (strcmp(kind, "alarm") == 0)
        return json_pack("{s:s, s:i, s:i, s:i, s:I, s:s}", "sort", "failures", "minutes", 20, "failed", 12, "of", 50,
                         "since", now - 1200, "answer", "554 5.7.1");
    if (!definition)
        return json_object();
    json_int_t starts = definition->days[0].starts, ends = definition->days[0].ends;
    if (strcmp(kind, "changed") == 0)
        return json_pack("{s:s, s:{s:[], s:[]}, s:b, s:[s], s:{s:[s, s]}}", "was", "confirmed", "places", "dropped",
                         "added", "wishes", 0, "fields", definition->fields[0].id, "answers", definition->fields[0].id,
                         "…", "…");
    if (strcmp(kind, "allocated") == 0)
        return made_up_round(definition);
    if (strcmp(kind, "reminder") == 0 || strcmp(kind, "join") == 0)
        return json_pack("{s:i, s:I, s:I}", "day", 0, "starts", starts, "ends", ends);
    if (strcmp(kind, "event_moved") == 0)
        return json_pack("{s:I, s:s, s:[[I, I]], s:n}", "from", (json_int_t)preview->mail.revision_id, "zone",
                         definition->zone, "days", starts - DAY, ends - DAY, "place");
    if (strcmp(kind, "digest") == 0)
        return json_pack("{s:I}", "since", now - DAY);
    if (strcmp(kind, "erased") == 0)
        return json_pack("{s:s, s:I}", "title",
                         event_text_in(definition, &definition->title, preview->mail.language, NULL), "until",
                         (json_int_t)0);
    return json_pack("{s:s}", "was", "confirmed");
}

/* That of the last such mail, if there was one. */
static enum ctl_exit find_data(struct preview *preview)
{
    struct query *query =
        ctl_query(preview->ctl,
                  "SELECT data FROM mail WHERE subject_kind = :subject_kind AND subject_id = :subject AND kind = :kind "
                  "AND data <> '{}' ORDER BY id DESC LIMIT 1",
                  ":kind", preview->kind->name);
    if (!query)
        return CTL_CANNOT;
    db_bind_text(query, ":subject_kind", preview->mail.subject_kind);
    db_bind_int(query, ":subject", preview->mail.subject_id);
    int r = db_step(query);
    if (r > 0)
        preview->mail.data = arena_copy(preview->arena, db_text(query, 0));
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(preview->ctl, r);
    if (r == 0) {
        json_t *data = made_up_data(preview);
        char *text = json_dumps(data, JSON_COMPACT);
        preview->mail.data = text ? arena_copy(preview->arena, text) : NULL;
        free(text);
        json_decref(data);
    }
    return preview->mail.data ? CTL_OK : ctl_no_memory();
}

/* ---- the letter ---- */

static enum ctl_exit write_part(const struct preview *preview, const struct letter_texts *texts)
{
    switch (preview->part) {
    case PART_MESSAGE:
        (void)fwrite(texts->message, 1, texts->message_size, stdout);
        break;
    case PART_HTML:
        (void)fputs(texts->html, stdout);
        break;
    case PART_SUBJECT:
        (void)puts(texts->subject);
        break;
    default:
        (void)printf("%s\n\n%s", texts->subject, texts->text);
        break;
    }
    return ctl_output_done();
}

static enum ctl_exit show(struct preview *preview)
{
    const struct letter_desk desk = { .words = preview->words, .keyring = preview->keyring };
    struct letter_texts texts;
    int r = subject_read(preview->ctl->db, preview->arena, preview->revisions, &preview->mail, &preview->subject);
    if (r == -ENOENT && strncmp(preview->kind->name, "bulk", 4) == 0) {
        ctl_complain("--mailing ID is needed; convenectl mailing list tells");
        return CTL_WRONG;
    }
    if (r < 0)
        return ctl_store_failed(preview->ctl, r);
    pretend_state(preview);
    if (preview->subject.mailing && preview->subject.mailing->news)
        preview->mail.data = "{\"news\":true}";
    r = letter_preview(&desk, &preview->edition, &preview->mail, &preview->subject, preview->now, preview->arena,
                       &texts);
    if (r < 0) {
        ctl_complain("the letter cannot be written (%s)", strerrorname_np(-r));
        return CTL_CANNOT;
    }
    enum ctl_exit exit = write_part(preview, &texts);
    free(texts.message);
    return exit;
}

static enum ctl_exit make(struct preview *preview)
{
    preview->kind = kind_find(preview->kind_name);
    preview->born = mail_kind_find(preview->kind_name);
    if (!preview->kind || !preview->born) {
        ctl_complain("no kind of mail %s; there are:", preview->kind_name);
        for (size_t i = 0; kind_at(i); i++)
            (void)fprintf(stderr, "  %s\n", kind_at(i)->name);
        return CTL_WRONG;
    }
    preview->now = clock_now(preview->ctl->clock);
    int r = load_shared(preview);
    if (r < 0) {
        ctl_complain("templates, languages or pictures cannot be used (%s)", strerrorname_np(-r));
        return CTL_CANNOT;
    }
    if (preview->language && !catalogues_find(preview->edition.catalogues, preview->language)) {
        ctl_complain("no language %s", preview->language);
        return CTL_WRONG;
    }
    enum ctl_exit exit = find_subject(preview);
    if (exit == CTL_OK)
        exit = find_data(preview);
    return exit == CTL_OK ? show(preview) : exit;
}

static void done(struct preview *preview)
{
    subject_done(&preview->subject);
    revisions_free(preview->revisions);
    words_free(preview->words);
    keyring_free(preview->keyring);
    event_book_free(preview->events);
    assets_free(preview->assets);
    templates_free(preview->templates);
    catalogues_free(preview->catalogues);
    arena_free(preview->arena);
}

static bool take_part(struct preview *preview, const char *name)
{
    for (size_t i = 0; i < PARTS; i++)
        if (strcmp(parts[i], name) == 0) {
            preview->part = (enum part)i;
            return true;
        }
    return false;
}

enum ctl_exit ctl_mail_preview(struct ctl *ctl, const struct ctl_command *command, int argc, char **argv)
{
    static const struct option options[] = { { "language", required_argument, NULL, 'l' },
                                             { "part", required_argument, NULL, 'p' },
                                             { "mailing", required_argument, NULL, 'm' },
                                             { NULL, 0, NULL, 0 } };
    struct preview preview = { .ctl = ctl };

    optind = 0;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'l')
            preview.language = optarg;
        else if (option == 'm' && text_to_int(optarg, 1, INT64_MAX, &preview.mail.instance) < 0)
            return ctl_misused(command);
        else if (option != 'm' && (option != 'p' || !take_part(&preview, optarg)))
            return ctl_misused(command);
    }
    if (argc - optind < 1 || argc - optind > 2)
        return ctl_misused(command);
    preview.kind_name = argv[optind];
    preview.whom = argv[optind + 1] ? argv[optind + 1] : "";
    preview.arena = arena_new();
    if (!preview.arena)
        return ctl_no_memory();
    message_setup();
    enum ctl_exit exit = make(&preview);
    done(&preview);
    return exit;
}
