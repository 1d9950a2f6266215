/* SPDX-License-Identifier: EUPL-1.2 */
/* Every type of field on a real store: the columns of the flat view, what is kept apart and when it goes, the consent
 * to it, the form that stored answers make again, the edits of a definition that would break answers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/form.h"
#include "base/log.h"
#include "base/text.h"
#include "change/act.h"
#include "change/edit.h"
#include "change/expire.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "report/person.h"
#include "report/record.h"
#include "signup/fill.h"
#include "signup/rules.h"
#include "store/db.h"
#include "view/edition.h"

#define HEAD                                                                                                 \
    "slug = \"room\"; languages = [ \"en\" ]; title = \"Room\"; zone = \"Europe/Tallinn\"; place = \"Hall\";\n" \
    "starts = \"2099-03-18T09:30\"; ends = \"2099-03-18T16:00\"; unique = \"none\";\n"                       \
    "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"  \
    "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; }"
#define OPTIONS                                                                                     \
    "options = ( { id = \"a\"; label = \"Ants\"; }, { id = \"b\"; label = \"Bees\"; }, { id = \"c\"; " \
    "label = \"Crabs\"; } );"
#define REST                                                                                                    \
    ", { id = \"firm\"; type = \"organisation\"; label = \"Firm\"; }, { id = \"kind\"; type = \"stakeholder\"; " \
    "label = \"Kind\"; }, { id = \"persons\"; type = \"number\"; label = \"Persons\"; }, { id = \"hours\"; "     \
    "type = \"number\"; label = \"Hours\"; decimals = 1; }, { id = \"day\"; type = \"date\"; label = \"Day\"; },"  \
    "{ id = \"topics\"; type = \"choices\"; label = \"Topics\"; " OPTIONS " }, { id = \"how\"; type = \"scale\"; " \
    "label = \"How\"; }, { id = \"order\"; type = \"ranking\"; label = \"Order\"; max = 2; " OPTIONS " },"         \
    "{ id = \"nuts\"; type = \"region\"; label = \"Region\"; }, { id = \"note\"; type = \"statement\"; "           \
    "label = \"Note\"; }, { id = \"source\"; type = \"hidden\"; default = \"spring\"; }, { id = \"diet\"; "        \
    "type = \"special_need\"; label = \"Diet\"; consent = \"Keep it\"; }, { id = \"news\"; type = \"consent\"; "   \
    "label = \"News\"; } );\n"
#define DEFINITION HEAD REST

#define ALL                                                                                                          \
    "name=Anna&email=a@x.example&firm.name=Firm&firm.country=FI&firm.number=0112038-9&firm.size=small&firm.sme=yes&" \
    "kind=sme&persons=12&hours=1.5&day=2027-03-18&topics=c&topics=a&how=4&order.1=c&order.2=b&nuts=FI1B&diet=Milk&" \
    "diet.consent=yes&news=yes"

struct world {
    char folder[32], path[64], clock_path[64];
    struct clock *clock;
    struct store *store;
    struct settings settings;
    struct event_book *book;
    struct edition edition;
    struct text_folder *folders;
};

/* NULL: it was taken; else why not. In ARENA. */
static const char *take(struct world *w, struct arena *arena, const char *text)
{
    const struct event_definition *definition;
    assert_int_equal(event_definition_parse(text, strlen(text), "room.conf", NULL, &definition), 0);
    assert_null(definition->unserved);
    struct revision_file file = { .name = "room.conf", .text = text, .size = strlen(text), .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena },
                                  .message_domain = "cluster.example", .files = &file, .file_count = 1 };
    assert_int_equal(store_run(w->store, &take.job), 0);
    if (take.refusal_count > 0) {
        event_definition_unref(definition);
        return take.refusals[0].reason;
    }
    event_book_free(w->book);
    assert_int_equal(event_book_new(1, &w->book), 0);
    assert_int_equal(event_book_add(w->book, definition, take.events[0].event_id, take.events[0].revision_id,
                                    take.events[0].ical_sequence, take.events[0].state, take.events[0].row_count,
                                    take.events[0].rows),
                     0);
    w->edition.events = w->book;
    return NULL;
}

static void take_ok(struct world *w, const char *text)
{
    struct arena *arena = arena_new();
    const char *refusal = take(w, arena, text);
    if (refusal)
        fail_msg("%s", refusal);
    arena_free(arena);
}

static void set_clock(struct world *w, const char *text)
{
    FILE *file = fopen(w->clock_path, "we");
    assert_non_null(file);
    assert_true(fprintf(file, "%s\n", text) > 0);
    assert_int_equal(fclose(file), 0);
    if (w->clock)
        assert_int_equal(clock_reread(w->clock), 0);
}

static void open_world(struct world *w)
{
    bool created;
    *w = (struct world){ .folder = "/tmp/convened-test-XXXXXX" };
    assert_non_null(mkdtemp(w->folder));
    (void)snprintf(w->path, sizeof(w->path), "%s/t.db", w->folder);
    (void)snprintf(w->clock_path, sizeof(w->clock_path), "%s/clock", w->folder);
    set_clock(w, "2027-01-08T12:00:00Z");
    assert_int_equal(clock_new(w->clock_path, &w->clock), 0);
    w->settings.mail.from_address = "events@cluster.example";
    w->edition.settings = &w->settings;
    assert_int_equal(text_folder_new(&w->folders), 0);
    const struct store_options options = { .path = w->path, .readers = 1, .queue = 100, .clock = w->clock };
    assert_int_equal(store_open(&options, &w->store, &created), 0);
    take_ok(w, DEFINITION);
}

static void close_world(struct world *w)
{
    char command[96];
    event_book_free(w->book);
    store_close(w->store);
    clock_free(w->clock);
    text_folder_free(w->folders);
    (void)snprintf(command, sizeof(command), "rm -rf %s", w->folder);
    assert_int_equal(system(command), 0);
}

/* The pairs of PAIRS, that hold nothing to decode. */
static void make_form(struct arena *arena, const char *pairs, struct form *ret_form)
{
    char *copy = arena_copy(arena, pairs), *rest = copy, *pair;
    *ret_form = (struct form){ .values = arena_take(arena, 64 * sizeof(struct form_value)) };
    while ((pair = strsep(&rest, "&")) != NULL) {
        char *value = strchr(pair, '=');
        assert_true(value && ret_form->count < 64);
        *value++ = '\0';
        ret_form->values[ret_form->count++] =
            (struct form_value){ .name = pair, .value = value, .size = strlen(value) };
    }
}

static void understand(struct world *w, struct arena *arena, const struct form *form, struct rules_result *ret_rules)
{
    const struct rules_moment moment = { .now = clock_now(w->clock) };
    const struct event_definition *definition = w->book->entries[0].definition;
    assert_int_equal(rules_apply(arena, definition, form, &moment, w->folders, ret_rules), 0);
    if (ret_rules->fault_count > 0)
        fail_msg("%s: %s", ret_rules->faults[0].control, rule_fault_code(ret_rules->faults[0].fault));
}

/* As page_sign_up does it. */
static void take_apart(struct world *w, struct arena *arena, const struct rules_result *rules,
                       struct sign_up_consent **ret_consents, struct private_answer **ret_privates)
{
    *ret_consents = arena_take(arena, (rules->consent_count + 1) * sizeof(**ret_consents));
    *ret_privates = arena_take(arena, (rules->private_count + 1) * sizeof(**ret_privates));
    for (size_t i = 0; i < rules->consent_count; i++)
        assert_int_equal(sign_up_consent_take(arena, w->book->entries[0].definition, "en", "Words", &rules->consents[i],
                                              &(*ret_consents)[i]),
                         0);
    for (size_t i = 0; i < rules->private_count; i++)
        (*ret_privates)[i] = (struct private_answer){ rules->privates[i].field->id, rules->privates[i].value,
                                                      rules->privates[i].retention };
}

static void sign_up(struct world *w, const char *pairs)
{
    struct arena *arena = arena_new();
    struct sign_up *s = arena_take(arena, sizeof(*s));
    const struct event_entry *entry = &w->book->entries[0];
    struct sign_up_consent *consents;
    struct private_answer *privates;
    struct rules_result rules;
    struct form form;

    make_form(arena, pairs, &form);
    understand(w, arena, &form, &rules);
    take_apart(w, arena, &rules, &consents, &privates);
    *s = (struct sign_up){ .job = { .kind = &change_sign_up, .arena = arena, .edition = &w->edition },
                           .event = entry,
                           .revision_id = entry->revision_id,
                           .mode_id = rules.mode,
                           .language = "en",
                           .name = rules.name,
                           .email = rules.email,
                           .organisation = rules.organisation,
                           .registry_number = rules.registry_number,
                           .country = rules.country,
                           .stakeholder = rules.stakeholder,
                           .answers = rules.answers,
                           .search = rules.search,
                           .dedupe = rules.dedupe,
                           .consent_count = rules.consent_count,
                           .consents = consents,
                           .private_count = rules.private_count,
                           .privates = privates };
    assert_int_equal(ask_make(arena, entry, &rules, NULL, &s->ask), 0);
    assert_int_equal(store_run(w->store, &s->job), 0);
    assert_int_equal(s->result, SIGN_UP_CONFIRMED);
    arena_free(arena);
}

/* Answers other than before; of the need as a page does it: given, or no longer. */
static void edit(struct world *w, int64_t id, const char *pairs)
{
    struct arena *arena = arena_new();
    struct edit *e = arena_take(arena, sizeof(*e));
    const struct event_entry *entry = &w->book->entries[0];
    struct sign_up_consent *consents, need;
    struct private_answer *privates;
    struct rules_result rules;
    struct form form;

    make_form(arena, pairs, &form);
    understand(w, arena, &form, &rules);
    take_apart(w, arena, &rules, &consents, &privates);
    const struct rules_consent given = { event_field(entry->definition, "diet"), rules.private_count > 0 };
    assert_int_equal(sign_up_consent_take(arena, entry->definition, "en", "Words", &given, &need), 0);
    *e = (struct edit){ .job = { .kind = &change_edit, .arena = arena, .edition = &w->edition },
                        .registration_id = id,
                        .link_version = -1,
                        .version = -1,
                        .actor = "person",
                        .message_domain = "cluster.example",
                        .event = entry,
                        .mode_id = rules.mode,
                        .revision_id = entry->revision_id,
                        .answers = rules.answers,
                        .search = rules.search,
                        .name = rules.name,
                        .fields = "[\"diet\"]",
                        .private_count = rules.private_count,
                        .privates = privates,
                        .consent_count = 1,
                        .consents = &need };
    assert_int_equal(ask_make(arena, entry, &rules, NULL, &e->ask), 0);
    assert_int_equal(store_run(w->store, &e->job), 0);
    assert_int_equal(e->result, EDIT_DONE);
    arena_free(arena);
}

static void act(struct world *w, const struct change_kind *kind, int64_t id)
{
    struct act a = { .job = { .kind = kind, .arena = arena_new(), .edition = &w->edition },
                     .registration_id = id,
                     .link_version = -1,
                     .actor = "person",
                     .message_domain = "cluster.example",
                     .purpose = "diet",
                     .field = "diet" };
    assert_int_equal(store_run(w->store, &a.job), 0);
    assert_int_equal(a.result, ACT_DONE);
    arena_free(a.job.arena);
}

static int64_t expire(struct world *w)
{
    struct expire e = { .job = { .kind = &change_expire, .arena = arena_new(), .edition = &w->edition },
                        .message_domain = "cluster.example" };
    assert_int_equal(store_run(w->store, &e.job), 0);
    arena_free(e.job.arena);
    return e.expired;
}

static int64_t ask(struct world *w, const char *sql)
{
    struct query *query;
    assert_int_equal(db_prepare(store_db(w->store), sql, &query), 0);
    int r = db_step(query);
    int64_t number = r > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

static void check_text(struct world *w, const char *sql, const char *expected)
{
    struct query *query;
    assert_int_equal(db_prepare(store_db(w->store), sql, &query), 0);
    assert_int_equal(db_step(query), 1);
    const char *got = db_is_null(query, 0) ? "-" : db_text(query, 0);
    if (strcmp(got, expected) != 0)
        fail_msg("%s gives %s, not %s", sql, got, expected);
    db_finish(query);
}

static void flat_view_has_every_type(void **state)
{
    static const struct { const char *column, *value; } columns[] = {
        { "name", "Anna" }, { "organisation", "Firm" }, { "registry_number", "0112038-9" }, { "country", "FI" },
        { "stakeholder", "sme" }, { "firm_name", "Firm" }, { "firm_country", "FI" }, { "firm_number", "0112038-9" },
        { "firm_size", "small" }, { "firm_sme", "yes" }, { "firm_sme_on", "2027-01-08" }, { "kind", "sme" },
        { "persons", "12" }, { "typeof(persons)", "integer" }, { "hours", "1.5" }, { "typeof(hours)", "real" },
        { "day", "2027-03-18" }, { "topics", "a; c" }, { "how", "4" }, { "order_1", "c" }, { "order_2", "b" },
        { "nuts", "FI1B" }, { "source", "spring" }, { "news", "yes" } };
    char sql[200];
    struct world w;

    (void)state;
    open_world(&w);
    sign_up(&w, ALL);
    sign_up(&w, "name=Berta&email=b@x.example");
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        (void)snprintf(sql, sizeof(sql), "SELECT %s FROM event_room WHERE registration = 1", columns[i].column);
        check_text(&w, sql, columns[i].value);
        if (strncmp(columns[i].column, "typeof", 6) == 0 || i == 0)
            continue;
        (void)snprintf(sql, sizeof(sql), "SELECT %s FROM event_room WHERE registration = 2", columns[i].column);
        check_text(&w, sql, strcmp(columns[i].column, "source") == 0 ? "spring"
                            : strcmp(columns[i].column, "news") == 0 ? "no"
                                                                     : "-");
    }
    /* 16 columns of everybody, then those; and none of the need, of the statement, or of an order behind the second */
    assert_int_equal(ask(&w, "SELECT count(*) FROM pragma_table_info('event_room')"), 16 + 17);
    assert_int_equal(ask(&w, "SELECT count(*) FROM pragma_table_info('event_room') WHERE name LIKE '%diet%' OR name "
                             "IN ('note', 'order_3', 'order', 'firm')"),
                     0);
    /* an order keeps the columns that somebody filled, and a field that is gone its own */
    take_ok(&w, HEAD ", { id = \"order\"; type = \"ranking\"; label = \"O\"; max = 1; " OPTIONS " } );\n");
    check_text(&w, "SELECT order_2 FROM event_room WHERE registration = 1", "b");
    check_text(&w, "SELECT topics FROM event_room WHERE registration = 1", "a; c");
    check_text(&w, "SELECT firm_size FROM event_room WHERE registration = 1", "small");
    close_world(&w);
}

static void needs_are_kept_apart(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    sign_up(&w, ALL);
    check_text(&w, "SELECT field || value || class FROM private_answer", "dietMilkspecial");
    check_text(&w, "SELECT datetime(erase_at, 'unixepoch') FROM private_answer", "2099-04-17 14:00:00");
    assert_int_equal(ask(&w, "SELECT count(*) FROM registration WHERE answers LIKE '%Milk%' OR search LIKE '%milk%' OR "
                             "answers LIKE '%diet%'"),
                     0);
    check_text(&w, "SELECT t.body FROM consent AS c JOIN text AS t ON t.hash = c.text_hash WHERE purpose = 'diet' AND "
                   "given_at IS NOT NULL",
               "Diet\nKeep it");
    sign_up(&w, "name=Berta&email=b@x.example&diet.consent=yes");
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer WHERE registration_id = 2"), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE registration_id = 2 AND purpose = 'diet'"), 0);
    const int64_t due = ask(&w, "SELECT erase_at FROM private_answer");
    assert_int_equal(store_start(w.store), 0); /* the timer knows */
    assert_int_equal(store_next_expiry(w.store), due);
    store_stop(w.store);
    close_world(&w);
}

static void needs_change_with_their_consent(void **state)
{
    struct world w;

    (void)state;
    open_world(&w);
    sign_up(&w, "name=Anna&email=a@x.example&diet=Nuts&diet.consent=yes");
    edit(&w, 1, "name=Anna&email=a@x.example&diet=Nuts+and+milk&diet.consent=yes");
    check_text(&w, "SELECT value FROM private_answer", "Nuts+and+milk");
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE purpose = 'diet'"), 1); /* the same words still hold */
    edit(&w, 1, "name=Anna&email=a@x.example&diet=");
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer"), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE purpose = 'diet' AND withdrawn_at IS NOT NULL"), 1);
    edit(&w, 1, "name=Anna&email=a@x.example&diet=Eggs&diet.consent=yes");
    check_text(&w, "SELECT value FROM private_answer", "Eggs");
    check_text(&w, "SELECT group_concat(n || (withdrawn_at IS NULL), ' ') FROM consent WHERE purpose = 'diet'",
               "10 21");
    act(&w, &change_withdraw, 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer"), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM consent WHERE withdrawn_at IS NULL AND purpose = 'diet'"), 0);
    close_world(&w);
}

static void needs_go_in_time(void **state)
{
    static const char later[] = "ends = \"2099-03-19T16:00\"";
    char text[8000];
    struct world w;

    (void)state;
    open_world(&w);
    sign_up(&w, "name=Anna&email=a@x.example&diet=Nuts&diet.consent=yes");
    sign_up(&w, "name=Berta&email=b@x.example&diet=Milk&diet.consent=yes");
    act(&w, &change_erase, 2);
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer WHERE registration_id = 2"), 0);
    /* the event ends a day later now */
    (void)snprintf(text, sizeof(text), "%s", DEFINITION);
    memcpy(strstr(text, "ends ="), later, strlen(later));
    take_ok(&w, text);
    check_text(&w, "SELECT datetime(erase_at, 'unixepoch') FROM private_answer", "2099-04-18 14:00:00");
    set_clock(&w, "2099-04-18T13:59:59Z");
    assert_int_equal(expire(&w), 0);
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer"), 1);
    set_clock(&w, "2099-04-18T14:00:00Z");
    assert_int_equal(expire(&w), 1);
    assert_int_equal(ask(&w, "SELECT count(*) FROM private_answer"), 0);
    assert_int_equal(expire(&w), 0);
    close_world(&w);
}

/* What is stored makes a form that is understood as it was the first time. */
static void stored_answers_make_the_form_again(void **state)
{
    struct world w;
    struct arena *arena = arena_new();
    struct rules_result first, again;
    struct form form;

    (void)state;
    open_world(&w);
    make_form(arena, ALL, &form);
    understand(&w, arena, &form, &first);
    const struct event_definition *definition = w.book->entries[0].definition;
    struct fill fill = { .arena = arena, .language = "de" };
    json_t *answers = json_loads(first.answers, 0, NULL);
    assert_int_equal(fill_add(&fill, "name", first.name) | fill_add(&fill, "email", first.email), 0);
    for (size_t i = 0; i < definition->field_count; i++)
        assert_int_equal(fill_answer(&fill, &definition->fields[i],
                                     json_object_get(answers, definition->fields[i].id)),
                         0);
    assert_int_equal(fill_need(&fill, first.privates[0].field, first.privates[0].value), 0);
    assert_string_equal(form_value(&fill.form, "hours"), "1,5");
    const struct rules_moment moment = { .now = clock_now(w.clock) + 86400, .language = "de",
                                         .declared_on = "2027-01-08" };
    assert_int_equal(rules_apply(arena, definition, &fill.form, &moment, w.folders, &again), 0);
    assert_int_equal(again.fault_count, 0);
    assert_string_equal(again.answers, first.answers);
    assert_int_equal(again.private_count, 1);
    assert_string_equal(again.privates[0].value, "Milk");
    json_decref(answers);
    arena_free(arena);
    close_world(&w);
}

static void person_has_a_copy_of_all(void **state)
{
    struct world w;
    struct arena *arena = arena_new();
    struct revisions *revisions;
    struct record record;
    json_t *person;
    char *text = NULL;
    size_t size;

    (void)state;
    open_world(&w);
    sign_up(&w, ALL);
    assert_int_equal(revisions_new(2, &revisions), 0);
    assert_int_equal(record_read(store_db(w.store), arena, revisions, 1, &record), 0);
    assert_int_equal(person_read(store_db(w.store), &record, "en", &person), 0);
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(person_csv(person, out), 0);
    assert_int_equal(fclose(out), 0);
    static const char *const lines[] = { ",topics,Topics,\"Ants; Crabs\"\r\n", ",order,Order,\"Crabs; Bees\"\r\n",
                                         ",firm.name,Firm,Firm\r\n", ",firm.sme,Firm,true\r\n", ",kind,Kind,sme\r\n",
                                         ",hours,Hours,1.5\r\n", ",how,How,4\r\n", ",source,,spring\r\n",
                                         "special_needs,1,field,,diet\r\n", "special_needs,1,value,,Milk\r\n" };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if (!strstr(text, lines[i]))
            fail_msg("%s is not in\n%s", lines[i], text);
    assert_null(strstr(text, "Note"));
    free(text);
    json_decref(person);
    record_done(&record);
    revisions_free(revisions);
    arena_free(arena);
    close_world(&w);
}

static void options_that_are_used_stay(void **state)
{
    static const struct { const char *fields, *refusal; } cases[] = {
        { ", { id = \"topics\"; type = \"choices\"; label = \"T\"; options = ( { id = \"a\"; label = \"A\"; } ); } );",
          "fields: option c of topics is gone, but 1 people have chosen it" },
        { ", { id = \"order\"; type = \"ranking\"; label = \"T\"; options = ( { id = \"c\"; label = \"C\"; } ); } );",
          "fields: option b of order is gone, but 1 people have chosen it" },
        { ", { id = \"kind\"; type = \"stakeholder\"; label = \"T\"; options = ( { id = \"x\"; label = \"X\"; } ); "
          "} );",
          "fields: option sme of kind is gone, but 1 people have chosen it" },
        { ", { id = \"hours\"; type = \"text\"; label = \"H\"; } );",
          "fields: hours was number and is now text, but has 1 answers" },
        { ", { id = \"topics\"; type = \"choices\"; label = \"T\"; options = ( { id = \"c\"; label = \"C\"; }, { id = "
          "\"a\"; label = \"A\"; } ); } );", NULL },
    };
    struct world w;
    char text[8000];

    (void)state;
    open_world(&w);
    sign_up(&w, ALL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct arena *arena = arena_new();
        (void)snprintf(text, sizeof(text), "%s%s\n", HEAD, cases[i].fields);
        const char *refusal = take(&w, arena, text);
        assert_true(!refusal == !cases[i].refusal);
        if (refusal)
            assert_string_equal(refusal, cases[i].refusal);
        arena_free(arena);
    }
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
        cmocka_unit_test(flat_view_has_every_type),
        cmocka_unit_test(needs_are_kept_apart),
        cmocka_unit_test(needs_change_with_their_consent),
        cmocka_unit_test(needs_go_in_time),
        cmocka_unit_test(stored_answers_make_the_form_again),
        cmocka_unit_test(person_has_a_copy_of_all),
        cmocka_unit_test(options_that_are_used_stay),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
