/* SPDX-License-Identifier: EUPL-1.2 */
/* signup/address against tests/table/addresses.txt and mailboxes.txt. */
#include <errno.h>
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
#include "signup/address.h"

/* The address as the table means it: \r, \n, \t, \0xx and REPEAT(text,count) written out. */
static void spell_out(const char *line, char *ret_address, size_t room)
{
    size_t n = 0;
    char piece[32];
    unsigned count;
    int end;

    while (*line && n + 1 < room) {
        if (line[0] == '\\' && line[1] && strchr("rnt", line[1])) {
            ret_address[n++] = line[1] == 'r' ? '\r' : line[1] == 'n' ? '\n' : '\t';
            line += 2;
        } else if (line[0] == '\\' && line[1] == '0') {
            char hex[] = { line[2], line[3], '\0' };
            ret_address[n++] = (char)strtoul(hex, NULL, 16);
            line += 4;
        } else if (sscanf(line, "REPEAT(%31[^,],%u)%n", piece, &count, &end) == 2) {
            for (unsigned i = 0; i < count; i++) {
                assert_true(n + strlen(piece) < room);
                memcpy(ret_address + n, piece, strlen(piece));
                n += strlen(piece);
            }
            line += end;
        } else {
            ret_address[n++] = *line++;
        }
    }
    ret_address[n] = '\0';
}

static void table(void **state)
{
    const char *root = getenv("srcdir");
    char path[4096], line[1024], address[8192];
    unsigned number = 0, cases = 0, wrong = 0;
    (void)state;

    snprintf(path, sizeof(path), "%s/tests/table/addresses.txt", root ? root : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        number++;
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0')
            continue;
        char *blank = strchr(line, ' ');
        assert_non_null(blank);
        *blank = '\0';
        spell_out(blank + 1, address, sizeof(address));
        int expected = strcmp(line, "good") == 0 ? 0 : strcmp(line, "utf8") == 0 ? -EAFNOSUPPORT : -EINVAL;
        int got = address_check(address);
        if (got != expected) {
            print_error("addresses.txt:%u: %s: %d, not %d\n", number, blank + 1, got, expected);
            wrong++;
        }
        cases++;
    }
    fclose(file);
    assert_int_equal(address_check(""), -EINVAL);
    assert_true(cases > 80);
    assert_int_equal(wrong, 0);
}

static void mailboxes(void **state)
{
    const char *root = getenv("srcdir");
    char path[4096], line[1024];
    unsigned number = 0, cases = 0, wrong = 0;
    (void)state;

    (void)snprintf(path, sizeof(path), "%s/tests/table/mailboxes.txt", root ? root : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        struct arena *arena = arena_new();
        const char *got;
        number++;
        line[strcspn(line, "\n")] = '\0';
        char *blank = strchr(line, ' ');
        if (line[0] != '#') {
            assert_non_null(blank);
            *blank = '\0';
            assert_int_equal(address_check(line), 0);
            assert_int_equal(address_mailbox(arena, line, &got), 0);
            if (strcmp(got, blank + 1) != 0) {
                print_error("mailboxes.txt:%u: %s: %s\n", number, line, got);
                wrong++;
            }
            cases++;
        }
        arena_free(arena);
    }
    (void)fclose(file);
    assert_true(cases > 15);
    assert_int_equal(wrong, 0);
}

static void key_of_a_mailbox_shows_no_address(void **state)
{
    struct arena *arena = arena_new();
    char a[ADDRESS_KEY_SIZE], b[ADDRESS_KEY_SIZE], c[ADDRESS_KEY_SIZE];
    (void)state;
    assert_true(sodium_init() >= 0);
    assert_int_equal(address_key(arena, "m.ari+x@googlemail.com", a), 0);
    assert_int_equal(address_key(arena, "Mari@gmail.com", b), 0);
    assert_int_equal(address_key(arena, "mari@gmail.de", c), 0);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_int_equal(strlen(a), 32);
    assert_int_equal(strspn(a, "0123456789abcdef"), 32);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(mailboxes),
        cmocka_unit_test(key_of_a_mailbox_shows_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
