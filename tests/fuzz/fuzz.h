/* SPDX-License-Identifier: EUPL-1.2 */
/* What the fuzz targets share. Each is one file with LLVMFuzzerTestOneInput: libFuzzer drives it (tests/fuzz/run), and
 * replay.c feeds it the saved inputs of corpus/NAME under `make check`. A broken promise ends the program. */
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_PROMISE(holds)                                                                   \
    do {                                                                                      \
        if (!(holds)) {                                                                       \
            (void)fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #holds); \
            abort();                                                                          \
        }                                                                                     \
    } while (0)

/* A copy of exactly SIZE bytes and a zero, so that a read beyond it is seen. The caller frees it. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    FUZZ_PROMISE(text);
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

/* Cuts the first line off, without its end. The caller frees it. */
static inline char *fuzz_line(const uint8_t **data, size_t *size)
{
    const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
    size_t length = end ? (size_t)(end - *data) : *size;
    char *line = fuzz_text(*data, length);
    length += end != NULL;
    *data += length;
    *size -= length;
    return line;
}

/* A file of the repository, as a text with a zero behind it. */
static inline char *fuzz_source(const char *name, size_t *ret_size)
{
    const char *root = getenv("srcdir");
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", root ? root : ".", name);
    FILE *file = fopen(path, "re");
    if (!file)
        (void)fprintf(stderr, "%s cannot be read: srcdir names the repository\n", path);
    FUZZ_PROMISE(file);
    char *text = calloc(1, 65536);
    FUZZ_PROMISE(text);
    *ret_size = fread(text, 1, 65535, file);
    (void)fclose(file);
    return text;
}

/* A folder of this process for code that reads files; in memory where the system has such. */
static inline const char *fuzz_folder(char path[static 64])
{
    (void)snprintf(path, 64, "%s/convened-fuzz-XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_PROMISE(mkdtemp(path));
    return path;
}

static inline void fuzz_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "we");
    FUZZ_PROMISE(file);
    FUZZ_PROMISE(size == 0 || fwrite(data, 1, size, file) == size);
    FUZZ_PROMISE(fclose(file) == 0);
}

/* libconfig 1.5 loses the string it was in when it meets a syntax fault. */
const char *__lsan_default_suppressions(void);
