/* SPDX-License-Identifier: EUPL-1.2 */
/* The two tables of the kinds of mail: each letter has a kind that can be born, words, a model, and templates; when it
 * is still owed is tests/table/owed.txt. */
#include "letter_kit.h"

#include "change/mail_kind.h"
#include "mail/kind.h"
#include "store/store.h"

static void every_letter_is_whole(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const struct catalogue *english = catalogues_find(world.edition.catalogues, "en");
    for (size_t i = 0; kind_at(i); i++) {
        const struct kind *kind = kind_at(i);
        const struct mail_kind *born = mail_kind_find(kind->name);
        if (!born)
            fail_msg("%s cannot be born", kind->name);
        assert_ptr_equal(kind_find(kind->name), kind);
        assert_non_null(kind->model);
        assert_true(kind->check || strcmp(born->subject, "registration") == 0);
        if (kind->words.subject && strcmp(catalogue_text(english, kind->words.subject), kind->words.subject) == 0)
            fail_msg("%s has no subject", kind->name);
        for (size_t k = 0; k < 2; k++) {
            const char *file = arena_format(arena, "share/templates/mail/%s.%s.mustache", kind->name,
                                            k == 0 ? "txt" : "html");
            if (access(path(file), R_OK) < 0)
                fail_msg("%s is missing", file);
        }
    }
    assert_null(kind_find("confirme"));
    arena_free(arena);
}

static void every_kind_is_one(void **state)
{
    (void)state;
    for (size_t i = 0; mail_kind_at(i); i++) {
        const struct mail_kind *kind = mail_kind_at(i);
        assert_ptr_equal(mail_kind_find(kind->name), kind);
        assert_true(kind->priority < STORE_MAIL_PRIORITIES);
        assert_true(!kind->stoppable || kind->priority != MAIL_AT_ONCE);
        assert_non_null(strstr("registration notice event mailing daemon", kind->subject));
    }
    assert_null(mail_kind_find(""));
}

/* ---- owed ---- */

#define DAYS_DATA "{\"day\":0,\"starts\":%lld,\"ends\":%lld}"

enum { LATE, BEGUN, OVER, OFF, STOPPED, FORMER, CASES };
struct row { char kind[30], states[100]; bool owed[CASES]; };

/* What the change would have noted. */
static const char *data_of(struct arena *arena, const char *kind, bool late)
{
    const struct event_day *day = &world.definition->days[0];
    if (strcmp(kind, "new_address") == 0)
        return arena_format(arena, "{\"change\":1,\"version\":2,\"until\":%lld}", late ? NOW - 1LL : NOW + 1LL);
    if (strcmp(kind, "reminder") == 0 || strcmp(kind, "join") == 0)
        return arena_format(arena, DAYS_DATA, (long long)day->starts, (long long)day->ends);
    if (strcmp(kind, "allocated") == 0)
        return "{\"round\":\"a\",\"key\":null}";
    return strcmp(kind, "erased") == 0 ? "{\"title\":\"T\",\"language\":\"en\",\"zone\":\"UTC\",\"until\":0}" : "{}";
}

/* True: it is written. */
static bool is_owed(const struct row *row, enum state status, int which)
{
    struct arena *arena = arena_new();
    const struct event_day *day = &world.definition->days[0];
    const bool aside = strcmp(row->kind, "new_address") == 0 || strcmp(row->kind, "address_changed") == 0;
    struct record record = { .id = 5,
                             .event_id = 1,
                             .revision_id = 1,
                             .party_id = 5,
                             .created_at = NOW,
                             .expires_at = which == LATE ? NOW : NOW + 10000000000,
                             .status = status,
                             .stopped = which == STOPPED,
                             .reference = "4F7K-2Q9",
                             .language = "en",
                             .name = "Anna",
                             .email = aside || which == FORMER ? "other@umed.example" : "anna@umed.example",
                             .mode = "online",
                             .answers = "{}",
                             .slug = "letter",
                             .definition = world.definition };
    struct subject_mailing mailing = { .subject = "News", .text = "News", .language = "en", .news = true,
                                       .states = 1U << STATE_CONFIRMED | 1U << STATE_CANCELLED };
    const struct subject subject = { .record = mail_kind_find(row->kind)->outlives ? NULL : &record,
                                     .mailing = strcmp(row->kind, "bulk") == 0 ? &mailing : NULL };
    const struct leased_mail mail = { .id = 7,
                                      .subject_id = 5,
                                      .event_id = 1,
                                      .subject_kind = "registration",
                                      .kind = row->kind,
                                      .recipient = "anna@umed.example",
                                      .language = "en",
                                      .data = data_of(arena, row->kind, which == LATE),
                                      .message_id = "7.abc@cluster.example" };
    int64_t now = which == BEGUN ? day->starts : which == OVER ? day->ends : NOW;
    ((struct event_book *)(uintptr_t)world.edition.events)->entries[0].state = which == OFF ? EVENT_OFF : EVENT_LIVE;
    char *bytes = NULL, hash[65];
    size_t size;
    int r = letter_write(&world.desk, &world.edition, &mail, &subject, now, arena, &bytes, &size, hash);
    ((struct event_book *)(uintptr_t)world.edition.events)->entries[0].state = EVENT_LIVE;
    if (r != 0 && r != -ESTALE)
        fail_msg("%s: %d", row->kind, r);
    free(bytes);
    arena_free(arena);
    return r == 0;
}

/* STATES names STATUS. */
static bool names(const char *states, enum state status)
{
    const char *name = state_name(status), *at = strstr(states, name);
    size_t size = strlen(name);
    for (; at; at = strstr(at + 1, name))
        if ((at == states || at[-1] == ',') && (at[size] == ',' || at[size] == '\0'))
            return true;
    return strcmp(states, "all") == 0;
}

static void check_row(const struct row *row)
{
    static const char *const cases[] = { "late", "begun", "over", "off", "stopped", "former" };
    /* what is owed only later is so of who has a place */
    const char *states = strcmp(row->states, "-") == 0 ? "confirmed" : row->states;
    for (enum state status = STATE_NONE + 1; status <= STATE_SUBMITTED; status++) {
        if (status == STATE_ERASED)
            continue;
        if (is_owed(row, status, CASES) != (names(row->states, status)))
            fail_msg("%s in %s", row->kind, state_name(status));
        for (int i = 0; i < CASES; i++)
            if (is_owed(row, status, i) != (row->owed[i] && names(states, status)))
                fail_msg("%s in %s, %s", row->kind, state_name(status), cases[i]);
    }
}

static void what_is_owed_is_as_the_table_says(void **state)
{
    (void)state;
    FILE *file = fopen(path("tests/table/owed.txt"), "r");
    char line[300];
    size_t rows = 0, kinds = 0;
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        struct row row;
        char words[CASES][4];
        if (line[0] == '#')
            continue;
        assert_int_equal(sscanf(line, "%29s %99s %3s %3s %3s %3s %3s %3s", row.kind, row.states, words[0], words[1],
                                words[2], words[3], words[4], words[5]),
                         8);
        for (int i = 0; i < CASES; i++)
            row.owed[i] = strcmp(words[i], "yes") == 0;
        assert_non_null(kind_find(row.kind));
        check_row(&row);
        rows++;
    }
    (void)fclose(file);
    for (size_t i = 0; kind_at(i); i++)
        kinds += strcmp(mail_kind_find(kind_at(i)->name)->subject, "registration") == 0 &&
                 kind_at(i)->reader != READER_ORGANISER;
    assert_int_equal(rows, kinds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_letter_is_whole),
        cmocka_unit_test(every_kind_is_one),
        cmocka_unit_test(what_is_owed_is_as_the_table_says),
    };
    return cmocka_run_group_tests(tests, letter_setup, letter_teardown);
}
