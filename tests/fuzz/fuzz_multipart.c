/* SPDX-License-Identifier: EUPL-1.2 */
/* A multipart/form-data body of somebody else's machine: the first line is the Content-Type, the rest the body. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/form.h"
#include "base/text.h"
#include "http/multipart.h"

#define LIMIT 20

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    FUZZ_PROMISE(arena);
    char *type = fuzz_line(&data, &size);
    const char *boundary = multipart_boundary(arena, type);
    struct form form = { .count = LIMIT + 1 };
    int r = boundary ? multipart_decode(arena, (const char *)data, size, boundary, LIMIT, &form) : -EBADMSG;

    FUZZ_PROMISE(r == 0 || r == -EBADMSG || r == -E2BIG);
    FUZZ_PROMISE(r == 0 ? form.count <= LIMIT : form.count == LIMIT + 1);
    for (size_t i = 0; r == 0 && i < form.count; i++) {
        const struct form_value *value = &form.values[i];
        FUZZ_PROMISE(value->size <= size && value->value[value->size] == '\0');
        FUZZ_PROMISE(value->bad || (strlen(value->value) == value->size && text_is_utf8(value->value, value->size)));
    }
    free(type);
    arena_free(arena);
    return 0;
}
