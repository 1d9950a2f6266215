/* SPDX-License-Identifier: EUPL-1.2 */
/* Changes of a registration: what is asked for is taken and what is given up is freed together, or nothing is; what a
 * freed session does for who waits; caps and reserves. */
#include "life_kit.h"

/* Rooms of exactly these sizes. */
struct rooms {
    unsigned onsite, online, a1, a2, cap, reserve;
};

static const struct rooms small = { 4, 9, 1, 1, 9, 0 };

static void build(struct life *life, const struct rooms *rooms, const char *more)
{
    char text[4000], starts[32], ends[32], release[32], reserves[300] = "";
    const struct event_definition *definition;
    if (rooms->reserve > 0)
        (void)snprintf(
            reserves, sizeof(reserves),
            "reserves = ( { id = \"patients\"; mode = \"onsite\"; for = \"stakeholder = patient\"; size = %u; "
            "release = \"%s\"; } );\n",
            rooms->reserve, life_wall(life, 10 * 86400, release, sizeof(release)));
    (void)snprintf(
        text, sizeof(text),
        "slug = \"life\"; languages = [ \"en\" ]; title = \"Life\"; zone = \"Etc/UTC\"; place = \"Hall\";\n"
        "starts = \"%s\"; ends = \"%s\"; waiting_list = true;\n"
        "modes = ( { id = \"onsite\"; capacity = %u; }, { id = \"online\"; capacity = %u; approval = \"manual\"; } );\n"
        "sessions = ( { id = \"a1\"; title = \"A1\"; round = \"a\"; capacity = %u; }, { id = \"a2\"; title = \"A2\"; "
        "round = \"a\"; capacity = %u; } );\n"
        "caps = ( { by = \"organisation\"; max = %u; } );\n%s%s"
        "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
        "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; },\n"
        "{ id = \"stakeholder\"; type = \"choice\"; role = \"stakeholder\"; label = \"Who\"; options = ( { id = "
        "\"patient\"; label = \"P\"; }, { id = \"other\"; label = \"O\"; } ); } );\n",
        life_wall(life, 400 * 86400, starts, sizeof(starts)), life_wall(life, 402 * 86400, ends, sizeof(ends)),
        rooms->onsite, rooms->online, rooms->a1, rooms->a2, rooms->cap, reserves, more ? more : "");
    assert_int_equal(event_definition_parse(text, strlen(text), "life.conf", NULL, &definition), 0);
    struct revision_file file = { .name = "life.conf", .text = text, .size = strlen(text), .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example",
                                  .files = &file,
                                  .file_count = 1 };
    assert_int_equal(store_run(life->store, &take.job), 0);
    if (take.refusal_count > 0)
        fail_msg("%s", take.refusals[0].reason);
    event_book_free(life->book);
    assert_int_equal(event_book_new(1, &life->book), 0);
    const struct revision_event *event = &take.events[0];
    assert_int_equal(event_book_add(life->book, definition, event->event_id, event->revision_id, 0, event->state,
                                    event->row_count, event->rows),
                     0);
    life->edition.events = life->book;
    arena_free(take.job.arena);
}

/* What somebody asks for: mode 0 or 1, session a1, a2 or none, organisation, and whether the reserve is for him. */
struct wants {
    size_t mode;
    const char *session, *organisation;
    bool patient;
    int64_t slot; /* place id; 0: none */
};

static void fill(struct life *life, struct arena *arena, const struct wants *wants, struct ask *ask,
                 const char **ret_mode)
{
    const struct event_entry *entry = &life->book->entries[0];
    *ask = (struct ask){ .mode = entry->mode_places[wants->mode],
                         .places = arena_take(arena, 2 * sizeof(int64_t)),
                         .reserves = arena_take(arena, sizeof(int64_t)),
                         .caps = arena_take(arena, sizeof(struct ask_cap)) };
    if (wants->session)
        ask->places[ask->place_count++] = life_session(entry, wants->session, wants->mode);
    if (wants->slot)
        ask->places[ask->place_count++] = wants->slot;
    if (wants->patient && wants->mode == 0)
        ask->reserves[ask->reserve_count++] = entry->reserve_places[0];
    if (wants->organisation)
        ask->caps[ask->cap_count++] = (struct ask_cap){ .key = arena_format(arena, "org:%s", wants->organisation),
                                                        .title = wants->organisation,
                                                        .max = entry->definition->programme.caps[0].max };
    *ret_mode = entry->definition->modes[wants->mode].id;
}

static enum sign_up_outcome come(struct life *life, unsigned person, struct wants wants)
{
    struct sign_up *s = life_sign_up_plain(life, person);
    fill(life, s->job.arena, &wants, &s->ask, &s->mode_id);
    assert_int_equal(store_run(life->store, &s->job), 0);
    enum sign_up_outcome result = s->result;
    arena_free(s->job.arena);
    return result;
}

static enum edit_result change_as(struct life *life, int64_t id, struct wants wants, const char *actor)
{
    struct edit *edit = life_edit_plain(life, id);
    fill(life, edit->job.arena, &wants, &edit->ask, &edit->mode_id);
    edit->actor = actor;
    edit->late = strcmp(actor, "person") != 0;
    assert_int_equal(store_run(life->store, &edit->job), 0);
    enum edit_result result = edit->result;
    arena_free(edit->job.arena);
    life_check(life, store_db(life->store), "a change");
    return result;
}

static enum edit_result change(struct life *life, int64_t id, struct wants wants)
{
    return change_as(life, id, wants, "person");
}

static enum act_result act(struct life *life, const struct change_kind *kind, int64_t id)
{
    struct act *a = life_act_new(kind, id, "person");
    assert_int_equal(store_run(life->store, &a->job), 0);
    enum act_result result = a->result;
    arena_free(a->job.arena);
    life_check(life, store_db(life->store), kind->name);
    return result;
}

static int64_t count(struct life *life, const char *sql)
{
    return life_count(store_db(life->store), sql);
}

static bool status_is(struct life *life, int64_t id, const char *status)
{
    char sql[160];
    (void)snprintf(sql, sizeof(sql), "SELECT status = '%s' FROM registration WHERE id = %lld", status, (long long)id);
    return count(life, sql) == 1;
}

static bool has(struct life *life, int64_t id, const char *key)
{
    char sql[240];
    (void)snprintf(
        sql, sizeof(sql),
        "SELECT count(*) FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE registration_id = %lld AND "
        "p.key = '%s'",
        (long long)id, key);
    return count(life, sql) == 1;
}

static void begin(struct life *life)
{
    *life = (struct life){ .waiting_list = true, .holds = true, .dice = 99 };
    life_begin(life);
}

static void full_target_keeps_the_old_place(void **state)
{
    (void)state;
    struct life life;
    begin(&life);
    build(&life, &small, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ .session = "a1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .session = "a2" }), SIGN_UP_CONFIRMED);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a2" }), EDIT_FULL);
    assert_true(has(&life, 1, "a1") && !has(&life, 1, "a2"));
    assert_int_equal(count(&life, "SELECT count(*) FROM mail WHERE kind = 'changed'"), 0);
    assert_int_equal(act(&life, &change_cancel, 2), ACT_DONE);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a2" }), EDIT_DONE);
    assert_true(!has(&life, 1, "a1") && has(&life, 1, "a2"));
    assert_int_equal(count(&life, "SELECT count(*) FROM mail WHERE kind = 'changed' AND data LIKE '%a1%a2%'"), 1);
    assert_int_equal(count(&life, "SELECT count(*) FROM audit WHERE action = 'change'"), 1);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a2" }), EDIT_SAME);
    assert_int_equal(change(&life, 2, (struct wants){ .session = "a1" }), EDIT_CLOSED);
    life_end(&life);
}

static void session_that_is_given_up_goes_to_who_waits_for_it(void **state)
{
    (void)state;
    struct life life;
    begin(&life);
    build(&life, &small, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ .session = "a1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .session = "a1" }), SIGN_UP_WAITLISTED);
    assert_int_equal(count(&life, "SELECT waiting FROM place WHERE key = 'a1'"), 1);
    assert_int_equal(count(&life, "SELECT waiting FROM place WHERE key = 'onsite'"), 0); /* that one is not full */
    assert_int_equal(come(&life, 3, (struct wants){ .session = "a2" }), SIGN_UP_CONFIRMED);
    assert_int_equal(change(&life, 1, (struct wants){ 0 }), EDIT_DONE);
    assert_true(status_is(&life, 1, "confirmed") && status_is(&life, 2, "offered"));
    assert_true(has(&life, 2, "a1") && has(&life, 2, "onsite"));
    life_end(&life);
}

static void who_waits_is_served_when_he_asks_for_less(void **state)
{
    (void)state;
    struct life life;
    begin(&life);
    build(&life, &small, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ .session = "a1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .session = "a1" }), SIGN_UP_WAITLISTED);
    assert_int_equal(change(&life, 2, (struct wants){ .session = "a2" }), EDIT_DONE);
    assert_true(status_is(&life, 2, "offered") && has(&life, 2, "a2"));
    assert_int_equal(count(&life, "SELECT sum(waiting) FROM place"), 0);
    life_end(&life);
}

static void the_next_is_who_can_be_given_all(void **state)
{
    (void)state;
    struct life life;
    struct rooms rooms = small;
    begin(&life);
    rooms.onsite = 1;
    build(&life, &rooms, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ .session = "a2" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .mode = 1, .session = "a1" }), SIGN_UP_AWAITING); /* holds a1 */
    assert_int_equal(come(&life, 3, (struct wants){ .session = "a1" }), SIGN_UP_WAITLISTED);
    assert_int_equal(come(&life, 4, (struct wants){ 0 }), SIGN_UP_WAITLISTED);
    assert_int_equal(act(&life, &change_cancel, 1), ACT_DONE);
    assert_true(status_is(&life, 3, "waitlisted")); /* the longest, but his session is full */
    assert_true(status_is(&life, 4, "offered"));
    assert_int_equal(act(&life, &change_decline, 4), ACT_DONE);
    assert_int_equal(act(&life, &change_reject, 2), ACT_DONE);
    assert_true(status_is(&life, 3, "offered"));
    life_end(&life);
}

static void cap_of_an_organisation_counts_who_has_a_place(void **state)
{
    (void)state;
    struct life life;
    struct rooms rooms = small;
    begin(&life);
    rooms.cap = 1;
    build(&life, &rooms, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ .organisation = "EE-1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .organisation = "EE-1" }), SIGN_UP_WAITLISTED);
    assert_int_equal(come(&life, 3, (struct wants){ .organisation = "EE-2" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 4, (struct wants){ 0 }), SIGN_UP_CONFIRMED);
    assert_int_equal(count(&life, "SELECT reason = 'cap org:EE-1 is full' FROM registration WHERE id = 2"), 1);
    assert_int_equal(change(&life, 1, (struct wants){ .organisation = "EE-2" }), EDIT_FULL);
    assert_int_equal(act(&life, &change_cancel, 1), ACT_DONE);
    assert_true(status_is(&life, 2, "offered"));
    rooms.cap = 2; /* a raised limit goes to who waits for it */
    assert_int_equal(come(&life, 5, (struct wants){ .organisation = "EE-2" }), SIGN_UP_WAITLISTED);
    build(&life, &rooms, NULL);
    assert_true(status_is(&life, 5, "offered") || status_is(&life, 5, "waitlisted"));
    assert_int_equal(count(&life, "SELECT capacity FROM place WHERE key = 'org:EE-2'"), 2);
    life_end(&life);
}

static void reserve_is_kept_for_its_people_until_it_is_released(void **state)
{
    (void)state;
    struct life life;
    struct rooms rooms = { .onsite = 2, .online = 1, .a1 = 9, .a2 = 9, .cap = 9, .reserve = 1 };
    begin(&life);
    build(&life, &rooms, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ 0 }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ 0 }), SIGN_UP_WAITLISTED); /* one is free, but it is kept */
    assert_int_equal(come(&life, 3, (struct wants){ .patient = true }), SIGN_UP_CONFIRMED);
    assert_true(has(&life, 3, "patients"));
    assert_int_equal(come(&life, 4, (struct wants){ .patient = true }), SIGN_UP_WAITLISTED);
    assert_int_equal(act(&life, &change_cancel, 3), ACT_DONE);
    assert_true(status_is(&life, 2, "waitlisted") && status_is(&life, 4, "offered")); /* it stays the reserve's */
    assert_int_equal(act(&life, &change_decline, 4), ACT_DONE);
    life_set_clock(&life, 10 * 86400 + 60);
    struct expire *expire = life_expire_new();
    assert_int_equal(store_run(life.store, &expire->job), 0);
    arena_free(expire->job.arena);
    life_check(&life, store_db(life.store), "a release");
    assert_true(status_is(&life, 2, "offered"));
    assert_int_equal(count(&life, "SELECT released_at IS NOT NULL FROM place WHERE kind = 'reserve'"), 1);
    assert_int_equal(count(&life, "SELECT reserved_open FROM place WHERE key = 'onsite'"), 0);
    life_end(&life);
}

static void definition_that_breaks_what_is_stored_is_refused(void **state)
{
    static const char *const slots =
        "slots = ( { resource = \"lab\"; from = \"09:00\"; to = \"11:00\"; length_minutes = 60; } );\n";
    (void)state;
    struct life life;
    struct rooms rooms = { .onsite = 3, .online = 1, .a1 = 2, .a2 = 2, .cap = 2, .reserve = 0 };
    begin(&life);
    build(&life, &rooms, slots);
    const struct event_entry *entry = &life.book->entries[0];
    assert_int_equal(
        come(&life, 1, (struct wants){ .session = "a1", .organisation = "EE-1", .slot = entry->slot_places[0] }),
        SIGN_UP_CONFIRMED);
    assert_int_equal(
        come(&life, 2, (struct wants){ .session = "a1", .organisation = "EE-1", .slot = entry->slot_places[1] }),
        SIGN_UP_CONFIRMED);
    /* a booked slot is not waited for */
    assert_int_equal(come(&life, 3, (struct wants){ .slot = entry->slot_places[0] }), SIGN_UP_FULL);
    assert_int_equal(change(&life, 2, (struct wants){ .session = "a1", .slot = entry->slot_places[2] }), EDIT_DONE);
    assert_int_equal(count(&life, "SELECT ical_sequence FROM registration WHERE id = 2"), 1);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a1", .slot = entry->slot_places[2] }), EDIT_FULL);
    struct {
        const char *old, *new, *reason;
        size_t count; /* each of them is named */
    } edits[] = {
        { "capacity = 2; }, { id = \"a2\"", "capacity = 1; }, { id = \"a2\"",
          "sessions: capacity 1 of a1 is below the 2 places taken", 1 },
        { "{ id = \"a1\"; title = \"A1\"; round = \"a\"; capacity = 2; }, ", "",
          "sessions: a1 is gone, but 2 people have it", 1 },
        { "from = \"09:00\"", "from = \"10:00\"", "slots: lab/", 2 },
        { "max = 2", "max = 0", NULL, 0 },
    };
    char *text = NULL;
    struct query *query;
    assert_int_equal(
        db_prepare(store_db(life.store), "SELECT text FROM event_revision ORDER BY id DESC LIMIT 1", &query), 0);
    assert_int_equal(db_step(query), 1);
    text = strdup(db_text(query, 0));
    db_finish(query);
    for (size_t i = 0; edits[i].reason; i++) {
        char changed[4000];
        const char *at = strstr(text, edits[i].old);
        const struct event_definition *definition;
        assert_non_null(at);
        (void)snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text), text, edits[i].new,
                       at + strlen(edits[i].old));
        assert_int_equal(event_definition_parse(changed, strlen(changed), "life.conf", NULL, &definition), 0);
        struct revision_file file = {
            .name = "life.conf", .text = changed, .size = strlen(changed), .definition = definition
        };
        struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                      .message_domain = "cluster.example",
                                      .files = &file,
                                      .file_count = 1 };
        assert_int_equal(store_run(life.store, &take.job), 0);
        assert_int_equal(take.refusal_count, edits[i].count);
        if (strncmp(take.refusals[0].reason, edits[i].reason, strlen(edits[i].reason)) != 0)
            fail_msg("%s", take.refusals[0].reason);
        event_definition_unref(definition);
        arena_free(take.job.arena);
    }
    free(text);
    life_end(&life);
}

static void nobody_walks_over_to_where_organisers_approve(void **state)
{
    (void)state;
    struct life life;
    begin(&life);
    build(&life, &small, NULL);
    assert_int_equal(come(&life, 1, (struct wants){ 0 }), SIGN_UP_CONFIRMED);
    assert_int_equal(change(&life, 1, (struct wants){ .mode = 1 }), EDIT_APPROVAL);
    assert_true(has(&life, 1, "onsite"));
    assert_int_equal(change_as(&life, 1, (struct wants){ .mode = 1 }, "convenectl"), EDIT_DONE);
    assert_true(has(&life, 1, "online") && status_is(&life, 1, "confirmed"));
    life_end(&life);
}

static void changes_end_when_the_definition_says(void **state)
{
    (void)state;
    struct life life;
    char until[64], wall[32];
    begin(&life);
    (void)snprintf(until, sizeof(until), "changes_until = \"%s\";\n", life_wall(&life, 86400, wall, sizeof(wall)));
    build(&life, &small, until);
    assert_int_equal(come(&life, 1, (struct wants){ .session = "a1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a2" }), EDIT_DONE);
    life_set_clock(&life, 86400);
    assert_int_equal(change(&life, 1, (struct wants){ .session = "a1" }), EDIT_CLOSED);
    assert_int_equal(change_as(&life, 1, (struct wants){ .session = "a1" }, "convenectl"), EDIT_DONE);
    life_end(&life);
}

/* In the last day the first of the new places was named, whichever it was that somebody waits for. */
static void the_place_that_somebody_waits_for_is_named(void **state)
{
    (void)state;
    struct life life;
    begin(&life);
    build(&life, &(struct rooms){ 9, 9, 1, 1, 9, 0 },
          "slots = ( { resource = \"lab\"; from = \"09:00\"; to = \"11:00\"; length_minutes = 60; } );\n");
    const struct event_entry *entry = &life.book->entries[0];
    assert_int_equal(come(&life, 1, (struct wants){ .organisation = "x" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 2, (struct wants){ .session = "a1" }), SIGN_UP_CONFIRMED);
    assert_int_equal(come(&life, 3, (struct wants){ .session = "a1" }), SIGN_UP_WAITLISTED);
    life_set_clock(&life, 399 * 86400 + 43200); /* nobody is asked any more */
    life.late = true;
    assert_int_equal(act(&life, &change_cancel, 2), ACT_DONE);
    assert_true(status_is(&life, 3, "waitlisted"));
    struct edit *edit = life_edit_plain(&life, 1);
    fill(&life, edit->job.arena, &(struct wants){ .session = "a1", .slot = entry->slot_places[0] }, &edit->ask,
         &edit->mode_id);
    int64_t a1 = edit->ask.places[0];
    edit->ask.places[0] = edit->ask.places[1]; /* the slot first */
    edit->ask.places[1] = a1;
    assert_int_equal(store_run(life.store, &edit->job), 0);
    assert_int_equal(edit->result, EDIT_FULL);
    assert_int_equal(edit->full_place, a1);
    arena_free(edit->job.arena);
    life_end(&life);
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
        cmocka_unit_test(full_target_keeps_the_old_place),
        cmocka_unit_test(session_that_is_given_up_goes_to_who_waits_for_it),
        cmocka_unit_test(who_waits_is_served_when_he_asks_for_less),
        cmocka_unit_test(the_next_is_who_can_be_given_all),
        cmocka_unit_test(cap_of_an_organisation_counts_who_has_a_place),
        cmocka_unit_test(reserve_is_kept_for_its_people_until_it_is_released),
        cmocka_unit_test(definition_that_breaks_what_is_stored_is_refused),
        cmocka_unit_test(nobody_walks_over_to_where_organisers_approve),
        cmocka_unit_test(changes_end_when_the_definition_says),
        cmocka_unit_test(the_place_that_somebody_waits_for_is_named),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
