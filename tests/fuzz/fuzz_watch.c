/* SPDX-License-Identifier: EUPL-1.2 */
/* The byte watch on a connection: what it says must not depend on how the bytes were cut on their way. The first byte
 * of the input is the size of the pieces, the rest is what a client sends. */
#include "fuzz.h"

#include "http/watch.h"

static const struct watch_limits limits = { .head = 1024, .body = 256 };

/* Feeds one request in pieces of PIECE bytes until the watch has said all. The bytes that were good come back. */
static size_t feed(struct watch *watch, const char *data, size_t size, size_t piece, enum watch_result *ret_result)
{
    size_t at = 0;
    *ret_result = WATCH_MORE;
    watch_begin(watch);
    while (at < size) {
        size_t length = piece < size - at ? piece : size - at, taken = SIZE_MAX;
        char *part = malloc(length);
        FUZZ_PROMISE(part);
        memcpy(part, data + at, length);
        enum watch_result result = watch_feed(watch, &limits, part, length, &taken);
        free(part);
        FUZZ_PROMISE(taken <= length);
        at += taken;
        if (result == WATCH_MORE && taken < length) /* a plain body: nothing need be shown */
            return at;
        if (result != WATCH_MORE)
            *ret_result = result;
        if (result == WATCH_BAD || result == WATCH_BODY || (result == WATCH_HEAD && !watch->chunked))
            return at;
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct watch whole, pieces;
    enum watch_result whole_result, pieces_result;
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t piece = (size_t)data[0] % 32 + 1, length = size - 1;
    size_t at = feed(&whole, text, length, SIZE_MAX, &whole_result);
    FUZZ_PROMISE(feed(&pieces, text, length, piece, &pieces_result) == at);
    FUZZ_PROMISE(whole_result == pieces_result && whole.status == pieces.status && whole.chunked == pieces.chunked);
    FUZZ_PROMISE(whole.target_at == pieces.target_at && whole.target_size == pieces.target_size);
    FUZZ_PROMISE(whole.language_at == pieces.language_at && whole.language_size == pieces.language_size);
    if (whole_result == WATCH_BAD)
        FUZZ_PROMISE(whole.status >= 400 && whole.status < 600);
    else
        FUZZ_PROMISE(whole_result == WATCH_MORE || whole.status == 0);
    FUZZ_PROMISE(whole.target_size == 0 || text[whole.target_at] == '/');
    FUZZ_PROMISE(whole.target_at + whole.target_size <= length && whole.language_at + whole.language_size <= length);
    FUZZ_PROMISE(whole_result != WATCH_HEAD || memcmp(text + at - 4, "\r\n\r\n", 4) == 0 || whole.chunked);
    /* However a chunked body breaks off, its end is known. */
    if (whole_result == WATCH_BAD && whole.chunked && at > 0) {
        size_t line = SIZE_MAX;
        const char *end = watch_end_of_body(&whole, &line);
        FUZZ_PROMISE(end && line != SIZE_MAX);
    }
    return 0;
}
