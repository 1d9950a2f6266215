/* SPDX-License-Identifier: EUPL-1.2 */
/* Links and seals: one spelling, one purpose, one row, one version. */
#include <errno.h>
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/token.h"

static char folder[] = "/tmp/convened-test-XXXXXX";
static char path[64];

static int setup(void **state)
{
    struct keyring *keyring;
    if (sodium_init() < 0 || !mkdtemp(folder))
        return -1;
    (void)snprintf(path, sizeof(path), "%s/k.key", folder);
    if (keyring_create(path) < 0 || keyring_load(path, &keyring) < 0)
        return -1;
    *state = keyring;
    return 0;
}

static int teardown(void **state)
{
    keyring_free(*state);
    (void)unlink(path);
    (void)rmdir(folder);
    return 0;
}

static void key_file_is_private_and_never_overwritten(void **state)
{
    (void)state;
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(keyring_create(path), -EEXIST);
}

static void token_works_for_its_row_alone(void **state)
{
    const struct keyring *keyring = *state;
    char token[TOKEN_SIZE];
    int64_t id = 0;
    token_make(keyring, TOKEN_MANAGE, 4711, 99, token);
    assert_int_equal(strlen(token), 40);
    assert_int_equal(strspn(token, "abcdefghijklmnopqrstuvwxyz234567"), 40);
    assert_int_equal(token_read(keyring, token, &id), 0);
    assert_int_equal(id, 4711);
    assert_int_equal(token_verify(keyring, TOKEN_MANAGE, token, 99), 0);
    assert_int_equal(token_verify(keyring, TOKEN_MANAGE, token, 98), -EACCES);
    for (int purpose = 0; purpose < TOKEN_PURPOSES; purpose++)
        if (purpose != TOKEN_MANAGE)
            assert_int_equal(token_verify(keyring, (enum token_purpose)purpose, token, 99), -EACCES);
}

static void every_changed_character_is_refused(void **state)
{
    const struct keyring *keyring = *state;
    char token[TOKEN_SIZE], other[TOKEN_SIZE];
    int64_t id;
    token_make(keyring, TOKEN_NEXT, INT64_MAX, 1, token);
    for (size_t i = 0; i < 40; i++)
        for (const char *c = "abcdefghijklmnopqrstuvwxyz234567"; *c; c++) {
            memcpy(other, token, sizeof(other));
            if (other[i] == *c)
                continue;
            other[i] = *c;
            assert_int_equal(token_verify(keyring, TOKEN_NEXT, other, 1), -EACCES);
        }
    static const char *const bad[] = { "", "a", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                       "1111111111111111111111111111111111111111" };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(token_read(keyring, bad[i], &id), -EBADMSG);
}

static void seal_binds_its_text(void **state)
{
    const struct keyring *keyring = *state;
    unsigned char data[24] = "a form of second 12345", out[24];
    char seal[SEAL_SIZE(24)];
    seal_make(keyring, TOKEN_FORM, data, sizeof(data), "slug/lt", seal);
    assert_int_equal(strlen(seal), SEAL_SIZE(24) - 1);
    assert_int_equal(seal_open(keyring, TOKEN_FORM, seal, "slug/lt", out, sizeof(out)), 0);
    assert_memory_equal(data, out, sizeof(out));
    assert_int_equal(seal_open(keyring, TOKEN_FORM, seal, "slug/en", out, sizeof(out)), -EACCES);
    assert_int_equal(seal_open(keyring, TOKEN_NEXT, seal, "slug/lt", out, sizeof(out)), -EACCES);
    assert_int_equal(seal_open(keyring, TOKEN_FORM, seal, "slug/lt", out, 23), -EBADMSG);
    assert_int_equal(seal_open(keyring, TOKEN_FORM, "", "slug/lt", out, sizeof(out)), -EBADMSG);
}

static void newest_key_signs_and_all_verify(void **state)
{
    (void)state;
    struct keyring *one, *two;
    char old[TOKEN_SIZE], new[TOKEN_SIZE], line[128];
    int64_t id;
    assert_int_equal(keyring_load(path, &one), 0);
    token_make(one, TOKEN_MANAGE, 5, 6, old);
    FILE *f = fopen(path, "r");
    assert_non_null(fgets(line, sizeof(line), f));
    (void)fclose(f);
    f = fopen(path, "a");
    assert_true(fputs("7 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n", f) >= 0 && fclose(f) == 0);
    assert_int_equal(keyring_load(path, &two), 0);
    token_make(two, TOKEN_MANAGE, 5, 6, new);
    assert_string_not_equal(old, new);
    assert_int_equal(token_verify(two, TOKEN_MANAGE, old, 6), 0);
    assert_int_equal(token_verify(two, TOKEN_MANAGE, new, 6), 0);
    assert_int_equal(token_read(one, new, &id), -EBADMSG); /* a key it does not have */
    f = fopen(path, "w");
    assert_true(fputs(line, f) >= 0 && fclose(f) == 0);
    keyring_free(one);
    keyring_free(two);
}

static void unfit_key_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "1\n",
        "x AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "1 AAEC\n",
        "256 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n"
    };
    char other[80];
    struct keyring *keyring;
    (void)snprintf(other, sizeof(other), "%s/bad.key", folder);
    assert_int_equal(keyring_load(other, &keyring), -ENOENT);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        FILE *f = fopen(other, "w");
        assert_true(fputs(bad[i], f) >= 0 && fclose(f) == 0);
        assert_int_equal(keyring_load(other, &keyring), -EBADMSG);
    }
    (void)unlink(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_file_is_private_and_never_overwritten), cmocka_unit_test(token_works_for_its_row_alone),
        cmocka_unit_test(every_changed_character_is_refused),        cmocka_unit_test(seal_binds_its_text),
        cmocka_unit_test(newest_key_signs_and_all_verify),           cmocka_unit_test(unfit_key_files_are_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
