/* SPDX-License-Identifier: EUPL-1.2 */
/* The changes on a real store: places under many threads, the known address, cancel, the lost link, a consent
 * withdrawn, mails on lease, revisions that would break what is stored. The store's own check (counters equal
 * claims) runs at each commit in the test builds. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "change/act.h"
#include "change/find.h"
#include "change/mail_lease.h"
#include "change/mail_result.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "signup/reference.h"
#include "store/board.h"
#include "store/db.h"
#include "view/edition.h"

#define DEFINITION(capacity, list, more)                                                                    \
    "slug = \"room\"; languages = [ \"en\" ]; title = \"Room\"; zone = \"Europe/Tallinn\";\n"               \
    "starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\"; place = \"Hall\";\n"                       \
    "modes = ( { id = \"onsite\"; capacity = " capacity "; } ); waiting_list = " list ";\n"                 \
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n" \
    "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; }" more ");\n"

#define COLOUR                                                                \
    ", { id = \"colour\"; type = \"choice\"; label = \"Colour\"; options = (" \
    " { id = \"red\"; label = \"Red\"; }, { id = \"blue\"; label = \"Blue\"; } ); }"

struct world {
    char folder[32], path[64];
    struct clock *clock;
    struct store *store;
    struct settings settings;
    struct event_book *book;
    struct edition edition;
};

static int take(struct world *w, const char *text, struct take_revision *take)
{
    const struct event_definition *definition = NULL;
    if (text)
        assert_int_equal(event_definition_parse(text, strlen(text), "room.conf", NULL, &definition), 0);
    *take =
        (struct take_revision){ .job = { .kind = &change_take_revision, .arena = arena_new() }, .may_withdraw = true,
                                    .message_domain = "cluster.example" };
    struct revision_file file = {
        .name = "room.conf", .text = text, .size = text ? strlen(text) : 0, .definition = definition
    };
    take->files = &file;
    take->file_count = text ? 1 : 0;
    int r = store_run(w->store, &take->job);
    take->files = NULL;
    if (r == 0 && definition && take->refusal_count == 0) {
        event_book_free(w->book);
        assert_int_equal(event_book_new(1, &w->book), 0);
        assert_int_equal(event_book_add(w->book, definition, take->events[0].event_id, take->events[0].revision_id,
                                        take->events[0].ical_sequence, take->events[0].state,
                                        take->events[0].row_count, take->events[0].rows),
                         0);
        w->edition.events = w->book;
    } else
        event_definition_unref(definition);
    return r;
}

static void take_ok(struct world *w, const char *text)
{
    struct take_revision t;
    assert_int_equal(take(w, text, &t), 0);
    assert_int_equal(t.refusal_count, 0);
    arena_free(t.job.arena);
}

static void open_world(struct world *w, const char *definition)
{
    bool created;
    *w = (struct world){ .folder = "/tmp/convened-test-XXXXXX" };
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof(w->path), "%s/t.db", w->folder);
    assert_int_equal(clock_new(NULL, &w->clock), 0);
    w->settings.mail.from_address = "events@cluster.example";
    w->edition.settings = &w->settings;
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 10000, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    take_ok(w, definition);
}

static void close_world(struct world *w)
{
    char command[96];
    event_book_free(w->book);
    store_close(w->store);
    clock_free(w->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", w->folder);
    assert_int_equal(system(command), 0);
}

/* One number from the store. */
static int64_t ask(struct world *w, const char *sql)
{
    struct query *query;
    assert_int_equal(db_prepare(store_db(w->store), sql, &query), 0);
    int r = db_step(query);
    int64_t number = r > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

static struct sign_up *new_sign_up(struct world *w, const char *email, const char *answers)
{
    struct arena *arena = arena_new();
    struct sign_up *s = arena_take(arena, sizeof(*s));
    *s = (struct sign_up){ .job = { .kind = &change_sign_up, .arena = arena, .edition = &w->edition },
                           .event = &w->book->entries[0],
                           .ask = { .mode = w->book->entries[0].mode_places[0] },
                           .revision_id = w->book->entries[0].revision_id,
                           .mode_id = "onsite",
                           .language = "en",
                           .name = "Anna",
                           .answers = arena_copy(arena, answers),
                           .search = "anna" };
    s->email = s->dedupe = arena_copy(arena, email);
    return s;
}

static enum sign_up_outcome sign_up(struct world *w, const char *email, const char *answers)
{
    struct sign_up *s = new_sign_up(w, email, answers);
    assert_int_equal(store_run(w->store, &s->job), 0);
    enum sign_up_outcome result = s->result;
    arena_free(s->job.arena);
    return result;
}

static int cancel(struct world *w, int64_t id)
{
    struct act c = { .job = { .kind = &change_cancel, .arena = arena_new() },
                        .registration_id = id,
                        .link_version = -1,
                        .actor = "test",
                        .message_domain = "cluster.example" };
    assert_int_equal(store_run(w->store, &c.job), 0);
    arena_free(c.job.arena);
    return (int)c.result;
}

static void last_place_goes_to_one_and_a_freed_one_to_the_next(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("2", "false", ""));
    assert_int_equal(sign_up(&w, "a@x.example", "{}"), SIGN_UP_CONFIRMED);
    assert_int_equal(sign_up(&w, "b@x.example", "{}"), SIGN_UP_CONFIRMED);
    assert_int_equal(sign_up(&w, "c@x.example", "{}"), SIGN_UP_FULL);
    assert_int_equal(ask(&w, "SELECT count(*) FROM submission"), 2);
    assert_int_equal(cancel(&w, 1), ACT_DONE);
    assert_int_equal(cancel(&w, 1), ACT_ALREADY);
    assert_int_equal(cancel(&w, 77), ACT_GONE);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim"), 1);
    /* the confirmation that had not gone yet is no longer owed, the cancellation is */
    assert_int_equal(
        ask(&w, "SELECT count(*) FROM mail WHERE subject_id = 1 AND kind = 'confirmed' AND state = 'superseded'"), 1);
    assert_int_equal(
        ask(&w, "SELECT count(*) FROM mail WHERE subject_id = 1 AND kind = 'cancelled' AND state = 'queued'"), 1);
    assert_int_equal(ask(&w, "SELECT ical_sequence FROM registration WHERE id = 1"), 1);
    assert_int_equal(sign_up(&w, "a@x.example", "{}"), SIGN_UP_CONFIRMED); /* the same person again: a new row */
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE email = 'a@x.example'"), 2);
    close_world(&w);
}

static void known_address_takes_nothing_and_is_told_by_mail_alone(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("5", "false", ""));
    assert_int_equal(sign_up(&w, "a@x.example", "{}"), SIGN_UP_CONFIRMED);
    for (int i = 0; i < 3; i++) /* the page says what a new address would get */
        assert_int_equal(sign_up(&w, "a@x.example", "{\"other\":1}"), SIGN_UP_CONFIRMED);
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration"), 1);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM submission"), 4);
    assert_in_range(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'again'"), 1,
                    2); /* one an hour; the hour may turn */
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE answers = '{}'"),
                     1); /* the first answers stand */
    close_world(&w);
}

static struct sign_up *counted(struct world *w, const char *email, const char *mailbox)
{
    struct sign_up *s = new_sign_up(w, email, "{}");
    s->mailbox = mailbox;
    return s;
}

static enum sign_up_outcome count_in(struct world *w, const char *email, const char *mailbox, int64_t *ret_retry)
{
    struct sign_up *s = counted(w, email, mailbox);
    assert_int_equal(store_run(w->store, &s->job), 0);
    enum sign_up_outcome result = s->result;
    *ret_retry = s->retry_after;
    arena_free(s->job.arena);
    return result;
}

static void mailbox_gets_so_many_mails_an_hour(void **state)
{
    (void)state;
    struct world w;
    int64_t retry = 0;
    open_world(&w, DEFINITION("50", "false", ""));
    w.settings.limits.mails_per_address_per_hour = 3;
    assert_int_equal(count_in(&w, "a@x.example", "m1", &retry), SIGN_UP_CONFIRMED);
    assert_int_equal(count_in(&w, "a+1@x.example", "m1", &retry), SIGN_UP_CONFIRMED);
    assert_int_equal(count_in(&w, "a@x.example", "m1", &retry), SIGN_UP_CONFIRMED); /* known: counts the same */
    for (int i = 0; i < 2; i++) { /* a new address and a known one get the same answer, and nothing is written */
        assert_int_equal(count_in(&w, i ? "a@x.example" : "a+2@x.example", "m1", &retry), SIGN_UP_LIMITED);
        assert_in_range(retry, 3590, 3600);
    }
    assert_int_equal(ask(&w, "SELECT count(*) FROM submission"), 3);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 2);
    assert_int_equal(ask(&w, "SELECT count FROM mailbox"), 3);
    assert_int_equal(count_in(&w, "b@x.example", "m2", &retry), SIGN_UP_CONFIRMED);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mailbox"), 2);
    /* an hour later it begins anew, and others' old hours go */
    assert_int_equal(db_script(store_db(w.store), "UPDATE mailbox SET window_at = window_at - 3600"), 0);
    assert_int_equal(count_in(&w, "a+2@x.example", "m1", &retry), SIGN_UP_CONFIRMED);
    assert_int_equal(ask(&w, "SELECT count FROM mailbox WHERE key = 'm1'"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mailbox"), 1);
    /* a clock that was set back locks nobody out */
    assert_int_equal(db_script(store_db(w.store), "UPDATE mailbox SET window_at = window_at + 9999, count = 3"), 0);
    assert_int_equal(count_in(&w, "a+3@x.example", "m1", &retry), SIGN_UP_CONFIRMED);
    close_world(&w);
}

static void whoever_comes_while_someone_waits_joins_the_list(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("1", "true", ""));
    assert_int_equal(sign_up(&w, "a@x.example", "{}"), SIGN_UP_CONFIRMED);
    assert_int_equal(sign_up(&w, "b@x.example", "{}"), SIGN_UP_WAITLISTED);
    assert_int_equal(cancel(&w, 1), ACT_DONE);
    assert_int_equal(sign_up(&w, "c@x.example", "{}"), SIGN_UP_WAITLISTED);
    assert_int_equal(ask(&w, "SELECT waiting FROM place"), 1); /* the second has the freed place offered */
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE id = 2 AND status = 'offered'"), 1);
    assert_int_equal(cancel(&w, 2), ACT_DONE);
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE id = 3 AND status = 'offered'"), 1);
    assert_int_equal(ask(&w, "SELECT waiting FROM place"), 0);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 1);
    close_world(&w);
}

enum { THREADS = 8, EACH = 50, PLACES = 37 };
struct crowd {
    struct world *world;
    struct mailbox *box;
    int number;
};
static int outcomes[SIGN_UP_LIMITED + 1], answered;

static void on_answer(struct post *post)
{
    struct sign_up *s = (struct sign_up *)post;
    assert_int_equal(s->job.outcome, 0);
    outcomes[s->result]++;
    answered++;
    arena_free(s->job.arena);
}

static void *come(void *arg)
{
    struct crowd *crowd = arg;
    for (int i = 0; i < EACH; i++) {
        char email[48]; /* every address comes twice, from two threads */
        (void)snprintf(email, sizeof(email), "p%d-%d@x.example", crowd->number / 2, i);
        struct sign_up *s = new_sign_up(crowd->world, email, "{}");
        s->job.reply_to = crowd->box;
        s->job.post.arrive = on_answer;
        assert_int_equal(store_submit(crowd->world->store, &s->job), 0);
    }
    return NULL;
}

static void crowd_gets_exactly_the_places_there_are(void **state)
{
    (void)state;
    struct world w;
    pthread_t threads[THREADS];
    struct crowd crowds[THREADS];
    struct mailbox *box;
    struct board_numbers numbers;
    open_world(&w, DEFINITION("37", "false", ""));
    assert_int_equal(mailbox_new(&box), 0);
    assert_int_equal(store_start(w.store), 0);
    for (int i = 0; i < THREADS; i++) {
        crowds[i] = (struct crowd){ &w, box, i };
        assert_int_equal(pthread_create(&threads[i], NULL, come, &crowds[i]), 0);
    }
    while (answered < THREADS * EACH) {
        struct pollfd fd = { .fd = mailbox_fd(box), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, 60000), 1);
        mailbox_deliver(box);
    }
    for (int i = 0; i < THREADS; i++)
        (void)pthread_join(threads[i], NULL);
    board_read(store_board(w.store), w.book->entries[0].event_id, w.book->entries[0].mode_places, 1, &numbers, NULL);
    assert_int_equal(numbers.taken, PLACES);
    assert_int_equal(numbers.left, 0);
    store_stop(w.store);
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE status = 'confirmed'"), PLACES);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim"), PLACES);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), PLACES);
    assert_int_equal(outcomes[SIGN_UP_CONFIRMED] + outcomes[SIGN_UP_FULL], THREADS * EACH);
    assert_int_equal(ask(&w, "SELECT count(*) FROM submission"), outcomes[SIGN_UP_CONFIRMED]);
    mailbox_free(box);
    close_world(&w);
}

static void one_batch_counts_every_mail_of_a_mailbox(void **state)
{
    (void)state;
    struct world w;
    struct mailbox *box;
    open_world(&w, DEFINITION("500", "false", ""));
    w.settings.limits.mails_per_address_per_hour = 7;
    memset(outcomes, 0, sizeof(outcomes));
    answered = 0;
    assert_int_equal(mailbox_new(&box), 0);
    assert_int_equal(store_start(w.store), 0);
    for (int i = 0; i < 40; i++) {
        char email[32];
        (void)snprintf(email, sizeof(email), "a+%d@x.example", i);
        struct sign_up *s = counted(&w, email, i % 2 ? "odd" : "even");
        s->job.reply_to = box;
        s->job.post.arrive = on_answer;
        assert_int_equal(store_submit(w.store, &s->job), 0);
    }
    while (answered < 40) {
        struct pollfd fd = { .fd = mailbox_fd(box), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, 60000), 1);
        mailbox_deliver(box);
    }
    store_stop(w.store);
    assert_int_equal(outcomes[SIGN_UP_CONFIRMED], 14);
    assert_int_equal(outcomes[SIGN_UP_LIMITED], 26);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mailbox WHERE count = 7"), 2);
    mailbox_free(box);
    close_world(&w);
}

static struct mail_lease lease_now(struct world *w, int64_t process)
{
    struct mail_lease lease = { .job = { .kind = &change_mail_lease, .arena = arena_new() },
                                .urgent = 8,
                                .others = 8,
                                .look = 8,
                                .process = process,
                                .until = clock_now(w->clock) + 600 };
    assert_int_equal(store_run(w->store, &lease.job), 0);
    return lease;
}

static void report_mail(struct world *w, int64_t id, int64_t process, enum mail_outcome outcome, int64_t due)
{
    struct mail_result result = { .job = { .kind = &change_mail_result },
                                  .mail_id = id,
                                  .process = process,
                                  .outcome = outcome,
                                  .due_at = due,
                                  .code = 250,
                                  .reply = "250 ok" };
    assert_int_equal(store_run(w->store, &result.job), 0);
}

static void mails_of_one_person_keep_their_order(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("5", "false", ""));
    (void)sign_up(&w, "a@x.example", "{}");
    (void)sign_up(&w, "b@x.example", "{}");
    struct mail_lease lease = lease_now(&w, 1);
    assert_int_equal(lease.count, 2);
    assert_string_equal(lease.mails[0].kind, "confirmed");
    assert_string_equal(lease.mails[0].recipient, "a@x.example");
    arena_free(lease.job.arena);
    assert_int_equal(cancel(&w, 1), ACT_DONE); /* while its confirmation is on the way */
    lease = lease_now(&w, 1);
    assert_int_equal(lease.count, 0);
    arena_free(lease.job.arena);
    report_mail(&w, 1, 2, MAIL_SENT, 0); /* another process's word counts for nothing */
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE state = 'leased'"), 2);
    report_mail(&w, 1, 1, MAIL_SENT, 0);
    lease = lease_now(&w, 1);
    assert_int_equal(lease.count, 1);
    assert_string_equal(lease.mails[0].kind, "cancelled");
    arena_free(lease.job.arena);
    report_mail(&w, 2, 1, MAIL_DEFERRED, clock_now(w.clock) + 60);
    assert_int_equal(ask(&w, "SELECT attempts FROM mail WHERE id = 2 AND state = 'deferred'"), 1);
    report_mail(&w, 3, 1, MAIL_RETURNED, 0);
    assert_int_equal(ask(&w, "SELECT attempts FROM mail WHERE id = 3 AND state = 'queued'"), 0);
    close_world(&w);
}

static void revision_that_breaks_what_is_stored_is_refused_with_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        { DEFINITION("1", "false", COLOUR), "modes: capacity 1 of onsite is below the 2 places taken" },
        { "slug = \"room\"; languages = [ \"en\" ]; title = \"Room\"; zone = \"Europe/Tallinn\"; place = \"Hall\";"
          "starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\"; modes = ( { id = \"online\"; } );"
          "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },"
          "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; } );",
          "modes: onsite is gone, but 2 people have it" },
        { DEFINITION("5", "false",
                     ", { id = \"colour\"; type = \"choice\"; label = \"Colour\"; options = ( { id = \"blue\"; label = "
                     "\"Blue\"; } ); }"),
          "fields: option red of colour is gone, but 1 people have chosen it" },
        { DEFINITION("5", "false", ", { id = \"colour\"; type = \"text\"; label = \"Colour\"; }"),
          "fields: colour was choice and is now text, but has 2 answers" },
    };
    struct world w;
    struct take_revision t;
    open_world(&w, DEFINITION("5", "false", COLOUR));
    assert_int_equal(sign_up(&w, "a@x.example", "{\"colour\":\"red\"}"), SIGN_UP_CONFIRMED);
    assert_int_equal(sign_up(&w, "b@x.example", "{\"colour\":\"blue\"}"), SIGN_UP_CONFIRMED);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(take(&w, cases[i].text, &t), 0);
        assert_int_equal(t.refusal_count, 1);
        assert_string_equal(t.refusals[0].reason, cases[i].reason);
        assert_non_null(t.events[0].text); /* the last good revision goes on */
        arena_free(t.job.arena);
    }
    assert_int_equal(ask(&w, "SELECT count(*) FROM event_revision"), 1);
    take_ok(&w, DEFINITION("2", "false", "")); /* a field may go: its answers and its column stay */
    assert_int_equal(ask(&w, "SELECT count(*) FROM event_room WHERE colour IS NOT NULL"), 2);
    close_world(&w);
}

static void event_is_withdrawn_and_comes_back(void **state)
{
    (void)state;
    struct world w;
    struct take_revision t;
    open_world(&w, DEFINITION("5", "false", ""));
    take_ok(&w, DEFINITION("5", "false", "")); /* unchanged: no new revision */
    assert_int_equal(ask(&w, "SELECT count(*) FROM event_revision"), 1);
    assert_int_equal(take(&w, NULL, &t), 0);
    assert_int_equal(t.event_count, 1);
    assert_int_equal(t.events[0].state, EVENT_WITHDRAWN);
    arena_free(t.job.arena);
    assert_int_equal(take(&w, DEFINITION("5", "false", ""), &t), 0);
    assert_int_equal(t.events[0].state, EVENT_LIVE);
    arena_free(t.job.arena);
    assert_int_equal(ask(&w, "SELECT count(*) FROM event_revision"), 1);
    take_ok(&w, DEFINITION("9", "true", ""));
    assert_int_equal(ask(&w, "SELECT capacity FROM place"), 9);
    assert_int_equal(ask(&w, "SELECT count(*) FROM event_revision"), 2);
    close_world(&w);
}

static bool find(struct world *w, const char *email, const char *folded, const char *mailbox)
{
    struct find f = { .job = { .kind = &change_find, .arena = arena_new(), .edition = &w->edition },
                      .event_id = w->book->entries[0].event_id,
                      .email = email,
                      .folded = folded,
                      .mailbox = mailbox };
    assert_int_equal(store_run(w->store, &f.job), 0);
    assert_true(f.limited || f.job.writes); /* known or not: the same way through the store */
    arena_free(f.job.arena);
    return !f.limited;
}

static void lost_link_is_sent_to_live_registrations_alone(void **state)
{
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("5", "false", ""));
    w.settings.limits.mails_per_address_per_hour = 3;
    assert_int_equal(sign_up(&w, "a@x.example", "{}"), SIGN_UP_CONFIRMED);
    assert_int_equal(sign_up(&w, "b@x.example", "{}"), SIGN_UP_CONFIRMED);
    assert_int_equal(cancel(&w, 2), ACT_DONE);
    for (int i = 0; i < 3; i++) {
        assert_true(find(&w, "A@X.example", "a@x.example", "m1"));
        assert_true(find(&w, "nobody@x.example", "nobody@x.example", "m2"));
        assert_true(find(&w, "b@x.example", "b@x.example", "m3")); /* cancelled */
    }
    assert_false(find(&w, "a@x.example", "a@x.example", "m1")); /* all alike */
    assert_false(find(&w, "nobody@x.example", "nobody@x.example", "m2"));
    assert_int_equal(ask(&w, "SELECT count(*) FROM mailbox WHERE count = 3"), 3);
    assert_in_range(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'again' AND subject_id = 1"), 1,
                    2); /* one an hour; the hour may turn */
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'again' AND subject_id <> 1"), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'again' AND recipient = 'a@x.example'"),
                     ask(&w, "SELECT count(*) FROM mail WHERE kind = 'again'")); /* not as it was typed now */
    assert_int_equal(ask(&w, "SELECT count(*) FROM audit WHERE action = 'find' AND registration_id = 1"), 3);
    close_world(&w);
}

static enum act_result withdraw(struct world *w, int64_t id, const char *purpose, int64_t link_version)
{
    struct act a = { .job = { .kind = &change_withdraw, .arena = arena_new() },
                     .registration_id = id,
                     .link_version = link_version,
                     .actor = "person",
                     .message_domain = "cluster.example",
                     .purpose = purpose,
                     .field = purpose };
    assert_int_equal(store_run(w->store, &a.job), 0);
    arena_free(a.job.arena);
    return a.result;
}

static void consent_is_withdrawn_once(void **state)
{
    static const struct sign_up_consent consents[] = { { "news", "h1", "Send me news", "en", true },
                                                       { "photos", "h2", "Take photos", "en", true },
                                                       { "share", "h3", "Share", "en", false } };
    (void)state;
    struct world w;
    open_world(&w, DEFINITION("5", "false", ""));
    struct sign_up *s = new_sign_up(&w, "a@x.example", "{\"news\":true,\"photos\":true,\"share\":false}");
    s->consent_count = 3;
    s->consents = consents;
    assert_int_equal(store_run(w.store, &s->job), 0);
    arena_free(s->job.arena);
    assert_int_equal(withdraw(&w, 1, "news", ask(&w, "SELECT link_version + 1 FROM registration")), ACT_GONE);
    assert_int_equal(withdraw(&w, 2, "news", -1), ACT_GONE);
    assert_int_equal(withdraw(&w, 1, "share", -1), ACT_ALREADY); /* never given */
    assert_int_equal(withdraw(&w, 1, "nothing", -1), ACT_ALREADY);
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL"), 0);
    assert_int_equal(withdraw(&w, 1, "news", ask(&w, "SELECT link_version FROM registration")), ACT_DONE);
    assert_int_equal(withdraw(&w, 1, "news", -1), ACT_ALREADY);
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE withdrawn_at IS NOT NULL AND purpose = 'news' "
                             "AND given_at IS NOT NULL"), 1);
    assert_int_equal(ask(&w, "SELECT answers = '{\"news\":false,\"photos\":true,\"share\":false}' "
                             "FROM registration"), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM audit WHERE action = 'withdraw_consent'"), 1);
    assert_int_equal(cancel(&w, 1), ACT_DONE);
    assert_int_equal(withdraw(&w, 1, "photos", -1), ACT_DONE); /* whatever the state */
    close_world(&w);
}

static int setup(void **state)
{
    (void)state;
    log_setup(LOG_LEVEL_ERROR);
    return sodium_init() < 0 || zone_setup() < 0 ? -1 : 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(last_place_goes_to_one_and_a_freed_one_to_the_next),
        cmocka_unit_test(known_address_takes_nothing_and_is_told_by_mail_alone),
        cmocka_unit_test(whoever_comes_while_someone_waits_joins_the_list),
        cmocka_unit_test(mailbox_gets_so_many_mails_an_hour),
        cmocka_unit_test(crowd_gets_exactly_the_places_there_are),
        cmocka_unit_test(one_batch_counts_every_mail_of_a_mailbox),
        cmocka_unit_test(mails_of_one_person_keep_their_order),
        cmocka_unit_test(revision_that_breaks_what_is_stored_is_refused_with_numbers),
        cmocka_unit_test(event_is_withdrawn_and_comes_back),
        cmocka_unit_test(lost_link_is_sent_to_live_registrations_alone),
        cmocka_unit_test(consent_is_withdrawn_once),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
