/* SPDX-License-Identifier: EUPL-1.2 */
/* What the tests of letters share: the shipped templates and languages, the event of letter.conf, and a mail read as
 * its reader sees it. */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
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
#include "mail/subject.h"
#include "report/record.h"
#include "view/assets.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/template.h"
#include "view/words.h"

#define NOW 1800000000   /* Friday, 15 January 2027, 10:00 in Vilnius */
#define UNTIL 1811084400 /* Sunday, 23 May 2027: the clocks have changed, 18:00 is UTC+3 */

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

static int letter_setup(void **state)
{
    char key[] = "/tmp/convened-test-XXXXXX", *text;
    size_t size;
    const struct event_row rows[] = { { "mode", "onsite", 1 }, { "mode", "online", 2 } };
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
        r = event_book_add(book, event_definition_ref(world.definition), 1, 1, 3, EVENT_LIVE, 2, rows);
    if (r == 0)
        r = catalogues_load(path("share/locale"), (struct catalogues **)(void *)&world.edition.catalogues);
    if (r == 0)
        r = templates_load(path("share/templates"), NULL, (struct templates **)(void *)&world.edition.templates);
    if (r == 0)
        r = assets_load(path("share/static"), (struct assets **)(void *)&world.edition.assets);
    world.edition.settings = &world.settings;
    world.edition.events = book;
    return r;
}

static int letter_teardown(void **state)
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
static inline char *decoded(struct arena *arena, const char *data, size_t size)
{
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(data, size);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    assert_non_null(message);
    char *to = internet_address_list_to_string(g_mime_message_get_to(message), NULL, FALSE);
    char *all = arena_format(arena, "Subject: %s\nTo: %s\n", g_mime_message_get_subject(message), to);
    g_free(to);
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

/* The letter of KIND about RECORD to RECIPIENT. */
static inline int try_about(struct arena *arena, const char *kind, const struct record *record, const char *data,
                     const char *recipient, char **ret_text)
{
    const struct leased_mail mail = { .id = 7,
                                      .subject_id = 5,
                                      .event_id = record->event_id,
                                      .revision_id = 1,
                                      .born_at = NOW,
                                      .subject_kind = "registration",
                                      .kind = kind,
                                      .recipient = recipient,
                                      .language = record->language,
                                      .data = data,
                                      .message_id = "7.abc@cluster.example" };
    char *bytes, hash[65];
    size_t size;
    const struct subject subject = { .record = (struct record *)(uintptr_t)record };
    int r = letter_write(&world.desk, &world.edition, &mail, &subject, NOW, arena, &bytes, &size, hash);
    if (r < 0)
        return r;
    assert_int_equal(strlen(hash), 64);
    *ret_text = decoded(arena, bytes, size);
    free(bytes);
    return 0;
}

/* The letter of KIND about RECORD; NULL if it is no longer owed. */
static inline char *write_about(struct arena *arena, const char *kind, const struct record *record, const char *data)
{
    char *text = NULL;
    int r = try_about(arena, kind, record, data, "anna@umed.example", &text);
    assert_true(r == 0 || r == -ESTALE);
    return text;
}

static inline bool holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}

/* A tag that nobody filled in, or the key of a text that is not there; "email." ends many a sentence. */
static inline bool is_unfinished(const char *text)
{
    for (const char *at = strstr(text, "mail."); at; at = strstr(at + 1, "mail."))
        if (strchr("abcdefghijklmnopqrstuvwxyz_", at[5]) && at[5] && (at == text || at[-1] != 'e'))
            return true;
    return strstr(text, "{{") != NULL;
}

/* One part of a decoded mail. */
static inline const char *part(struct arena *arena, const char *text, const char *type)
{
    const char *head = arena_format(arena, "--- %s\n", type), *start = text ? strstr(text, head) : NULL;
    if (!start)
        return "";
    start += strlen(head);
    const char *end = strstr(start, "\n--- ");
    return end ? arena_copy_n(arena, start, (size_t)(end - start)) : start;
}

static inline const char *plain(struct arena *arena, const char *text)
{
    return part(arena, text, "text/plain");
}

static inline const char *html(struct arena *arena, const char *text)
{
    return part(arena, text, "text/html");
}

#define assert_holds(text, what)                                                                                       \
    do {                                                                                                               \
        if (!holds(text, what))                                                                                        \
            fail_msg("\"%s\" is missing in:\n%s", what, text);                                                         \
    } while (0)
#define assert_lacks(text, what)                                                                                       \
    do {                                                                                                               \
        if (holds(text, what))                                                                                         \
            fail_msg("\"%s\" stands in:\n%s", what, text);                                                             \
    } while (0)
