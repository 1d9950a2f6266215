/* SPDX-License-Identifier: EUPL-1.2 */
/* Arena, buffer, clock, mailbox, faults and diff: what every room stands on. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "base/diff.h"
#include "base/faults.h"
#include "base/file.h"
#include "base/mailbox.h"

static void arena_keeps_pieces_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    char *pieces[200];
    for (size_t i = 0; i < 200; i++) {
        size_t size = i % 7 == 0 ? 9000 : i + 1; /* larger than a block now and then */
        pieces[i] = arena_take(arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++)
        assert_int_equal((unsigned char)pieces[i][0], i);
    assert_string_equal(arena_format(arena, "%d-%s", 7, "x"), "7-x");
    assert_null(arena_take(arena, SIZE_MAX));
    arena_free(arena);
}

static void arena_grows_arrays(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    int *items = NULL;
    size_t room = 0;
    for (int i = 0; i < 100; i++) {
        items = arena_grow(arena, items, (size_t)i, &room, sizeof(*items));
        assert_non_null(items);
        items[i] = i;
    }
    for (int i = 0; i < 100; i++)
        assert_int_equal(items[i], i);
    arena_free(arena);
}

static void buffer_collects(void **state)
{
    (void)state;
    struct buffer buffer = { .data = NULL };
    assert_string_equal(buffer_string(&buffer), "");
    for (int i = 0; i < 1000; i++)
        buffer_format(&buffer, "%d,", i);
    assert_int_equal(buffer_check(&buffer), 0);
    assert_int_equal(buffer.size, 3890);
    assert_int_equal(strlen(buffer.data), buffer.size);
    buffer.failed = true;
    assert_int_equal(buffer_check(&buffer), -ENOMEM);
    buffer_clear(&buffer);
    assert_int_equal(buffer_check(&buffer), 0);
    buffer_done(&buffer);
}

static char *write_file(const char *text)
{
    static char path[] = "/tmp/convened-test-XXXXXX";
    memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(close(fd), 0);
    return path;
}

static void assert_an_hour_ahead(const struct clock *clock)
{
    int64_t before = time(NULL), now = clock_now(clock), after = time(NULL);
    assert_true(now >= before + 3599 && now <= after + 3601); /* time() may still say the second before */
}

static void clock_follows_its_file(void **state)
{
    (void)state;
    struct clock *clock;
    char *path = write_file("2027-03-18T09:30:00Z\n");
    assert_int_equal(clock_new(path, &clock), 0);
    assert_in_range(clock_now(clock), 1805362200, 1805362200 + 600); /* it runs on, and the machine may pause */
    FILE *f = fopen(path, "w");
    assert_true(fputs("+3600\n", f) >= 0 && fclose(f) == 0);
    assert_int_equal(clock_reread(clock), 0);
    assert_an_hour_ahead(clock);
    f = fopen(path, "w");
    assert_true(fputs("tomorrow\n", f) >= 0 && fclose(f) == 0);
    assert_int_equal(clock_reread(clock), -EINVAL);
    assert_an_hour_ahead(clock); /* runs on */
    assert_int_equal(clock_wait(clock, clock_now(clock) - 5), 0);
    assert_in_range(clock_wait(clock, clock_now(clock) + 1000), 400000, 1000000);
    clock_free(clock);
    (void)unlink(path);
}

static void clock_knows_its_stamps(void **state)
{
    (void)state;
    static const char *const bad[] = { "", "2027-02-30T00:00:00Z", "2027-03-18T09:30:00", "2027-3-18T09:30:00Z",
                                       "2027-03-18T09:30:61Z", "2027-03-18T09:30:00Zx", "x2027-03-18T09:30:00Z" };
    char stamp[CLOCK_STAMP_SIZE];
    int64_t at;
    assert_int_equal(clock_parse("2027-03-18T09:30:00Z", &at), 0);
    assert_int_equal(at, 1805362200);
    clock_stamp(at, stamp);
    assert_string_equal(stamp, "2027-03-18T09:30:00Z");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(clock_parse(bad[i], &at), -EINVAL);
}

#define POSTS 20000
struct letter { struct post post; int number; };
static int arrived;
static void on_arrive(struct post *post)
{
    struct letter *letter = (struct letter *)post;
    assert_int_equal(letter->number, arrived);
    arrived++;
    free(letter);
}

static void *put_letters(void *arg)
{
    for (int i = 0; i < POSTS; i++) {
        struct letter *letter = malloc(sizeof(*letter));
        *letter = (struct letter){ .post = { .arrive = on_arrive }, .number = i };
        mailbox_put(arg, &letter->post, &letter->post);
    }
    return NULL;
}

static void mailbox_keeps_order_between_threads(void **state)
{
    (void)state;
    struct mailbox *mailbox;
    pthread_t thread;
    assert_int_equal(mailbox_new(&mailbox), 0);
    assert_null(mailbox_take(mailbox));
    assert_int_equal(pthread_create(&thread, NULL, put_letters, mailbox), 0);
    while (arrived < POSTS) {
        struct pollfd fd = { .fd = mailbox_fd(mailbox), .events = POLLIN };
        assert_int_equal(poll(&fd, 1, 60000), 1); /* a lost wake-up would time out */
        mailbox_deliver(mailbox);
    }
    (void)pthread_join(thread, NULL);
    struct pollfd fd = { .fd = mailbox_fd(mailbox), .events = POLLIN };
    assert_int_equal(poll(&fd, 1, 0), 0);
    mailbox_free(mailbox);
}

static int note_line(const struct fault_line *line, void *arg)
{
    char *seen = arg;
    (void)snprintf(seen + strlen(seen), 100 - strlen(seen), "%s:%u%s ", line->file, line->line,
                   line->warning ? "w" : "");
    return 0;
}

static int refuse_line(const struct fault_line *line, void *arg)
{
    (void)line;
    (void)arg;
    return -EPERM;
}

static void faults_come_sorted(void **state)
{
    (void)state;
    struct faults *faults;
    char *text = NULL;
    size_t size = 0;
    assert_int_equal(faults_new(&faults), 0);
    faults_add(faults, "b.conf", 7, "title", "missing");
    faults_warn(faults, "a.conf", 9, NULL, "odd");
    faults_add(faults, "a.conf", 2, "zone", "unknown zone %s", "X");
    assert_int_equal(faults_count(faults), 2);
    FILE *out = open_memstream(&text, &size);
    faults_print(faults, 3, out);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, "a.conf:2: zone: unknown zone X\na.conf:9: warning: odd\nb.conf:7: title: missing\n"
                              "2 faults, 1 warning in 3 files\n");
    free(text);

    char seen[100] = "";
    assert_int_equal(faults_each(faults, note_line, seen), 0);
    assert_string_equal(seen, "a.conf:2 a.conf:9w b.conf:7 ");
    assert_int_equal(faults_each(faults, refuse_line, seen), -EPERM);
    faults_free(faults);
}

/* "=a -b +c" of two texts. */
static const char *diff_of(struct arena *arena, const char *old, const char *new)
{
    struct diff_line *lines;
    size_t count;
    const char *said = "";
    assert_int_equal(diff_lines(arena, old, new, &count, &lines), 0);
    for (size_t i = 0; i < count; i++)
        said = arena_format(arena, "%s%c%.*s ", said, "=-+"[lines[i].side], (int)lines[i].size, lines[i].text);
    return said;
}

static void diff_keeps_what_is_common(void **state)
{
    static const struct {
        const char *old, *new, *said;
    } cases[] = {
        { "", "", "" },
        { "a\n", "a\n", "=a " },
        { "", "a\nb\n", "+a +b " },
        { "a\nb\n", "", "-a -b " },
        { "a\nb\nc\n", "a\nx\nc\n", "=a -b +x =c " },
        { "a\nb\nc\nd\n", "a\nc\nd\ne\n", "=a -b =c =d +e " },
        { "a\na\n", "a\n", "=a -a " },
        { "a\nb\nc\na\nb\nb\na\n", "c\nb\na\nb\na\nc\n", NULL },
        { "a", "a\n", "=a " }, /* the last line's end is no line */
        { "\n\n", "\n", "= - " },
    };
    (void)state;
    struct arena *arena = arena_new();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *said = diff_of(arena, cases[i].old, cases[i].new);
        if (cases[i].said) {
            assert_string_equal(said, cases[i].said);
            continue;
        }
        size_t common = 0; /* Myers' own example: four lines */
        for (const char *c = said; *c; c++)
            common += *c == '=';
        assert_int_equal(common, 4);
    }
    arena_free(arena);
}

/* Beyond the table's size the middle is replaced whole; both ends stay. */
static void diff_of_long_texts(void **state)
{
    (void)state;
    enum { LINES = 3000 };
    struct arena *arena = arena_new();
    char *old = arena_take(arena, LINES * 8 + 20), *new = arena_take(arena, LINES * 8 + 20);
    size_t count, at = 0, to = 0;
    struct diff_line *lines;
    at += (size_t)sprintf(old, "head\n");
    to += (size_t)sprintf(new, "head\n");
    for (int i = 0; i < LINES; i++) {
        at += (size_t)sprintf(old + at, "o%d\n", i);
        to += (size_t)sprintf(new + to, "n%d\n", i);
    }
    (void)sprintf(old + at, "tail\n");
    (void)sprintf(new + to, "tail\n");
    assert_int_equal(diff_lines(arena, old, new, &count, &lines), 0);
    assert_int_equal(count, 2 * LINES + 2);
    assert_int_equal(lines[0].side, DIFF_BOTH);
    assert_int_equal(lines[1].side, DIFF_OLD);
    assert_int_equal(lines[count - 2].side, DIFF_NEW);
    assert_int_equal(lines[count - 1].side, DIFF_BOTH);
    arena_free(arena);
}

static void file_refuses_what_is_none(void **state)
{
    (void)state;
    char *data;
    size_t size;
    char *path = write_file("0123456789");
    assert_int_equal(file_read(path, 10, &data, &size), 0);
    assert_int_equal(size, 10);
    assert_string_equal(data, "0123456789");
    free(data);
    assert_int_equal(file_read(path, 9, &data, &size), -EFBIG);
    (void)unlink(path);
    assert_int_equal(file_read(path, 9, &data, &size), -ENOENT);
    assert_int_equal(file_read("/", 9, &data, &size), -EISDIR);
    assert_int_equal(file_read("/dev/null", 9, &data, &size), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_keeps_pieces_apart), cmocka_unit_test(arena_grows_arrays),
        cmocka_unit_test(buffer_collects), cmocka_unit_test(clock_follows_its_file),
        cmocka_unit_test(clock_knows_its_stamps), cmocka_unit_test(mailbox_keeps_order_between_threads),
        cmocka_unit_test(faults_come_sorted), cmocka_unit_test(file_refuses_what_is_none),
        cmocka_unit_test(diff_keeps_what_is_common), cmocka_unit_test(diff_of_long_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
