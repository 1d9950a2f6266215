/* SPDX-License-Identifier: EUPL-1.2 */
/* A catalogue of words: read beside a small English one, then asked for sentences and plurals. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/log.h"
#include "view/catalogue.h"

static const char english[] = "{ \"language\": { \"name\": \"English\" }, \"hello\": \"Dear {{name}}\","
                              "  \"n_one\": \"{{count}} place\", \"n_other\": \"{{count}} places\" }";

static void ask(const struct catalogue *catalogue)
{
    static const int64_t counts[] = { 0, 1, 2, 5, 21, -1, INT64_MAX, INT64_MIN };
    struct arena *arena = arena_new();
    FUZZ_PROMISE(arena && catalogue_own_name(catalogue) && catalogue_text(catalogue, "a.b.c"));
    FUZZ_PROMISE(catalogue_format(catalogue, arena, "hello", "name", "<Anna {{name}}>", NULL));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        FUZZ_PROMISE(catalogue_count(catalogue, arena, "n", counts[i], "name", "Anna", NULL));
    arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const languages[] = { "en", "lt", NULL };
    char folder[64], path[2][96];
    struct catalogues *catalogues = NULL;
    log_setup(LOG_LEVEL_ERROR);
    (void)fuzz_folder(folder);
    for (size_t i = 0; languages[i]; i++)
        (void)snprintf(path[i], sizeof path[i], "%s/%s.json", folder, languages[i]);
    fuzz_write(path[0], english, sizeof english - 1);
    fuzz_write(path[1], data, size);
    int r = catalogues_load(folder, &catalogues);
    FUZZ_PROMISE(r == 0 || r == -EINVAL);
    if (r == 0) {
        FUZZ_PROMISE(catalogues_count(catalogues) == 2);
        ask(catalogues_find(catalogues, "lt"));
        catalogues_free(catalogues);
    }
    (void)unlink(path[0]);
    (void)unlink(path[1]);
    (void)rmdir(folder);
    return 0;
}
