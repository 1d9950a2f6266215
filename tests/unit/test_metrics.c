/* SPDX-License-Identifier: EUPL-1.2 */
/* base/metrics: what is counted is printed, each family with its help and type once, as Prometheus reads it. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/metrics.h"

static void without_a_table_nothing_is_counted(void **state)
{
    (void)state;
    metrics_add(NULL, METRIC_SIGN_UPS, 1);
    metrics_set(NULL, METRIC_STORE_QUEUE, 1);
    assert_int_equal(metrics_get(NULL, METRIC_SIGN_UPS), 0);
    metrics_free(NULL);
}

static void every_metric_has_its_line(void **state)
{
    struct metrics *metrics;
    struct buffer out = { 0 };
    char line[256], family[128] = "", *rest;
    unsigned samples = 0, helps = 0, types = 0;

    (void)state;
    assert_int_equal(metrics_new(&metrics), 0);
    for (unsigned i = 0; i < METRICS; i++)
        metrics_add(metrics, i, 100 + i);
    metrics_set(metrics, METRIC_STORE_QUEUE, -3);
    metrics_print(metrics, &out);
    assert_int_equal(buffer_check(&out), 0);
    assert_int_equal(out.data[out.size - 1], '\n');
    assert_non_null(strstr(out.data, "# HELP convened_sign_ups_total Sign-ups accepted, waiting lists included.\n"
                                     "# TYPE convened_sign_ups_total counter\nconvened_sign_ups_total 115\n"));
    assert_non_null(strstr(out.data, "# TYPE convened_store_queue gauge\nconvened_store_queue -3\n"));
    assert_non_null(strstr(out.data, "\nconvened_requests_total{class=\"5xx\"} 103\n"));
    for (char *each = strtok_r(out.data, "\n", &rest); each; each = strtok_r(NULL, "\n", &rest)) {
        if (sscanf(each, "# HELP %127s %255[^\n]", family, line) == 2)
            helps++;
        else if (sscanf(each, "# TYPE %127s %255s", line, line) == 2)
            types++;
        else {
            assert_true(strncmp(each, family, strlen(family)) == 0);
            assert_true(each[strlen(family)] == ' ' || each[strlen(family)] == '{');
            samples++;
        }
    }
    assert_int_equal(samples, METRICS);
    assert_int_equal(helps, types);
    buffer_done(&out);
    metrics_free(metrics);
}

static void *count(void *metrics)
{
    for (int i = 0; i < 10000; i++) {
        metrics_add(metrics, METRIC_SIGN_UPS, 1);
        metrics_add(metrics, METRIC_CONNECTIONS, i % 2 ? -1 : 1);
    }
    return NULL;
}

static void threads_lose_no_count(void **state)
{
    struct metrics *metrics;
    pthread_t threads[4];
    (void)state;
    assert_int_equal(metrics_new(&metrics), 0);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count, metrics), 0);
    for (int i = 0; i < 4; i++)
        (void)pthread_join(threads[i], NULL);
    assert_int_equal(metrics_get(metrics, METRIC_SIGN_UPS), 40000);
    assert_int_equal(metrics_get(metrics, METRIC_CONNECTIONS), 0);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_table_nothing_is_counted),
        cmocka_unit_test(every_metric_has_its_line),
        cmocka_unit_test(threads_lose_no_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
