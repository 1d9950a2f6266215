/* SPDX-License-Identifier: EUPL-1.2 */
/* Who comes along: what the rules make of the form, and what becomes of a party on a real store. */
#include "life_kit.h"

#include "base/form.h"
#include "base/text.h"
#include "change/stop.h"
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
    assert_string_equal(cy->email, "ANNA@x.example");          /* the booker's: a mail of his own all the same */
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

/* ---- later ---- */

/* A change by who booked registration 1, where SESSION (NULL: none) is chosen beside the plenary. */
static struct edit *changing(struct life *life, const char *session, size_t room)
{
    struct edit *edit = life_edit_plain(life, 1);
    struct arena *arena = edit->job.arena;
    edit->ask = (struct ask){ .mode = edit->event->mode_places[0], .places = arena_take(arena, 2 * sizeof(int64_t)) };
    edit->ask.places[edit->ask.place_count++] = life_session(edit->event, "plenary", 0);
    if (session)
        edit->ask.places[edit->ask.place_count++] = life_session(edit->event, session, 0);
    edit->mode_id = "onsite";
    edit->revision_id = edit->event->revision_id;
    edit->guests = arena_take(arena, (room + 1) * sizeof(struct edit_guest));
    return edit;
}

static struct edit_guest *name(struct edit *edit, int64_t id, const char *email)
{
    struct edit_guest *guest = (struct edit_guest *)&edit->guests[edit->guest_count++];
    *guest = (struct edit_guest){ .id = id,
                                  .said = { .ask = edit->ask, .name = "Cy", .email = email, .mailbox = email,
                                            .answers = "{}", .search = "cy" },
                                  .fields = id != 0 ? "[\"name\"]" : NULL };
    return guest;
}

static enum edit_result readdress(struct life *life, const char *email)
{
    struct edit *edit = changing(life, NULL, 1);
    struct edit_guest *guest = name(edit, 2, email);
    guest->readdressed = true;
    guest->fields = "[\"email\"]";
    run(life, &edit->job);
    enum edit_result result = edit->result;
    arena_free(edit->job.arena);
    return result;
}

/* The version of his registration is the id of some change of an address: that is news of its own. */
static void news_to_a_wrong_address_takes_no_others_place(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 1, NULL);
    ((struct sign_up_guest *)s->guests)[0].email = "bbo@x.example";
    run(&life, &s->job);
    arena_free(s->job.arena);
    assert_int_equal(db_script(store_db(life.store), "UPDATE mail SET state = 'sent', sent_at = 1"), 0);
    assert_int_equal(readdress(&life, "bo@x.example"), EDIT_DONE);
    assert_int_equal(one(&life, "SELECT count(*) FROM mail WHERE kind = 'address_changed' AND subject_id = 2 "
                                "AND recipient = 'bbo@x.example' AND instance < 0"), 1);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

/* Whatever page the one and the other had before them. */
static void the_address_of_a_guest_is_his_own_once_he_has_acted(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 1, NULL);
    ((struct sign_up_guest *)s->guests)[0].email = "bbo@x.example";
    run(&life, &s->job);
    arena_free(s->job.arena);
    int64_t first = one(&life, "SELECT link_version FROM registration WHERE id = 2");
    assert_int_equal(readdress(&life, "bo@x.example"), EDIT_DONE);
    int64_t link = one(&life, "SELECT link_version FROM registration WHERE id = 2 AND email = 'bo@x.example'");
    assert_int_not_equal(link, first);
    /* nothing had gone yet: one letter, to the right address, and nobody is told at the wrong one */
    assert_int_equal(one(&life, "SELECT count(*) FROM mail WHERE recipient = 'bbo@x.example'"), 0);
    assert_int_equal(one(&life, "SELECT count(*) FROM mail WHERE recipient = 'bo@x.example'"), 1);

    struct stop stop = { .job = { .kind = &change_stop, .arena = arena_new() }, .registration_id = 2,
                         .link_version = first, .actor = "person", .stops = true };
    run(&life, &stop.job);
    assert_true(stop.gone); /* whoever reads at the wrong address is nobody here */
    assert_int_equal(readdress(&life, "bob@x.example"), EDIT_DONE);
    stop.link_version = one(&life, "SELECT link_version FROM registration WHERE id = 2");
    stop.actor = "convenectl";
    run(&life, &stop.job);
    assert_int_equal(readdress(&life, "bo@x.example"), EDIT_DONE); /* an organiser's act is not his */
    stop.link_version = one(&life, "SELECT link_version FROM registration WHERE id = 2");
    stop.actor = "person";
    stop.stops = false;
    run(&life, &stop.job);
    assert_false(stop.gone);
    assert_int_equal(readdress(&life, "thief@x.example"), EDIT_STALE);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE id = 2 AND email = 'bo@x.example'"), 1);
    arena_free(stop.job.arena);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

static void people_are_added_all_or_none(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 1, "org:firm");
    run(&life, &s->job);
    arena_free(s->job.arena);

    struct edit *edit = changing(&life, NULL, 3);
    struct ask_cap firm = { .key = "org:firm", .title = "Firm", .max = 2 };
    for (int i = 0; i < 2; i++) {
        struct edit_guest *guest = name(edit, 0, NULL);
        guest->said.ask.caps = &firm;
        guest->said.ask.cap_count = 1;
    }
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_FULL); /* one of the two would fit */
    assert_ptr_equal(edit->full_cap, &firm);
    assert_int_equal(edit->full_guest, 0);
    arena_free(edit->job.arena);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration"), 2);

    edit = changing(&life, NULL, 3);
    name(edit, 2, NULL);
    struct edit_guest *guest = name(edit, 0, "cy@x.example");
    guest->said.ask.caps = &firm;
    guest->said.ask.cap_count = 1;
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_DONE);
    arena_free(edit->job.arena);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration AS g JOIN registration AS b ON b.id = g.party_id "
                                "WHERE g.id = 3 AND b.id = 1 AND g.reference = b.reference || '/3' AND "
                                "g.status = 'confirmed'"),
                     1);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE id = 2 AND name = 'Cy'"), 1);
    static const char mail[] = "SELECT count(*) FROM mail WHERE kind = 'confirmed' AND recipient = 'cy@x.example'";
    assert_int_equal(one(&life, mail), 1);
    assert_int_equal(one(&life, "SELECT count(*) FROM mail WHERE kind = 'changed' AND subject_id = 1"), 1);
    assert_int_equal(one(&life, "SELECT count(*) FROM mailbox WHERE count = 1"), 1);

    edit = changing(&life, NULL, 9); /* five come together at most */
    for (int i = 0; i < 3; i++)
        (void)name(edit, 0, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_STALE);
    arena_free(edit->job.arena);
    edit = changing(&life, NULL, 1); /* somebody of another party */
    (void)name(edit, 99, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_STALE);
    arena_free(edit->job.arena);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

static void nobody_is_brought_in_where_organisers_approve(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .approval = true, .holds = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 1, NULL);
    run(&life, &s->job);
    arena_free(s->job.arena);
    struct edit *edit = changing(&life, NULL, 1); /* who is not approved yet brings whom he likes */
    (void)name(edit, 0, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_DONE);
    arena_free(edit->job.arena);
    assert_int_equal(one(&life, "SELECT count(*) FROM registration WHERE status = 'awaiting_approval'"), 3);
    struct act *act = life_act_new(&change_approve, 1, "organiser");
    run(&life, &act->job);
    arena_free(act->job.arena);
    edit = changing(&life, NULL, 1);
    (void)name(edit, 0, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_APPROVAL);
    assert_int_equal(edit->full_guest, 0);
    arena_free(edit->job.arena);
    edit = changing(&life, NULL, 1);
    (void)name(edit, 2, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_DONE); /* who is there may be corrected */
    arena_free(edit->job.arena);
    life_check(&life, store_db(life.store), "all");
    life_end(&life);
}

/* Wishes are allocated to each alone, so a party may be in several sessions of a round. A later change of who booked
 * took all of them to his. */
static void a_party_that_was_split_stays_so_until_who_booked_chooses(void **state)
{
    (void)state;
    struct life life = { .waiting_list = true, .dice = 5 };
    life_begin(&life);
    struct sign_up *s = party(&life, 1, 1, NULL);
    s->ask.places = arena_take(s->job.arena, 2 * sizeof(int64_t));
    s->ask.places[0] = life_session(s->event, "plenary", 0);
    s->ask.places[1] = life_session(s->event, "a1", 0);
    s->ask.place_count = 2;
    struct sign_up_guest *guest = (struct sign_up_guest *)&s->guests[0];
    guest->ask.places = arena_take(s->job.arena, 2 * sizeof(int64_t));
    guest->ask.places[0] = life_session(s->event, "plenary", 0);
    guest->ask.places[1] = life_session(s->event, "a2", 0);
    guest->ask.place_count = 2;
    run(&life, &s->job);
    assert_int_equal(s->result, SIGN_UP_CONFIRMED);
    arena_free(s->job.arena);
    static const char his[] = "SELECT count(*) FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE "
                              "c.registration_id = 2 AND p.key = ";
    char sql[200];
    for (int i = 0; i < 2; i++) {
        struct edit *edit = changing(&life, i == 0 ? "a1" : "a2", 1);
        (void)name(edit, 2, NULL);
        if (i == 1)
            ((struct edit_guest *)edit->guests)->fields = "[]";
        run(&life, &edit->job);
        assert_int_equal(edit->result, EDIT_DONE);
        arena_free(edit->job.arena);
        (void)snprintf(sql, sizeof(sql), "%s'a2'", his);
        assert_int_equal(one(&life, sql), 1);
    }
    struct edit *edit = changing(&life, NULL, 1); /* nobody is in that round any more */
    (void)name(edit, 2, NULL);
    run(&life, &edit->job);
    assert_int_equal(edit->result, EDIT_DONE);
    arena_free(edit->job.arena);
    assert_int_equal(one(&life, sql), 0);
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
        cmocka_unit_test(news_to_a_wrong_address_takes_no_others_place),
        cmocka_unit_test(the_address_of_a_guest_is_his_own_once_he_has_acted),
        cmocka_unit_test(people_are_added_all_or_none),
        cmocka_unit_test(nobody_is_brought_in_where_organisers_approve),
        cmocka_unit_test(a_party_that_was_split_stays_so_until_who_booked_chooses),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
