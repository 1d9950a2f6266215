/* SPDX-License-Identifier: EUPL-1.2 */
/* change/mail_result, mail_act and the clock on a real store: what becomes of a mail whose address, mailing or time
 * changes while it waits or is under way. */
#include "mail_store_kit.h"

#include <stdbool.h>
#include <unistd.h>

/* A change that names one registration, with RECIPIENT where it takes one. */
static void change_mails(const char *statement, int64_t registration, const char *recipient)
{
    struct query *query = db_query(store_db(w.store), statement);
    db_bind_int(query, ":registration", registration);
    if (recipient)
        db_bind_text(query, ":recipient", recipient);
    assert_int_equal(db_run(query), 0);
}

static void tell(int64_t id, enum mail_outcome outcome, const char *recipient, const char *reply)
{
    char message_id[40];
    (void)snprintf(message_id, sizeof(message_id), "%lld@cluster.example", (long long)id);
    struct mail_result result = { .job = { .kind = &change_mail_result }, .mail_id = id, .process = PROCESS,
                                  .outcome = outcome, .due_at = NOW + 60, .code = 250, .reply = reply,
                                  .recipient = recipient, .message_id = message_id };
    assert_int_equal(store_run(w.store, &result.job), 0);
    assert_true(result.applies);
}

/* Servers repeat the address in their replies. */
static void a_late_reply_about_the_erased_is_not_kept(void **state)
{
    (void)state;
    add(1, 3, 1, MAIL_AT_ONCE, "b.example");
    assert_int_equal(lease_count(8, 0), 3);
    for (int64_t id = 1; id <= 2; id++)
        change_mails("mails_empty", id, NULL);
    tell(1, MAIL_FAILED, "p1@b.example", "550 5.2.2 <p1@b.example>: no");
    tell(2, MAIL_DEFERRED, "p2@b.example", "450 4.2.0 <p2@b.example>: greylisted");
    tell(3, MAIL_DEFERRED, "p3@b.example", "450 4.2.0 <p3@b.example>: greylisted");
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id <= 2 AND recipient = '' AND last_reply IS NULL"), 2);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id = 3 AND last_reply IS NOT NULL"), 1);
}

static void what_is_under_way_follows_a_new_address(void **state)
{
    (void)state;
    add(1, 6, 1, MAIL_REMINDER, "b.example");
    assert_int_equal(lease_count(0, 8), 6);
    for (int64_t id = 1; id <= 5; id++)
        change_mails("mails_readdress", id, "new@b.example");
    tell(1, MAIL_DEFERRED, "p1@b.example", "450 later");
    tell(2, MAIL_RETURNED, "p2@b.example", NULL);
    tell(3, MAIL_SUPERSEDED, "p3@b.example", NULL); /* no letter goes to a former address */
    tell(4, MAIL_FAILED, "p4@b.example", "550 no such user");
    tell(5, MAIL_SENT, "p5@b.example", "250 ok");
    tell(6, MAIL_FAILED, "p6@b.example", "550 no such user");
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id <= 4 AND state IN ('queued', 'deferred') "
                         "AND recipient = 'new@b.example'"), 4);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id = 5 AND state = 'sent' "
                         "AND recipient = 'p5@b.example'"), 1); /* the log tells where it went */
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id = 6 AND state = 'failed'"), 1);
    /* to another address it is another message; the log tells which one was sent */
    assert_int_equal(ask("SELECT count(DISTINCT message_id) FROM mail WHERE id <= 4 AND length(message_id) = "
                         "length('1.0123456789abcdef@cluster.example') "
                         "AND message_id LIKE id || '.%@cluster.example'"), 4);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id IN (5, 6) AND message_id = id || '@cluster.example'"), 2);
    assert_counts();
}

/* A mailing was wrong: what of it is under way does not hold up the one that puts it right. */
static void what_is_recalled_is_not_tried_again(void **state)
{
    (void)state;
    script("INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at) VALUES (1, 1, '{}', '{}', 0, "
           "'a', 1)");
    add(1, 3, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET batch_id = 1");
    assert_int_equal(lease_count(0, 2), 2);
    struct query *query = db_query(store_db(w.store), "mails_cancel_batch");
    db_bind_int(query, ":id", 1);
    db_bind_int(query, ":at", NOW);
    assert_int_equal(db_run(query), 0);
    report(1, MAIL_DEFERRED);
    report(2, MAIL_SENT);
    assert_int_equal(ask("SELECT group_concat(state) = 'superseded,sent,cancelled' FROM (SELECT state FROM mail "
                         "ORDER BY id)"), 1);
    assert_counts();
}

/* Waits for what the store's own thread tells main; false: it never does. */
static bool is_due_by(int64_t at)
{
    for (int i = 0; i < 30000 && store_next_due(w.store, MAIL_BULK) > at; i++)
        usleep(1000);
    return store_next_due(w.store, MAIL_BULK) <= at;
}

/* A clock that was a day ahead: nothing waits for that day to pass, and what was planned before waits as it did. */
static void a_clock_that_is_set_back_delays_nothing(void **state)
{
    (void)state;
    add(1, 6, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET parked_at = due_at WHERE id = 6;"
           "UPDATE mail SET state = 'deferred', attempts = 1, last_at = 1800000000, due_at = 1800001800 WHERE id = 2;"
           "UPDATE mail SET due_at = due_at + 7200 WHERE id = 3;"
           "UPDATE mail SET born_at = 1790000000, state = 'deferred', attempts = 9, last_at = 1800000000, "
           "due_at = 1800003600 WHERE id = 4;"
           "UPDATE mail SET born_at = 1790000000, due_at = 1800009000 WHERE id = 5");
    assert_int_equal(store_start(w.store), 0);
    bool was_due = is_due_by(NOW);
    set_clock(NOW - 86400);
    bool is_due = is_due_by(NOW - 86400 + 100);
    store_stop(w.store); /* before anything fails: its thread must not be left */
    assert_true(was_due && is_due);
    assert_int_equal(ask("SELECT group_concat(due_at - born_at) = '0,1800,7200,0' FROM (SELECT due_at, born_at "
                         "FROM mail WHERE id IN (1, 2, 3, 6) ORDER BY id)"), 1);
    assert_int_equal(ask("SELECT count(*) FROM mail WHERE id IN (1, 6) AND due_at "
                         "BETWEEN 1799913600 AND 1799913700"), 2);
    assert_in_range(ask("SELECT due_at FROM mail WHERE id = 4"), NOW - 86400 + 3600, NOW - 86400 + 3700);
    assert_int_equal(ask("SELECT due_at FROM mail WHERE id = 5"), 1800009000);
    assert_counts();
}

/* Who says "once more" means as long as for a new one; but what makes no sense any more stays over. */
static void again_means_the_whole_of_its_days(void **state)
{
    (void)state;
    add(1, 2, 1, MAIL_BULK, "b.example");
    script("UPDATE mail SET born_at = born_at - 10 * 86400, expires_at = 1800000600, subject_kind = 'event'; "
           "UPDATE mail SET state = 'failed', attempts = 90 WHERE id = 1");
    assert_int_equal(act(MAIL_ACT_RETRY, 1), MAIL_ACT_DONE);
    struct mail_lease leased = lease(8, 8, NULL);
    assert_int_equal(leased.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct leased_mail *mail = &leased.mails[i];
        assert_int_equal(mail->born_at, NOW - 100 - 10 * 86400);
        assert_true(mail->id == 1 ? mail->tried_from >= NOW : mail->tried_from == mail->born_at);
        assert_int_equal(mail->expires_at, NOW + 600);
        assert_int_equal(mail->attempts, 0);
    }
    arena_free(leased.job.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(again_means_the_whole_of_its_days, start, end),
        cmocka_unit_test_setup_teardown(a_late_reply_about_the_erased_is_not_kept, start, end),
        cmocka_unit_test_setup_teardown(what_is_under_way_follows_a_new_address, start, end),
        cmocka_unit_test_setup_teardown(what_is_recalled_is_not_tried_again, start, end),
        cmocka_unit_test_setup_teardown(a_clock_that_is_set_back_delays_nothing, start, end),
    };
    log_setup(LOG_LEVEL_ERROR);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
