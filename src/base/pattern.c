/* SPDX-License-Identifier: EUPL-1.2 */
/* Regular expressions of an organiser. Callers: event/parse_bounds, signup. Any thread: ICU's objects live for one
 * call. */
#include "base/pattern.h"

#include <errno.h>

#include <unicode/uregex.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

/* What a match may cost, whatever the pattern: about 100 ms, and a megabyte of places to go back to. */
#define STEPS_MAX 100
#define STACK_MAX (1024 * 1024)

/* NULL: *ret_error says why. */
static URegularExpression *open_pattern(const char *pattern, int *ret_position, int *ret_error)
{
    UErrorCode code = U_ZERO_ERROR;
    UParseError at = { .offset = 0 };
    UText *text = utext_openUTF8(NULL, pattern, -1, &code);
    URegularExpression *compiled = U_FAILURE(code) ? NULL : uregex_openUText(text, 0, &at, &code);

    utext_close(text);
    if (U_SUCCESS(code))
        return compiled;
    uregex_close(compiled);
    *ret_error = code == U_MEMORY_ALLOCATION_ERROR ? -ENOMEM : -EINVAL;
    *ret_position = at.offset > 0 ? at.offset : 1;
    return NULL;
}

int pattern_check(const char *pattern, int *ret_position)
{
    int error = 0;
    URegularExpression *compiled = open_pattern(pattern, ret_position, &error);

    uregex_close(compiled);
    return error;
}

int pattern_matches(const char *pattern, const char *text, bool *ret_matches)
{
    UErrorCode code = U_ZERO_ERROR;
    int error = 0, position;
    URegularExpression *compiled = open_pattern(pattern, &position, &error);

    if (!compiled)
        return error;
    UText *typed = utext_openUTF8(NULL, text, -1, &code);
    uregex_setTimeLimit(compiled, STEPS_MAX, &code);
    uregex_setStackLimit(compiled, STACK_MAX, &code);
    uregex_setUText(compiled, typed, &code);
    UBool matches = uregex_matches(compiled, 0, &code);
    uregex_close(compiled);
    utext_close(typed);
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return -ENOMEM;
    *ret_matches = U_SUCCESS(code) && matches;
    return 0;
}
