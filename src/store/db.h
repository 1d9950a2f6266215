/* SPDX-License-Identifier: EUPL-1.2 */
/* One connection to the database, with named statements prepared at open (a wrong text stops the start) and
 * parameters bound by name. sqlite.c is the driver; another engine gets its own file behind this header.
 * A connection belongs to one thread. Strings that come out are valid until the next step, reset or query. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct query; /* a running statement; reset it as soon as it is read */

enum db_access { DB_DAEMON, /* makes and migrates */ DB_WRITE, DB_READ };

int db_open(const char *path, enum db_access access, struct db **ret_db, bool *ret_created)
    __attribute__((warn_unused_result));
void db_close(struct db *db);

int db_begin(struct db *db) __attribute__((warn_unused_result)); /* BEGIN IMMEDIATE */
int db_begin_read(struct db *db) __attribute__((warn_unused_result));
/* 0; -EAGAIN: surely not there (full, busy); -EINPROGRESS: nobody can say. */
int db_commit(struct db *db) __attribute__((warn_unused_result));
void db_rollback(struct db *db); /* also where the engine has rolled back by itself */

/* The statement NAME of the table in statements.c, ready for binding. Never NULL; an unknown name is a fault of the
 * program. */
struct query *db_query(struct db *db, const char *name);
void db_bind_int(struct query *query, const char *parameter, int64_t value);
void db_bind_text(struct query *query, const char *parameter,
                  const char *value); /* NULL: null. VALUE must live until the step */
void db_bind_null(struct query *query, const char *parameter);
/* 1: a row; 0: the end (the query is reset); negative errno (reset too): -EAGAIN busy or full, -EINPROGRESS
 * input/output errors of the writer, -ETIME the reader's deadline, -EEXIST a constraint, -EIO other. A bind that failed
 * shows here. */
int db_step(struct query *query) __attribute__((warn_unused_result));
int64_t db_int(const struct query *query, int column);
double db_double(const struct query *query, int column);
const char *db_text(const struct query *query, int column); /* NULL for null */
bool db_is_null(const struct query *query, int column);
int db_columns(const struct query *query);
const char *db_column_name(const struct query *query, int column);
enum db_type { DB_NULL, DB_INTEGER, DB_REAL, DB_TEXT };
enum db_type db_column_type(const struct query *query, int column);
void db_reset(struct query *query);
/* A statement without rows: 0 or negative errno. */
int db_run(struct query *query) __attribute__((warn_unused_result));

/* SQL made at run time: flat views and their reading. Identifiers in it are quoted by db_quote. No value ever goes into
 * it. */
int db_script(struct db *db, const char *sql) __attribute__((warn_unused_result));
int db_prepare(struct db *db, const char *sql, struct query **ret_query) __attribute__((warn_unused_result));
void db_finish(struct query *query); /* of db_prepare only */

/* A number that changes when another connection has written. */
int db_data_version(struct db *db, int64_t *ret_version) __attribute__((warn_unused_result));
/* Bytes of write-ahead log that a checkpoint would move. */
int64_t db_wal_size(const struct db *db);
void db_checkpoint(struct db *db); /* passive; what cannot be moved waits for the next */
/* Statements are broken off (-ETIME) once clock_monotonic() passes DEADLINE; 0: never. */
void db_deadline(struct db *db, int64_t deadline);
/* "ok" or the first faults, as the engine's own check says. */
int db_integrity(struct db *db, char *ret_text, size_t size) __attribute__((warn_unused_result));
/* The engine's last words, for the log. */
const char *db_error(const struct db *db);
