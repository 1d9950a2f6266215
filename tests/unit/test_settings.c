/* SPDX-License-Identifier: EUPL-1.2 */
/* Settings and what is wrong with them: each tests/table/settings/NAME.conf has exactly the faults that NAME.faults
 * lists, `LINE: key: text`. Then values, defaults, what needs a restart, and the printed file. */
#include <dirent.h>
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

#include "base/faults.h"
#include "base/file.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "config/settings_text.h"

/* libconfig 1.5 loses the string it was in when it meets a syntax fault. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

static const char *folder(char path[static 1000])
{
    const char *srcdir = getenv("srcdir");
    (void)snprintf(path, 1000, "%s/tests/table/settings", srcdir ? srcdir : ".");
    return path;
}

/* The faults of FILE as they print, without the file's name and the sum. */
static char *faults_of(const char *path, struct settings **ret_settings)
{
    struct faults *faults;
    char *print = NULL;
    size_t print_size;

    *ret_settings = NULL;
    assert_int_equal(faults_new(&faults), 0);
    int r = settings_load(path, faults, ret_settings);
    assert_int_equal(r, faults_count(faults) > 0 ? -EINVAL : 0);
    FILE *out = open_memstream(&print, &print_size);
    assert_non_null(out);
    faults_print(faults, 1, out);
    assert_int_equal(fclose(out), 0);
    faults_free(faults);

    size_t skip = strlen(path) + 1;
    char *from = print, *to = print;
    while (strncmp(from, path, skip - 1) == 0) {
        size_t length = strcspn(from, "\n") + 1 - skip;
        memmove(to, from + skip, length);
        to += length;
        from += length + skip;
    }
    *to = '\0';
    return print;
}

static bool check_file(const char *name)
{
    struct settings *settings;
    char path[1000], file[1400], *expected;
    size_t size;

    (void)snprintf(file, sizeof(file), "%s/%s.conf", folder(path), name);
    char *found = faults_of(file, &settings);
    (void)snprintf(file, sizeof(file), "%s/%s.faults", path, name);
    assert_int_equal(file_read(file, 1024 * 1024, &expected, &size), 0);
    bool good = strcmp(found, expected) == 0;
    if (!good)
        (void)fprintf(stderr, "%s.conf has the faults\n%sbut not exactly\n%s\n", name, found, expected);
    settings_free(settings);
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
    assert_true(files > 40);
}

static struct settings *good(const char *name)
{
    struct settings *settings;
    char path[1000], file[1400];

    (void)snprintf(file, sizeof(file), "%s/%s.conf", folder(path), name);
    free(faults_of(file, &settings));
    assert_non_null(settings);
    return settings;
}

static void test_defaults(void **state)
{
    struct settings *s = good("smallest");

    (void)state;
    assert_int_equal(s->http.listen.count, 1);
    assert_string_equal(s->http.listen.items[0], "127.0.0.1:8080");
    assert_string_equal(s->http.base_url, "https://events.example.org");
    assert_int_equal(s->http.workers, 1);
    assert_int_equal(s->http.trusted_proxies.count, 0);
    assert_int_equal(s->http.page_cache, 16 * 1024 * 1024);
    assert_int_equal(s->http.body_limit, 128 * 1024);
    assert_int_equal(s->http.field_limit, 420);
    assert_string_equal(s->store.path, "/var/lib/convened/convened.db");
    assert_string_equal(s->store.key_file, "/var/lib/convened/convened.db.key");
    assert_int_equal(s->store.readers, 2);
    assert_int_equal(s->store.queue, 10000);
    assert_string_equal(s->mail.from_name, "Cluster");
    assert_string_equal(s->mail.from_address, "events@cluster.example");
    assert_null(s->mail.reply_to);
    assert_null(s->mail.username);
    assert_null(s->mail.ca_file);
    assert_null(s->mail.helo_name);
    assert_int_equal(s->mail.tls, SETTINGS_TLS_NONE);
    assert_int_equal(s->mail.senders, 4);
    assert_int_equal(s->mail.timeout, 30);
    assert_string_equal(s->log.level, "info");
    assert_int_equal(s->limits.header_seconds, 10);
    assert_int_equal(s->limits.body_seconds, 30);
    assert_int_equal(s->limits.reply_seconds, 60);
    assert_int_equal(s->limits.idle_seconds, 75);
    assert_int_equal(s->limits.connections, 0);
    assert_int_equal(s->limits.connections_per_address, 100);
    assert_int_equal(s->limits.burst, 60);
    assert_int_equal(s->limits.per_minute, 12);
    assert_int_equal(s->limits.network_factor, 5);
    assert_int_equal(s->limits.mails_per_address_per_hour, 5);
    assert_int_equal(s->limits.refused_per_event_per_minute, 600);
    assert_int_equal(s->metrics.listen.count, 0);
    settings_free(s);
}

static void test_values(void **state)
{
    struct settings *s = good("all");

    (void)state;
    assert_int_equal(s->http.listen.count, 4);
    assert_string_equal(s->http.listen.items[2], "unix:/run/convened.sock");
    assert_int_equal(s->http.trusted_proxies.count, 5);
    assert_int_equal(s->http.page_cache, 0);
    assert_string_equal(s->store.key_file, "/srv/c.key");
    assert_string_equal(s->mail.from_name, "Cluster, Baltic");
    assert_string_equal(s->mail.from_address, "events@cluster.example");
    assert_string_equal(s->mail.reply_to, "desk@cluster.example");
    assert_int_equal(s->mail.tls, SETTINGS_TLS_REQUIRED);
    assert_int_equal(s->mail.senders, 64);
    assert_string_equal(s->log.level, "debug");
    assert_int_equal(s->limits.header_seconds, 1);
    assert_int_equal(s->limits.refused_per_event_per_minute, 11);
    assert_int_equal(s->metrics.listen.count, 2);
    settings_free(s);
}

/* Without `hosts` there is one, made of the group mail; what a host leaves out comes from there too. */
static void test_hosts(void **state)
{
    struct settings *s = good("smallest");
    const struct settings_host *host = hosts_of(s, NULL);
    const char *language = "?";

    (void)state;
    assert_int_equal(s->hosts.count, 1);
    assert_null(host->id);
    assert_string_equal(host->name, "Cluster");
    assert_string_equal(host->from_name, "Cluster");
    assert_string_equal(host->from_address, "events@cluster.example");
    assert_string_equal(host->contact, "events@cluster.example");
    assert_null(host->reply_to);
    assert_null(settings_text_in(&host->imprint, "en", &language));
    assert_string_equal(language, "?");
    assert_null(s->http.security_contact);
    settings_free(s);

    s = good("hosts_small");
    host = hosts_of(s, NULL);
    assert_string_equal(host->id, "north");
    assert_string_equal(host->name, "North");
    assert_string_equal(host->from_name, "North");
    assert_string_equal(host->from_address, "events@cluster.example");
    assert_string_equal(host->reply_to, "desk@cluster.example");
    assert_string_equal(host->contact, "desk@cluster.example");
    assert_string_equal(settings_text_in(&host->imprint, "lt", &language), "One **text** for all.");
    assert_null(language);
    settings_free(s);

    s = good("hosts_all");
    host = hosts_of(s, NULL);
    assert_string_equal(host->name, "Connected Health");
    assert_string_equal(host->from_name, "CH events");
    assert_string_equal(host->from_address, "hello@ch.example");
    assert_string_equal(host->reply_to, "answers@ch.example");
    assert_string_equal(host->contact, "help@ch.example");
    assert_string_equal(host->controller, "Connected Health MTÜ, Tallinn");
    assert_string_equal(settings_text_in(&host->imprint, "en", &language), "Published by CH.\n\nTallinn");
    assert_string_equal(language, "en");
    assert_string_equal(settings_text_in(&host->imprint, "et", &language), "Väljaandja CH.");
    assert_string_equal(language, "et");
    assert_string_equal(settings_text_in(&host->imprint, "lt", &language), "Published by CH.\n\nTallinn");
    assert_string_equal(language, "en");
    assert_string_equal(s->http.security_contact, "https://ch.example/report?x=1");
    settings_free(s);
}

/* Several: each speaks for itself, one that is not known leaves it to the first. */
static void test_many_hosts(void **state)
{
    struct settings *s = good("hosts_two");
    const struct settings_host *south = hosts_find(s, "south");

    (void)state;
    assert_int_equal(s->hosts.count, 2);
    assert_non_null(south);
    assert_ptr_equal(south, &s->hosts.items[1]);
    assert_ptr_equal(hosts_of(s, "south"), south);
    assert_ptr_equal(hosts_of(s, NULL), &s->hosts.items[0]);
    assert_ptr_equal(hosts_of(s, "west"), &s->hosts.items[0]);
    assert_null(hosts_find(s, "west"));
    assert_false(s->hosts.items[0].has_colours);
    assert_true(south->has_colours);
    assert_int_equal(south->light.brand, 0x1b4f9c);
    assert_int_equal(south->light.on_brand, 0xffffff);
    assert_int_equal(south->dark.on_cover, 0xf0f4fa);
    assert_string_equal(south->from_name, "South desk");
    assert_string_equal(south->reply_to, "answers@south.example");
    settings_free(s);
}

/* A logo is read with the settings; what it is its own bytes say. */
static void test_logo(void **state)
{
    static const struct {
        const char *content, *ending, *fault;
        size_t size;
    } cases[] = {
        { "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "svg", NULL, 41 },
        { "\x89PNG\r\n\x1a\n....", "png", NULL, 12 },
        { "GIF89a..........", NULL, "is neither PNG nor SVG", 16 },
        { "<svg>\xff</svg>", NULL, "is neither PNG nor SVG", 12 },
        { "<svg>", NULL, "is larger than 256 KB", 256 * 1024 + 1 },
    };
    char *text, conf[] = "/tmp/convened-logo-conf-XXXXXX", logo[] = "/tmp/convened-logo-XXXXXX", path[1000], from[1400];
    size_t size;

    (void)state;
    (void)snprintf(from, sizeof(from), "%s/smallest.conf", folder(path));
    assert_int_equal(file_read(from, 1024 * 1024, &text, &size), 0);
    assert_int_equal(close(mkstemp(logo)), 0);
    assert_int_equal(close(mkstemp(conf)), 0);
    FILE *out = fopen(conf, "we");
    assert_non_null(out);
    (void)fprintf(out, "%s\nhosts = ( { id = \"a\"; name = \"A\"; logo = \"%s\"; } );\n", text, logo);
    assert_int_equal(fclose(out), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct settings *s;

        out = fopen(logo, "we");
        assert_non_null(out);
        size_t content = strlen(cases[i].content) < cases[i].size ? strlen(cases[i].content) : cases[i].size;
        assert_int_equal(fwrite(cases[i].content, 1, content, out), content);
        for (size_t n = content; n < cases[i].size; n++)
            assert_int_equal(fputc(' ', out), ' ');
        assert_int_equal(fclose(out), 0);
        char *faults = faults_of(conf, &s);
        if (cases[i].fault) {
            assert_null(s);
            assert_non_null(strstr(faults, "hosts[0].logo: "));
            assert_non_null(strstr(faults, cases[i].fault));
        } else {
            assert_string_equal(faults, "");
            assert_string_equal(hosts_of(s, NULL)->logo.ending, cases[i].ending);
            assert_int_equal(hosts_of(s, NULL)->logo.size, cases[i].size);
            assert_memory_equal(hosts_of(s, NULL)->logo.data, cases[i].content, content);
        }
        free(faults);
        settings_free(s);
    }
    (void)unlink(logo);
    (void)unlink(conf);
    free(text);
}

static void test_accessibility(void **state)
{
    struct settings *s = good("smallest");
    const char *language = "?";

    (void)state;
    assert_int_equal(s->accessibility.conformance, SETTINGS_CONFORMS_PARTLY);
    assert_int_equal(s->accessibility.assessed, SETTINGS_ASSESSED_NOT);
    assert_null(settings_text_in(&s->accessibility.limits, "en", &language));
    assert_null(s->accessibility.prepared);
    settings_free(s);

    s = good("accessibility");
    assert_int_equal(s->accessibility.conformance, SETTINGS_CONFORMS_FULLY);
    assert_int_equal(s->accessibility.assessed, SETTINGS_ASSESSED_OTHERS);
    assert_string_equal(settings_text_in(&s->accessibility.limits, "et", &language), "Kaart.");
    assert_string_equal(language, "et");
    assert_string_equal(settings_text_in(&s->accessibility.enforcement, "et", &language), "TTJA, Tallinn");
    assert_null(language);
    assert_string_equal(s->accessibility.contact, "open@ch.example");
    assert_string_equal(s->accessibility.prepared, "2026-11-20");
    assert_string_equal(s->accessibility.reviewed, "2028-02-29");
    settings_free(s);
}

static void test_restart(void **state)
{
    struct settings *a = good("smallest"), *b = good("smallest");
    static const char *const more[] = { "127.0.0.1:8080", "127.0.0.1:8081" };

    (void)state;
    assert_null(settings_needs_restart(a, b));
    b->http.base_url = "https://other.example";
    b->http.trusted_proxies = (struct settings_list){ 2, more };
    b->log.level = "debug";
    b->events.directory = "/other";
    b->limits.burst = 1;
    b->limits.mails_per_address_per_hour = 1;
    b->mail.reply_to = "desk@cluster.example";
    b->accessibility.conformance = SETTINGS_CONFORMS_NOT;
    b->mail.tls = SETTINGS_TLS_REQUIRED;
    assert_null(settings_needs_restart(a, b)); /* a reload takes them over */
    b->mail.senders = 9;
    assert_string_equal(settings_needs_restart(a, b), "mail.senders");
    b->store.readers = 3;
    assert_string_equal(settings_needs_restart(a, b), "store.readers"); /* the first of the table */
    b->http.listen = (struct settings_list){ 2, more };
    assert_string_equal(settings_needs_restart(a, b), "http.listen");
    settings_free(a);
    settings_free(b);
}

static void test_only_loopback(void **state)
{
    static const struct { const char *listen; bool loopback; } cases[] = {
        { "127.0.0.1:0", true },    { "127.3.2.1:8080", true },  { "[::1]:8080", true }, { "unix:/run/c.sock", true },
        { "0.0.0.0:8080", false },  { "[::]:8080", false },      { "12.7.0.1:1", false }, { "[::11]:8080", false },
        { "192.0.2.1:80", false },  { "[2001:db8::1]:80", false }
    };
    struct settings *s = good("smallest");

    (void)state;
    assert_true(settings_only_loopback(s));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *items[] = { "127.0.0.1:1", cases[i].listen };
        s->http.listen = (struct settings_list){ 2, items };
        assert_int_equal(settings_only_loopback(s), cases[i].loopback);
        s->http.listen.count = 1;
        s->metrics.listen = (struct settings_list){ 2, items };
        assert_int_equal(settings_only_loopback(s), cases[i].loopback);
        s->metrics.listen.count = 0;
    }
    settings_free(s);
}

/* The printed file loads as it stands, and what it shows commented out are the defaults. */
static void test_print(void **state)
{
    char path[] = "/tmp/convened-settings-XXXXXX", *text;
    struct settings *printed, *bare = good("sample"), *shown;
    size_t size;

    (void)state;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *out = fdopen(fd, "w");
    assert_non_null(out);
    settings_print_conf(out);
    assert_int_equal(fclose(out), 0);
    char *faults = faults_of(path, &printed);
    assert_string_equal(faults, "");
    free(faults);
    assert_null(settings_needs_restart(bare, printed));

    assert_int_equal(file_read(path, 1024 * 1024, &text, &size), 0);
    out = fopen(path, "we");
    assert_non_null(out);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        size_t blanks = strspn(line, " ");
        if (blanks == 4 && line[4] == '#' && line[5] != ' ' && !strstr(line, "\"\""))
            line[4] = ' ';
        if (line[0] == '#' && (line[1] != ' ' || strspn(line + 1, " ") > 1) /* the sample of hosts */
            && !strstr(line, "logo = ") /* there is no such file here */)
            line[0] = ' ';
        (void)fprintf(out, "%s\n", line);
    }
    assert_int_equal(fclose(out), 0);
    faults = faults_of(path, &shown);
    assert_string_equal(faults, "");
    free(faults);
    assert_null(settings_needs_restart(printed, shown));
    assert_string_equal(printed->log.level, shown->log.level);
    assert_null(hosts_of(printed, NULL)->id);
    assert_string_equal(hosts_of(shown, NULL)->id, "cluster");
    assert_int_equal(hosts_of(shown, NULL)->imprint.count, 2);

    (void)unlink(path);
    free(text);
    settings_free(shown);
    settings_free(printed);
    settings_free(bare);
}

static void test_unreadable(void **state)
{
    struct settings *settings;
    char *faults = faults_of("/nonexistent/convened.conf", &settings);

    (void)state;
    assert_string_equal(faults, " cannot be read: No such file or directory\n");
    free(faults);
    assert_null(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table), cmocka_unit_test(test_defaults), cmocka_unit_test(test_values),
        cmocka_unit_test(test_hosts), cmocka_unit_test(test_many_hosts), cmocka_unit_test(test_logo),
        cmocka_unit_test(test_accessibility), cmocka_unit_test(test_restart), cmocka_unit_test(test_only_loopback),
        cmocka_unit_test(test_print), cmocka_unit_test(test_unreadable),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
