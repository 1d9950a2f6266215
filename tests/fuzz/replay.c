/* SPDX-License-Identifier: EUPL-1.2 */
/* Feeds a fuzz target its saved inputs: corpus/NAME of a program fuzz_NAME, or the files that are named. Part of
 * `make check`, with any compiler. A build for libFuzzer (-DFUZZ_MAIN_ELSEWHERE) has its own main. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

const char *__lsan_default_suppressions(void)
{
    return "leak:libconfig.so";
}

#ifndef FUZZ_MAIN_ELSEWHERE

#define INPUT_MAX (1024 * 1024)

static int replay(const char *path)
{
    FILE *file = fopen(path, "re");
    char *data = malloc(INPUT_MAX);
    if (!file || !data) {
        (void)fprintf(stderr, "%s cannot be read\n", path);
        exit(1);
    }
    size_t size = fread(data, 1, INPUT_MAX, file);
    (void)fclose(file);
    /* Exactly as large as the input, so that a read beyond it is seen. */
    uint8_t *input = malloc(size > 0 ? size : 1);
    FUZZ_PROMISE(input);
    memcpy(input, data, size);
    free(data);
    (void)fprintf(stderr, "replay: %s (%zu)\n", path, size);
    (void)LLVMFuzzerTestOneInput(input, size);
    free(input);
    return 1;
}

int main(int argc, char **argv)
{
    const char *root = getenv("srcdir"), *name = strstr(program_invocation_short_name, "fuzz_");
    char folder[4096];
    int count = 0;

    for (int i = 1; i < argc; i++)
        count += replay(argv[i]);
    if (argc > 1)
        return 0;
    FUZZ_PROMISE(name);
    (void)snprintf(folder, sizeof folder, "%s/tests/fuzz/corpus/%s", root ? root : ".", name + strlen("fuzz_"));
    struct dirent **entries;
    int entry_count = scandir(folder, &entries, NULL, alphasort);
    for (int i = 0; i < entry_count; i++) {
        char path[4096 + 256 + 2];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (stat(path, &status) == 0 && S_ISREG(status.st_mode))
            count += replay(path);
        free(entries[i]);
    }
    if (entry_count >= 0)
        free(entries);
    if (count == 0) {
        (void)fprintf(stderr, "%s: no saved input\n", folder);
        return 1;
    }
    (void)printf("%d inputs\n", count);
    return 0;
}

#endif
