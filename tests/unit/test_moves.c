/* SPDX-License-Identifier: EUPL-1.2 */
/* The life of places: random sequences of everything that people, organisers and time can do, with the promises checked
 * after each step: never oversold, never a leaked place, never two offers for one place, waiting order kept, nobody
 * waiting who could be served. */
#include <errno.h>
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
#include "change/expire.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "store/batch.h"
#include "store/db.h"
#include "view/edition.h"

#define STEPS 1500
#define PEOPLE 40

struct world {
    char folder[32], path[64], clock_path[64];
    int64_t offset;
    struct clock *clock;
    struct store *store;
    struct settings settings;
    struct event_book *book;
    struct edition edition;
    bool waiting_list, approval, holds, confirm;
    const char *mode; /* NULL: onsite */
};

static uint64_t dice_state;

static unsigned dice(unsigned sides) /* xorshift64: a failing seed can be run again */
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (unsigned)(dice_state >> 33) % sides;
}

static void set_clock(struct world *w, int64_t forward)
{
    w->offset += forward;
    FILE *file = fopen(w->clock_path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "+%lld\n", (long long)w->offset) > 0);
    assert_int_equal(fclose(file), 0);
    if (w->clock)
        assert_int_equal(clock_reread(w->clock), 0);
}

static int64_t define(struct world *w, int capacity)
{
    char text[2000];
    const struct event_definition *definition;
    (void)snprintf(
        text, sizeof(text),
        "slug = \"room\"; languages = [ \"en\" ]; title = \"Room\"; zone = \"Europe/Tallinn\"; place = \"Hall\";\n"
        "starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\";\n"
        "modes = ( { id = \"%s\"; capacity = %d; } ); waiting_list = %s; approval = \"%s\";\n"
        "approval_holds = %s; confirm = \"%s\"; hold_hours = 24;\n"
        "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
        "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; } );\n",
        w->mode ? w->mode : "onsite", capacity, w->waiting_list ? "true" : "false",
        w->approval ? "manual" : "automatic", w->holds ? "true" : "false", w->confirm ? "hold" : "none");
    assert_int_equal(event_definition_parse(text, strlen(text), "room.conf", NULL, &definition), 0);
    struct revision_file file = { .name = "room.conf", .text = text, .size = strlen(text), .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example",
                                  .files = &file,
                                  .file_count = 1 };
    assert_int_equal(store_run(w->store, &take.job), 0);
    int64_t refused = (int64_t)take.refusal_count;
    if (refused == 0) {
        event_book_free(w->book);
        assert_int_equal(event_book_new(1, &w->book), 0);
        const struct revision_event *event = &take.events[0];
        if (event->definition)
            assert_int_equal(event_book_add(w->book, definition, event->event_id, event->revision_id, 0, event->state,
                                            event->row_count, event->rows),
                             0);
        else { /* unchanged */
            assert_int_equal(event_book_add(w->book, definition, event->event_id, event->revision_id, 0, event->state,
                                            event->row_count, event->rows),
                             0);
        }
        w->edition.events = w->book;
    } else
        event_definition_unref(definition);
    arena_free(take.job.arena);
    return refused;
}

static void open_world(struct world *w)
{
    bool created;
    (void)strcpy(w->folder, "/tmp/convened-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof(w->path), "%s/t.db", w->folder);
    (void)snprintf(w->clock_path, sizeof(w->clock_path), "%s/clock", w->folder);
    set_clock(w, 0);
    assert_int_equal(clock_new(w->clock_path, &w->clock), 0);
    w->settings.mail.from_address = "events@cluster.example";
    w->edition.settings = &w->settings;
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 10, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    assert_int_equal(define(w, 3), 0);
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

static int64_t ask(struct world *w, const char *sql)
{
    struct query *query;
    if (db_prepare(store_db(w->store), sql, &query) < 0)
        fail_msg("%s", sql);
    int64_t number = db_step(query) > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

/* SQL that counts what must not be. */
static void check(struct world *w, const char *after)
{
    static const struct {
        const char *what, *sql;
    } rules[] = {
        { "counter is not the claims",
          "SELECT count(*) FROM place AS p WHERE p.taken <> (SELECT count(*) FROM claim WHERE place_id = p.id)" },
        { "oversold", "SELECT count(*) FROM place WHERE taken > capacity" },
        { "waiting is not the list",
          "SELECT count(*) FROM place AS p WHERE p.waiting <> (SELECT count(*) FROM ask AS a JOIN registration AS r ON "
          "r.id = a.registration_id WHERE a.place_id = p.id AND a.lacks = 1 AND r.status = 'waitlisted')" },
        { "claims and asks at once",
          "SELECT count(*) FROM ask AS a JOIN claim AS c ON c.registration_id = a.registration_id" },
        { "asks of somebody who has left",
          "SELECT count(*) FROM ask AS a JOIN registration AS r ON r.id = a.registration_id WHERE r.status NOT IN "
          "('waitlisted', 'pending_email', 'awaiting_approval')" },
        { "live without claims or asks",
          "SELECT count(*) FROM registration AS r WHERE status IN ('waitlisted', 'pending_email', 'awaiting_approval', "
          "'confirmed', 'offered') AND NOT EXISTS (SELECT 1 FROM ask WHERE registration_id = r.id) AND NOT EXISTS "
          "(SELECT 1 FROM claim WHERE registration_id = r.id)" },
        { "confirmed without a taken place",
          "SELECT count(*) FROM registration AS r WHERE status = 'confirmed' AND NOT EXISTS (SELECT 1 FROM claim WHERE "
          "registration_id = r.id AND state = 'taken')" },
        { "offered without a held place or an open offer",
          "SELECT count(*) FROM registration AS r WHERE status = 'offered' AND (NOT EXISTS (SELECT 1 FROM claim WHERE "
          "registration_id = r.id AND state = 'held') OR NOT EXISTS (SELECT 1 FROM offer WHERE registration_id = r.id "
          "AND ended_at IS NULL))" },
        { "open offer of somebody who is not offered",
          "SELECT count(*) FROM offer AS o JOIN registration AS r ON r.id = o.registration_id WHERE o.ended_at IS NULL "
          "AND r.status <> 'offered'" },
        { "claim of somebody who has left",
          "SELECT count(*) FROM claim AS c JOIN registration AS r ON r.id = c.registration_id WHERE r.status IN "
          "('waitlisted', 'cancelled', 'expired', 'declined', 'rejected', 'erased')" },
        { "held claim that nothing will end", "SELECT count(*) FROM claim AS c JOIN registration AS r ON r.id = "
                                              "c.registration_id WHERE c.state = 'held' AND "
                                              "r.status IN ('offered', 'pending_email') AND r.expires_at IS NULL" },
        { "two live rows of one person", "SELECT count(*) FROM (SELECT dedupe FROM registration WHERE status IN "
                                         "('pending_email', 'awaiting_approval', "
                                         "'confirmed', 'waitlisted', 'offered') GROUP BY dedupe HAVING count(*) > 1)" },
        { "name of somebody who was erased",
          "SELECT count(*) FROM registration WHERE status = 'erased' AND (name IS NOT NULL OR email IS NOT NULL)" },
        { "mail still owed to somebody who was erased",
          "SELECT count(*) FROM mail AS m JOIN registration AS r ON r.id = m.subject_id WHERE r.status = 'erased' AND "
          "m.state IN ('queued', 'deferred')" },
    };
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        if (ask(w, rules[i].sql) != 0)
            fail_msg("after %s: %s", after, rules[i].what);
    /* nobody waits who could be served, and no later one was offered before an earlier one */
    if (!w->approval && ask(w, "SELECT count(*) FROM place WHERE waiting > 0 AND taken < capacity") != 0)
        fail_msg("after %s: a place is empty and somebody waits", after);
    if (!w->approval && !w->confirm &&
        ask(w,
            "SELECT count(*) FROM registration AS a JOIN registration AS b ON b.id < a.id WHERE a.status = 'offered' "
            "AND b.status = 'waitlisted' AND NOT EXISTS (SELECT 1 FROM audit WHERE registration_id = a.id AND "
            "action = 'offer' AND actor = 'organiser')") != 0)
        fail_msg("after %s: somebody was passed over", after);
}

static struct sign_up *sign_up_new(struct world *w, unsigned person)
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
                           .answers = "{}",
                           .search = "anna" };
    s->email = s->dedupe = arena_format(arena, "p%u@x.example", person);
    return s;
}

static void sign_up(struct world *w, unsigned person)
{
    struct sign_up *s = sign_up_new(w, person);
    assert_int_equal(store_run(w->store, &s->job), 0);
    arena_free(s->job.arena);
}

/* The folder no longer has the event's file. */
static void withdraw(struct world *w)
{
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example",
                                  .may_withdraw = true };
    assert_int_equal(store_run(w->store, &take.job), 0);
    assert_int_equal(take.changed, 1);
    arena_free(take.job.arena);
}

static enum act_result act(struct world *w, const struct change_kind *kind, int64_t id, const char *actor)
{
    struct act a = { .job = { .kind = kind, .arena = arena_new() },
                     .registration_id = id,
                     .link_version = -1,
                     .actor = actor,
                     .reason = "because",
                     .message_domain = "cluster.example" };
    assert_int_equal(store_run(w->store, &a.job), 0);
    arena_free(a.job.arena);
    return a.result;
}

static void expire(struct world *w)
{
    struct expire e = { .job = { .kind = &change_expire, .arena = arena_new() }, .message_domain = "cluster.example" };
    assert_int_equal(store_run(w->store, &e.job), 0);
    arena_free(e.job.arena);
}

static void step(struct world *w)
{
    static const struct change_kind *const kinds[] = { &change_cancel,  &change_confirm, &change_accept,
                                                       &change_decline, &change_approve, &change_reject,
                                                       &change_promote };
    unsigned what = dice(20);
    if (what < 8) {
        sign_up(w, dice(PEOPLE));
        check(w, "sign-up");
    } else if (what < 17) {
        const struct change_kind *kind = kinds[dice(sizeof(kinds) / sizeof(kinds[0]))];
        int64_t id = 1 + (int64_t)dice((unsigned)ask(w, "SELECT coalesce(max(id), 0) FROM registration") + 1);
        (void)act(w, kind, id, kind == &change_promote ? "organiser" : "person");
        check(w, kind->name);
    } else if (what < 19) {
        set_clock(w, dice(30) * 3600);
        expire(w);
        check(w, "expiry");
    } else {
        (void)define(w, 1 + (int)dice(6)); /* refused where it would break what is stored */
        check(w, "edit");
    }
}

static void random_lives_keep_the_promises(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < 16; variant++) {
        struct world w = {
            .waiting_list = variant & 1, .approval = variant & 2, .holds = variant & 4, .confirm = variant & 8
        };
        dice_state = 88172645463325252ull + variant;
        open_world(&w);
        for (int i = 0; i < STEPS / 16; i++)
            step(&w);
        close_world(&w);
    }
}

static int64_t count_state(struct world *w, const char *state)
{
    char sql[128];
    (void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM registration WHERE status = '%s'", state);
    return ask(w, sql);
}

static void freed_place_is_offered_to_the_longest_waiting_and_passed_on(void **state)
{
    (void)state;
    struct world w = { .waiting_list = true, .holds = true };
    open_world(&w);
    for (unsigned i = 0; i < 6; i++)
        sign_up(&w, i);
    assert_int_equal(count_state(&w, "waitlisted"), 3);
    assert_int_equal(act(&w, &change_cancel, 1, "person"), ACT_DONE);
    assert_int_equal(ask(&w, "SELECT id FROM registration WHERE status = 'offered'"), 4);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'offer' AND subject_id = 4 AND state = 'queued'"),
                     1);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 3); /* held: nobody else can have it */
    sign_up(&w, 7);
    assert_int_equal(count_state(&w, "waitlisted"), 3);
    assert_int_equal(act(&w, &change_decline, 4, "person"), ACT_DONE);
    assert_int_equal(ask(&w, "SELECT id FROM registration WHERE status = 'offered'"), 5);
    set_clock(&w, 49 * 3600);
    assert_int_equal(act(&w, &change_accept, 5, "person"), ACT_LATE); /* before the timer came */
    expire(&w);
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE id = 5 AND status = 'expired'"), 1);
    assert_int_equal(ask(&w, "SELECT id FROM registration WHERE status = 'offered'"), 6);
    assert_int_equal(act(&w, &change_accept, 6, "person"), ACT_DONE);
    assert_int_equal(act(&w, &change_accept, 6, "person"), ACT_ALREADY);
    assert_int_equal(count_state(&w, "confirmed"), 3);
    close_world(&w);
}

static void raised_capacity_goes_to_who_waits(void **state)
{
    (void)state;
    struct world w = { .waiting_list = true, .holds = true };
    open_world(&w);
    for (unsigned i = 0; i < 6; i++)
        sign_up(&w, i);
    assert_int_equal(define(&w, 5), 0);
    assert_int_equal(count_state(&w, "offered"), 2);
    assert_int_equal(count_state(&w, "waitlisted"), 1);
    close_world(&w);
}

static void capacity_raised_by_hundreds_goes_to_all_who_wait(void **state)
{
    (void)state;
    struct world w = { .waiting_list = true, .holds = true };
    struct store_job *jobs[400];
    struct batch_report report;
    open_world(&w);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 400; i++)
            jobs[i] = &sign_up_new(&w, round * 400 + i)->job;
        batch_run(store_db(w.store), NULL, jobs, 400, clock_now(w.clock), &report);
        for (unsigned i = 0; i < 400; i++) {
            assert_int_equal(jobs[i]->outcome, 0);
            arena_free(jobs[i]->arena);
        }
    }
    assert_int_equal(count_state(&w, "waitlisted"), 797);
    assert_int_equal(define(&w, 703), 0);
    assert_int_equal(count_state(&w, "offered"), 700);
    check(&w, "edit");
    close_world(&w);
}

static void unconfirmed_place_lapses_and_the_data_goes(void **state)
{
    (void)state;
    struct world w = { .confirm = true, .holds = true };
    open_world(&w);
    for (unsigned i = 0; i < 3; i++)
        sign_up(&w, i);
    assert_int_equal(count_state(&w, "pending_email"), 3);
    assert_int_equal(ask(&w, "SELECT count(*) FROM claim WHERE state = 'held'"), 3);
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE kind = 'confirm_reminder'"), 3);
    sign_up(&w, 9);
    assert_int_equal(count_state(&w, "pending_email"), 3); /* full: no fourth */
    assert_int_equal(act(&w, &change_confirm, 1, "person"), ACT_DONE);
    set_clock(&w, 25 * 3600);
    assert_int_equal(act(&w, &change_confirm, 2, "person"), ACT_LATE);
    expire(&w);
    assert_int_equal(count_state(&w, "expired"), 2);
    assert_int_equal(ask(&w, "SELECT taken FROM place"), 1);
    int64_t version = ask(&w, "SELECT link_version FROM registration WHERE id = 2");
    set_clock(&w, 8 * 86400);
    expire(&w);
    assert_int_equal(count_state(&w, "erased"), 2);
    assert_true(ask(&w, "SELECT link_version FROM registration WHERE id = 2") != version); /* no link revives it */
    assert_int_equal(ask(&w, "SELECT count(*) FROM mail WHERE subject_id = 2 AND recipient <> ''"), 0);
    assert_int_equal(count_state(&w, "confirmed"), 1);
    close_world(&w);
}

static void approval_never_oversells(void **state)
{
    (void)state;
    struct world w = { .approval = true, .holds = false };
    open_world(&w);
    for (unsigned i = 0; i < 8; i++)
        sign_up(&w, i);
    assert_int_equal(count_state(&w, "awaiting_approval"), 8); /* choose among all who applied */
    for (int64_t id = 1; id <= 3; id++)
        assert_int_equal(act(&w, &change_approve, id, "organiser"), ACT_DONE);
    assert_int_equal(act(&w, &change_approve, 4, "organiser"), ACT_FULL);
    assert_int_equal(act(&w, &change_reject, 1, "organiser"), ACT_DONE);
    assert_int_equal(act(&w, &change_approve, 4, "organiser"), ACT_DONE);
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE id = 1 AND reason = 'because'"), 1);
    close_world(&w);
}

/* Sign-ups and acts that arrive together share a transaction: whoever joins the list in it must be seen by the act
 * behind, or the place stays empty until somebody else leaves. */
static void freed_place_goes_to_who_joined_the_list_in_the_same_batch(void **state)
{
    (void)state;
    for (int confirming = 0; confirming < 2; confirming++) {
        struct world w = { .waiting_list = true, .holds = true, .confirm = confirming };
        open_world(&w);
        for (unsigned i = 0; i < 3 + (unsigned)confirming; i++)
            sign_up(&w, i);
        struct sign_up *newcomer = sign_up_new(&w, 9);
        struct act confirm = { .job = { .kind = &change_confirm, .arena = arena_new() },
                               .registration_id = 4,
                               .link_version = -1,
                               .actor = "person",
                               .message_domain = "cluster.example" };
        struct act cancel = confirm;
        cancel.job.kind = &change_cancel;
        cancel.job.arena = arena_new();
        cancel.registration_id = 1;
        struct store_job *jobs[] = { confirming ? &confirm.job : &newcomer->job, &cancel.job };
        struct batch_report report;
        batch_run(store_db(w.store), NULL, jobs, 2, clock_now(w.clock), &report);
        assert_true(report.wrote);
        assert_int_equal(jobs[0]->outcome, 0);
        assert_int_equal(jobs[1]->outcome, 0);
        assert_int_equal(ask(&w, "SELECT id FROM registration WHERE status = 'offered'"), 4);
        assert_int_equal(
            ask(&w, "SELECT count(*) FROM mail WHERE kind = 'offer' AND subject_id = 4 AND state = 'queued'"), 1);
        check(&w, "one batch");
        arena_free(newcomer->job.arena);
        arena_free(confirm.job.arena);
        arena_free(cancel.job.arena);
        close_world(&w);
    }
}

static void withdrawn_event_offers_no_place_until_it_is_back(void **state)
{
    (void)state;
    struct world w = { .waiting_list = true, .holds = true };
    open_world(&w);
    for (unsigned i = 0; i < 6; i++)
        sign_up(&w, i);
    assert_int_equal(act(&w, &change_cancel, 1, "person"), ACT_DONE);
    withdraw(&w);
    assert_int_equal(act(&w, &change_cancel, 2, "person"), ACT_DONE);
    assert_int_equal(act(&w, &change_promote, 6, "organiser"), ACT_OFF);
    set_clock(&w, 49 * 3600);
    expire(&w); /* what was promised before ends as it was said, and nobody comes after */
    assert_int_equal(count_state(&w, "expired"), 1);
    assert_int_equal(count_state(&w, "offered"), 0);
    assert_int_equal(count_state(&w, "waitlisted"), 2);
    assert_int_equal(define(&w, 3), 0);
    assert_int_equal(count_state(&w, "offered"), 2);
    check(&w, "the event is back");
    close_world(&w);
}

static void mode_of_applicants_without_a_place_cannot_go(void **state)
{
    (void)state;
    struct world w = { .approval = true, .holds = false };
    open_world(&w);
    sign_up(&w, 1);
    assert_int_equal(ask(&w, "SELECT taken + waiting FROM place"), 0);
    w.mode = "hall";
    assert_int_equal(define(&w, 3), 1);
    assert_int_equal(act(&w, &change_reject, 1, "organiser"), ACT_DONE);
    assert_int_equal(define(&w, 3), 0);
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
        cmocka_unit_test(freed_place_is_offered_to_the_longest_waiting_and_passed_on),
        cmocka_unit_test(raised_capacity_goes_to_who_waits),
        cmocka_unit_test(capacity_raised_by_hundreds_goes_to_all_who_wait),
        cmocka_unit_test(unconfirmed_place_lapses_and_the_data_goes),
        cmocka_unit_test(approval_never_oversells),
        cmocka_unit_test(freed_place_goes_to_who_joined_the_list_in_the_same_batch),
        cmocka_unit_test(withdrawn_event_offers_no_place_until_it_is_back),
        cmocka_unit_test(mode_of_applicants_without_a_place_cannot_go),
        cmocka_unit_test(random_lives_keep_the_promises),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
