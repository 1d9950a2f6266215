/* SPDX-License-Identifier: EUPL-1.2 */
/* Definitions and what is wrong with them: each tests/table/definitions/NAME.conf has exactly the faults and warnings
 * that NAME.faults lists, `LINE: key: text`. Then what a good one is read as. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/faults.h"
#include "base/file.h"
#include "event/book.h"
#include "event/definition.h"

#define FILE_MAX (1024 * 1024)

static int setup(void **state)
{
    (void)state;
    return zone_setup();
}

/* libconfig 1.5 loses the string it was in when it meets a syntax fault. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

static const char *folder(char path[static 1000])
{
    const char *srcdir = getenv("srcdir");
    (void)snprintf(path, 1000, "%s/tests/table/definitions", srcdir ? srcdir : ".");
    return path;
}

/* The faults of FILE as they print, without the file's name and the sum. */
static char *faults_of(const char *path, const struct event_definition **ret_definition)
{
    struct faults *faults;
    char *text, *print = NULL;
    size_t size, print_size;

    *ret_definition = NULL;
    assert_int_equal(faults_new(&faults), 0);
    assert_int_equal(file_read(path, FILE_MAX, &text, &size), 0);
    int r = event_definition_parse(text, size, "", faults, ret_definition);
    assert_int_equal(r, faults_count(faults) > 0 ? -EINVAL : 0);
    if (r == 0) { /* from the store there is nobody to tell */
        const struct event_definition *again;
        assert_int_equal(event_definition_parse(text, size, "", NULL, &again), 0);
        event_definition_unref(again);
    }
    FILE *out = open_memstream(&print, &print_size);
    assert_non_null(out);
    faults_print(faults, 1, out);
    assert_int_equal(fclose(out), 0);
    faults_free(faults);
    free(text);

    char *from = print, *to = print; /* ":12: key: text" */
    while (*from == ':') {
        size_t length = strcspn(from, "\n");
        memmove(to, from + 1, length);
        to += length;
        from += length + 1;
    }
    *to = '\0';
    return print;
}

static bool check_file(const char *name)
{
    const struct event_definition *definition;
    char path[1000], file[1400], *expected;
    size_t size;

    (void)snprintf(file, sizeof(file), "%s/%s.conf", folder(path), name);
    char *found = faults_of(file, &definition);
    (void)snprintf(file, sizeof(file), "%s/%s.faults", path, name);
    assert_int_equal(file_read(file, FILE_MAX, &expected, &size), 0);
    bool good = strcmp(found, expected) == 0;
    if (!good)
        (void)fprintf(stderr, "%s.conf has the faults\n%sbut not exactly\n%s\n", name, found, expected);
    event_definition_unref(definition);
    free(found);
    free(expected);
    return good;
}

static void test_table(void **state)
{
    char path[1000], name[300];
    int files = 0, bad = 0;
    DIR *stream = opendir(folder(path));
    const struct dirent *entry;

    (void)state;
    assert_non_null(stream);
    while ((entry = readdir(stream)) != NULL) {
        if (sscanf(entry->d_name, "%255[a-z0-9_].conf", name) != 1 || !strstr(entry->d_name, ".conf"))
            continue;
        bad += !check_file(name);
        files++;
    }
    (void)closedir(stream);
    assert_int_equal(bad, 0);
    assert_true(files > 60);
}

static const struct event_definition *good(const char *name)
{
    const struct event_definition *definition;
    char path[1000], file[1400];

    (void)snprintf(file, sizeof(file), "%s/%s.conf", folder(path), name);
    free(faults_of(file, &definition));
    assert_non_null(definition);
    return definition;
}

static void test_smallest(void **state)
{
    const struct event_definition *d = good("smallest");
    char stamp[CLOCK_STAMP_SIZE];

    (void)state;
    assert_string_equal(d->slug, "first-workshop");
    assert_int_equal(d->kind, EVENT_KIND_EVENT);
    assert_int_equal(d->visibility, EVENT_PUBLIC);
    assert_int_equal(d->unique, EVENT_UNIQUE_EMAIL);
    clock_stamp(d->starts, stamp);
    assert_string_equal(stamp, "2027-03-18T07:30:00Z");
    clock_stamp(d->ends, stamp);
    assert_string_equal(stamp, "2027-03-18T14:00:00Z");
    assert_false(d->has_opens);
    assert_int_equal(d->closes, d->starts);
    assert_int_equal(d->day_count, 1);
    assert_int_equal(d->days[0].starts, d->starts);
    assert_int_equal(d->days[0].ends_wall.hour, 16);
    assert_int_equal(d->mode_count, 1);
    assert_int_equal(d->modes[0].capacity, 50);
    assert_true(d->modes[0].limited);
    assert_false(d->mode_asked);
    assert_true(d->waiting_list);
    assert_int_equal(event_field(d, "name")->max_length, 120);
    assert_string_equal(event_field(d, "name")->autocomplete, "name");
    assert_int_equal(event_field(d, "email")->max_length, 254);
    assert_null(event_field(d, "phone"));
    assert_null(d->unserved);
    assert_non_null(strstr(d->vtimezone, "TZID:Europe/Tallinn"));
    assert_string_equal(event_text_in(d, &d->description, "en", NULL), "");
    event_definition_unref(d);

    d = good("days_default");
    assert_string_equal(d->modes[0].id, "onsite");
    assert_false(d->modes[0].limited);
    assert_false(d->modes[0].approval);
    assert_false(d->confirm);
    assert_true(d->approval_holds);
    assert_int_equal(d->hold_hours, 48);
    event_definition_unref(d);
}

static void test_served(void **state)
{
    const struct event_definition *d = good("served");
    const char *language;
    char stamp[CLOCK_STAMP_SIZE];

    (void)state;
    assert_int_equal(d->language_count, 3);
    assert_int_equal(event_language(d, "pt-BR"), 2);
    assert_int_equal(event_language(d, "pt"), -1);
    assert_string_equal(event_text_in(d, &d->title, "et", &language), "Esimene");
    assert_string_equal(language, "et");
    assert_string_equal(event_text_in(d, &d->title, "fr", &language), "First");
    assert_string_equal(language, "en");
    assert_string_equal(event_text_in(d, &d->place, "et", &language), "Tartu"); /* a plain string: the default */
    assert_string_equal(language, "en");
    assert_int_equal(d->visibility, EVENT_UNLISTED);
    assert_int_equal(d->unique, EVENT_UNIQUE_EMAIL_NAME);
    assert_true(d->has_opens);
    assert_int_equal(d->day_count, 2);
    assert_true(d->mode_asked);
    assert_int_equal(event_mode(d, "online"), 1);
    assert_int_equal(event_mode(d, "nowhere"), -1);
    assert_true(event_mode_is_online(&d->modes[1]));
    assert_false(event_mode_is_online(&d->modes[0]));
    assert_true(d->modes[0].approval && d->modes[2].approval); /* the event's, and its own */
    assert_false(d->modes[1].approval);
    assert_false(d->approval_holds);
    assert_true(d->confirm);
    assert_int_equal(d->hold_hours, 720);
    assert_int_equal(d->frame_ancestor_count, 3);
    const struct event_field *field = event_field_by_role(d, ROLE_STAKEHOLDER);
    assert_string_equal(field->id, "kind_of_person");
    assert_int_equal(field->option_count, 2);
    assert_non_null(event_option(field, "Other-1"));
    assert_null(event_option(field, "none"));
    assert_string_equal(event_field_by_role(d, ROLE_COUNTRY)->id, "land");
    assert_int_equal(event_field(d, "organisation")->max_length, 100);
    assert_string_equal(event_field(d, "organisation")->retention, "evidence");
    assert_string_equal(event_field(d, "news")->purpose, "newsletter");
    assert_string_equal(event_field(d, "house")->purpose, "house");
    assert_string_equal(field_type_name(FIELD_SPECIAL_NEED), "special_need");
    assert_true(d->funding.given && d->funding.has_disclaimer && d->privacy.has_recipients);
    assert_string_equal(d->privacy.retain_evidence_until, "2032-12-31");
    assert_null(d->unserved);
    event_definition_unref(d);

    d = good("survey");
    assert_string_equal(d->unserved, "kind = survey");
    event_definition_unref(d);
    d = good("draft");
    assert_int_equal(d->visibility, EVENT_DRAFT);
    assert_null(d->unserved);
    event_definition_unref(d);
    d = good("law");
    assert_string_equal(d->host, "north");
    assert_string_equal(d->series, "spring-2027");
    assert_int_equal(d->privacy.basis, BASIS_PUBLIC_TASK);
    assert_int_equal(d->privacy.evidence_basis, BASIS_LEGAL_OBLIGATION);
    assert_string_equal(d->privacy.retain_contact_until, "2027-09-18");
    assert_true(d->privacy.has_officer && d->privacy.has_transfers && d->privacy.has_authority);
    assert_true(d->notices.has_photo && d->notices.has_recording);
    assert_string_equal(event_text_in(d, &d->notices.recording, "et", NULL), "Salvestatakse.");
    assert_null(d->unserved);
    event_definition_unref(d);
    d = good("wall_fold");
    clock_stamp(d->starts, stamp);
    assert_string_equal(stamp, "2027-10-31T00:30:00Z");
    event_definition_unref(d);
}

static void test_mails(void **state)
{
    const struct event_definition *d = good("mails");

    (void)state;
    assert_int_equal(d->reminder_count, 3);
    assert_int_equal(d->reminders[0].hours, 14 * 24);
    assert_true(d->reminders[0].by_days);
    assert_int_equal(d->reminders[2].hours, 3);
    assert_false(d->reminders[2].by_days);
    assert_int_equal(d->join_mail.hours, 1);
    assert_true(d->thanks.given && d->thanks.after.by_days);
    assert_int_equal(d->thanks.after.hours, 48);
    assert_string_equal(event_text_in(d, &d->thanks.text, "et", NULL), "Aitäh.");
    assert_string_equal(event_text_in(d, &d->thanks.survey, "et", NULL), "https://survey.example/1?l=et");
    assert_int_equal(d->notify.to_count, 2);
    assert_string_equal(d->notify.to[1], "office@example.org");
    assert_true(d->notify.registrations);
    assert_int_equal(d->notify.digest, DIGEST_WEEKLY);
    assert_int_equal(d->notify.hour * 100 + d->notify.minute, 1805);
    assert_string_equal(d->notify.language, "lt");
    event_definition_unref(d);
    d = good("mails_default");
    assert_int_equal(d->reminder_count, 2);
    assert_int_equal(d->reminders[0].hours, 7 * 24);
    assert_int_equal(d->reminders[1].hours, 24);
    assert_true(d->reminders[1].by_days);
    assert_int_equal(d->join_mail.hours, 2);
    assert_true(d->thanks.given && !d->thanks.has_text && !d->thanks.has_survey);
    assert_int_equal(d->thanks.after.hours, 24);
    assert_false(d->notify.registrations);
    assert_int_equal(d->notify.digest, DIGEST_NONE);
    assert_int_equal(d->notify.hour * 100 + d->notify.minute, 730);
    assert_string_equal(d->notify.language, "en");
    event_definition_unref(d);
    d = good("mails_none");
    assert_int_equal(d->reminder_count, 0);
    assert_int_equal(d->join_mail.hours, 0);
    assert_false(d->thanks.given);
    assert_int_equal(d->notify.to_count, 0);
    event_definition_unref(d);
    d = good("smallest");
    assert_int_equal(d->reminder_count, 2);
    assert_int_equal(d->join_mail.hours, 0);
    event_definition_unref(d);
}

static void test_field_types(void **state)
{
    const struct event_definition *d = good("field_types");
    const struct event_field *field;

    (void)state;
    assert_null(d->unserved);
    assert_string_equal(event_field(d, "phone")->pattern, "\\+.*");
    assert_true(event_field(d, "phone")->has_pattern_message);
    field = event_field(d, "years");
    assert_int_equal(field->decimals, 1);
    assert_string_equal(field->fallback, "2.5");
    field = event_field(d, "day");
    assert_string_equal(field->earliest, "2027-03-01");
    assert_string_equal(field->latest, "2027-03-31");
    assert_string_equal(field->fallback, "2027-03-18");
    field = event_field(d, "many");
    assert_true(event_fallback_has(field, "a") && event_fallback_has(field, "b"));
    assert_false(event_fallback_has(field, "") || event_fallback_has(field, "b,a") || event_fallback_has(field, "c"));
    field = event_field(d, "how");
    assert_true(field->has_min && field->has_max && field->min == 1 && field->max == 5 && field->has_low);
    assert_string_equal(field->fallback, "3");
    field = event_field(d, "order");
    assert_true(field->has_max && field->max == 2); /* three wishes, but there are two options */
    field = event_field(d, "land");
    assert_int_equal(field->first_count, 2);
    assert_string_equal(field->first[1], "FI");
    field = event_field(d, "organisation");
    assert_true(field->parts[PART_NAME] && field->parts[PART_COUNTRY] && field->parts[PART_NUMBER]);
    assert_true(field->parts[PART_SME] && field->required_parts[PART_SME] && field->required_parts[PART_NAME]);
    assert_false(field->parts[PART_SIZE] || field->required_parts[PART_NUMBER]);
    field = event_field(d, "stakeholder");
    assert_true(field->shared_options);
    assert_int_equal(field->option_count, 20);
    assert_non_null(event_option(field, "living_lab_testbed"));
    field = event_field(d, "diet");
    assert_string_equal(field->retention, "special");
    assert_true(field->has_consent);
    assert_string_equal(event_field(d, "source")->fallback, "spring");
    assert_string_equal(event_text_in(d, &event_field(d, "source")->label, "en", NULL), "");
    field = event_field(d, "why");
    assert_true(field->each && field->show_if && field->show_if_words);
    event_definition_unref(d);
}

static const struct event_definition *changed(const char *name, const char *from, const char *to)
{
    const struct event_definition *definition;
    char path[1000], file[1400], *text, *at;
    size_t size;

    (void)snprintf(file, sizeof(file), "%s/%s.conf", folder(path), name);
    assert_int_equal(file_read(file, FILE_MAX, &text, &size), 0);
    at = strstr(text, from);
    assert_non_null(at);
    char *mixed = NULL;
    int n = asprintf(&mixed, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    assert_true(n > 0);
    assert_int_equal(event_definition_parse(mixed, (size_t)n, "mixed", NULL, &definition), 0);
    free(text);
    free(mixed);
    return definition;
}

/* A form of one revision is taken for another only if what was asked and agreed to is the same. */
static void test_form_print(void **state)
{
    static const struct { const char *name, *from, *to, *language; bool same; } cases[] = {
        { "served", "Esimene", "Teine", "et", true },
        { "served", "Tartu", "Narva", "en", true },
        { "served", "Several", "Some", "en", true },           /* the help of a question */
        { "served", "capacity = 5;", "capacity = 9;", "en", true },
        { "served", "\"News\"", "\"All news\"", "en", false }, /* the words of a consent */
        { "served", "\"newsletter\"", "\"letters\"", "en", false },
        { "served", "Fewer than 250", "At most 250", "en", true },
        { "served", "\"SME\"", "\"Company\"", "en", false },
        { "served", "id = \"sme\"", "id = \"company\"", "en", false },
        { "served", "max_length = 100", "max_length = 99", "en", false },
        { "served", "min = 3", "min = 2", "en", false },
        { "served", "label = \"Words\"; ", "label = \"Words\"; required = true; ", "en", false },
        { "after_good", "max = 120; ", "max = 120; after_review = true; ", "en", false },
        { "served", "Side room", "Other room", "en", false },
        { "sessions", "Home care\"", "Care at home\"", "en", false },
        { "sessions", "\"Avamine\"", "\"Algus\"", "et", false },
        { "sessions", "\"Avamine\"", "\"Algus\"", "en", true }, /* the other language */
        { "sessions", "id = \"a2\"", "id = \"a3\"", "en", false },
        { "sessions", "starts = \"2027-03-18T10:00", "starts = \"2027-03-18T10:10", "en", false },
        { "sessions", "ends = \"2027-03-18T11:00", "ends = \"2027-03-18T10:50", "en", false },
        { "sessions", "round = \"wishes\"", "round = \"other\"", "en", false },
        { "sessions", "choose = \"one\"", "choose = \"many\"", "en", false },
        { "sessions", "onsite = 12; online = 0;", "onsite = 12; online = 5;", "en", false }, /* now it is online too */
        { "sessions", "onsite = 12;", "onsite = 13;", "en", true },
        { "sessions", "capacity = 80;", "capacity = 90;", "en", true },
        { "sessions", "title = \"Late\"", "title = \"Later\"", "en", false },
        { "sessions", "ranks = 4", "ranks = 2", "en", false },
        { "sessions", "wishes_until = \"2027-03-18", "wishes_until = \"2027-03-17", "en", true },
        { "sessions", "\"dinner\"; required = true;", "\"dinner\";", "en", false },
        { "sessions", "changes_until = \"2027-03-15", "changes_until = \"2027-03-14", "en", true },
        { "slots", "\"Day ward\"", "\"Ward\"", "en", false },
        { "slots", "mode = \"online\"; ", "", "en", false },
        { "slots", "propose = true", "propose = false", "en", false },
        { "slots", "length_minutes = 240", "length_minutes = 200", "en", false },
        { "slots", "length_minutes = 240", "length_minutes = 239", "en", false },
        { "slots", "2027-04-04", "2027-04-11", "en", false },
        { "slots", "capacity = 3", "capacity = 4", "en", true },
        { "slots", "lead_days = 5", "lead_days = 6", "en", true },
        { "quota", "max = 2", "max = 3", "en", true },
        { "quota", "size = 4", "size = 3", "en", true },
    };
    unsigned char first[FORM_PRINT_SIZE], second[FORM_PRINT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct event_definition *one = good(cases[i].name);
        const struct event_definition *other = changed(cases[i].name, cases[i].from, cases[i].to);
        assert_int_equal(event_form_print(one, cases[i].language, first), 0);
        assert_int_equal(event_form_print(other, cases[i].language, second), 0);
        if ((memcmp(first, second, sizeof(first)) == 0) != cases[i].same)
            fail_msg("%s: %s to %s", cases[i].name, cases[i].from, cases[i].to);
        event_definition_unref(other);
        event_definition_unref(one);
    }
}

static void test_book(void **state)
{
    static const struct event_row rows[] = { { "mode", "onsite", 11 },
                                             { "mode", "online", 12 },
                                             { "mode", "side_room", 13 } };
    const struct event_definition *served = good("served"), *smallest = good("smallest"), *fold = good("wall_fold");
    struct event_book *book;
    unsigned char print[FORM_PRINT_SIZE];

    (void)state;
    assert_int_equal(event_book_new(2, &book), 0);
    assert_int_equal(event_book_add(book, fold, 1, 5, 0, EVENT_LIVE, 3, rows), 0);
    assert_int_equal(event_book_add(book, event_definition_ref(served), 2, 6, 3, EVENT_OFF, 3, rows), 0);
    assert_int_equal(event_book_add(book, smallest, 3, 7, 0, EVENT_LIVE, 3, rows), -ENOSPC);
    event_book_sort(book);
    assert_ptr_equal(book->entries[0].definition, served);
    const struct event_entry *entry = event_book_by_id(book, 2);
    assert_ptr_equal(entry, &book->entries[0]);
    assert_int_equal(entry->mode_places[2], 13);
    assert_int_equal(entry->state, EVENT_OFF);
    assert_int_equal(event_form_print(served, "et", print), 0);
    assert_memory_equal(entry->form_prints[1], print, sizeof(print));
    assert_ptr_equal(event_book_find(book, "first-workshop"), entry);
    assert_null(event_book_find(book, "other"));
    assert_null(event_book_by_id(book, 9));
    event_book_free(book);
    event_definition_unref(smallest);
    event_definition_unref(served);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_smallest),   cmocka_unit_test(test_served),
        cmocka_unit_test(test_mails),
        cmocka_unit_test(test_field_types), cmocka_unit_test(test_form_print), cmocka_unit_test(test_book),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
