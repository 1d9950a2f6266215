/* SPDX-License-Identifier: EUPL-1.2 */
/* The driver for SQLite behind db.h: WAL, synchronous=FULL, migrations, named statements. A connection belongs to one
 * thread: the writer, a reader, main before the threads run, convenectl. */
#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/schema.h"
#include "store/statements.h"

#define APPLICATION_ID 0x636e7664 /* "cnvd" */
#define BUSY_MS 5000
#define PROGRESS_STEPS 10000 /* virtual machine instructions between two looks at the deadline */

struct query {
    struct db *db;
    sqlite3_stmt *statement;
    int bind_error; /* the first failed bind, told by the step */
};

struct db {
    sqlite3 *handle;
    size_t count;
    struct query *queries; /* in the order of the table of statements */
    int64_t wal_pages;
    int64_t deadline;
};

/* SQLite's word as ours; see db_step. */
static int translate(struct db *db, int code)
{
    switch (code & 0xff) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
        return -EAGAIN;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EINPROGRESS;
    case SQLITE_INTERRUPT:
        return -ETIME;
    case SQLITE_CONSTRAINT:
        return -EEXIST;
    default:
        (void)db;
        return -EIO;
    }
}

static int execute(struct db *db, const char *sql)
{
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : translate(db, code);
}

static int on_progress(void *arg)
{
    const struct db *db = arg;
    return db->deadline != 0 && clock_monotonic() > db->deadline;
}

static int on_wal(void *arg, sqlite3 *handle, const char *name, int pages)
{
    struct db *db = arg;
    (void)handle;
    (void)name;
    db->wal_pages = pages;
    return SQLITE_OK;
}

static int pragma_number(struct db *db, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *statement;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &statement, NULL);
    if (code != SQLITE_OK)
        return translate(db, code);
    code = sqlite3_step(statement);
    int64_t number = code == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    if (code != SQLITE_ROW)
        return translate(db, code);
    *ret_number = number;
    return 0;
}

static int configure(struct db *db, enum db_access access)
{
    int one = 1, dqs;
    (void)sqlite3_extended_result_codes(db->handle, 1);
    (void)sqlite3_busy_timeout(db->handle, BUSY_MS);
    /* a misspelt column must be an error and never a string */
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DML, 0, &dqs);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DQS_DDL, 0, &dqs);
    (void)sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, &dqs);
    /* so that a group that may only read finds its files after a clean stop too */
    (void)sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &one);
    int r = execute(db, "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA foreign_keys = ON;"
                        "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864");
    if (r == 0 && access == DB_READ)
        r = execute(db, "PRAGMA query_only = ON");
    if (r < 0)
        return r;
    (void)sqlite3_wal_hook(db->handle, on_wal, db);
    sqlite3_progress_handler(db->handle, PROGRESS_STEPS, on_progress, db);
    return 0;
}

static int migrate(struct db *db, int64_t version)
{
    size_t count;
    const char *const *steps = schema_steps(&count);
    for (size_t i = (size_t)version; i < count; i++) {
        char stamp[96];
        (void)snprintf(stamp, sizeof(stamp), "PRAGMA application_id = %d; PRAGMA user_version = %zu", APPLICATION_ID,
                       i + 1);
        int r = db_begin(db);
        if (r == 0)
            r = execute(db, steps[i]);
        if (r == 0)
            r = execute(db, stamp);
        if (r == 0)
            r = db_commit(db);
        if (r < 0) {
            log_error("store.migration_failed", LOG_INT("version", i + 1),
                      LOG_TEXT("text", sqlite3_errmsg(db->handle)));
            db_rollback(db);
            return r;
        }
        log_info("store.migrated", LOG_INT("version", i + 1));
    }
    return 0;
}

static int check_schema(struct db *db, enum db_access access, bool *ret_created)
{
    int64_t version, application;
    size_t count;
    (void)schema_steps(&count);
    int r = pragma_number(db, "PRAGMA user_version", &version);
    if (r == 0)
        r = pragma_number(db, "PRAGMA application_id", &application);
    if (r < 0)
        return r;
    int64_t tables = 0;
    r = pragma_number(db, "SELECT count(*) FROM sqlite_master", &tables);
    if (r < 0)
        return r;
    bool fresh = version == 0 && application == 0 && tables == 0;
    if ((!fresh && application != APPLICATION_ID) || version < 0 || version > (int64_t)count)
        return -EPROTO; /* another program's file, or of a newer convened */
    if (access != DB_DAEMON)
        return version == (int64_t)count ? 0 : -EPROTO;
    r = execute(db, "PRAGMA journal_mode = WAL"); /* only now: another program's file stays as it is */
    if (r < 0)
        return r;
    if (ret_created)
        *ret_created = fresh;
    return migrate(db, version);
}

static int prepare_all(struct db *db)
{
    const struct statement *table = statements(&db->count);
    db->queries = calloc(db->count, sizeof(*db->queries));
    if (!db->queries)
        return -ENOMEM;
    for (size_t i = 0; i < db->count; i++) {
        assert(i == 0 || strcmp(table[i - 1].name, table[i].name) < 0);
        db->queries[i].db = db;
        int code = sqlite3_prepare_v3(db->handle, table[i].text, -1, SQLITE_PREPARE_PERSISTENT,
                                      &db->queries[i].statement, NULL);
        if (code != SQLITE_OK) {
            log_error("store.statement_wrong", LOG_TEXT("name", table[i].name),
                      LOG_TEXT("text", sqlite3_errmsg(db->handle)));
            return translate(db, code);
        }
    }
    return 0;
}

int db_open(const char *path, enum db_access access, struct db **ret_db, bool *ret_created)
{
    struct db *db = calloc(1, sizeof(*db));
    if (!db)
        return -ENOMEM;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW |
                (access == DB_DAEMON ? SQLITE_OPEN_CREATE : 0);
    int code = sqlite3_open_v2(path, &db->handle, flags, NULL);
    int r = 0;
    if (code != SQLITE_OK)
        r = (code & 0xff) == SQLITE_CANTOPEN ? -ENOENT : translate(db, code);
    if (r == 0)
        r = configure(db, access);
    if (r == 0)
        r = check_schema(db, access, ret_created);
    if (r == 0)
        r = prepare_all(db);
    if (r < 0) {
        db_close(db);
        return r;
    }
    *ret_db = db;
    return 0;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    for (size_t i = 0; db->queries && i < db->count; i++)
        (void)sqlite3_finalize(db->queries[i].statement);
    free(db->queries);
    (void)sqlite3_close(db->handle);
    free(db);
}

int db_begin(struct db *db)
{
    return execute(db, "BEGIN IMMEDIATE");
}

int db_begin_read(struct db *db)
{
    return execute(db, "BEGIN");
}

int db_commit(struct db *db)
{
    int code = sqlite3_exec(db->handle, "COMMIT", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return 0;
    log_error("store.commit_failed", LOG_INT("code", code), LOG_TEXT("text", sqlite3_errmsg(db->handle)));
    bool sure = (code & 0xff) == SQLITE_FULL || (code & 0xff) == SQLITE_BUSY;
    db_rollback(db);
    return sure ? -EAGAIN
                : -EINPROGRESS; /* after an input/output error the rows may be there when the file is opened again */
}

void db_rollback(struct db *db)
{
    for (size_t i = 0; i < db->count && db->queries; i++)
        if (db->queries[i].statement && sqlite3_stmt_busy(db->queries[i].statement))
            db_reset(&db->queries[i]);
    if (!sqlite3_get_autocommit(db->handle)) /* SQLITE_FULL and others have rolled back by themselves */
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

static int compare_name(const void *name, const void *statement)
{
    return strcmp(name, ((const struct statement *)statement)->name);
}

struct query *db_query(struct db *db, const char *name)
{
    size_t count;
    const struct statement *table = statements(&count);
    const struct statement *found = bsearch(name, table, count, sizeof(*table), compare_name);
    if (!found) { /* a fault of the program that the first test meets */
        log_error("store.statement_unknown", LOG_TEXT("name", name));
        abort();
    }
    struct query *query = &db->queries[found - table];
    db_reset(query);
    return query;
}

static int parameter_index(struct query *query, const char *parameter)
{
    int index = sqlite3_bind_parameter_index(query->statement, parameter);
    assert(index > 0);
    return index;
}

static void note_bind(struct query *query, int code)
{
    if (code != SQLITE_OK && query->bind_error == SQLITE_OK)
        query->bind_error = code;
}

void db_bind_int(struct query *query, const char *parameter, int64_t value)
{
    note_bind(query, sqlite3_bind_int64(query->statement, parameter_index(query, parameter), value));
}

void db_bind_text(struct query *query, const char *parameter, const char *value)
{
    int index = parameter_index(query, parameter);
    note_bind(query, value ? sqlite3_bind_text(query->statement, index, value, -1, SQLITE_STATIC)
                           : sqlite3_bind_null(query->statement, index));
}

void db_bind_null(struct query *query, const char *parameter)
{
    note_bind(query, sqlite3_bind_null(query->statement, parameter_index(query, parameter)));
}

int db_step(struct query *query)
{
    int code = query->bind_error != SQLITE_OK ? query->bind_error : sqlite3_step(query->statement);
    if (code == SQLITE_ROW)
        return 1;
    int r = code == SQLITE_DONE ? 0 : translate(query->db, code);
    if (r == -EIO || r == -EINPROGRESS)
        log_error("store.statement_failed", LOG_INT("code", code), LOG_TEXT("text", sqlite3_errmsg(query->db->handle)));
    db_reset(query);
    return r;
}

int db_run(struct query *query)
{
    int r = db_step(query);
    if (r > 0) {
        db_reset(query);
        r = 0;
    }
    return r;
}

int64_t db_int(const struct query *query, int column)
{
    return sqlite3_column_int64(query->statement, column);
}

double db_double(const struct query *query, int column)
{
    return sqlite3_column_double(query->statement, column);
}

const char *db_text(const struct query *query, int column)
{
    return (const char *)sqlite3_column_text(query->statement, column);
}

bool db_is_null(const struct query *query, int column)
{
    return sqlite3_column_type(query->statement, column) == SQLITE_NULL;
}

int db_columns(const struct query *query)
{
    return sqlite3_column_count(query->statement);
}

const char *db_column_name(const struct query *query, int column)
{
    return sqlite3_column_name(query->statement, column);
}

enum db_type db_column_type(const struct query *query, int column)
{
    switch (sqlite3_column_type(query->statement, column)) {
    case SQLITE_INTEGER:
        return DB_INTEGER;
    case SQLITE_FLOAT:
        return DB_REAL;
    case SQLITE_NULL:
        return DB_NULL;
    default:
        return DB_TEXT;
    }
}

void db_reset(struct query *query)
{
    (void)sqlite3_reset(query->statement); /* repeats the error of the step, which has been told */
    (void)sqlite3_clear_bindings(query->statement);
    query->bind_error = SQLITE_OK;
}

int db_script(struct db *db, const char *sql)
{
    int r = execute(db, sql);
    if (r == -EIO)
        log_error("store.script_failed", LOG_TEXT("text", sqlite3_errmsg(db->handle)));
    return r;
}

int db_prepare(struct db *db, const char *sql, struct query **ret_query)
{
    struct query *query = calloc(1, sizeof(*query));
    if (!query)
        return -ENOMEM;
    query->db = db;
    int code = sqlite3_prepare_v2(db->handle, sql, -1, &query->statement, NULL);
    if (code != SQLITE_OK || !query->statement) {
        free(query);
        return code == SQLITE_OK ? -EINVAL : translate(db, code);
    }
    *ret_query = query;
    return 0;
}

void db_finish(struct query *query)
{
    if (!query)
        return;
    (void)sqlite3_finalize(query->statement);
    free(query);
}

int db_data_version(struct db *db, int64_t *ret_version)
{
    return pragma_number(db, "PRAGMA data_version", ret_version);
}

int64_t db_wal_size(const struct db *db)
{
    return db->wal_pages * 4096;
}

void db_checkpoint(struct db *db)
{
    int pages = 0, moved = 0;
    int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &moved);
    if (code == SQLITE_OK)
        db->wal_pages = pages > moved ? pages - moved : 0;
    else if ((code & 0xff) != SQLITE_BUSY)
        log_warning("store.checkpoint_failed", LOG_INT("code", code), LOG_TEXT("text", sqlite3_errmsg(db->handle)));
}

void db_deadline(struct db *db, int64_t deadline)
{
    db->deadline = deadline;
}

int db_integrity(struct db *db, char *ret_text, size_t size)
{
    struct query *query;
    int r = db_prepare(db, "PRAGMA integrity_check(1)", &query);
    if (r < 0)
        return r;
    r = db_step(query);
    if (r > 0) {
        (void)snprintf(ret_text, size, "%s", db_text(query, 0));
        r = 0;
    } else if (r == 0)
        r = -EIO;
    db_finish(query);
    return r;
}

const char *db_error(const struct db *db)
{
    return sqlite3_errmsg(db->handle);
}
