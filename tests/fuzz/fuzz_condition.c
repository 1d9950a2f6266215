/* SPDX-License-Identifier: EUPL-1.2 */
/* A condition in the first line, and the value that every name has in the second: it is refused with words that can be
 * shown, or it is answered, and answered the other way round with `not` before it. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/text.h"
#include "event/condition.h"

static const char *value_of(void *arg, const char *name, size_t n)
{
    FUZZ_PROMISE(name && name[0]);
    return n == 0 ? arg : NULL;
}

static int count_each(void *arg, const char *name, const char *value)
{
    FUZZ_PROMISE(name && name[0] && (!value || value[0]));
    ++*(size_t *)arg;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new();
    const struct condition *condition = NULL, *other = NULL;
    const char *fault = NULL, *unused = NULL;
    size_t count = 0;
    FUZZ_PROMISE(arena);
    char *text = fuzz_line(&data, &size), *value = fuzz_line(&data, &size);

    int r = condition_parse(arena, text, &condition, &fault);
    FUZZ_PROMISE(r == (fault ? -EINVAL : 0) && (r == 0) == (condition != NULL));
    if (r == 0) {
        const struct condition_values values = { value_of, value }, none = { value_of, NULL };
        FUZZ_PROMISE(condition_each(condition, count_each, &count) == 0 && count > 0);
        bool holds = condition_holds(condition, &values);
        (void)condition_holds(condition, &none);
        char *turned = arena_format(arena, "not (%s)", text);
        FUZZ_PROMISE(turned);
        if (condition_parse(arena, turned, &other, &unused) == 0) /* else it has become too long or too deep */
            FUZZ_PROMISE(condition_holds(other, &values) != holds);
    } else {
        FUZZ_PROMISE(!text_is_utf8(text, strlen(text)) || text_is_utf8(fault, strlen(fault)));
    }
    arena_free(arena);
    free(value);
    free(text);
    return 0;
}
