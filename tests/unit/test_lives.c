/* SPDX-License-Identifier: EUPL-1.2 */
/* The life of a programme's places: thousands of random acts, every rule checked after each. */
#include "life_kit.h"

#define STEPS 3000
#define VARIANTS 24

static void run(struct life *life, struct store_job *job)
{
    assert_int_equal(store_run(life->store, job), 0);
    assert_int_equal(job->outcome, 0);
    arena_free(job->arena);
}

static const char *step(struct life *life)
{
    static const struct change_kind *const kinds[] = { &change_cancel,  &change_confirm, &change_accept,
                                                       &change_decline, &change_approve, &change_reject,
                                                       &change_promote };
    struct db *db = store_db(life->store);
    int64_t people = life_count(db, "SELECT coalesce(max(id), 0) FROM registration");
    int64_t id = 1 + (int64_t)life_dice(life, (unsigned)people + 1);
    unsigned what = life_dice(life, 24);
    if (what < 9) {
        run(life, &life_sign_up_new(life, life_dice(life, LIFE_PEOPLE))->job);
        return "sign-up";
    }
    if (what < 17) {
        const struct change_kind *kind = kinds[life_dice(life, sizeof(kinds) / sizeof(kinds[0]))];
        run(life, &life_act_new(kind, id, kind == &change_promote ? "organiser" : "person")->job);
        return kind->name;
    }
    if (what < 21) {
        bool alone = life_dice(life, 2);
        run(life, &(alone ? life_edit_new(life, id) : life_edit_party(life, id))->job);
        return alone ? "edit" : "edit of a party";
    }
    if (what < 23) {
        if (!life->late)
            life_set_clock(life, life_dice(life, 30) * 3600);
        run(life, &life_expire_new()->job);
        return "expiry";
    }
    (void)life_define(life);
    return "definition";
}

/* Nobody who was let in or offered a place since the audit row LAST has taken it from somebody who has waited longer:
 * without him the other could not have been served either. */
static void check_order(struct life *life, struct db *db, int64_t last, const char *after)
{
    char sql[6000];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM audit AS n JOIN registration AS x ON x.id = n.registration_id JOIN registration AS w ON "
        "w.status = 'waitlisted' AND w.waiting_since IS NOT NULL AND w.party_id <> x.party_id AND " LIFE_ALONE("w") " "
        "WHERE n.id > %lld AND ((n.action = 'offer' AND n.actor = 'daemon' AND x.status = 'offered') OR (n.action = "
        "'sign_up' AND x.status = 'confirmed')) AND (w.waiting_since, w.id) < (x.created_at + 0, x.id) "
        /* in the last day nobody is served by himself: what he lacks may be theirs who stand before him */
        "AND NOT EXISTS (SELECT 1 FROM registration AS u WHERE u.status = 'waitlisted' AND (u.waiting_since, u.id) < "
        "(w.waiting_since, w.id) AND NOT %s) "
        "AND (w.mode <> 'onsite' OR x.mode = 'onsite' OR %d = 0) " /* who waits for approval stands in a line of his own
                                                                    */
        "AND %s AND NOT %s",
        (long long)last, LIFE_LACKS("u.id", "0", "0"), life->approval, LIFE_LACKS("w.id", "0", "0"),
        LIFE_LACKS("w.id", LIFE_HAS("x.id"), LIFE_HAS_GENERAL("x.id")));
    if (life_count(db, sql) != 0)
        fail_msg("after %s: somebody was passed over", after);
}

static void random_lives_keep_the_promises(void **state)
{
    (void)state;
    for (unsigned variant = 0; variant < VARIANTS; variant++) {
        struct life life = { .waiting_list = variant % 4 != 3,
                             .approval = variant & 4,
                             .holds = variant & 8,
                             .confirm = variant % 3 == 1,
                             .late = variant % 5 == 4,
                             .dice = 88172645463325252ull + variant };
        life_begin(&life);
        for (unsigned i = 0; i < STEPS / VARIANTS; i++) {
            struct db *db = store_db(life.store);
            int64_t last = life_count(db, "SELECT coalesce(max(id), 0) FROM audit");
            char after[64];
            (void)snprintf(after, sizeof(after), "step %u of variant %u, %s", i, variant, step(&life));
            life_check(&life, db, after);
            if (!life.confirm) /* who confirms late joins the list late */
                check_order(&life, db, last, after);
        }
        life_end(&life);
    }
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
        cmocka_unit_test(random_lives_keep_the_promises),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
