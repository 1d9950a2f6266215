/* SPDX-License-Identifier: EUPL-1.2 */
/* mail/retry: the verdicts of tests/table/attempts.txt and refusals.txt, and the instants of the tries. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "change/mail_result.h"
#include "mail/retry.h"

static const char *const names[] = {
    [ATTEMPT_SENT] = "sent", [ATTEMPT_LATER] = "later", [ATTEMPT_NEVER] = "never",
    [ATTEMPT_UNREACHABLE] = "unreachable", [ATTEMPT_UNKNOWN] = "unknown", [ATTEMPT_STALE] = "stale",
};

static const char *const steps_of[] = { [PROGRESS_NONE] = "none", [PROGRESS_MAIL] = "mail", [PROGRESS_ALL] = "all" };

static void verdicts(void **state)
{
    char path[4096], line[256];
    const char *srcdir = getenv("srcdir");
    unsigned cases = 0;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/table/attempts.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        int curl_code;
        long reply;
        char far[8], expected[16];
        if (line[0] == '#' || line[0] == '\n')
            continue;
        assert_int_equal(sscanf(line, "%d %ld %7s %15s", &curl_code, &reply, far, expected), 4);
        enum progress progress = PROGRESS_NONE;
        while (strcmp(steps_of[progress], far) != 0)
            assert_true(++progress <= PROGRESS_ALL);
        const char *found = names[attempt_judge(curl_code, reply, progress)];
        if (strcmp(found, expected) != 0)
            fail_msg("%d %ld %s: %s, expected %s", curl_code, reply, far, found, expected);
        cases++;
    }
    (void)fclose(file);
    assert_true(cases > 30);
}

/* tests/table/refusals.txt */
static void refusals(void **state)
{
    char path[4096], line[256];
    const char *srcdir = getenv("srcdir");
    unsigned cases = 0;

    (void)state;
    (void)snprintf(path, sizeof(path), "%s/tests/table/refusals.txt", srcdir ? srcdir : ".");
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof(line), file)) {
        char status[16], address[8], policy[8], found[RETRY_ENHANCED_SIZE];
        int begins;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        line[strcspn(line, "\n")] = '\0';
        assert_int_equal(sscanf(line, "%15s %7s %7s %n", status, address, policy, &begins), 3);
        const char *reply = line + begins;
        long code = strtol(reply, NULL, 10);
        retry_enhanced(reply, found);
        if (strcmp(*found ? found : "-", status) != 0)
            fail_msg("%s: %s", reply, found);
        if (mail_result_is_recipients_fault(code, found) != (strcmp(address, "yes") == 0))
            fail_msg("%s: the address, or not", reply);
        if (retry_is_policy(code, found) != (strcmp(policy, "yes") == 0))
            fail_msg("%s: policy, or not", reply);
        cases++;
    }
    (void)fclose(file);
    assert_true(cases > 30);
    char nothing[RETRY_ENHANCED_SIZE];
    retry_enhanced(NULL, nothing);
    assert_string_equal(nothing, "");
    assert_false(retry_is_policy(550, NULL));
    assert_true(mail_result_is_recipients_fault(550, NULL));
}

static void steps(void **state)
{
    const int64_t born = 1800000000;
    const int64_t expected[] = { 60, 300, 900, 1800, 3600, 3600, 3600 };

    (void)state;
    for (int64_t i = 0; i < 7; i++)
        assert_int_equal(retry_at(born + 7, born, i + 1) - (born + 7), expected[i]);
}

static void gives_up_after_five_days(void **state)
{
    const int64_t born = 1800000000, day = 86400;

    (void)state;
    assert_int_equal(retry_at(born + 5 * day - 3600, born, 90), born + 5 * day);
    assert_true(retry_at(born + 5 * day - 3599, born, 90) == INT64_MAX);
    /* a mail that waited for the server's return gets the short steps all the same */
    assert_int_equal(retry_at(born + 6 * day, born, 1), born + 6 * day + 60);
    assert_int_equal(retry_at(born + 6 * day, born, 4), born + 6 * day + 1800);
    assert_true(retry_at(born + 6 * day, born, 5) == INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts),
        cmocka_unit_test(refusals),
        cmocka_unit_test(steps),
        cmocka_unit_test(gives_up_after_five_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
