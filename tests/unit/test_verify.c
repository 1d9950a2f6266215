/* SPDX-License-Identifier: EUPL-1.2 */
/* ctl/verify and report/export on a real store: a whole one passes, and each way of breaking it is found by the check
 * that is made for it. */
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

#include "base/clock.h"
#include "base/log.h"
#include "ctl/ctl.h"
#include "report/export.h"
#include "store/db.h"
#include "store/store.h"

/* One event with two places, two confirmed, one waiting, one cancelled. */
static const char whole[] =
    "INSERT INTO event (id, slug, revision_id, state, starts_at) "
    "VALUES (1, 'open-day', 1, 'live', 9), (2, 'other', 2, 'live', 9);"
    "INSERT INTO event_revision (id, event_id, number, hash, text, author, source, created_at) "
    "VALUES (1, 1, 1, 'h', 't', 'a', 's', 1), (2, 2, 1, 'h', 't', 'a', 's', 1);"
    "INSERT INTO place (id, event_id, kind, key, title, capacity, taken, waiting) "
    "VALUES (1, 1, 'mode', 'onsite', 'On site', 2, 2, 1), (2, 2, 'mode', 'onsite', 'On site', NULL, 0, 0);"
    "INSERT INTO text (hash, language, body) VALUES ('h', 'en', 'Write to me');"
    "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, actor, reference, language, "
    "name, email, dedupe, mode, answers, search, link_version, created_at, updated_at) VALUES "
    "(1, 1, 1, 1, 'confirmed', 1, 'person', 'VYN5-4V5', 'en', 'Mari', "
    "'mari@x.ee', 'mari@x.ee', 'onsite', '{\"age\":-5}', '', 1, 1, 1), "
    "(2, 1, 1, 2, 'confirmed', 1, 'person', '5TVB-124', 'en', '=1', "
    "'jaan@x.ee', 'jaan@x.ee', 'onsite', '{\"age\":1.5}', '', 1, 1, 1), "
    "(3, 1, 1, 3, 'waitlisted', 1, 'person', 'GXNG-DNA', 'en', 'Anu \"A\"', "
    "'anu@x.ee', 'anu@x.ee', 'onsite', '{}', '', 1, 1, 1), "
    "(4, 1, 1, 4, 'cancelled', 1, 'person', 'J7V5-JVE', 'en', 'Juri', 'juri@x.ee', NULL, 'onsite', '{}', '', 1, 1, 1);"
    "INSERT INTO submission (id, reference, event_id, registration_id, outcome, language, at) "
    "SELECT id, reference, event_id, id, 'confirmed', 'en', 1 FROM registration;"
    "INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, recipient, language, data, priority, "
    "state, due_at, message_id, born_at) "
    "SELECT id, 'registration', id, 1, status, 0, email, 'en', '{}', 0, 'queued', 1, 'm', 1 FROM registration;"
    "INSERT INTO claim (registration_id, place_id, state) VALUES (1, 1, 'taken'), (2, 1, 'taken');"
    "INSERT INTO ask (place_id, since, registration_id, lacks) VALUES (1, 1, 3, 1);"
    "INSERT INTO consent (registration_id, purpose, n, text_hash, language, given_at, how) "
    "VALUES (1, 'news', 1, 'h', 'en', 1, 'form');"
    "CREATE VIEW event_open_day AS SELECT r.registration, r.name, json_extract(g.answers, '$.age') AS age "
    "FROM registrations AS r JOIN registration AS g ON g.id = r.registration WHERE r.event = 'open-day';";

/* The third, who waits, comes to stand in another way, whole; what follows in a case breaks it. */
#define HOLD                                                                                                           \
    "DELETE FROM ask WHERE registration_id = 3; INSERT INTO claim VALUES (3, 1, 'held'); "                             \
    "UPDATE place SET taken = 3, capacity = 3 WHERE id = 1; "
#define LEAVES_LIST "DELETE FROM ask WHERE registration_id = 3; UPDATE place SET waiting = 0 WHERE id = 1; "
#define ASKS "INSERT INTO ask (place_id, since, registration_id, lacks) VALUES (1, 1, 3, 0); "
#define MAILED(kind) "UPDATE mail SET kind = '" kind "' WHERE id = 3; "
#define ANOTHER_MAIL(kind)                                                                                             \
    "INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, recipient, language, data, priority, "  \
    "state, due_at, message_id, born_at) SELECT 9, subject_kind, subject_id, event_id, '" kind "', 0, recipient, "     \
    "language, data, priority, state, due_at, 'm', 1 FROM mail WHERE id = 3; "
#define CALLED_OFF                                                                                                     \
    "UPDATE event SET state = 'off' WHERE id = 1; INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, "    \
    "instance, recipient, language, data, priority, state, due_at, message_id, born_at) SELECT 20 + id, "              \
    "'registration', id, 1, 'event_off', 0, email, 'en', '{}', 0, 'queued', 1, 'm', 1 FROM registration WHERE id < 4; "
#define OFFERED                                                                                                        \
    LEAVES_LIST HOLD "UPDATE registration SET status = 'offered', expires_at = 7 WHERE id = 3; "                       \
    "INSERT INTO offer (id, registration_id, places, made_at, accept_by) VALUES (4, 3, '[1]', 1, 7); "                 \
    ANOTHER_MAIL("offer") "UPDATE mail SET instance = 4 WHERE id = 9; "
#define PENDING                                                                                                        \
    LEAVES_LIST ASKS "UPDATE registration SET status = 'pending_email', expires_at = 7 WHERE id = 3; " MAILED("confirm")
#define AWAITING                                                                                                       \
    LEAVES_LIST ASKS "UPDATE registration SET status = 'awaiting_approval' WHERE id = 3; " MAILED("awaiting_approval")
#define ENDED(status) LEAVES_LIST "UPDATE registration SET status = '" status "' WHERE id = 3; "
#define ERASED                                                                                                         \
    LEAVES_LIST "UPDATE registration SET status = 'erased', name = NULL, email = NULL, dedupe = NULL WHERE id = 3; "   \
    "UPDATE mail SET recipient = '' WHERE id = 3; "

/* Its owner asked for erasure, but the funder's evidence stays until 9. */
#define RESTRICTED                                                                                                     \
    "UPDATE registration SET restricted_at = 5, expires_at = 9, email = NULL, dedupe = NULL, search = '' "             \
    "WHERE id = 1; "                                                                                                   \
    "UPDATE mail SET recipient = '' WHERE subject_id = 1; "

/* Sessions 3 and 4 of the round a, a reserve for one, and an invitation for one. */
#define PROGRAMME                                                                                                      \
    "INSERT INTO place (id, event_id, kind, key, title, capacity, round, parent_id) VALUES "                           \
    "(3, 1, 'session', 'a1', 'A', 2, 'a', NULL), (4, 1, 'session', 'a2', 'B', NULL, 'a', NULL), "                      \
    "(5, 1, 'reserve', 'vip', 'V', 1, NULL, 1), (6, 1, 'cap', 'invite:1', 'I', 1, NULL, NULL), "                       \
    "(7, 1, 'mode', 'online', 'O', NULL, NULL, NULL); "                                                                \
    "INSERT INTO invitation (id, event_id, uses, link_version, created_at, actor) VALUES (1, 1, 1, 1, 1, 'a'); "       \
    "UPDATE place SET capacity = 4, reserved_open = 1 WHERE id = 1; "
#define CLAIM(place)                                                                                                   \
    "INSERT INTO claim VALUES (1, " place ", 'taken'); UPDATE place SET taken = 1 WHERE id = " place "; "
#define WISH "INSERT INTO wish VALUES (1, 'a', 1, 3); "
#define ALLOCATED                                                                                                      \
    "INSERT INTO allocation VALUES (1, 1, 'a', 's', 2, 1, 1, 1, 'a'); "                                                \
    "UPDATE place SET allocated_at = 1 WHERE round = 'a'; "

#define SENT_MAILING                                                                                                   \
    "INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at, sent_at) "                            \
    "VALUES (1, 1, '{}', '{}', 0, 'a', 1, 2); "                                                                        \
    "INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) " \
    "VALUES (1, 'bulk', 1, 2, 9, 'done'); "                                                                            \
    ANOTHER_MAIL("bulk") "UPDATE mail SET batch_id = 1, instance = 1 WHERE id = 9; "
#define BOUNCED "INSERT INTO bounce (mail_id, at, sort, status) VALUES (3, 1, 'permanent', '5.1.1'); "

/* What breaks it, and the check that says so; NULL: still whole. */
static const struct { const char *sql, *check; } cases[] = {
    { "UPDATE mail SET state = 'sent', sent_at = 5 WHERE id = 1", NULL },
    { "UPDATE mail SET state = 'failed' WHERE id = 1", NULL },
    { "UPDATE mail SET state = 'cancelled' WHERE id = 1", NULL },
    { "UPDATE mail_count SET n = n + 1 WHERE state = 'queued'", "mails counted" },
    { SENT_MAILING, NULL },
    { SENT_MAILING "UPDATE mail SET batch_id = NULL WHERE id = 9", "mails of mailings" },
    { SENT_MAILING "UPDATE mail SET batch_id = 2 WHERE id = 9", "mails of mailings" },
    { SENT_MAILING "UPDATE mail SET instance = 2 WHERE id = 9", "mails of mailings" },
    { SENT_MAILING "UPDATE mail_batch SET sent_at = NULL", "mailings" },
    { SENT_MAILING "DELETE FROM mail_plan", "mailings" },
    { SENT_MAILING "UPDATE mail_batch SET recalled_at = 3", NULL },
    { SENT_MAILING "UPDATE mail_batch SET recalled_at = 3; UPDATE mail_plan SET state = 'running'", "mailings" },
    { SENT_MAILING "UPDATE mail_plan SET instance = 2", "mailings" },
    { "INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) VALUES (1, 'bulk', 1, 2, 9, 'done')",
      "plans" },
    { "INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) VALUES (1, 'thanks', 0, 2, 9, "
      "'planned')", NULL },
    { CALLED_OFF "INSERT INTO mail_plan (event_id, kind, instance, due_at, expires_at, state) VALUES (1, 'thanks', 0, "
      "2, 9, 'planned')", "plans" },
    { "UPDATE registration SET undeliverable_at = 3, undeliverable_why = 'gone' WHERE id = 1", NULL },
    { "UPDATE registration SET undeliverable_at = 3 WHERE id = 1", "undeliverable" },
    { "UPDATE registration SET undeliverable_why = 'gone' WHERE id = 1", "undeliverable" },
    { ERASED BOUNCED, NULL },
    { ERASED BOUNCED "UPDATE bounce SET reply = 'x'", "nothing of the erased" },
    { ERASED "UPDATE mail SET last_reply = 'x' WHERE id = 3", "nothing of the erased" },
    { ERASED "UPDATE registration SET undeliverable_at = 1, undeliverable_why = 'x' WHERE id = 3",
      "nothing of the erased" },
    { ERASED "INSERT INTO calendar_reply VALUES (1, 3, 1, 'declined')", "nothing of the erased" },
    { RESTRICTED "UPDATE mail SET last_reply = 'x' WHERE id = 1", "only evidence of the restricted" },
    { "UPDATE mail SET state = 'superseded' WHERE id = 4", NULL },
    { "UPDATE place SET capacity = NULL WHERE id = 1", NULL },
    { "UPDATE place SET taken = 1 WHERE id = 1", "places taken" },
    { "UPDATE place SET taken = 1 WHERE id = 2", "places taken" },
    { "INSERT INTO claim VALUES (3, 2, 'held')", "places taken" },
    { "UPDATE place SET waiting = 0 WHERE id = 1", "places waiting" },
    { "UPDATE ask SET lacks = 0", "places waiting" },
    { "UPDATE registration SET mode = 'moon' WHERE id = 3", "asks of who waits" },
    { "UPDATE place SET capacity = 1 WHERE id = 1", "places never oversold" },
    { "DELETE FROM claim WHERE registration_id = 2; UPDATE place SET taken = 1 WHERE id = 1",
      "claims of who takes part" },
    { "UPDATE claim SET state = 'held' WHERE registration_id = 2", "claims of who takes part" },
    { OFFERED, NULL },
    { OFFERED "UPDATE claim SET state = 'taken' WHERE registration_id = 3", "claims held" },
    { OFFERED "DELETE FROM claim WHERE registration_id = 3; UPDATE place SET taken = 2 WHERE id = 1", "claims held" },
    { OFFERED "UPDATE registration SET expires_at = NULL WHERE id = 3", "deadlines" },
    { OFFERED "UPDATE registration SET expires_at = 8 WHERE id = 3", "offers" },
    { OFFERED "UPDATE offer SET ended_at = 5, outcome = 'lapsed'", "offers" },
    { OFFERED "UPDATE registration SET status = 'confirmed', expires_at = NULL WHERE id = 3; "
      "UPDATE claim SET state = 'taken' WHERE registration_id = 3; UPDATE mail SET kind = 'confirmed' WHERE id = 9",
      "offers" },
    { OFFERED "UPDATE offer SET outcome = 'lapsed'", "offers ended" },
    { OFFERED "UPDATE mail SET instance = 3 WHERE id = 9", "mails owed" },
    { OFFERED "UPDATE mail SET state = 'superseded' WHERE id = 9", "mails owed" },
    { PENDING, NULL },
    { PENDING HOLD, NULL },
    { PENDING HOLD "UPDATE claim SET state = 'taken' WHERE registration_id = 3", "claims held" },
    { PENDING "UPDATE registration SET expires_at = NULL WHERE id = 3", "deadlines" },
    { PENDING MAILED("waitlisted"), "mails owed" },
    { AWAITING, NULL },
    { AWAITING HOLD, NULL },
    { AWAITING HOLD "UPDATE claim SET state = 'taken' WHERE registration_id = 3", "claims held" },
    { AWAITING "UPDATE registration SET expires_at = 7 WHERE id = 3", "deadlines" },
    { AWAITING "DELETE FROM mail WHERE id = 3", "mails owed" },
    { PENDING "DELETE FROM ask; UPDATE registration SET status = 'expired' WHERE id = 3", NULL },
    { PENDING "DELETE FROM ask; UPDATE registration SET status = 'cancelled', expires_at = NULL WHERE id = 3", NULL },
    { ENDED("expired"), "mails owed" },
    { ENDED("expired") ANOTHER_MAIL("offer_lapsed"), NULL },
    { ENDED("expired") HOLD ANOTHER_MAIL("offer_lapsed"), "claims of nobody else" },
    { ENDED("declined"), "mails owed" },
    { ENDED("declined") ANOTHER_MAIL("declined"), NULL },
    { ENDED("rejected"), "mails owed" },
    { ENDED("rejected") ANOTHER_MAIL("rejected"), NULL },
    { ENDED("cancelled"), "mails owed" },
    { ENDED("cancelled") ANOTHER_MAIL("cancelled") "UPDATE registration SET expires_at = 7 WHERE id = 3", "deadlines" },
    { "UPDATE claim SET state = 'held' WHERE registration_id = 2; INSERT INTO claim VALUES (2, 2, 'taken'); "
      "UPDATE place SET taken = 1 WHERE id = 2", "claims taken" },
    { ERASED, NULL },
    { ERASED "UPDATE registration SET name = 'Anu' WHERE id = 3", "nothing of the erased" },
    { ERASED "UPDATE mail SET recipient = 'anu@x.ee' WHERE id = 3", "nothing of the erased" },
    { RESTRICTED, NULL },
    { RESTRICTED "UPDATE registration SET expires_at = NULL WHERE id = 1", "deadlines" },
    { RESTRICTED "UPDATE registration SET search = 'anna' WHERE id = 1", "only evidence of the restricted" },
    { RESTRICTED "UPDATE mail SET recipient = 'anu@x.ee' WHERE subject_id = 1", "only evidence of the restricted" },
    { "INSERT INTO claim VALUES (4, 1, 'taken'); UPDATE place SET taken = 3, capacity = 3 WHERE id = 1",
      "claims of nobody else" },
    { "INSERT INTO claim VALUES (1, 2, 'taken'); UPDATE place SET taken = 1 WHERE id = 2",
      "claims within their event" },
    { PROGRAMME, NULL },
    { PROGRAMME "UPDATE place SET reserved_open = 0 WHERE id = 1", "places reserved" },
    { PROGRAMME "UPDATE place SET reserved_open = 1 WHERE id = 7", "places reserved" },
    { PROGRAMME CLAIM("5") "UPDATE place SET reserved_open = 0 WHERE id = 1", NULL },
    { PROGRAMME CLAIM("5"), "places reserved" },
    { PROGRAMME "UPDATE place SET released_at = 5 WHERE id = 5; UPDATE place SET reserved_open = 0 WHERE id = 1",
      NULL },
    { PROGRAMME CLAIM("3"), NULL },
    { PROGRAMME CLAIM("3") "DELETE FROM claim WHERE registration_id = 1 AND place_id = 1; "
      "UPDATE place SET taken = 1 WHERE id = 1", "claims with their mode" },
    { PROGRAMME CLAIM("5") "UPDATE place SET parent_id = 7 WHERE id = 5", "claims with their mode" },
    { PROGRAMME CLAIM("7"), "claims on one mode" },
    { OFFERED PROGRAMME "UPDATE place SET taken = 1 WHERE id = 3; INSERT INTO claim VALUES (3, 3, 'held')", NULL },
    { OFFERED PROGRAMME "UPDATE place SET taken = 1 WHERE id = 3; INSERT INTO claim VALUES (3, 3, 'taken')",
      "claims held" },
    { "INSERT INTO ask VALUES (1, 1, 1, 0)", "asks of nobody else" },
    { AWAITING HOLD ASKS, "asks of nobody else" },
    { LEAVES_LIST, "asks of who waits" },
    { "INSERT INTO ask VALUES (2, 1, 3, 0)", "asks within their event" },
    { PROGRAMME WISH, NULL },
    { PROGRAMME WISH "UPDATE wish SET round = 'b'", "wishes" },
    { PROGRAMME WISH "UPDATE wish SET place_id = 1", "wishes" },
    { PROGRAMME WISH "UPDATE place SET event_id = 2 WHERE id = 3", "wishes" },
    { PROGRAMME WISH CLAIM("4") ALLOCATED, NULL },
    { PROGRAMME ALLOCATED "UPDATE place SET allocated_at = NULL", "allocations" },
    { PROGRAMME ALLOCATED "UPDATE allocation SET placed = 3", "allocations" },
    { PROGRAMME ALLOCATED "DELETE FROM allocation", "places allocated" },
    { PROGRAMME CLAIM("6") "UPDATE registration SET invitation_id = 1 WHERE id = 1", NULL },
    { PROGRAMME CLAIM("6"), "invitations used" },
    { PROGRAMME "UPDATE registration SET invitation_id = 1 WHERE id = 1", "invitations used" },
    { PROGRAMME "UPDATE registration SET invitation_id = 1 WHERE id = 3", NULL }, /* waits */
    { PROGRAMME "UPDATE place SET capacity = 2 WHERE id = 6", "invitations" },
    { PROGRAMME "DELETE FROM invitation", "invitations" },
    { "DROP INDEX registration_dedupe; UPDATE registration SET dedupe = 'mari@x.ee' WHERE id = 2", "addresses once" },
    { "UPDATE submission SET reference = 'J7V5-JVF' WHERE id = 4", "references" },
    { "DELETE FROM submission WHERE id = 1", "references" },
    { "DELETE FROM mail WHERE id = 3", "mails owed" },
    { "UPDATE mail SET state = 'superseded' WHERE id = 1", "mails owed" },
    { CALLED_OFF, NULL },
    { CALLED_OFF "UPDATE mail SET state = 'superseded' WHERE id < 20", NULL }, /* what else was owed is not any more */
    { CALLED_OFF "DELETE FROM mail WHERE id = 22", "events off told" },
    { "UPDATE mail SET state = 'sent' WHERE id = 1", "mails sent" },
    { "UPDATE mail SET sent_at = 5 WHERE id = 1", "mails sent" },
    { "UPDATE mail SET subject_id = 99 WHERE id = 4", "mails of somebody" },
    { "UPDATE consent SET given_at = NULL", "consents" },
    { "PRAGMA foreign_keys = OFF; DELETE FROM text; PRAGMA foreign_keys = ON", "foreign keys" },
    { "PRAGMA ignore_check_constraints = ON; UPDATE registration SET answers = 'x' WHERE id = 4; "
      "PRAGMA ignore_check_constraints = OFF", "integrity" },
};

struct fixture {
    char folder[64], path[96];
    struct clock *clock;
    struct ctl ctl;
};

static int setup(void **state)
{
    static struct fixture fixture;
    struct store *store;
    bool created;

    fixture = (struct fixture){ .folder = "/tmp/convened-verify-XXXXXX" };
    assert_non_null(mkdtemp(fixture.folder));
    snprintf(fixture.path, sizeof(fixture.path), "%s/store.db", fixture.folder);
    assert_int_equal(clock_new(NULL, &fixture.clock), 0);
    const struct store_options options = { .path = fixture.path, .readers = 1, .queue = 10, .clock = fixture.clock };
    assert_int_equal(store_open(&options, &store, &created), 0);
    store_close(store);
    assert_int_equal(store_attach(fixture.path, fixture.clock, &fixture.ctl.store), 0);
    fixture.ctl.db = store_db(fixture.ctl.store);
    assert_int_equal(db_begin(fixture.ctl.db), 0);
    assert_int_equal(db_script(fixture.ctl.db, whole), 0);
    assert_int_equal(db_commit(fixture.ctl.db), 0);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    static const char *const endings[] = { "", "-wal", "-shm", ".lock" };
    struct fixture *fixture = *state;
    char path[128];

    store_close(fixture->ctl.store);
    clock_free(fixture->clock);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        snprintf(path, sizeof(path), "%s%s", fixture->path, endings[i]);
        (void)unlink(path);
    }
    return rmdir(fixture->folder);
}

/* Runs verify and reads what it wrote to standard output. */
static enum ctl_exit verify(struct ctl *ctl, char *ret_words, size_t size)
{
    char name[] = "verify", *argv[] = { name, NULL };
    FILE *file = tmpfile();

    assert_non_null(file);
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_true(saved >= 0 && dup2(fileno(file), STDOUT_FILENO) >= 0);
    enum ctl_exit exit = ctl_verify.run(ctl, 1, argv);
    fflush(stdout);
    assert_true(dup2(saved, STDOUT_FILENO) >= 0);
    close(saved);
    rewind(file);
    ret_words[fread(ret_words, 1, size - 1, file)] = '\0';
    fclose(file);
    return exit;
}

static void one_case(struct ctl *ctl, const char *sql, const char *check)
{
    char words[4096], start[64];

    assert_int_equal(db_script(ctl->db, sql), 0);
    enum ctl_exit exit = verify(ctl, words, sizeof(words));
    assert_null(strstr(words, "@x.ee")); /* names nobody */
    if (!check) {
        if (exit != CTL_OK)
            fail_msg("%s: %s", sql, words);
        return;
    }
    snprintf(start, sizeof(start), "%s: ", check);
    if (exit != CTL_WRONG || !strstr(words, start))
        fail_msg("%s: %s is not among: %s", sql, check, words);
}

static void every_check(void **state)
{
    struct fixture *fixture = *state;

    one_case(&fixture->ctl, "SELECT 1", NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        one_case(&fixture->ctl, cases[i].sql, cases[i].check);
        teardown(state);
        setup(state);
    }
}

static void exported(void **state)
{
    static const char *const expected[] = {
        [EXPORT_CSV] = "\xef\xbb\xbfregistration,name,age\r\n1,Mari,-5\r\n"
                       "2,'=1,1.5\r\n3,\"Anu \"\"A\"\"\",\r\n4,Juri,\r\n",
        [EXPORT_JSON] = "[\n{\"registration\":1,\"name\":\"Mari\",\"age\":-5},\n"
                        "{\"registration\":2,\"name\":\"=1\",\"age\":1.5},\n"
                        "{\"registration\":3,\"name\":\"Anu \\\"A\\\"\",\"age\":null},\n"
                        "{\"registration\":4,\"name\":\"Juri\",\"age\":null}\n]\n",
    };
    struct fixture *fixture = *state;

    for (int format = EXPORT_CSV; format <= EXPORT_JSON; format++) {
        char *text = NULL;
        size_t size;
        FILE *out = open_memstream(&text, &size);
        assert_non_null(out);
        assert_int_equal(export_event(fixture->ctl.db, "open-day", (enum export_format)format, out), 0);
        fclose(out);
        assert_string_equal(text, expected[format]);
        free(text);
    }
    assert_int_equal(export_event(fixture->ctl.db, "nowhere", EXPORT_CSV, stderr), -ENOENT);
    assert_int_equal(export_event(fixture->ctl.db, "x\" UNION SELECT 1 --", EXPORT_CSV, stderr), -ENOENT);
    FILE *full = fopen("/dev/full", "we");
    assert_non_null(full);
    assert_int_equal(export_event(fixture->ctl.db, "open-day", EXPORT_CSV, full), -EIO);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_check, setup, teardown),
        cmocka_unit_test_setup_teardown(exported, setup, teardown),
    };
    log_setup(LOG_LEVEL_WARNING);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
