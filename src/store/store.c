/* SPDX-License-Identifier: EUPL-1.2 */
/* The store: one writer, some readers, the board, the lock file. The front that the other rooms call; the threads are
 * in writer.c and reader.c, the transaction in batch.c, the engine in sqlite.c. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "store/board.h"
#include "store/db.h"
#include "store/reader.h"
#include "store/writer.h"

struct store {
    int lock_fd;
    struct db *db; /* the writer's */
    struct board *board;
    struct writer *writer;
    struct readers *readers; /* NULL: attached */
};

/* One daemon has the store: so all leases of a former run are void when it starts. */
static int take_lock(const char *path, int *ret_fd)
{
    char *name;
    if (asprintf(&name, "%s.lock", path) < 0)
        return -ENOMEM;
    int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    int r = fd < 0 ? -errno : 0;
    free(name);
    if (r == 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
        r = errno == EWOULDBLOCK ? -EBUSY : -errno;
        (void)close(fd);
    }
    if (r == 0)
        *ret_fd = fd;
    return r;
}

static int void_leases(struct db *db)
{
    int r = db_begin(db);
    if (r == 0)
        r = db_run(db_query(db, "leases_void"));
    if (r == 0)
        return db_commit(db);
    db_rollback(db);
    return r;
}

static int open_parts(struct store *store, const struct store_options *from, enum db_access access, bool *ret_created)
{
    int r = db_open(from->path, access, &store->db, ret_created);
    if (r == 0)
        r = board_new(&store->board);
    if (r == 0) {
        const struct writer_options options = {
            .db = store->db, .board = store->board, .clock = from->clock, .queue = from->queue,
            .metrics = from->metrics
        };
        r = writer_new(&options, &store->writer);
    }
    return r;
}

int store_open(const struct store_options *options, struct store **ret_store, bool *ret_created)
{
    bool created = false;
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return -ENOMEM;
    store->lock_fd = -1;
    int r = take_lock(options->path, &store->lock_fd);
    if (r == 0)
        r = open_parts(store, options, DB_DAEMON, &created);
    if (r == 0)
        r = void_leases(store->db);
    if (r == 0)
        r = readers_new(options->path, options->readers, options->queue, &store->readers);
    if (r < 0) {
        store_close(store);
        return r;
    }
    *ret_store = store;
    *ret_created = created;
    return 0;
}

int store_attach(const char *path, struct clock *clock, struct store **ret_store)
{
    struct store *store = calloc(1, sizeof(*store));
    if (!store)
        return -ENOMEM;
    store->lock_fd = -1;
    int r = open_parts(store, &(struct store_options){ .path = path, .clock = clock }, DB_WRITE, NULL);
    if (r < 0) {
        store_close(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

struct db *store_db(struct store *store)
{
    return store->db;
}

int store_run(struct store *store, struct store_job *job)
{
    return writer_run(store->writer, job);
}

int store_start(struct store *store)
{
    int r = writer_reload(store->writer);
    if (r == 0)
        r = writer_start(store->writer);
    if (r == 0)
        r = readers_start(store->readers);
    return r;
}

int store_submit(struct store *store, struct store_job *job)
{
    return writer_submit(store->writer, job);
}

int store_read(struct store *store, struct read_job *job)
{
    return readers_submit(store->readers, job);
}

int store_wake_fd(const struct store *store)
{
    return writer_wake_fd(store->writer);
}

void store_wake_clear(struct store *store)
{
    writer_wake_clear(store->writer);
}

int64_t store_next_due(const struct store *store, unsigned priority)
{
    return writer_next_due(store->writer, priority);
}

int64_t store_oldest_due(const struct store *store)
{
    return writer_oldest_due(store->writer);
}

int64_t store_events_off(const struct store *store)
{
    return writer_events_off(store->writer);
}

int64_t store_next_expiry(const struct store *store)
{
    return writer_next_expiry(store->writer);
}

int64_t store_next_plan(const struct store *store)
{
    return writer_next_plan(store->writer);
}

bool store_broken(const struct store *store)
{
    return writer_broken(store->writer);
}

const struct board *store_board(const struct store *store)
{
    return store->board;
}

int store_ready(const struct store *store)
{
    return writer_ready(store->writer);
}

void store_stop(struct store *store)
{
    writer_stop(store->writer);
    readers_stop(store->readers);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    readers_free(store->readers);
    writer_free(store->writer);
    board_free(store->board);
    db_close(store->db);
    if (store->lock_fd >= 0)
        (void)close(store->lock_fd); /* the lock goes with it */
    free(store);
}
