/* SPDX-License-Identifier: EUPL-1.2 */
/* How long our own algorithms take, as a multiple of a reference that is measured in the same run: a time says more of
 * the machine than of the code. Run by `make bench`; each row is the middle of several runs. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sodium.h>
#include <sqlite3.h>

#include "signup/allocate.h"

#define RUNS 9
#define PEOPLE 2000
#define THEMES 8
#define ROUNDS 2
#define WISHES 3

static uint64_t dice_state;

static unsigned dice(unsigned sides) /* xorshift64: the same work each time */
{
    dice_state ^= dice_state << 13;
    dice_state ^= dice_state >> 7;
    dice_state ^= dice_state << 17;
    return (unsigned)(dice_state >> 33) % sides;
}

/* ---- a row's work: two thousand people wish for three of eight themes, with room for four in five of them ---- */

static int ranks[PEOPLE * THEMES], themes[PEOPLE];
static int64_t persons[PEOPLE], capacities[THEMES];

static int allocate(void)
{
    dice_state = 88172645463325252ull;
    for (size_t i = 0; i < THEMES; i++)
        capacities[i] = PEOPLE * 8 / 10 / THEMES;
    for (size_t i = 0; i < PEOPLE; i++)
        persons[i] = (int64_t)i + 1;
    for (unsigned n = 0; n < ROUNDS; n++) {
        memset(ranks, 0, sizeof(ranks));
        for (size_t person = 0; person < PEOPLE; person++)
            for (int rank = 1; rank <= WISHES;) {
                int *wish = &ranks[person * THEMES + dice(THEMES)];
                if (*wish == 0)
                    *wish = rank++;
            }
        const struct allocate_round round = { .people = PEOPLE,
                                              .themes = THEMES,
                                              .persons = persons,
                                              .capacities = capacities,
                                              .ranks = ranks,
                                              .seed = n };
        int r = allocate_round(&round, themes);
        if (r < 0)
            return r;
    }
    return 0;
}

/* ---- its reference: the rows that come of it, in memory, by one prepared statement, in one transaction ---- */

static int insert_all(sqlite3 *db, sqlite3_stmt *insert)
{
    if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return -EIO;
    for (int i = 0; i < PEOPLE * ROUNDS; i++) {
        sqlite3_bind_int(insert, 1, i / ROUNDS);
        sqlite3_bind_int(insert, 2, i % ROUNDS * THEMES + i % THEMES);
        if (sqlite3_step(insert) != SQLITE_DONE || sqlite3_reset(insert) != SQLITE_OK)
            return -EIO;
    }
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK ? 0 : -EIO;
}

static int insert_claims(void)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;
    int r = -EIO;
    if (sqlite3_open(":memory:", &db) == SQLITE_OK &&
        sqlite3_exec(db, "CREATE TABLE claim (registration_id INTEGER NOT NULL, place_id INTEGER NOT NULL, state TEXT "
                         "NOT NULL, PRIMARY KEY (registration_id, place_id)) STRICT, WITHOUT ROWID; "
                         "CREATE INDEX claim_place ON claim (place_id)", NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "INSERT INTO claim VALUES (?, ?, 'taken')", -1, &insert, NULL) == SQLITE_OK)
        r = insert_all(db, insert);
    (void)sqlite3_finalize(insert);
    (void)sqlite3_close(db);
    return r;
}

static const struct row {
    const char *name, *reference_name;
    int (*work)(void);
    int (*reference)(void);
} rows[] = {
    { "allocate 2,000 people, 2 x 8 themes", "4,000 claims into SQLite in memory", allocate, insert_claims },
};

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double now(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int measure(int (*work)(void), double *ret_seconds)
{
    const double begin = now();
    int r = work();
    *ret_seconds = now() - begin;
    return r;
}

/* Work and reference in turn, so that a busy moment of the machine meets both. */
static int ratio_of(const struct row *row, double *ret_ratio)
{
    double ratios[RUNS];
    for (int i = 0; i < RUNS; i++) {
        double ours, theirs;
        int r = measure(row->reference, &theirs);
        if (r == 0)
            r = measure(row->work, &ours);
        if (r < 0)
            return r;
        ratios[i] = ours / theirs;
    }
    qsort(ratios, RUNS, sizeof(ratios[0]), compare);
    *ret_ratio = ratios[RUNS / 2];
    return 0;
}

int main(void)
{
    if (sodium_init() < 0)
        return 1;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        double ratio;
        if (ratio_of(&rows[i], &ratio) < 0) {
            (void)fprintf(stderr, "%s: failed\n", rows[i].name);
            return 1;
        }
        (void)printf("%-40s %8.2f times %s\n", rows[i].name, ratio, rows[i].reference_name);
    }
    return 0;
}
