/* SPDX-License-Identifier: EUPL-1.2 */
/* change/address, change/erase and signup/evidence on a real store: what is asked and taken in which order, what is
 * left of a person, and when; what becomes of the mail that is under way meanwhile. The store's own check (counters
 * equal claims) runs at each commit in the test builds. */
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
#include "change/address.h"
#include "change/expire.h"
#include "change/mail_lease.h"
#include "change/mail_result.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "signup/evidence.h"
#include "store/db.h"
#include "view/edition.h"

#define DEFINITION                                                                                             \
    "slug = \"room\"; languages = [ \"en\" ]; title = \"Room\"; zone = \"Europe/Tallinn\";\n"                  \
    "starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\"; place = \"Hall\"; waiting_list = true;\n"     \
    "modes = ( { id = \"onsite\"; capacity = 1; } );\n"                                                        \
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"    \
    "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; },\n"           \
    "{ id = \"firm\"; type = \"text\"; role = \"organisation\"; label = \"Firm\"; },\n"                        \
    "{ id = \"idea\"; type = \"text\"; label = \"Idea\"; },\n"                                                 \
    "{ id = \"aim\"; type = \"text\"; label = \"Aim\"; class = \"evidence\"; },\n"                              \
    "{ id = \"land\"; type = \"country\"; role = \"country\"; label = \"Country\"; } );\n"                     \
    "privacy = { controller = \"We\"; retain_evidence_until = \"2099-12-31\"; };\n"
#define YEAR_LATER 4102444800 /* 2100-01-01T00:00:00Z */

struct world {
    char folder[32], path[64];
    struct clock *clock;
    struct store *store;
    struct settings settings;
    struct event_book *book;
    struct edition edition;
};

static void take_definition(struct world *w)
{
    const struct event_definition *definition = NULL;
    assert_int_equal(event_definition_parse(DEFINITION, strlen(DEFINITION), "room.conf", NULL, &definition), 0);
    struct revision_file file = {
        .name = "room.conf", .text = DEFINITION, .size = strlen(DEFINITION), .definition = definition
    };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example",
                                  .files = &file,
                                  .file_count = 1 };
    assert_int_equal(store_run(w->store, &take.job), 0);
    const struct revision_event *event = &take.events[0];
    assert_int_equal(event_book_new(1, &w->book), 0);
    assert_int_equal(event_book_add(w->book, definition, event->event_id, event->revision_id, 0, event->state,
                                    event->row_count, event->rows),
                     0);
    w->edition.events = w->book;
    arena_free(take.job.arena);
}

static int begin(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    bool created;
    assert_non_null(w);
    (void)strcpy(w->folder, "/tmp/convened-test-XXXXXX");
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof(w->path), "%s/t.db", w->folder);
    assert_int_equal(clock_new(NULL, &w->clock), 0);
    w->settings.mail.from_address = "events@cluster.example";
    w->settings.limits.mails_per_address_per_hour = 2;
    w->edition.settings = &w->settings;
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 100, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    take_definition(w);
    *state = w;
    return 0;
}

static int end(void **state)
{
    struct world *w = *state;
    char command[96];
    event_book_free(w->book);
    store_close(w->store);
    clock_free(w->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", w->folder);
    assert_int_equal(system(command), 0);
    free(w);
    return 0;
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

static void tell(struct world *w, const char *sql)
{
    assert_int_equal(db_script(store_db(w->store), sql), 0);
}

static void sign_up(struct world *w, const char *email)
{
    struct sign_up s = { .job = { .kind = &change_sign_up, .arena = arena_new(), .edition = &w->edition },
                         .event = &w->book->entries[0],
                         .ask = { .mode = w->book->entries[0].mode_places[0] },
                         .revision_id = w->book->entries[0].revision_id,
                         .mode_id = "onsite",
                         .language = "en",
                         .name = "Anna",
                         .organisation = "Firm",
                         .answers = "{\"firm\":\"Firm\",\"idea\":\"Mine\",\"land\":\"LT\"}",
                         .search = "anna firm mine",
                         .email = email,
                         .dedupe = email };
    assert_int_equal(store_run(w->store, &s.job), 0);
    arena_free(s.job.arena);
}

static enum act_result act(struct world *w, const struct change_kind *kind, int64_t id, int64_t evidence)
{
    struct act a = { .job = { .kind = kind, .arena = arena_new(), .edition = &w->edition },
                     .registration_id = id,
                     .link_version = -1,
                     .actor = "person",
                     .evidence_until = evidence,
                     .kept = "[\"firm\",\"aim\",\"land\"]",
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

/* ---- another address ---- */

static enum address_result ask_address(struct world *w, const char *email, const char *mailbox)
{
    struct address_ask a = { .job = { .kind = &change_address_ask, .arena = arena_new(), .edition = &w->edition },
                             .registration_id = 1,
                             .link_version = ask(w, "SELECT link_version FROM registration WHERE id = 1"),
                             .email = email,
                             .mailbox = mailbox };
    assert_int_equal(store_run(w->store, &a.job), 0);
    arena_free(a.job.arena);
    return a.result;
}

static enum address_result take_address(struct world *w, int64_t change, const char *dedupe, int64_t behind)
{
    char sql[96];
    (void)snprintf(sql, sizeof(sql), "SELECT link_version FROM address_change WHERE id = %lld", (long long)change);
    struct address_take t = { .job = { .kind = &change_address_take, .arena = arena_new(), .edition = &w->edition },
                              .change_id = change,
                              .registration_id = 1,
                              .link_version = ask(w, sql),
                              .version = ask(w, "SELECT version FROM registration WHERE id = 1") - behind,
                              .event_id = w->book->entries[0].event_id,
                              .dedupe = dedupe };
    assert_int_equal(store_run(w->store, &t.job), 0);
    arena_free(t.job.arena);
    return t.result;
}

static void the_newest_link_alone_takes_an_address(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    int64_t link = ask(w, "SELECT link_version FROM registration");
    assert_int_equal(ask_address(w, "b@x.example", "m1"), ADDRESS_DONE);
    assert_int_equal(ask_address(w, "c@x.example", "m2"), ADDRESS_DONE);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE ended_at IS NULL AND email = 'c@x.example'"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE ended_at IS NOT NULL AND email IS NULL"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'new_address' AND state = 'superseded'"), 1);
    assert_int_equal(take_address(w, 1, "b@x.example", 0), ADDRESS_LATE);
    assert_int_equal(take_address(w, 2, "c@x.example", 1), ADDRESS_STALE);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE email = 'a@x.example'"), 1);
    assert_int_equal(take_address(w, 2, "c@x.example", 0), ADDRESS_DONE);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE email = 'c@x.example' AND dedupe = email"), 1);
    assert_true(ask(w, "SELECT link_version FROM registration") != link);
    assert_int_equal(take_address(w, 2, "c@x.example", 0), ADDRESS_LATE);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'again' AND recipient = 'c@x.example'"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'address_changed' AND recipient = 'a@x.example'"),
                     1);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'confirmed' AND recipient = 'c@x.example'"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE email IS NOT NULL"), 0);
    /* the old address is new here, the new one is known */
    sign_up(w, "c@x.example");
    assert_int_equal(ask(w, "SELECT count(*) FROM registration"), 1);
    sign_up(w, "a@x.example");
    assert_int_equal(ask(w, "SELECT count(*) FROM registration"), 2);
}

static void an_address_of_another_registration_is_not_taken(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    sign_up(w, "b@x.example");
    assert_int_equal(ask_address(w, "b@x.example", "m1"), ADDRESS_DONE); /* nobody learns it here */
    assert_int_equal(take_address(w, 1, "b@x.example", 0), ADDRESS_OTHER);
    assert_int_equal(act(w, &change_cancel, 2, 0), ACT_DONE);
    assert_int_equal(take_address(w, 1, "b@x.example", 0), ADDRESS_DONE);
}

static void not_too_many_and_not_too_late(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    assert_int_equal(ask_address(w, "b@x.example", "m"), ADDRESS_DONE);
    assert_int_equal(ask_address(w, "b@x.example", "m"), ADDRESS_DONE);
    assert_int_equal(ask_address(w, "b@x.example", "m"), ADDRESS_LIMITED);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'new_address'"), 2);
    tell(w, "UPDATE address_change SET expires_at = asked_at");
    assert_int_equal(take_address(w, 2, "b@x.example", 0), ADDRESS_LATE);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE email IS NOT NULL"), 1);
    expire(w);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE email IS NULL AND ended_at IS NOT NULL"), 2);
    assert_int_equal(ask_address(w, "b@x.example", "other"), ADDRESS_DONE);
    assert_int_equal(act(w, &change_cancel, 1, 0), ACT_DONE);
    assert_int_equal(take_address(w, 3, "b@x.example", 0), ADDRESS_CLOSED);
    assert_int_equal(ask_address(w, "c@x.example", "third"), ADDRESS_CLOSED);
    struct address_ask gone = { .job = { .kind = &change_address_ask, .arena = arena_new(), .edition = &w->edition },
                                .registration_id = 1,
                                .link_version = -7,
                                .email = "d@x.example",
                                .mailbox = "fourth" };
    assert_int_equal(store_run(w->store, &gone.job), 0);
    assert_int_equal(gone.result, ADDRESS_GONE);
    arena_free(gone.job.arena);
}

/* ---- erasure ---- */

#define LEFT                                                                                                       \
    "SELECT (SELECT count(*) FROM registration WHERE id = 1 AND (name IS NOT NULL OR email IS NOT NULL OR dedupe " \
    "IS NOT NULL OR organisation IS NOT NULL OR answers <> '{}' OR search <> '' OR proposal IS NOT NULL OR "       \
    "invitation_id IS NOT NULL)) + (SELECT count(*) FROM mail WHERE subject_id = 1 AND (recipient <> '' OR data "  \
    "<> '{}')) + (SELECT count(*) FROM address_change WHERE email IS NOT NULL) + (SELECT count(*) FROM wish) + "   \
    "(SELECT count(*) FROM invitation WHERE email IS NOT NULL OR note IS NOT NULL)"

static void add_belongings(struct world *w)
{
    tell(w, "INSERT INTO invitation (id, event_id, email, note, uses, link_version, created_at, actor) "
            "VALUES (1, 1, 'a@x.example', 'for Anna', 1, 7, 1, 'test')");
    tell(w, "UPDATE registration SET invitation_id = 1, proposal = 'Wednesday' WHERE id = 1");
    tell(w, "INSERT INTO wish (registration_id, round, rank, place_id) VALUES (1, 'r', 1, 1)");
    assert_int_equal(ask_address(w, "b@x.example", "m"), ADDRESS_DONE);
}

static void nothing_is_left_and_the_place_goes_on(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    sign_up(w, "w@x.example");
    add_belongings(w);
    assert_true(ask(w, LEFT) > 0);
    assert_int_equal(act(w, &change_erase, 1, YEAR_LATER), ACT_DONE); /* evidence of what has not begun is none */
    assert_int_equal(ask(w, LEFT), 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM invitation WHERE revoked_at > 0"), 1); /* nobody else's now */
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE id = 1 AND status = 'erased'"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE id = 2 AND status = 'offered'"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM claim WHERE registration_id = 1"), 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE subject_id = 1 AND state IN ('queued', 'deferred')"), 0);
    assert_int_equal(act(w, &change_erase, 1, 0), ACT_GONE);
    /* who waits, and what has ended */
    assert_int_equal(act(w, &change_erase, 2, 0), ACT_DONE);
    sign_up(w, "c@x.example");
    assert_int_equal(act(w, &change_cancel, 3, 0), ACT_DONE);
    assert_int_equal(act(w, &change_erase, 3, 0), ACT_DONE);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE status = 'erased' AND email IS NULL"), 3);
    assert_int_equal(ask(w, "SELECT taken + waiting FROM place"), 0);
}

static void an_invitation_for_many_is_nobodys(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    add_belongings(w);
    tell(w, "UPDATE invitation SET uses = 20, email = NULL, note = 'for the cluster'");
    assert_int_equal(act(w, &change_erase, 1, 0), ACT_DONE);
    assert_int_equal(ask(w, "SELECT count(*) FROM invitation WHERE note = 'for the cluster' AND revoked_at IS NULL"),
                     1);
}

static void evidence_stays_until_its_day(void **state)
{
    struct world *w = *state;
    sign_up(w, "a@x.example");
    add_belongings(w);
    tell(w, "UPDATE event SET starts_at = 1000");
    assert_int_equal(act(w, &change_erase, 1, YEAR_LATER), ACT_KEPT);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE status = 'confirmed' AND restricted_at > 0 AND "
                            "name = 'Anna' AND organisation = 'Firm' AND email IS NULL AND dedupe IS NULL AND search "
                            "= '' AND proposal IS NULL AND answers = '{\"firm\":\"Firm\",\"land\":\"LT\"}'"),
                     1);
    assert_int_equal(ask(w, "SELECT count(*) FROM claim"), 1);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE recipient <> ''"), 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM address_change WHERE email IS NOT NULL"), 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM audit WHERE action = 'restrict' AND data IS NULL"), 1);
    int64_t version = ask(w, "SELECT version FROM registration");
    assert_int_equal(act(w, &change_erase, 1, YEAR_LATER), ACT_KEPT); /* once is enough */
    assert_int_equal(ask(w, "SELECT version FROM registration"), version);
    assert_int_equal(act(w, &change_cancel, 1, 0), ACT_ALREADY);
    assert_int_equal(ask_address(w, "b@x.example", "n"), ADDRESS_CLOSED);
    expire(w);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE status = 'confirmed'"), 1);
    tell(w, "UPDATE registration SET expires_at = 2000");
    expire(w);
    assert_int_equal(ask(w, "SELECT count(*) FROM registration WHERE status = 'erased'"), 1);
    assert_int_equal(ask(w, LEFT), 0);
}

static void when_evidence_is_due(void **state)
{
    struct world *w = *state;
    const struct event_definition *definition = w->book->entries[0].definition;
    struct arena *arena = arena_new();
    int64_t until = evidence_until(definition);
    assert_int_equal(until, 4102437600); /* 2100-01-01T00:00 in Tallinn */
    assert_string_equal(evidence_fields(arena, definition), "[\"firm\",\"aim\",\"land\"]");
    assert_true(evidence_is_due(STATE_CONFIRMED, 100, until, 100));
    assert_false(evidence_is_due(STATE_CONFIRMED, 100, until, 99));
    assert_true(evidence_is_due(STATE_CONFIRMED, 100, until, until - 1));
    assert_false(evidence_is_due(STATE_CONFIRMED, 100, until, until));
    assert_false(evidence_is_due(STATE_CONFIRMED, 100, 0, 200));
    assert_false(evidence_is_due(STATE_WAITLISTED, 100, until, 200));
    assert_false(evidence_is_due(STATE_CANCELLED, 100, until, 200));
    arena_free(arena);
}

/* ---- mails that are under way ---- */

static struct mail_lease lease_mails(struct world *w)
{
    struct mail_lease lease = { .job = { .kind = &change_mail_lease, .arena = arena_new() }, .urgent = 8, .others = 8,
                                .look = 8, .process = 1 };
    assert_int_equal(store_run(w->store, &lease.job), 0);
    return lease;
}

static void report_mail(struct world *w, int64_t id, enum mail_outcome outcome)
{
    struct mail_result result = { .job = { .kind = &change_mail_result }, .mail_id = id, .process = 1,
                                  .outcome = outcome, .due_at = clock_now(w->clock) + 3600,
                                  .tried = outcome != MAIL_RETURNED, .code = 450, .reply = "450 later" };
    assert_int_equal(store_run(w->store, &result.job), 0);
    assert_true(result.applies);
}

/* What replaces a mail that is under way waits for its result and no longer, however that fares. */
static void what_is_no_longer_owed_holds_nothing_up(void **state)
{
    static const struct { enum mail_outcome outcome; const char *state; int64_t attempts; } cases[] = {
        { MAIL_DEFERRED, "superseded", 1 }, { MAIL_RETURNED, "superseded", 0 }, { MAIL_FAILED, "failed", 1 },
        { MAIL_SENT, "sent", 1 },
    };
    struct world *w = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char email[32], sql[128];
        (void)snprintf(email, sizeof(email), "p%zu@x.example", i);
        sign_up(w, email);
        struct mail_lease first = lease_mails(w);
        assert_int_equal(first.count, 1);
        assert_int_equal(act(w, &change_cancel, (int64_t)i + 1, 0), ACT_DONE);
        struct mail_lease none = lease_mails(w);
        assert_int_equal(none.count, 0); /* not before it is known how that one fared */
        report_mail(w, first.mails[0].id, cases[i].outcome);
        (void)snprintf(sql, sizeof(sql), "SELECT attempts FROM mail WHERE id = %lld AND state = '%s'",
                       (long long)first.mails[0].id, cases[i].state);
        assert_int_equal(ask(w, sql), cases[i].attempts);
        struct mail_lease second = lease_mails(w);
        assert_int_equal(second.count, 1);
        assert_string_equal(second.mails[0].kind, "cancelled");
        report_mail(w, second.mails[0].id, MAIL_SENT);
        arena_free(first.job.arena);
        arena_free(none.job.arena);
        arena_free(second.job.arena);
    }
}

/* Nor after a crash: the leases of a daemon that is no more are void. */
static void what_is_no_longer_owed_is_over_after_a_crash(void **state)
{
    struct world *w = *state;
    bool created;
    sign_up(w, "a@x.example");
    struct mail_lease lease = lease_mails(w);
    arena_free(lease.job.arena);
    assert_int_equal(act(w, &change_cancel, 1, 0), ACT_DONE);
    store_close(w->store);
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 100, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM mail WHERE kind = 'confirmed' AND state = 'superseded'"), 1);
    lease = lease_mails(w);
    assert_int_equal(lease.count, 1);
    assert_string_equal(lease.mails[0].kind, "cancelled");
    arena_free(lease.job.arena);
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
        cmocka_unit_test_setup_teardown(the_newest_link_alone_takes_an_address, begin, end),
        cmocka_unit_test_setup_teardown(an_address_of_another_registration_is_not_taken, begin, end),
        cmocka_unit_test_setup_teardown(not_too_many_and_not_too_late, begin, end),
        cmocka_unit_test_setup_teardown(nothing_is_left_and_the_place_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(an_invitation_for_many_is_nobodys, begin, end),
        cmocka_unit_test_setup_teardown(evidence_stays_until_its_day, begin, end),
        cmocka_unit_test_setup_teardown(when_evidence_is_due, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_longer_owed_holds_nothing_up, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_longer_owed_is_over_after_a_crash, begin, end),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
