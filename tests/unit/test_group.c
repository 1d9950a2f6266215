/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along: what the rules make of the form, and what becomes of a party on a real store. */
#include "life_kit.h"

#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/rules.h"

static const char text[] =
    "slug = \"trip\"; languages = [ \"en\" ]; title = \"Trip\"; zone = \"Etc/UTC\"; place = \"Hall\";\n"
    "starts = \"2027-03-18T09:00\"; ends = \"2027-03-18T17:00\"; group_max = 3; %s\n"
    "modes = ( { id = \"onsite\"; capacity = 20; } ); caps = ( { by = \"organisation\"; max = 5; } );\n"
    "reserves = ( { id = \"patients\"; mode = \"onsite\"; for = \"who = patient\"; size = 5; } );\n"
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
    "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; },\n"
    "{ id = \"who\"; type = \"choice\"; role = \"stakeholder\"; label = \"Who\"; each = true; default = \"other\"; "
    "options = ( { id = \"patient\"; label = \"P\"; }, { id = \"other\"; label = \"O\"; } ); },\n"
    "{ id = \"firm\"; type = \"text\"; role = \"organisation\"; label = \"Firm\"; },\n"
    "{ id = \"photo\"; type = \"consent\"; label = \"Photos\"; each = true; } );\n";

struct world {
    struct arena *arena;
    struct text_folder *folder;
    const struct event_definition *definition;
    struct form form;
    struct form_value values[32];
    struct rules_result rules;
};

static void begin(struct world *w, const char *keys)
{
    char whole[sizeof(text) + 64];
    *w = (struct world){ .arena = arena_new() };
    int size = snprintf(whole, sizeof(whole), text, keys);
    assert_int_equal(event_definition_parse(whole, (size_t)size, "trip.conf", NULL, &w->definition), 0);
    assert_null(w->definition->unserved);
    assert_int_equal(text_folder_new(&w->folder), 0);
    w->form.values = w->values;
}

static void end(struct world *w)
{
    text_folder_free(w->folder);
    event_definition_unref(w->definition);
    arena_free(w->arena);
}

static void type(struct world *w, const char *name, const char *value)
{
    w->values[w->form.count++] = (struct form_value){ .name = name, .value = value, .size = strlen(value) };
}

static void type_booker(struct world *w, const char *guests)
{
    type(w, "name", "Anna");
    type(w, "email", "anna@x.example");
    type(w, "who", "other");
    type(w, "firm", "Anna & Co");
    type(w, "_guests", guests);
}

static void understand(struct world *w)
{
    const struct rules_moment moment = { .now = 1 };
    assert_int_equal(rules_apply(w->arena, w->definition, &w->form, &moment, w->folder, &w->rules), 0);
}

static void a_guest_says_his_own_and_the_rest_is_the_bookers(void **state)
{
    (void)state;
    struct world w;
    begin(&w, "");
    type_booker(&w, "2");
    type(&w, "guest.1.name", "Bo");
    type(&w, "guest.1.email", "bo@y.example");
    type(&w, "guest.1.who", "patient");
    type(&w, "guest.1.photo", "yes");
    type(&w, "guest.1.firm", "forged");
    type(&w, "guest.2.name", "Cy");
    type(&w, "guest.2.email", "ANNA@x.example");
    understand(&w);
    assert_int_equal(w.rules.fault_count, 0);
    assert_int_equal(w.rules.guest_count, 2);
    const struct rules_guest *bo = &w.rules.guests[0], *cy = &w.rules.guests[1];
    assert_string_equal(bo->name, "Bo");
    assert_string_equal(bo->email, "bo@y.example");
    assert_string_equal(bo->stakeholder, "patient");
    assert_null(bo->organisation);
    assert_string_equal(bo->answers, "{\"who\":\"patient\",\"photo\":true}");
    assert_int_equal(bo->consent_count, 1);
    assert_true(bo->consents[0].given);
    assert_string_equal(bo->asks->organisation, "Anna & Co"); /* for limits and reserves */
    assert_null(cy->email);                                    /* the booker's: no second mail */
    assert_int_equal(w.rules.consent_count, 1);
    assert_false(w.rules.consents[0].given);
    end(&w);
}

static void an_empty_block_is_nobody_unless_names_are_optional(void **state)
{
    (void)state;
    for (int optional = 0; optional < 2; optional++) {
        struct world w;
        begin(&w, optional ? "guest_name = \"optional\";" : "");
        type_booker(&w, "2");
        type(&w, "guest.1.name", " ");
        type(&w, "guest.1.who", "other"); /* as it stood there */
        type(&w, "guest.2.name", "Cy");
        understand(&w);
        assert_int_equal(w.rules.fault_count, 0);
        assert_int_equal(w.rules.guest_count, optional ? 2 : 1);
        assert_int_equal(w.rules.guests[0].number, optional ? 1 : 2);
        end(&w);
    }
}

static void faults_are_at_the_guest(void **state)
{
    (void)state;
    struct world w;
    begin(&w, "");
    type_booker(&w, "2");
    type(&w, "guest.1.email", "nonsense");
    type(&w, "guest.2.name", "Cy");
    type(&w, "guest.2.who", "nobody");
    type(&w, "guest.3.name", "not asked for");
    understand(&w);
    assert_int_equal(w.rules.fault_count, 3);
    assert_string_equal(w.rules.faults[0].control, "guest.1.name");
    assert_int_equal(w.rules.faults[0].fault, RULE_MISSING);
    assert_string_equal(w.rules.faults[1].control, "guest.1.email");
    assert_string_equal(w.rules.faults[2].control, "guest.2.who");
    end(&w);
}

static void the_number_is_one_that_is_offered(void **state)
{
    (void)state;
    static const char *const wrong[] = { "3", "-1", "1x", "99999999999999999999" };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct world w;
        begin(&w, "");
        type_booker(&w, wrong[i]);
        understand(&w);
        assert_int_equal(w.rules.fault_count, 1);
        assert_string_equal(w.rules.faults[0].control, "_guests");
        end(&w);
    }
}

/* ---- on a store ---- */

static void run(struct life *life, struct store_job *job)
{
    assert_int_equal(store_run(life->store, job), 0);
    assert_int_equal(job->outcome, 0);
}

static int64_t one(struct life *life, const char *sql)
{
    return life_count(store_db(life->store), sql);
}

/* A booker with COUNT guests for the mode and the plenary; ORGANISATION: whose limit the guests count for. */
static struct sign_up *party(struct life *life, unsigned person, size_t count, const char *organisation)
{
    struct sign_up *s = life_sign_up_plain(life, person);
    struct arena *arena = s->job.arena;
    struct sign_up_guest *guests = arena_take(arena, (count + 1) * sizeof(*guests));
    s->mode_id = "onsite";
    s->ask = (struct ask){ .mode = s->event->mode_places[0], .places = arena_take(arena, sizeof(int64_t)) };
    s->ask.places[s->ask.place_count++] = life_session(s->event, "plenary", 0);
    for (size_t i = 0; i < count; i++) {
        guests[i] = (struct sign_up_guest){ .ask = s->ask, .name = "Bo", .answers = "{}", .search = "bo" };
        if (!organisation)
            continue;
        guests[i].ask.caps = arena_take(arena, sizeof(struct ask_cap));
        guests[i].ask.caps[guests[i].ask.cap_count++] =
            (struct ask_cap){ .key = organisation, .title = "Firm", .max = 2 };
    }
    s->guest_count = count;
    s->guests = guests;
    return s;
}

static void a_limit_counts_each_and_is_never_waited_for_in_vain(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 3, "org:firm");
    run(&life, &s->job);
    assert_int_equal(s->result, SIGN_UP_FULL); /* three of them, and the limit is two: no place would help */
    assert_non_null(s->full_cap);
    assert_string_equal(s->full_cap->key, "org:firm");
    assert_int_equal(one(&life, "SELECT count(*) FROM registration"), 0);
    arena_free(s->job.arena);
    s = party(&life, 1, 2, "org:firm");
    run(&life, &s->job);
    assert_int_equal(s->result, SIGN_UP_CONFIRMED);
    assert_int_equal(one(&life, "SELECT taken FROM place WHERE key = 'org:firm'"), 2);
    arena_free(s->job.arena);
    s = party(&life, 2, 1, "org:firm");
    run(&life, &s->job);
    assert_int_equal(s->result, SIGN_UP_WAITLISTED); /* the booker waits with the guest */
    assert_int_equal(one(&life, "SELECT waiting FROM place WHERE key = 'org:firm'"), 1);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'waitlisted'"), 2);
    arena_free(s->job.arena);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

static void a_guest_who_leaves_the_list_makes_room_for_the_rest(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    int64_t free = one(&life, "SELECT min(capacity - taken - reserved_open) FROM place WHERE (kind = 'mode' AND "
                              "key = 'onsite') OR key LIKE 'plenary%'");
    for (int64_t i = 1; i < free; i++) {
        struct sign_up *single = party(&life, 10 + (unsigned)i, 0, NULL);
        run(&life, &single->job);
        assert_int_equal(single->result, SIGN_UP_CONFIRMED);
        arena_free(single->job.arena);
    }
    struct sign_up *s = party(&life, 1, 1, NULL);
    run(&life, &s->job);
    assert_int_equal(s->result, SIGN_UP_WAITLISTED);
    arena_free(s->job.arena);
    int64_t guest = one(&life, "SELECT max(id) FROM registration");
    struct act *act = life_act_new(&change_accept, guest, "person");
    act->link_version = one(&life, "SELECT link_version FROM registration ORDER BY id DESC LIMIT 1");
    run(&life, &act->job);
    assert_int_equal(act->result, ACT_ALREADY); /* nothing for him to answer */
    arena_free(act->job.arena);
    act = life_act_new(&change_cancel, guest, "person");
    run(&life, &act->job);
    assert_int_equal(act->result, ACT_DONE);
    assert_int_equal(act->guest_count, 0);
    arena_free(act->job.arena);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'offered'"), 1);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'waitlisted'"), 0);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

static void erasing_who_booked_takes_those_along_who_cannot_ask(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 2, NULL);
    ((struct sign_up_guest *)s->guests)[1].email = "own@x.example";
    run(&life, &s->job);
    arena_free(s->job.arena);
    struct act *act = life_act_new(&change_erase, 1, "person");
    run(&life, &act->job);
    assert_int_equal(act->result, ACT_DONE);
    arena_free(act->job.arena);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'erased' AND name IS NULL"), 2);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'cancelled' AND email NOT NULL"), 1);
    assert_int_equal(one(&life, "SELECT count(*) FROM mail WHERE kind = 'cancelled' AND recipient = 'own@x.example'"),
                     1);
    assert_int_equal(one(&life, "SELECT sum(taken) FROM place"), 0);
    life_check(&life, store_db(life.store), "all");
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
        cmocka_unit_test(a_guest_says_his_own_and_the_rest_is_the_bookers),
        cmocka_unit_test(an_empty_block_is_nobody_unless_names_are_optional),
        cmocka_unit_test(faults_are_at_the_guest),
        cmocka_unit_test(the_number_is_one_that_is_offered),
        cmocka_unit_test(a_limit_counts_each_and_is_never_waited_for_in_vain),
        cmocka_unit_test(a_guest_who_leaves_the_list_makes_room_for_the_rest),
        cmocka_unit_test(erasing_who_booked_takes_those_along_who_cannot_ask),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
