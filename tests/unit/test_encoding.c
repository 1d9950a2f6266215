/* SPDX-License-Identifier: EUPL-1.2 */
/* Who gets gzip: tests/table/encoding.txt. And that what we pack is unpacked to the same bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/gzip.h"
#include "http/encoding.h"

static void table(void **state)
{
    const char *srcdir = getenv("srcdir");
    char path[512], line[256];
    size_t cases = 0, wrong = 0;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/tests/table/encoding.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char *bar = strstr(line, " | ");
        line[strcspn(line, "\n")] = '\0';
        if (*line == '#' || *line == '\0')
            continue;
        assert_non_null(bar);
        *bar = '\0';
        cases++;
        if (encoding_takes_gzip(line) != (strcmp(bar + 3, "yes") == 0)) {
            print_error("[%s] should be %s\n", line, bar + 3);
            wrong++;
        }
    }
    assert_int_equal(fclose(file), 0);
    assert_true(cases > 40);
    assert_int_equal(wrong, 0);
    assert_false(encoding_takes_gzip(NULL));
}

static void check_round(const char *data, size_t size, enum gzip_effort effort)
{
    static char back[1 << 17];
    char *packed;
    size_t packed_size;
    z_stream stream = { 0 };

    assert_int_equal(gzip_pack(data, size, effort, &packed, &packed_size), 0);
    assert_true(packed_size >= 18); /* RFC 1952: head and tail */
    assert_memory_equal(packed, "\x1f\x8b\x08\0\0\0\0\0", 8); /* no name, no time */
    assert_int_equal(inflateInit2(&stream, 15 + 16), Z_OK);
    stream.next_in = (Bytef *)packed;
    stream.avail_in = (uInt)packed_size;
    stream.next_out = (Bytef *)back;
    stream.avail_out = sizeof back;
    assert_int_equal(inflate(&stream, Z_FINISH), Z_STREAM_END);
    assert_int_equal(stream.avail_in, 0);
    assert_int_equal(stream.total_out, size);
    if (size > 0)
        assert_memory_equal(back, data, size);
    assert_int_equal(inflateEnd(&stream), Z_OK);
    free(packed);
}

static void packed(void **state)
{
    static char text[100000], noise[100000];
    unsigned number = 1;
    char *out = NULL;
    size_t size;

    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        number = number * 1103515245 + 12345;
        text[i] = "<p class=row>"[i % 13];
        noise[i] = (char)(number >> 16);
    }
    check_round("", 0, GZIP_QUICK);
    check_round("a", 1, GZIP_SMALL);
    check_round(text, sizeof text, GZIP_QUICK);
    check_round(text, sizeof text, GZIP_SMALL);
    check_round(noise, sizeof noise, GZIP_SMALL); /* what cannot be packed fits all the same */
    assert_int_equal(gzip_pack(text, (size_t)INT_MAX + 1, GZIP_QUICK, &out, &size), -EFBIG);
    assert_null(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(table), cmocka_unit_test(packed) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
