/* SPDX-License-Identifier: EUPL-1.2 */
/* Mail addresses, and the cleaning of texts: nothing that is let through can break out of an envelope or a header. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/text.h"
#include "signup/address.h"

static void check_address(const char *text)
{
    int r = address_check(text);
    FUZZ_PROMISE(r == 0 || r == -EINVAL || r == -EAFNOSUPPORT);
    if (r < 0)
        return;
    size_t size = strlen(text);
    const char *at = strrchr(text, '@');
    FUZZ_PROMISE(size <= 254 && at && at > text && at - text <= 64);
    FUZZ_PROMISE(text_is_utf8(text, size) && !text_has_control(text, size));
    FUZZ_PROMISE(!strpbrk(text, " \t\r\n<>"));
    for (const char *c = text; c < at; c++)
        FUZZ_PROMISE(*c > ' ' && *c <= '~');
}

static void check_clean(struct arena *arena, const char *text, size_t size, bool many_lines)
{
    char *clean = NULL, *again = NULL;
    int r = text_clean(arena, text, size, many_lines, &clean);
    FUZZ_PROMISE(r == 0 || (r == -EILSEQ && !text_is_utf8(text, size)) || r == -EILSEQ);
    if (r < 0)
        return;
    size_t length = strlen(clean);
    FUZZ_PROMISE(text_is_utf8(clean, length) && !strchr(clean, '\r'));
    FUZZ_PROMISE(many_lines || !text_has_control(clean, length));
    FUZZ_PROMISE(text_length(clean) <= length);
    FUZZ_PROMISE(text_clean(arena, clean, length, many_lines, &again) == 0 && strcmp(clean, again) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct text_folder *folder;
    struct arena *arena = arena_new();
    FUZZ_PROMISE(arena && (folder || text_folder_new(&folder) == 0));
    char *text = fuzz_text(data, size), *folded;
    check_address(text);
    check_clean(arena, text, size, false);
    check_clean(arena, text, size, true);
    if (text_is_utf8(text, strlen(text))) {
        FUZZ_PROMISE(text_casefold(arena, text, &folded) == 0);
        FUZZ_PROMISE(text_fold(folder, arena, text, &folded) == 0);
        FUZZ_PROMISE(text_is_utf8(folded, strlen(folded)));
    }
    arena_free(arena);
    free(text);
    return 0;
}
