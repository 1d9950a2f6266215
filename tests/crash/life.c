/* SPDX-License-Identifier: EUPL-1.2 */
/* A life of the daemon: what src/main.c puts together, less HTTP. Caller: crash, in a child. */
#include "life.h"

#include <curl/curl.h>
#include <errno.h>
#include <event2/event.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/mailbox.h"
#include "base/token.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/definition.h"
#include "event/zone.h"
#include "mail/message.h"
#include "mail/queue.h"
#include "report/record.h"
#include "store/store.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"

#define FLIGHT 4  /* sign-ups under way at once */
#define TICK_US 2000

static const char definition_text[] =
    "slug = \"workshop\"; languages = [ \"en\", \"lt\" ]; title = \"The workshop\"; zone = \"Europe/Vilnius\";\n"
    "place = \"Hall\"; starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\"; waiting_list = false;\n"
    "modes = ( { id = \"onsite\"; capacity = 10000; } );\n"
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
    "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; } );\n";

struct stage {
    struct catalogues *catalogues;
    struct templates *templates;
    struct assets *assets;
    struct keyring *keyring;
};

struct life {
    const struct life_options *options;
    char database[256], clock_file[256], url[64];
    int64_t offset; /* of the clock */
    struct settings settings;
    struct settings_host host;
    struct clock *clock;
    struct store *store;
    struct event_book *book;
    struct edition *edition;
    struct revisions *revisions;
    struct event_base *base;
    struct mailbox *mailbox;
    struct mail_queue *queue;
    sqlite3 *look; /* an organiser's own tool */
    unsigned submitted, arrived;
    int fault;
};

struct person {
    struct sign_up sign_up; /* first */
    struct life *life;
};

static int make_keys(struct keyring **ret_keyring)
{
    char folder[] = "/tmp/convened-test-XXXXXX", file[64];
    if (!mkdtemp(folder))
        return -errno;
    (void)snprintf(file, sizeof(file), "%s/key", folder);
    int r = keyring_create(file);
    if (r == 0)
        r = keyring_load(file, ret_keyring);
    (void)unlink(file);
    (void)rmdir(folder);
    return r;
}

int stage_new(const char *source, struct stage **ret_stage)
{
    char path[4096];
    struct stage *stage = calloc(1, sizeof(*stage));
    if (!stage || sodium_init() < 0 || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return -ENOMEM;
    message_setup();
    int r = zone_setup();
    if (r == 0)
        r = make_keys(&stage->keyring);
    (void)snprintf(path, sizeof(path), "%s/share/locale", source);
    if (r == 0)
        r = catalogues_load(path, &stage->catalogues);
    (void)snprintf(path, sizeof(path), "%s/share/templates", source);
    if (r == 0)
        r = templates_load(path, NULL, &stage->templates);
    (void)snprintf(path, sizeof(path), "%s/share/static", source);
    if (r == 0)
        r = assets_load(path, &stage->assets);
    if (r < 0)
        stage_free(stage);
    else
        *ret_stage = stage;
    return r;
}

void stage_free(struct stage *stage)
{
    catalogues_free(stage->catalogues);
    templates_free(stage->templates);
    assets_free(stage->assets);
    keyring_free(stage->keyring);
    curl_global_cleanup();
    free(stage);
}

static void tell(const struct life *life, const char *what, const char *recipient)
{
    char line[160];
    int size = snprintf(line, sizeof(line), "%s %s\n", what, recipient);
    if (write(life->options->tell, line, (size_t)size) != size)
        _exit(2);
}

/* ---- start ---- */

static int read_offset(struct life *life)
{
    long long offset;
    FILE *file = fopen(life->clock_file, "re");
    if (!file)
        return -errno;
    int n = fscanf(file, "+%lld", &offset);
    (void)fclose(file);
    life->offset = offset;
    return n == 1 ? 0 : -EINVAL;
}

static int take_event(struct life *life)
{
    const size_t size = strlen(definition_text);
    const struct event_definition *definition;
    int r = event_definition_parse(definition_text, size, "workshop.conf", NULL, &definition);
    if (r < 0)
        return r;
    struct revision_file file = { .name = "workshop.conf", .text = definition_text, .size = size,
                                  .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example", .files = &file, .file_count = 1 };
    r = take.job.arena ? store_run(life->store, &take.job) : -ENOMEM;
    if (r == 0 && (take.job.outcome < 0 || take.refusal_count > 0))
        r = -EIO;
    if (r == 0)
        r = event_book_new(1, &life->book);
    if (r == 0) {
        const struct revision_event *event = &take.events[0];
        r = event_book_add(life->book, definition, event->event_id, event->revision_id, event->ical_sequence,
                           event->state, event->row_count, event->rows);
    }
    arena_free(take.job.arena);
    return r;
}

static int make_edition(struct life *life)
{
    const struct stage *stage = life->options->stage;
    life->host = (struct settings_host){ .name = "Connected Health Cluster", .from_name = "Connected Health Cluster",
                                         .from_address = "events@cluster.example" };
    (void)snprintf(life->url, sizeof(life->url), "smtp://127.0.0.1:%u", life->options->smtp_port);
    life->settings.http.base_url = "https://events.example";
    life->settings.mail.smtp_url = life->url;
    life->settings.mail.helo_name = "events.example";
    life->settings.mail.from_name = life->host.from_name;
    life->settings.mail.from_address = life->host.from_address;
    life->settings.mail.senders = 2;
    life->settings.mail.probe = 15;
    life->settings.mail.timeout = 10;
    life->settings.limits.mails_per_address_per_hour = 1000;
    life->settings.hosts.count = 1;
    life->settings.hosts.items = &life->host;
    return edition_new(&life->settings, life->book, stage->catalogues, stage->templates, stage->assets, &life->edition);
}

/* What is already sent must not be sent again. */
static int tell_sent(struct life *life)
{
    static const char sql[] = "SELECT recipient FROM mail WHERE state = 'sent'";
    sqlite3_stmt *query;
    int code;
    if (sqlite3_open_v2(life->database, &life->look, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK ||
        sqlite3_busy_timeout(life->look, 5000) != SQLITE_OK ||
        sqlite3_prepare_v2(life->look, sql, -1, &query, NULL) != SQLITE_OK)
        return -EIO;
    while ((code = sqlite3_step(query)) == SQLITE_ROW)
        tell(life, "sent", (const char *)sqlite3_column_text(query, 0));
    (void)sqlite3_finalize(query);
    return code == SQLITE_DONE ? 0 : -EIO;
}

static void on_mailbox(evutil_socket_t fd, short what, void *user)
{
    (void)fd, (void)what;
    mailbox_deliver(((struct life *)user)->mailbox);
}

static void on_store(evutil_socket_t fd, short what, void *user)
{
    struct life *life = user;
    (void)fd, (void)what;
    store_wake_clear(life->store);
    mail_queue_wake(life->queue);
}

static void on_tick(evutil_socket_t fd, short what, void *user);

static int add_event(struct life *life, int fd, short what, event_callback_fn callback, const struct timeval *wait)
{
    struct event *event = event_new(life->base, fd, (short)(what | EV_PERSIST), callback, life);
    return event && event_add(event, wait) == 0 ? 0 : -ENOMEM;
}

static int start(struct life *life)
{
    static const struct timeval tick = { .tv_usec = TICK_US };
    bool created;
    (void)snprintf(life->database, sizeof(life->database), "%s/convened.db", life->options->folder);
    (void)snprintf(life->clock_file, sizeof(life->clock_file), "%s/clock", life->options->folder);
    int r = read_offset(life);
    if (r == 0)
        r = clock_new(life->clock_file, &life->clock);
    const struct store_options options = { .path = life->database, .readers = 1, .queue = 100, .clock = life->clock };
    if (r == 0)
        r = store_open(&options, &life->store, &created);
    if (r == 0)
        r = take_event(life);
    if (r == 0)
        r = make_edition(life);
    if (r == 0)
        r = tell_sent(life);
    if (r == 0)
        r = revisions_new(8, &life->revisions);
    if (r == 0)
        r = mailbox_new(&life->mailbox);
    life->base = event_base_new();
    if (r == 0)
        r = life->base ? store_start(life->store) : -ENOMEM;
    const struct mail_queue_options queue = { .base = life->base, .mailbox = life->mailbox, .store = life->store,
                                              .clock = life->clock, .keyring = life->options->stage->keyring,
                                              .revisions = life->revisions, .edition = life->edition };
    if (r == 0)
        r = mail_queue_new(&queue, &life->queue);
    if (r == 0)
        r = add_event(life, mailbox_fd(life->mailbox), EV_READ, on_mailbox, NULL);
    if (r == 0)
        r = add_event(life, store_wake_fd(life->store), EV_READ, on_store, NULL);
    if (r == 0)
        r = add_event(life, -1, 0, on_tick, &tick);
    return r;
}

/* ---- run ---- */

static void on_sign_up(struct post *post)
{
    struct person *person = (struct person *)(void *)post; /* sign_up.job.post is the first member of it all */
    struct life *life = person->life;
    life->arrived++;
    if (person->sign_up.job.outcome == 0 && person->sign_up.result == SIGN_UP_CONFIRMED)
        tell(life, "promised", person->sign_up.email);
    else
        life->fault = person->sign_up.job.outcome ? person->sign_up.job.outcome : -EPROTO;
    arena_free(person->sign_up.job.arena);
}

static int sign_up(struct life *life)
{
    struct arena *arena = arena_new();
    struct person *person = arena ? arena_take(arena, sizeof(*person)) : NULL;
    const struct event_entry *event = &life->book->entries[0];
    if (!person)
        return -ENOMEM;
    const char *email = arena_format(arena, "p%u.%u@umed.example", life->options->number, life->submitted);
    *person = (struct person){
        .sign_up = { .job = { .post.arrive = on_sign_up, .kind = &change_sign_up, .arena = arena,
                              .reply_to = life->mailbox, .edition = life->edition },
                     .event = event, .revision_id = event->revision_id, .ask = { .mode = event->mode_places[0] },
                     .mode_id = "onsite", .language = life->submitted % 2 ? "lt" : "en", .name = "Anna Kowalska",
                     .email = email, .dedupe = email, .answers = "{}", .search = "anna kowalska" },
        .life = life,
    };
    life->submitted++;
    return store_submit(life->store, &person->sign_up.job);
}

static int64_t next_due(const struct life *life)
{
    int64_t due = INT64_MAX;
    for (unsigned priority = 0; priority < STORE_MAIL_PRIORITIES; priority++) {
        int64_t next = store_next_due(life->store, priority);
        due = next < due ? next : due;
    }
    return due;
}

static int64_t count_unsent(struct life *life, const char *sql)
{
    sqlite3_stmt *query;
    int64_t count = -1;
    if (sqlite3_prepare_v2(life->look, sql, -1, &query, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(query) == SQLITE_ROW)
        count = sqlite3_column_int64(query, 0);
    (void)sqlite3_finalize(query);
    return count;
}

/* A deferred mail is due in a minute, which nobody waits for. */
static int pass_time(struct life *life, int64_t seconds)
{
    char new_file[300];
    (void)snprintf(new_file, sizeof(new_file), "%s.new", life->clock_file);
    FILE *file = fopen(new_file, "we");
    if (!file)
        return -errno;
    life->offset += seconds;
    (void)fprintf(file, "+%lld\n", (long long)life->offset);
    if (fclose(file) != 0 || rename(new_file, life->clock_file) < 0)
        return -EIO;
    int r = clock_reread(life->clock);
    mail_queue_wake(life->queue);
    return r;
}

static void on_tick(evutil_socket_t fd, short what, void *user)
{
    struct life *life = user;
    int r = 0;
    (void)fd, (void)what;
    while (r == 0 && life->submitted < life->options->people && life->submitted - life->arrived < FLIGHT)
        r = sign_up(life);
    int64_t due = next_due(life), now = clock_now(life->clock);
    if (r == 0 && life->arrived == life->options->people && due > now &&
        count_unsent(life, "SELECT count(*) FROM mail WHERE state = 'leased'") == 0) {
        if (due != INT64_MAX)
            r = pass_time(life, due - now);
        else if (count_unsent(life, "SELECT count(*) FROM mail WHERE state IN ('queued', 'deferred')") == 0)
            (void)event_base_loopbreak(life->base);
    }
    if (r < 0)
        life->fault = r;
    if (life->fault < 0)
        (void)event_base_loopbreak(life->base);
}

int life_run(const struct life_options *options)
{
    struct life life = { .options = options };
    int r = start(&life);
    if (r < 0) {
        (void)fprintf(stderr, "crash: no start: %s\n", strerror(-r));
        return 3;
    }
    (void)event_base_dispatch(life.base);
    if (life.fault < 0)
        (void)fprintf(stderr, "crash: a sign-up or the clock: %s\n", strerror(-life.fault));
    (void)sqlite3_close(life.look);
    mail_queue_stop(life.queue, 5000);
    store_stop(life.store);
    mailbox_deliver(life.mailbox);
    mail_queue_free(life.queue);
    store_close(life.store);
    return life.fault < 0 ? 4 : 0;
}
