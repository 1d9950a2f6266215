/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/ask against tests/table/asks/cases.txt, signup/provider against providers.txt beside it. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "event/book.h"
#include "event/zone.h"
#include "http/decode.h"
#include "signup/ask.h"
#include "signup/provider.h"
#include "signup/rules.h"

#define FIELDS_MAX 64

static FILE *open_table(const char *name)
{
    char path[4096];
    const char *srcdir = getenv("srcdir");
    snprintf(path, sizeof(path), "%s/tests/table/asks/%s", srcdir ? srcdir : ".", name);
    FILE *file = fopen(path, "re");
    if (!file)
        fail_msg("%s cannot be read", path);
    return file;
}

static const struct event_definition *load(const char *name)
{
    static char text[65536];
    char file_name[64];
    const struct event_definition *definition;
    snprintf(file_name, sizeof(file_name), "%s.conf", name);
    FILE *file = open_table(file_name);
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    if (event_definition_parse(text, size, file_name, NULL, &definition) < 0 || definition->unserved)
        fail_msg("%s has a fault", file_name);
    return definition;
}

struct table {
    struct arena *arena;
    struct text_folder *folder;
    struct event_book *book; /* of one event */
    size_t row_count;
    struct event_row *rows; /* its places, with ids from 101 */
    struct ask_invitation invitation;
    bool invited;
    struct ask ask;
    unsigned line, wrong, forms;
};

static const struct event_entry *entry_of(const struct table *table)
{
    return &table->book->entries[0];
}

static void begin_event(struct table *table, const char *name)
{
    const struct event_definition *definition = load(name);
    struct event_place *places;

    event_book_free(table->book);
    assert_int_equal(programme_places(definition, table->arena, &table->row_count, &places), 0);
    table->rows = arena_take(table->arena, table->row_count * sizeof(*table->rows));
    for (size_t i = 0; i < table->row_count; i++)
        table->rows[i] = (struct event_row){ places[i].kind, places[i].key, 101 + (int64_t)i };
    assert_int_equal(event_book_new(1, &table->book), 0);
    assert_int_equal(event_book_add(table->book, definition, 1, 1, 0, EVENT_LIVE, table->row_count, table->rows), 0);
    table->invited = false;
}

static void read_form(struct table *table, const char *pairs)
{
    struct form form;
    struct rules_result result;
    struct ask made;

    assert_int_equal(decode_form(table->arena, pairs, strlen(pairs), FIELDS_MAX, &form), 0);
    assert_int_equal(rules_apply(table->arena, entry_of(table)->definition, &form, &(struct rules_moment){ 0 },
                                 table->folder, &result),
                     0);
    if (result.fault_count > 0)
        fail_msg("cases.txt:%u: fault %s %s", table->line, result.faults[0].control,
                 rule_fault_code(result.faults[0].fault));
    /* All is looked at in a copy that has outlived what it was made of. */
    struct arena *own = arena_new();
    assert_non_null(own);
    assert_int_equal(ask_make(own, entry_of(table), &result, table->invited ? &table->invitation : NULL, &made), 0);
    assert_int_equal(ask_copy(table->arena, &made, &table->ask), 0);
    arena_free(own);
    table->forms++;
}

static const char *place_name(const struct table *table, int64_t id)
{
    if (id < 101 || id > 100 + (int64_t)table->row_count)
        return arena_format(table->arena, "%" PRId64, id);
    return arena_format(table->arena, "%s:%s", table->rows[id - 101].kind, table->rows[id - 101].key);
}

static const char *join(const struct table *table, const char *list, const char *between, const char *item)
{
    return list ? arena_format(table->arena, "%s%s%s", list, between, item) : item;
}

static const char *names(const struct table *table, const int64_t *ids, size_t count)
{
    const char *list = NULL;
    for (size_t i = 0; i < count; i++)
        list = join(table, list, " ", place_name(table, ids[i]));
    return list;
}

/* What of the ask WORD names; NULL: none. */
static const char *row_of(const struct table *table, const char *word)
{
    const struct ask *ask = &table->ask;
    const char *list = NULL;

    if (strcmp(word, "mode") == 0)
        return place_name(table, ask->mode);
    if (strcmp(word, "places") == 0)
        return names(table, ask->places, ask->place_count);
    if (strcmp(word, "reserves") == 0)
        return names(table, ask->reserves, ask->reserve_count);
    if (strcmp(word, "proposal") == 0)
        return ask->proposal;
    for (size_t i = 0; i < ask->wish_count && strcmp(word, "wishes") == 0; i++)
        list = join(table, list, " ",
                    arena_format(table->arena, "%s.%" PRId64 "=%s", ask->wishes[i].round, ask->wishes[i].rank,
                                 place_name(table, ask->wishes[i].place)));
    for (size_t i = 0; i < ask->cap_count && strcmp(word, "caps") == 0; i++)
        list = join(table, list, " ",
                    arena_format(table->arena, "%s=%" PRId64, ask->caps[i].key, ask->caps[i].max));
    for (size_t i = 0; i < ask->cap_count && strcmp(word, "titles") == 0; i++)
        list = join(table, list, " | ", ask->caps[i].title);
    return list;
}

static void set_invitation(struct table *table, const char *rest)
{
    char reserve[64] = "";
    struct ask_invitation *invitation = &table->invitation;

    table->invited = strcmp(rest, "-") != 0;
    if (!table->invited)
        return;
    assert_in_range(sscanf(rest, "%" SCNd64 " %" SCNd64 " %63s", &invitation->id, &invitation->uses, reserve), 2, 3);
    invitation->reserve = reserve[0] ? arena_copy(table->arena, reserve) : NULL;
}

static void check_line(struct table *table, char *line)
{
    static const char *const words[] = { "mode", "places", "reserves", "wishes", "caps", "titles", "proposal" };
    char *rest = line + strcspn(line, " ");
    if (*rest)
        *rest++ = '\0';

    if (strcmp(line, "event") == 0) {
        begin_event(table, rest);
        return;
    }
    if (strcmp(line, "form") == 0) {
        read_form(table, rest);
        return;
    }
    if (strcmp(line, "invitation") == 0) {
        set_invitation(table, rest);
        return;
    }
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(line, words[i]) != 0)
            continue;
        const char *got = row_of(table, line);
        if (strcmp(got ? got : "-", rest) != 0) {
            print_error("cases.txt:%u: %s is '%s', not '%s'\n", table->line, line, got ? got : "-", rest);
            table->wrong++;
        }
        return;
    }
    fail_msg("cases.txt:%u: unknown word %s", table->line, line);
}

static void cases(void **state)
{
    char line[2048];
    struct table table = { .arena = arena_new() };
    FILE *file = open_table("cases.txt");
    (void)state;

    assert_non_null(table.arena);
    assert_int_equal(text_folder_new(&table.folder), 0);
    while (fgets(line, sizeof(line), file)) {
        table.line++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '#' && line[0] != '\0')
            check_line(&table, line);
    }
    fclose(file);
    event_book_free(table.book);
    text_folder_free(table.folder);
    arena_free(table.arena);
    assert_true(table.forms > 25);
    assert_int_equal(table.wrong, 0);
}

static void providers(void **state)
{
    char line[256], domain[128], answer[8];
    unsigned count = 0, wrong = 0;
    FILE *file = open_table("providers.txt");
    (void)state;

    while (fgets(line, sizeof(line), file)) {
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%127s %7s", domain, answer), 2);
        count++;
        if (provider_known(domain) != (strcmp(answer, "yes") == 0)) {
            print_error("providers.txt: %s: not %s\n", domain, answer);
            wrong++;
        }
    }
    fclose(file);
    assert_true(count > 60);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(cases), cmocka_unit_test(providers) };

    if (sodium_init() < 0 || zone_setup() < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
