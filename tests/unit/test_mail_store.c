/* SPDX-License-Identifier: EUPL-1.2 */
/* change/mail_lease, mail_act, mail_pause, mail_alarm on a real store with very many rows: who goes first, what is put
 * aside, what it costs. */
#include "mail_store_kit.h"

#include <errno.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "change/mail_alarm.h"
#include "mail/subject.h"

#define MANY 100000

static void a_confirmation_overtakes_bulk_mail(void **state)
{
    (void)state;
    add(1, MANY, 1, MAIL_BULK, "b.example");
    add(MANY + 1, 3, 1, MAIL_REMINDER, "b.example");
    struct mail_lease leased = lease(0, 8, NULL); /* all room for others is filled */
    assert_int_equal(leased.count, 8);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(leased.mails[i].priority, MAIL_REMINDER);
    arena_free(leased.job.arena);
    add(MANY + 10, 2, 1, MAIL_AT_ONCE, "b.example");
    assert_int_equal(lease_count(0, 0), 0);
    leased = lease(8, 0, NULL);
    assert_int_equal(leased.count, 2);
    assert_int_equal(leased.mails[0].id, MANY + 10);
    arena_free(leased.job.arena);
    /* it is not looked for among the hundred thousand */
    clock_t before = clock(); /* of this process alone */
    for (int i = 0; i < 20; i++)
        assert_int_equal(lease_count(8, 8), 8);
    assert_true(clock() - before < 2 * CLOCKS_PER_SEC);
    assert_counts();
}

static void less_urgent_mail_of_the_same_person_waits_alone(void **state)
{
    (void)state;
    add(1, 3, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET subject_id = 1, recipient = 'p1@b.example', instance = id");
    script("UPDATE mail SET priority = 0 WHERE id = 3");
    struct mail_lease leased = lease(8, 8, NULL);
    assert_int_equal(leased.count, 2); /* the urgent one does not wait for the first, the second does */
    assert_int_equal(leased.mails[0].id, 3);
    assert_int_equal(leased.mails[1].id, 1);
    arena_free(leased.job.arena);
    report(3, MAIL_SENT);
    assert_int_equal(lease_count(8, 8), 0);
    report(1, MAIL_DEFERRED);
    assert_int_equal(lease_count(8, 8), 0);
    script("UPDATE mail SET recipient = 'other@b.example' WHERE id = 2"); /* somebody else: nothing to wait for */
    assert_int_equal(lease_count(8, 8), 1);
}

static void what_has_expired_is_not_leased(void **state)
{
    (void)state;
    add(1, 20, 1, MAIL_REMINDER, "b.example");
    script("UPDATE mail SET expires_at = 1800000000 WHERE id <= 10;"
           "UPDATE mail SET expires_at = 1800001000 WHERE id = 11");
    struct mail_lease leased = lease(8, 8, NULL);
    assert_int_equal(leased.count, 0); /* the first eight were over */
    assert_int_equal(leased.expired, 8);
    arena_free(leased.job.arena);
    leased = lease(8, 8, NULL);
    assert_int_equal(leased.expired, 2);
    assert_int_equal(leased.count, 6);
    assert_int_equal(leased.mails[0].id, 11);
    assert_int_equal(leased.mails[0].expires_at, NOW + 1000);
    assert_true(leased.mails[1].expires_at == INT64_MAX);
    arena_free(leased.job.arena);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'expired' AND attempts = 0 AND last_at "
                         "BETWEEN " AT_NOW), 10);
    report(11, MAIL_EXPIRED);
    assert_int_equal(ask("SELECT attempts FROM mail WHERE id = 11 AND state = 'expired'"), 0);
    assert_counts();
}

static enum mail_gate_verdict odd_ones_later(void *user, const char *recipient, unsigned priority, int64_t now,
                                             int64_t *ret_due)
{
    (void)user, (void)priority;
    assert_in_range(now, NOW, NOW + 100);
    *ret_due = NOW + 500;
    return recipient[strlen(recipient) - strlen("1@b.example")] % 2 ? MAIL_GATE_LATER : MAIL_GATE_GO;
}

static enum mail_gate_verdict shut(void *user, const char *recipient, unsigned priority, int64_t now, int64_t *ret_due)
{
    (void)user, (void)recipient, (void)priority, (void)now, (void)ret_due;
    return MAIL_GATE_SHUT;
}

static void the_gate_is_believed(void **state)
{
    (void)state;
    add(1, 8, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET expires_at = 1800000200 WHERE id = 3");
    struct mail_lease leased = lease(8, 8, shut);
    assert_int_equal(leased.count + leased.paced, 0);
    arena_free(leased.job.arena);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'queued'"), 8);
    leased = lease(8, 8, odd_ones_later);
    assert_int_equal(leased.count, 4);
    assert_int_equal(leased.paced, 4);
    arena_free(leased.job.arena);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'deferred' AND attempts = 0 "
                         "AND due_at = 1800000500"), 3);
    assert_int_equal(ask("SELECT due_at FROM mail WHERE id = 3"), NOW + 200); /* then it expires, not before */
    assert_counts();
}

static void probes_take_turns(void **state)
{
    static const int64_t expected[] = { 9, 1, 2, 9 };
    (void)state;
    add(1, 2, 1, MAIL_BULK, "b.example");
    add(9, 1, 1, MAIL_AT_ONCE, "b.example");
    for (int64_t turn = 0; turn < 4; turn++) {
        struct mail_lease probe = { .job = { .kind = &change_mail_lease, .arena = arena_new() }, .urgent = 1,
                                    .others = 1, .look = 8, .probe = true, .turn = turn, .process = PROCESS };
        assert_int_equal(store_run(w.store, &probe.job), 0);
        assert_int_equal(probe.count, 1);
        assert_int_equal(probe.mails[0].id, expected[turn]);
        arena_free(probe.job.arena);
        report(expected[turn], MAIL_RETURNED);
    }
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'queued' AND attempts = 0 "
                         "AND due_at = 1799999900"), 3);
}

/* The store's own thread, for what it says to main: it looks once more before it ends. */
static void settle(void)
{
    assert_int_equal(store_start(w.store), 0);
    store_stop(w.store);
}

static void all_are_paused(void **state)
{
    (void)state;
    add(1, 10, 1, MAIL_BULK, "b.example");
    assert_true(set_pause(0, false));
    assert_false(set_pause(0, false));
    assert_int_equal(lease_count(8, 8), 0);
    settle();
    assert_true(store_next_due(w.store, MAIL_BULK) == INT64_MAX);
    assert_true(store_oldest_due(w.store) == INT64_MAX); /* nobody is late */
    assert_int_equal(metrics_get(w.metrics, METRIC_MAIL_PAUSES), 1);
    assert_int_equal(metrics_get(w.metrics, METRIC_MAIL_QUEUE), 10);
    assert_true(set_pause(0, true));
    assert_false(set_pause(0, true));
    assert_int_equal(lease_count(8, 8), 8);
    assert_int_equal(ask("SELECT count(*) FROM audit WHERE actor = 'tester' "
                         "AND action IN ('mail_pause', 'mail_resume')"), 2);
}

/* Its mails are put aside once, so that the others are found at once; when it is resumed they come back. */
static void one_event_is_paused(void **state)
{
    size_t leases = 0;
    (void)state;
    add(1, 2000, 1, MAIL_BULK, "b.example");
    add(5001, 4, 2, MAIL_BULK, "b.example");
    assert_true(set_pause(1, false));
    for (;; leases++) {
        struct mail_lease leased = lease(8, 8, NULL);
        for (size_t i = 0; i < leased.count; i++) {
            assert_int_equal(leased.mails[i].event_id, 2);
            report(leased.mails[i].id, MAIL_SENT);
        }
        bool last = leased.count + leased.parked == 0;
        arena_free(leased.job.arena);
        if (last)
            break;
    }
    assert_in_range(leases, 250, 255);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'sent' AND event_id = 2"), 4);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE state = 'queued' AND parked_at IS NOT NULL "
                         "AND due_at = 1799999900"), 2000);
    settle();
    assert_true(store_next_due(w.store, MAIL_BULK) == INT64_MAX);
    add(6001, 1, 2, MAIL_BULK, "b.example");
    assert_int_equal(lease_count(8, 8), 1);
    /* again while some of them are let go */
    assert_true(set_pause(1, true));
    settle();
    assert_true(store_next_due(w.store, MAIL_BULK) == 0);
    assert_true(store_oldest_due(w.store) == INT64_MAX);
    assert_int_equal(lease_count(0, 0), 0);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE parked_at IS NOT NULL AND state = 'queued'"), 1500);
    assert_true(set_pause(1, false));
    assert_int_equal(lease_count(8, 8), 0); /* those let go are put aside again */
    assert_true(set_pause(1, true));
    for (int i = 0; i < 5; i++)
        assert_int_equal(lease_count(0, 0), 0);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE parked_at IS NOT NULL"), 0);
    assert_int_equal(ask("SELECT count(*) FROM mail_pause"), 0);
    assert_int_equal(lease_count(8, 8), 8);
    assert_counts();
}

static void again_or_not_at_all(void **state)
{
    (void)state;
    add(1, 10, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET state = 'failed', attempts = 5, last_code = 550, last_reply = '550 no' WHERE id = 1;"
           "UPDATE mail SET state = 'sent', sent_at = 1 WHERE id = 2; UPDATE mail SET state = 'leased' WHERE id = 3;"
           "UPDATE mail SET state = 'deferred', attempts = 2, due_at = 1900000000 WHERE id = 4;"
           "UPDATE mail SET state = 'superseded' WHERE id = 5; UPDATE mail SET state = 'expired' WHERE id = 6;"
           "UPDATE mail SET state = 'failed', expires_at = 1800000000 WHERE id = 7;"
           "UPDATE mail SET state = 'failed', recipient = '' WHERE id = 8; UPDATE mail SET subject_kind = 'event'");
    static const enum mail_act_result retried[] = { MAIL_ACT_DONE, MAIL_ACT_SENT, MAIL_ACT_ON_ITS_WAY, MAIL_ACT_DONE,
                                                    MAIL_ACT_SUPERSEDED, MAIL_ACT_EXPIRED, MAIL_ACT_EXPIRED,
                                                    MAIL_ACT_ERASED, MAIL_ACT_WAITS };
    for (int64_t id = 1; id <= 9; id++)
        assert_int_equal(act(MAIL_ACT_RETRY, id), retried[id - 1]);
    assert_int_equal(act(MAIL_ACT_RETRY, 99), MAIL_ACT_GONE);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id IN (1, 4) AND state = 'queued' AND attempts = 0 AND "
                         "due_at BETWEEN " AT_NOW " AND message_id = id || '@cluster.example'"), 2);
    assert_int_equal(ask("SELECT last_code FROM mail WHERE id = 1"), 550); /* stays until the next answer */
    assert_int_equal(act(MAIL_ACT_CANCEL, 1), MAIL_ACT_DONE);
    assert_int_equal(act(MAIL_ACT_CANCEL, 1), MAIL_ACT_ENDED);
    assert_int_equal(act(MAIL_ACT_CANCEL, 2), MAIL_ACT_SENT);
    assert_int_equal(act(MAIL_ACT_CANCEL, 3), MAIL_ACT_ON_ITS_WAY);
    assert_int_equal(act(MAIL_ACT_RETRY, 1), MAIL_ACT_DONE);
    assert_int_equal(ask("SELECT count(*) FROM audit WHERE action = 'mail_retry' AND event_id = 1 "
                         "AND json_extract(data, '$.mail') IN (1, 4)"), 3);
    assert_int_equal(ask("SELECT count(*) FROM audit WHERE action = 'mail_cancel'"), 1);
    assert_counts();
}

static void one_alarm_a_sort_and_hour(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct mail_alarm alarm = { .job = { .kind = &change_mail_alarm, .arena = arena_new() }, .sort = i / 2,
                                    .recipient = "admin@cluster.example", .language = "et",
                                    .domain = "cluster.example", .data = "{\"sort\":\"age\"}" };
        assert_int_equal(store_run(w.store, &alarm.job), 0);
        assert_int_equal(alarm.job.outcome, 0);
        arena_free(alarm.job.arena);
    }
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE kind = 'alarm' AND subject_kind = 'daemon' AND "
                         "subject_id = 0 AND event_id IS NULL AND instance IN (5000000, 5000001) "
                         "AND expires_at = born_at + 86400"), 2);
    assert_int_equal(lease_count(8, 8), 1); /* to one address one at a time */
    assert_counts();
}

/* Whoever has a mail of ours knows where bounces go, and can say much. */
static void nobody_fills_the_store_with_reports(void **state)
{
    (void)state;
    add(1, 1, 1, MAIL_BULK, "b.example");
    for (int i = 0; i < 100; i++) {
        char status[16];
        (void)snprintf(status, sizeof(status), "5.1.%d", i);
        struct query *query = db_query(store_db(w.store), "bounce_insert");
        db_bind_int(query, ":mail", 1);
        db_bind_int(query, ":at", NOW);
        db_bind_text(query, ":sort", "permanent");
        db_bind_text(query, ":status", status);
        db_bind_null(query, ":reply");
        assert_int_equal(db_run(query), 0);
    }
    assert_int_equal(ask("SELECT count(*) FROM bounce"), 20);
}

static void *no_memory(size_t size)
{
    (void)size;
    return NULL;
}

/* What cannot be read for want of memory is read again later: it is neither empty nor no longer owed. */
static void a_subject_is_never_half_read(void **state)
{
    static const struct { const char *subject_kind, *kind; } mails[] = { { "mailing", "bulk_test" },
                                                                         { "event", "digest" } };
    struct subject subject;
    struct arena *arena = arena_new();
    (void)state;
    script("INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at) VALUES (1, 1, "
           "'{\"status\":[\"confirmed\"]}', '{\"en\":{\"subject\":\"S\",\"text\":\"T\"}}', 0, 'a', 1)");
    for (size_t i = 0; i < 2; i++) {
        const struct leased_mail mail = { .id = 1, .subject_id = 1, .subject_kind = mails[i].subject_kind,
                                          .kind = mails[i].kind, .language = "en", .data = "{\"since\":5}" };
        json_set_alloc_funcs(no_memory, free);
        int r = subject_read(store_db(w.store), arena, NULL, &mail, &subject);
        json_set_alloc_funcs(malloc, free);
        assert_int_equal(r, -ENOMEM);
        assert_int_equal(subject_read(store_db(w.store), arena, NULL, &mail, &subject), 0);
        subject_done(&subject);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_confirmation_overtakes_bulk_mail, start, end),
        cmocka_unit_test_setup_teardown(less_urgent_mail_of_the_same_person_waits_alone, start, end),
        cmocka_unit_test_setup_teardown(what_has_expired_is_not_leased, start, end),
        cmocka_unit_test_setup_teardown(the_gate_is_believed, start, end),
        cmocka_unit_test_setup_teardown(probes_take_turns, start, end),
        cmocka_unit_test_setup_teardown(all_are_paused, start, end),
        cmocka_unit_test_setup_teardown(one_event_is_paused, start, end),
        cmocka_unit_test_setup_teardown(again_or_not_at_all, start, end),
        cmocka_unit_test_setup_teardown(one_alarm_a_sort_and_hour, start, end),
        cmocka_unit_test_setup_teardown(nobody_fills_the_store_with_reports, start, end),
        cmocka_unit_test_setup_teardown(a_subject_is_never_half_read, start, end),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
