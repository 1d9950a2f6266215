/* SPDX-License-Identifier: EUPL-1.2 */
/* Letters from the shipped templates and languages: whether a mail is still owed, what each kind holds, and that no
 * language leaves a placeholder behind. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <gmime/gmime.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/file.h"
#include "base/log.h"
#include "base/token.h"
#include "change/mail_lease.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "mail/letter.h"
#include "mail/message.h"
#include "report/record.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"
#include "view/words.h"

#define NOW 1800000000

static struct {
    struct edition edition;
    struct settings settings;
    struct letter_desk desk;
    struct keyring *keyring;
    const struct event_definition *definition;
} world;

static const char *path(const char *name)
{
    static char text[1000];
    const char *srcdir = getenv("srcdir");
    (void)snprintf(text, sizeof(text), "%s/%s", srcdir ? srcdir : ".", name);
    return text;
}

static int setup(void **state)
{
    char key[] = "/tmp/convened-test-XXXXXX", *text;
    size_t size;
    int64_t places[] = { 1, 2 };
    struct event_book *book;
    (void)state;
    log_setup(LOG_LEVEL_ERROR);
    if (sodium_init() < 0 || zone_setup() < 0)
        return -1;
    message_setup();
    (void)mkdtemp(key);
    char file[64];
    (void)snprintf(file, sizeof(file), "%s/k", key);
    int r = keyring_create(file);
    if (r == 0)
        r = keyring_load(file, &world.keyring);
    (void)unlink(file);
    (void)rmdir(key);
    if (r == 0)
        r = words_new(&world.desk.words);
    world.desk.keyring = world.keyring;
    world.settings.http.base_url = "https://events.example";
    world.settings.mail.from_name = "Connected Health Cluster";
    world.settings.mail.from_address = "events@cluster.example";
    static const struct settings_host host = { .name = "Connected Health Cluster",
                                               .from_name = "Connected Health Cluster",
                                               .from_address = "events@cluster.example" };
    world.settings.hosts.count = 1;
    world.settings.hosts.items = &host;
    if (r == 0)
        r = file_read(path("tests/table/letter.conf"), 65536, &text, &size);
    if (r == 0)
        r = event_definition_parse(text, size, "letter.conf", NULL, &world.definition);
    free(text);
    if (r == 0)
        r = event_book_new(1, &book);
    if (r == 0)
        r = event_book_add(book, event_definition_ref(world.definition), 1, 1, 3, EVENT_LIVE, places);
    if (r == 0)
        r = catalogues_load(path("share/locale"), (struct catalogues **)(void *)&world.edition.catalogues);
    if (r == 0)
        r = templates_load(path("share/templates"), (struct templates **)(void *)&world.edition.templates);
    if (r == 0)
        r = assets_load(path("share/static"), (struct assets **)(void *)&world.edition.assets);
    world.edition.settings = &world.settings;
    world.edition.events = book;
    return r;
}

static int teardown(void **state)
{
    (void)state;
    words_free(world.desk.words);
    keyring_free(world.keyring);
    event_definition_unref(world.definition);
    event_book_free((struct event_book *)(uintptr_t)world.edition.events);
    catalogues_free((struct catalogues *)(uintptr_t)world.edition.catalogues);
    templates_free((struct templates *)(uintptr_t)world.edition.templates);
    assets_free((struct assets *)(uintptr_t)world.edition.assets);
    return 0;
}

/* Everything that a reader of the mail sees, decoded: headers, then each part's content. */
static char *decoded(struct arena *arena, const char *data, size_t size)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    char *all = arena_format(arena, "Subject: %s\n", g_mime_message_get_subject(message));
    GMimePartIter *iter = g_mime_part_iter_new(GMIME_OBJECT(message));
    do {
        GMimeObject *part = g_mime_part_iter_get_current(iter);
        if (!GMIME_IS_PART(part) || g_mime_content_type_is_type(g_mime_object_get_content_type(part), "image", "*"))
            continue;
        GMimeStream *out = g_mime_stream_mem_new();
        (void)g_mime_data_wrapper_write_to_stream(g_mime_part_get_content(GMIME_PART(part)), out);
        GByteArray *bytes = g_mime_stream_mem_get_byte_array(GMIME_STREAM_MEM(out));
        char *type = g_mime_content_type_get_mime_type(g_mime_object_get_content_type(part));
        all = arena_format(arena, "%s--- %s\n%.*s\n", all, type, (int)bytes->len, (const char *)bytes->data);
        g_free(type);
        g_object_unref(out);
    } while (g_mime_part_iter_next(iter));
    g_mime_part_iter_free(iter);
    g_object_unref(message);
    g_object_unref(parser);
    g_object_unref(stream);
    return all;
}

/* The letter of KIND to a person in STATUS; NULL if it is no longer owed. */
static char *write_letter(struct arena *arena, const char *kind, const char *language, enum state status,
                          const char *mode, const char *data)
{
    const struct leased_mail mail = { .id = 7, .subject_id = 5, .event_id = 1, .revision_id = 1, .born_at = NOW,
        .subject_kind = "registration", .kind = kind, .recipient = "anna@umed.example", .language = language,
        .data = data, .message_id = "7.abc@cluster.example" };
    const struct record record = { .id = 5, .event_id = 1, .revision_id = 1, .link_version = 99, .created_at = NOW,
        .status = status, .reference = "4F7K-2Q9", .language = language, .name = "Anna <b>&amp; Söhne",
        .email = "anna@umed.example", .mode = mode, .answers = "{}", .slug = "letter", .definition = world.definition };
    char *bytes, hash[65];
    size_t size;
    int r = letter_write(&world.desk, &world.edition, &mail, &record, NOW, arena, &bytes, &size, hash);
    if (r == -ESTALE)
        return NULL;
    assert_int_equal(r, 0);
    assert_int_equal(strlen(hash), 64);
    char *text = decoded(arena, bytes, size);
    free(bytes);
    return text;
}

static void only_what_is_still_owed_is_written(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
        bool owed;
    } cases[] = {
        { "confirmed", STATE_CONFIRMED, true },   { "confirmed", STATE_CANCELLED, false },
        { "confirmed", STATE_WAITLISTED, false }, { "waitlisted", STATE_WAITLISTED, true },
        { "waitlisted", STATE_CONFIRMED, false }, { "waitlisted", STATE_CANCELLED, false },
        { "again", STATE_CONFIRMED, true },       { "again", STATE_WAITLISTED, true },
        { "again", STATE_CANCELLED, false },      { "cancelled", STATE_CANCELLED, true },
        { "cancelled", STATE_CONFIRMED, false },  { "cancelled", STATE_ERASED, false },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *text = write_letter(arena, cases[i].kind, "en", cases[i].status, "onsite",
                                        "{\"was\":\"confirmed\"}");
        if (!text != !cases[i].owed)
            fail_msg("%s to a person who is %s", cases[i].kind, state_name(cases[i].status));
    }
    arena_free(arena);
}

static bool holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

static void every_kind_is_whole_in_every_language(void **state)
{
    static const struct {
        const char *kind;
        enum state status;
    } kinds[] = { { "confirmed", STATE_CONFIRMED }, { "waitlisted", STATE_WAITLISTED }, { "again", STATE_CONFIRMED },
                  { "again", STATE_WAITLISTED },    { "cancelled", STATE_CANCELLED } };
    (void)state;
    for (size_t l = 0; l < catalogues_count(world.edition.catalogues); l++) {
        const char *language = catalogue_language(catalogues_at(world.edition.catalogues, l));
        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            struct arena *arena = arena_new();
            const char *text = write_letter(arena, kinds[k].kind, language, kinds[k].status, "onsite",
                                            "{\"was\":\"confirmed\"}");
            assert_non_null(text);
            if (holds(text, "{{") || holds(text, "mail."))
                fail_msg("%s in %s has a placeholder or a bare key:\n%s", kinds[k].kind, language, text);
            assert_true(holds(text, "4F7K-2Q9"));
            assert_true(holds(text, "Anna <b>&amp; Söhne"));             /* as text */
            assert_true(holds(text, "Anna &lt;b&gt;&amp;amp; Söhne"));   /* as HTML */
            assert_int_equal(holds(text, "/r/"), kinds[k].status != STATE_CANCELLED);
            arena_free(arena);
        }
    }
}

static void calendar_follows_the_state(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *text = write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "onsite", "{}");
    assert_true(holds(text, "METHOD:REQUEST") && holds(text, "SEQUENCE:3"));
    text = write_letter(arena, "cancelled", "en", STATE_CANCELLED, "onsite", "{\"was\":\"confirmed\"}");
    assert_true(holds(text, "METHOD:CANCEL") && holds(text, "STATUS:CANCELLED"));
    text = write_letter(arena, "cancelled", "en", STATE_CANCELLED, "onsite", "{\"was\":\"waitlisted\"}");
    assert_false(holds(text, "BEGIN:VCALENDAR")); /* nothing was ever in the calendar */
    text = write_letter(arena, "waitlisted", "en", STATE_WAITLISTED, "onsite", "{}");
    assert_false(holds(text, "BEGIN:VCALENDAR"));
    arena_free(arena);
}

static void join_link_goes_to_confirmed_people_online_alone(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    const char *link = "https://video.example/x";
    assert_true(holds(write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "online", "{}"), link));
    assert_false(holds(write_letter(arena, "confirmed", "en", STATE_CONFIRMED, "onsite", "{}"), link));
    assert_false(holds(write_letter(arena, "waitlisted", "en", STATE_WAITLISTED, "online", "{}"), link));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_is_still_owed_is_written),
        cmocka_unit_test(every_kind_is_whole_in_every_language),
        cmocka_unit_test(calendar_follows_the_state),
        cmocka_unit_test(join_link_goes_to_confirmed_people_online_alone),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
