/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/rules against the tables of tests/table/rules; cases.txt says how they are read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "event/zone.h"
#include "signup/answers.h"
#include "signup/rules.h"

#define VALUES_MAX 64
#define ROUNDS_MAX 16

static const char *root(void)
{
    const char *srcdir = getenv("srcdir");
    return srcdir ? srcdir : ".";
}

static const struct event_definition *load(const char *name)
{
    char path[4096];
    const struct event_definition *definition;
    char *text = calloc(1, 65536);
    snprintf(path, sizeof(path), "%s/tests/table/rules/%s.conf", root(), name);
    FILE *file = fopen(path, "re");

    if (!file || !text)
        fail_msg("%s cannot be read", path);
    size_t size = fread(text, 1, 65535, file);
    fclose(file);
    if (event_definition_parse(text, size, path, NULL, &definition) < 0 || definition->unserved)
        fail_msg("%s has a fault", path);
    free(text);
    return definition;
}

/* One name or value, as a browser sends it. */
static char *decode(struct arena *arena, const char *text, size_t size, struct form_value *value)
{
    char *decoded = arena_take(arena, size + 1);
    size_t n = 0;

    assert_non_null(decoded);
    for (size_t i = 0; i < size; i++) {
        char hex[3] = { 0 };
        if (text[i] == '%') {
            assert_true(i + 2 < size + 1);
            memcpy(hex, text + i + 1, 2);
            decoded[n++] = (char)strtoul(hex, NULL, 16);
            i += 2;
        } else {
            decoded[n++] = text[i] == '+' ? ' ' : text[i];
        }
    }
    if (value) {
        value->size = n;
        value->bad = !text_is_utf8(decoded, n) || memchr(decoded, 0, n);
    }
    return decoded;
}

static void add_pairs(struct arena *arena, struct form *form, const char *pairs)
{
    while (*pairs) {
        size_t size = strcspn(pairs, "&");
        size_t name = strcspn(pairs, "=&");
        assert_true(form->count < VALUES_MAX);
        struct form_value *value = &form->values[form->count++];
        value->name = decode(arena, pairs, name, NULL);
        value->value = name < size ? decode(arena, pairs + name + 1, size - name - 1, value) : NULL;
        pairs += size + (pairs[size] == '&');
    }
}

/* BASE with the controls of CHANGES in place of its own; those without a value are taken out. */
static void merge(const struct form *base, const struct form *changes, struct form *ret_form)
{
    ret_form->count = 0;
    for (size_t i = 0; i < base->count; i++) {
        if (form_times(changes, base->values[i].name) == 0)
            ret_form->values[ret_form->count++] = base->values[i];
    }
    for (size_t i = 0; i < changes->count; i++) {
        if (changes->values[i].value)
            ret_form->values[ret_form->count++] = changes->values[i];
    }
}

struct table {
    const char *name; /* of its file */
    struct arena *arena;
    struct text_folder *folder;
    const struct event_definition *definition;
    struct form base, changes, form;
    struct rules_result result;
    char *first_dedupe;
    struct rules_moment moment;
    bool allocated[ROUNDS_MAX];
    bool applied;
    size_t faults_named;
    unsigned line, wrong, forms;
};

static void complain(struct table *table, const char *what, const char *got, const char *expected)
{
    print_error("%s:%u: %s is '%s', not '%s'\n", table->name, table->line, what, got ? got : "-", expected);
    table->wrong++;
}

/* The faults of the form before have all been named. */
static void close_form(struct table *table)
{
    if (table->applied && table->faults_named != table->result.fault_count) {
        const struct rules_fault *fault = &table->result.faults[table->faults_named];
        print_error("%s: before line %u: fault %s %s is not named\n", table->name, table->line, fault->control,
                    rule_fault_code(fault->fault));
        table->wrong++;
    }
    table->applied = false;
}

static void apply(struct table *table)
{
    assert_int_equal(rules_apply(table->arena, table->definition, &table->form, &table->moment, table->folder,
                                 &table->result),
                     0);
    table->applied = true;
    table->faults_named = 0;
    table->forms++;
}

static void check_fault(struct table *table, const char *expected)
{
    const struct event_session *sessions = table->definition->programme.sessions;
    char got[192];
    size_t size;

    if (table->faults_named == table->result.fault_count) {
        complain(table, "fault", NULL, expected);
        return;
    }
    const struct rules_fault *fault = &table->result.faults[table->faults_named++];
    int n = snprintf(got, sizeof(got), "%s %s", fault->control, rule_fault_code(fault->fault));
    if (fault->limit)
        n += snprintf(got + n, sizeof(got) - (size_t)n, " %d", (int)fault->limit);
    if (fault->session >= 0)
        snprintf(got + n, sizeof(got) - (size_t)n, " %s", sessions[fault->session].id);
    size = fault->field < 0 ? 0 : strlen(table->definition->fields[fault->field].id);
    if (size > 0 && (strncmp(table->definition->fields[fault->field].id, fault->control, size) != 0 ||
                     (fault->control[size] != '\0' && fault->control[size] != '.')))
        complain(table, "the fault's field", table->definition->fields[fault->field].id, fault->control);
    if (size == 0 && event_field(table->definition, fault->control))
        complain(table, "the fault's field", NULL, fault->control);
    if (strcmp(got, expected) != 0)
        complain(table, "fault", got, expected);
}

/* Sessions and wishes in words; NULL: none. */
static void chosen_words(struct table *table, char **ret_sessions, char **ret_wishes)
{
    const struct event_programme *programme = &table->definition->programme;
    const struct rules_result *r = &table->result;
    char *sessions = NULL, *wishes = NULL;

    for (size_t i = 0; i < r->session_count; i++)
        sessions = arena_format(table->arena, "%s%s%s", i ? sessions : "", i ? " " : "",
                                programme->sessions[r->sessions[i]].id);
    for (size_t i = 0; i < r->wish_count; i++)
        wishes = arena_format(table->arena, "%s%s%s.%zu=%s", i ? wishes : "", i ? " " : "",
                              programme->rounds[r->wishes[i].round].id, r->wishes[i].rank,
                              programme->sessions[r->wishes[i].session].id);
    *ret_sessions = sessions;
    *ret_wishes = wishes;
}

/* `NAME A B …`: what conditions find. */
static void check_value(struct table *table, const char *expected)
{
    struct condition_values values;
    char *name = arena_copy_n(table->arena, expected, strcspn(expected, " ")), *got = name;

    assert_int_equal(rules_values(table->arena, table->definition, &table->result, &values), 0);
    for (size_t n = 0; values.value(values.arg, name, n); n++)
        got = arena_format(table->arena, "%s %s", got, values.value(values.arg, name, n));
    if (strcmp(got, expected) != 0)
        complain(table, "value", got, expected);
}

/* `FIELD JSON`: what stands in the answers; `-`: nothing. */
static void check_answer(struct table *table, const char *expected)
{
    char *field = arena_copy_n(table->arena, expected, strcspn(expected, " "));
    json_t *answers = table->result.answers ? json_loads(table->result.answers, 0, NULL) : NULL;
    json_t *value = json_object_get(answers, field);
    char *dump = value ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15)) : NULL;
    const char *got = arena_format(table->arena, "%s %s", field, dump ? dump : answers ? "-" : "(a fault)");

    if (strcmp(got, expected) != 0)
        complain(table, "answer", got, expected);
    free(dump);
    json_decref(answers);
}

/* The fields that were not asked, and what is kept apart: `FIELD=VALUE`. */
static void apart_words(struct table *table, char **ret_skipped, char **ret_privates)
{
    const struct rules_result *r = &table->result;
    char *skipped = NULL, *privates = NULL;

    for (size_t i = 0; i < table->definition->field_count; i++)
        if (r->answered[i].skipped)
            skipped = arena_format(table->arena, "%s%s%s", skipped ? skipped : "", skipped ? " " : "",
                                   table->definition->fields[i].id);
    for (size_t i = 0; i < r->private_count; i++) {
        assert_string_equal(r->privates[i].retention, "special");
        privates = arena_format(table->arena, "%s%s%s=%s", privates ? privates : "", privates ? " " : "",
                                r->privates[i].field->id, r->privates[i].value);
    }
    *ret_skipped = skipped;
    *ret_privates = privates;
}

static void check_column(struct table *table, const char *column, const char *expected)
{
    const struct rules_result *r = &table->result;
    const char *slot = r->slot < 0 ? NULL : table->definition->programme.slots[r->slot].key;
    char consents[256] = "", expanded[1024], *sessions, *wishes, *skipped, *privates;
    size_t n = 0;

    chosen_words(table, &sessions, &wishes);
    apart_words(table, &skipped, &privates);
    for (size_t i = 0; i < r->consent_count; i++)
        n += (size_t)snprintf(consents + n, sizeof(consents) - n, "%s%s=%d", i ? " " : "", r->consents[i].field->id,
                              r->consents[i].given);
    const struct { const char *name, *value; } columns[] = {
        { "name", r->name }, { "email", r->email }, { "organisation", r->organisation },
        { "registry_number", r->registry_number }, { "country", r->country }, { "stakeholder", r->stakeholder },
        { "mode", r->mode }, { "answers", r->answers }, { "dedupe", r->dedupe }, { "search", r->search },
        { "consents", consents }, { "sessions", sessions }, { "wishes", wishes }, { "slot", slot },
        { "proposal", r->proposal }, { "skipped", skipped }, { "privates", privates },
    };
    bool json = strcmp(column, "answers") == 0; /* where \n is JSON's own */
    n = 0;
    for (const char *p = expected; *p; p++) {
        if (!json && p[0] == '\\' && p[1] == 'n') {
            expanded[n++] = '\n';
            p++;
        } else {
            expanded[n++] = *p;
        }
    }
    expanded[n] = '\0';
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++) {
        if (strcmp(columns[i].name, column) != 0)
            continue;
        if (strcmp(columns[i].value ? columns[i].value : "-", expanded) != 0)
            complain(table, column, columns[i].value, expected);
        return;
    }
    fail_msg("%s:%u: unknown word %s", table->name, table->line, column);
}

/* The moment in which forms are read. False: the line says something else. */
static bool set_moment(struct table *table, const char *word, const char *rest)
{
    struct wall wall;

    if (strcmp(word, "now") == 0) {
        assert_int_equal(wall_parse(rest, &wall), 0);
        assert_int_equal(zone_to_utc(table->definition->zone, &wall, &table->moment.now), 0);
    } else if (strcmp(word, "allocated") == 0) {
        int round = programme_round(&table->definition->programme, rest);
        assert_in_range(round, 0, ROUNDS_MAX - 1);
        memset(table->allocated, 0, sizeof(table->allocated));
        table->allocated[round] = true;
    } else if (strcmp(word, "language") == 0) {
        table->moment.language = arena_copy(table->arena, rest);
    } else if (strcmp(word, "own") == 0) {
        table->moment.own_slot = arena_copy(table->arena, rest);
    } else if (strcmp(word, "late") == 0) {
        table->moment.late = true;
    } else {
        return false;
    }
    return true;
}

static void check_line(struct table *table, char *line)
{
    char *rest = line + strcspn(line, " ");
    if (*rest)
        *rest++ = '\0';

    if (set_moment(table, line, rest))
        return;
    if (strcmp(line, "event") == 0) {
        close_form(table);
        event_definition_unref(table->definition);
        table->definition = load(rest);
        memset(table->allocated, 0, sizeof(table->allocated));
        table->moment = (struct rules_moment){ .allocated = table->allocated };
    } else if (strcmp(line, "form") == 0) {
        close_form(table);
        table->base.count = 0;
        add_pairs(table->arena, &table->base, rest);
        table->changes.count = 0;
        merge(&table->base, &table->changes, &table->form);
        apply(table);
        table->first_dedupe = arena_copy(table->arena, table->result.dedupe);
    } else if (strcmp(line, "with") == 0) {
        close_form(table);
        table->changes.count = 0;
        add_pairs(table->arena, &table->changes, rest);
        merge(&table->base, &table->changes, &table->form);
        apply(table);
    } else if (strcmp(line, "fault") == 0) {
        check_fault(table, rest);
    } else if (strcmp(line, "value") == 0) {
        check_value(table, rest);
    } else if (strcmp(line, "answer") == 0) {
        check_answer(table, rest);
    } else if (strcmp(line, "same") == 0 || strcmp(line, "other") == 0) {
        if ((strcmp(table->result.dedupe, table->first_dedupe) == 0) != (line[0] == 's'))
            complain(table, "dedupe", table->result.dedupe, line);
    } else {
        check_column(table, line, rest);
    }
}

static void read_table(const char *name)
{
    char path[4096], line[2048];
    struct table table = { .name = name, .arena = arena_new() };
    struct form_value values[3][VALUES_MAX];

    table.base.values = values[0];
    table.changes.values = values[1];
    table.form.values = values[2];
    assert_non_null(table.arena);
    assert_int_equal(text_folder_new(&table.folder), 0);
    snprintf(path, sizeof(path), "%s/tests/table/rules/%s", root(), name);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        table.line++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#' && line[0] != '\0')
            check_line(&table, line);
    }
    close_form(&table);
    fclose(file);
    text_folder_free(table.folder);
    event_definition_unref(table.definition);
    arena_free(table.arena);
    assert_true(table.forms > 30);
    assert_int_equal(table.wrong, 0);
}

static void cases(void **state)
{
    (void)state;
    read_table("cases.txt");
}

static void programme(void **state)
{
    (void)state;
    read_table("programme.txt");
}

static void types(void **state)
{
    (void)state;
    read_table("types.txt");
}

static void shows(void **state)
{
    (void)state;
    read_table("shows.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases),
        cmocka_unit_test(programme),
        cmocka_unit_test(types),
        cmocka_unit_test(shows),
    };

    if (sodium_init() < 0 || zone_setup() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
