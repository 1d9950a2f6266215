/* SPDX-License-Identifier: EUPL-1.2 */
/* A message that came back, as anybody may send it: reports, plain ones, answers of calendars; and the senders by MAC
 * in its addresses. */
#include "fuzz.h"

#include "base/arena.h"
#include "base/token.h"
#include "mail/message.h"
#include "mail/returned.h"
#include "mail/verp.h"

static void check_line(const char *text)
{
    for (const char *c = text; c && *c; c++)
        FUZZ_PROMISE(*c >= ' ' && *c <= '~');
}

static void check_addresses(const struct returned *returned)
{
    char token[TOKEN_SIZE];
    FUZZ_PROMISE(returned->address_count <= RETURNED_ADDRESSES);
    for (size_t i = 0; i < returned->address_count; i++) {
        const char *text = returned->addresses[i];
        check_line(text);
        while (verp_next(&text, token))
            FUZZ_PROMISE(strspn(token, "abcdefghijklmnopqrstuvwxyz234567") == TOKEN_SIZE - 1);
    }
}

static void check_verdict(const struct returned *returned)
{
    struct returned_verdict verdict;
    FUZZ_PROMISE(returned->recipient_count <= RETURNED_RECIPIENTS);
    for (size_t i = 0; i < returned->recipient_count; i++) {
        const struct returned_recipient *recipient = &returned->recipients[i];
        check_line(recipient->original);
        check_line(recipient->final);
        check_line(recipient->status);
        check_line(recipient->diagnostic);
    }
    if (!returned_judge(returned, "anna@clinic.example", &verdict))
        return;
    FUZZ_PROMISE(verdict.verdict < VERDICTS && verdict_name(verdict.verdict));
    FUZZ_PROMISE((*verdict.status == '4' || *verdict.status == '5') && verdict.status[1] == '.');
    check_line(verdict.reply);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool set_up;
    struct returned returned;
    struct arena *arena = arena_new();
    if (!set_up)
        message_setup();
    set_up = true;
    char *text = fuzz_text(data, size);
    FUZZ_PROMISE(arena && returned_read(arena, text, size, &returned) == 0);
    check_addresses(&returned);
    check_verdict(&returned);
    check_line(returned.message_id);
    if (returned.sort == RETURNED_CALENDAR) {
        FUZZ_PROMISE(returned.uid && returned.attendee && returned.answer);
        check_line(returned.uid);
        check_line(returned.attendee);
    }
    arena_free(arena);
    free(text);
    return 0;
}
