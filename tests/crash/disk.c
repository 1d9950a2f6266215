/* SPDX-License-Identifier: EUPL-1.2 */
/* The disk that dies. All steps are taken under one lock, so that the one that dies sees the others whole. */
#include "disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SECTOR 512

/* One write or truncation that no sync has made durable yet. */
struct step {
    struct step *older, *newer;
    const char *path;
    int64_t offset, size, old_file_size;
    char *new_data; /* NULL: a truncation to OFFSET */
    char *old_data; /* what stood there; of a truncation, all that was cut off */
    int64_t old_size;
};

struct file {
    sqlite3_file base; /* first */
    const char *path;  /* NULL: a file that nobody misses */
    sqlite3_file *real;
};

static struct {
    sqlite3_vfs vfs, *real;
    pthread_mutex_t lock;
    long at, count;
    bool power;
    uint64_t dice;
    atomic_long *steps;
    struct step *oldest, *newest;
} disk = { .lock = PTHREAD_MUTEX_INITIALIZER };

uint64_t dice_next(uint64_t *dice)
{
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    return *dice;
}

unsigned dice_roll(uint64_t *dice, unsigned sides)
{
    return (unsigned)(dice_next(dice) >> 33) % sides;
}

static void give_up(void)
{
    static const char text[] = "crash: the disk cannot play its part\n";
    ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)n;
    _exit(99);
}

static void *memory(size_t size)
{
    void *data = malloc(size ? size : 1);
    if (!data)
        give_up();
    return data;
}

/* ---- the power cut ---- */

static void put(int fd, const char *data, int64_t size, int64_t offset)
{
    if (size > 0 && pwrite(fd, data, (size_t)size, offset) != size)
        give_up();
}

static void undo(int fd, const struct step *step)
{
    put(fd, step->old_data, step->old_size, step->offset);
    if (ftruncate(fd, step->old_file_size) < 0)
        give_up();
}

/* Whole, not at all, or some sectors of it. */
static void redo(int fd, const struct step *step)
{
    unsigned luck = dice_roll(&disk.dice, 6);
    if (luck < 2)
        return;
    if (!step->new_data) {
        if (ftruncate(fd, step->offset) < 0)
            give_up();
        return;
    }
    for (int64_t done = 0; done < step->size;) {
        int64_t part = SECTOR - (step->offset + done) % SECTOR;
        part = part > step->size - done ? step->size - done : part;
        if (luck > 2 || dice_roll(&disk.dice, 2))
            put(fd, step->new_data + done, part, step->offset + done);
        done += part;
    }
}

static void replay(void (*act)(int fd, const struct step *step), struct step *first, bool to_newer)
{
    for (struct step *step = first; step; step = to_newer ? step->newer : step->older) {
        int fd = open(step->path, O_RDWR | O_CLOEXEC);
        if (fd < 0)
            give_up();
        act(fd, step);
        (void)close(fd);
    }
}

/* Under the lock, which is never given back. */
static void die(void)
{
    if (disk.power) {
        replay(undo, disk.newest, false);
        replay(redo, disk.oldest, true);
    }
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

/* Under the lock. */
static void count(void)
{
    if (!disk.steps)
        return;
    atomic_fetch_add(disk.steps, 1);
    if (++disk.count == disk.at)
        die();
}

static void remember(const struct file *file, const void *data, int64_t size, int64_t offset)
{
    struct stat stat;
    int fd;
    if (!disk.steps || !disk.power || !file->path || (fd = open(file->path, O_RDONLY | O_CLOEXEC)) < 0)
        return;
    if (fstat(fd, &stat) < 0)
        give_up();
    struct step *step = memory(sizeof(*step));
    *step = (struct step){ .older = disk.newest, .path = file->path, .offset = offset, .size = size,
                           .old_file_size = stat.st_size };
    int64_t there = stat.st_size > offset ? stat.st_size - offset : 0;
    step->old_size = data && there > size ? size : there;
    step->old_data = memory((size_t)step->old_size);
    if (pread(fd, step->old_data, (size_t)step->old_size, offset) != step->old_size)
        give_up();
    (void)close(fd);
    if (data) {
        step->new_data = memory((size_t)size);
        memcpy(step->new_data, data, (size_t)size);
    }
    if (disk.newest)
        disk.newest->newer = step;
    else
        disk.oldest = step;
    disk.newest = step;
}

static void forget(const char *path)
{
    for (struct step *step = disk.oldest, *next; step; step = next) {
        next = step->newer;
        if (!path || strcmp(step->path, path) != 0)
            continue;
        *(step->older ? &step->older->newer : &disk.oldest) = step->newer;
        *(step->newer ? &step->newer->older : &disk.newest) = step->older;
        free(step->old_data);
        free(step->new_data);
        free(step);
    }
}

/* ---- what SQLite calls ---- */

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct file *)file)->real;
}

static int file_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    pthread_mutex_lock(&disk.lock);
    remember((struct file *)file, data, size, offset);
    count();
    int code = real_of(file)->pMethods->xWrite(real_of(file), data, size, offset);
    pthread_mutex_unlock(&disk.lock);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    pthread_mutex_lock(&disk.lock);
    remember((struct file *)file, NULL, 0, size);
    count();
    int code = real_of(file)->pMethods->xTruncate(real_of(file), size);
    pthread_mutex_unlock(&disk.lock);
    return code;
}

static int file_sync(sqlite3_file *file, int flags)
{
    pthread_mutex_lock(&disk.lock);
    count();
    int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    if (code == SQLITE_OK)
        forget(((struct file *)file)->path);
    pthread_mutex_unlock(&disk.lock);
    return code;
}

static int file_close(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}
static int file_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), data, size, offset);
}
static int file_size(sqlite3_file *file, sqlite3_int64 *ret_size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), ret_size);
}
static int file_lock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}
static int file_unlock(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}
static int file_reserved(sqlite3_file *file, int *ret_reserved)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret_reserved);
}
static int file_control(sqlite3_file *file, int what, void *value)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), what, value);
}
static int file_sector(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}
static int file_character(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}
static int file_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret_map)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret_map);
}
static int file_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}
static void file_shm_barrier(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}
static int file_shm_unmap(sqlite3_file *file, int remove)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2, /* without xFetch: everything comes through here */
    .xClose = file_close, .xRead = file_read, .xWrite = file_write, .xTruncate = file_truncate, .xSync = file_sync,
    .xFileSize = file_size, .xLock = file_lock, .xUnlock = file_unlock, .xCheckReservedLock = file_reserved,
    .xFileControl = file_control, .xSectorSize = file_sector, .xDeviceCharacteristics = file_character,
    .xShmMap = file_shm_map, .xShmLock = file_shm_lock, .xShmBarrier = file_shm_barrier, .xShmUnmap = file_shm_unmap,
};

static int vfs_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct file *file = (struct file *)base;
    (void)vfs;
    file->base.pMethods = NULL;
    file->real = (sqlite3_file *)(file + 1);
    file->path = name ? strdup(name) : NULL; /* a step may outlive the file; the process is short */
    int code = disk.real->xOpen(disk.real, name, file->real, flags, ret_flags);
    if (file->real->pMethods)
        file->base.pMethods = &methods;
    return code;
}

int disk_setup(void)
{
    disk.real = sqlite3_vfs_find(NULL);
    if (!disk.real)
        return -ENODEV;
    disk.vfs = *disk.real;
    disk.vfs.zName = "crash";
    disk.vfs.szOsFile = (int)sizeof(struct file) + disk.real->szOsFile;
    disk.vfs.pNext = NULL;
    disk.vfs.xOpen = vfs_open;
    return sqlite3_vfs_register(&disk.vfs, 1) == SQLITE_OK ? 0 : -ENODEV;
}

void disk_arm(long at, bool power, uint64_t seed, atomic_long *steps)
{
    pthread_mutex_lock(&disk.lock);
    disk.at = at;
    disk.count = 0;
    disk.power = power;
    disk.dice = seed ? seed : 1;
    disk.steps = steps;
    pthread_mutex_unlock(&disk.lock);
}

/* libcurl's own calls come here: a shared library looks in the program first. */
ssize_t send(int fd, const void *data, size_t size, int flags)
{
    pthread_mutex_lock(&disk.lock);
    count();
    pthread_mutex_unlock(&disk.lock);
    return syscall(SYS_sendto, fd, data, size, flags, NULL, 0);
}
