/* SPDX-License-Identifier: EUPL-1.2 */
/* The circuit breaker. Caller: sender, under its lock. Pure. */
#include "mail/breaker.h"

#include <stddef.h>

static struct breaker_suspect *suspect_of(struct breaker *breaker, int64_t mail_id)
{
    for (size_t i = 0; i < BREAKER_SUSPECTS; i++)
        if (breaker->suspects[i].mail_id == mail_id)
            return &breaker->suspects[i];
    return NULL;
}

/* True: this mail has met so many outages, and between any two of them others have reached the server. */
static bool is_its_own_fault(struct breaker *breaker, int64_t mail_id)
{
    struct breaker_suspect *suspect = suspect_of(breaker, mail_id);
    if (!suspect) {
        suspect = &breaker->suspects[breaker->next];
        breaker->next = (breaker->next + 1) % BREAKER_SUSPECTS;
        *suspect = (struct breaker_suspect){ .mail_id = mail_id, .outages = 1 };
    } else if (suspect->reached != breaker->reached)
        suspect->outages++;
    suspect->reached = breaker->reached;
    return suspect->outages >= BREAKER_OUTAGES;
}

enum breaker_news breaker_note(struct breaker *breaker, int64_t mail_id, long code, enum attempt *attempt)
{
    bool was = breaker->open;

    if (*attempt == ATTEMPT_UNREACHABLE) {
        if (is_its_own_fault(breaker, mail_id)) {
            *attempt = ATTEMPT_LATER; /* says nothing about the server */
            return BREAKER_SAME;
        }
        breaker->open = true;
        return was ? BREAKER_SAME : BREAKER_OPENED;
    }
    if (code <= 0) /* not sent at all */
        return BREAKER_SAME;
    breaker->reached++;
    breaker->open = false;
    return was ? BREAKER_CLOSED : BREAKER_SAME;
}
