/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of registers: two letters of a country, then what was typed. What is good is short, clean, and good again. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/text.h"
#include "signup/registry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    char *text = fuzz_text(data, size), country[3] = "";
    const char *typed = text, *written = NULL, *again = NULL;
    enum registry_verdict verdict, second;
    FUZZ_PROMISE(arena);
    for (size_t i = 0; i < 2 && *typed; i++)
        country[i] = *typed++;

    FUZZ_PROMISE(registry_check(arena, country, typed, &verdict, &written) == 0);
    const char *example = registry_example(country);
    FUZZ_PROMISE((verdict == REGISTRY_UNKNOWN) == (example == NULL));
    switch (verdict) {
    case REGISTRY_GOOD:
        FUZZ_PROMISE(written && *written && strlen(written) <= 300);
        FUZZ_PROMISE(text_is_utf8(typed, strlen(typed)) == false || text_is_utf8(written, strlen(written)));
        FUZZ_PROMISE(registry_check(arena, country, written, &second, &again) == 0);
        FUZZ_PROMISE(second == REGISTRY_GOOD && strcmp(written, again) == 0);
        break;
    case REGISTRY_UNKNOWN: FUZZ_PROMISE(written && strcmp(written, typed) == 0); break;
    default: FUZZ_PROMISE(!written); break;
    }
    arena_free(arena);
    free(text);
    return 0;
}
