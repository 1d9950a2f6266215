/* SPDX-License-Identifier: EUPL-1.2 */
/* Copies what the rules understood into a job. Called by page_sign_up and page_change. A worker's thread. */
#include "page/page_said.h"

#include <errno.h>

#include "base/arena.h"
#include "change/private.h"
#include "change/sign_up.h"
#include "change/sign_up_consent.h"
#include "event/book.h"
#include "page/page.h"
#include "signup/address.h"
#include "signup/ask.h"
#include "signup/rules.h"

const char *page_said_text(struct arena *arena, const char *text, bool *failed)
{
    const char *new = arena_copy(arena, text);

    if (text && !new)
        *failed = true;
    return new;
}

const char *page_said_mailbox(struct arena *arena, const char *email, bool *failed)
{
    char *key = arena_take(arena, ADDRESS_KEY_SIZE);

    if (!key || address_key(arena, email, key) < 0)
        *failed = true;
    return key;
}

int page_said_ask(struct page *page, struct arena *arena, const struct event_entry *entry,
                  const struct ask_invitation *invitation, const struct rules_result *rules, struct ask *ret_ask)
{
    struct ask ask;
    int r = ask_make(page->arena, entry, rules, invitation, &ask);

    return r < 0 ? r : ask_copy(arena, &ask, ret_ask);
}

int page_said_consents(struct page *page, struct arena *arena, const struct event_definition *definition, size_t count,
                       const struct rules_consent *given, const struct sign_up_consent **ret_consents)
{
    struct sign_up_consent *consents = arena_take(arena, (count + 1) * sizeof *consents);

    if (!consents)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++)
        if (sign_up_consent_take(arena, definition, page->language, page_say(page, "form.need_consent"), &given[i],
                                 &consents[i]) < 0)
            return -ENOMEM;
    *ret_consents = consents;
    return 0;
}

const struct private_answer *page_said_privates(struct arena *arena, size_t count, const struct rules_private *said,
                                                bool *failed)
{
    struct private_answer *privates = arena_take(arena, (count + 1) * sizeof *privates);

    if (!privates)
        *failed = true;
    for (size_t i = 0; privates && i < count; i++)
        privates[i] = (struct private_answer){
            .field = page_said_text(arena, said[i].field->id, failed),
            .value = page_said_text(arena, said[i].value, failed),
            .retention = page_said_text(arena, said[i].retention, failed),
        };
    return privates;
}

int page_said_guest(struct page *page, struct arena *arena, const struct event_entry *entry,
                    const struct ask_invitation *invitation, const struct rules_guest *rules,
                    struct sign_up_guest *ret_guest)
{
    bool failed = false;

    *ret_guest = (struct sign_up_guest){
        .name = page_said_text(arena, rules->name, &failed),
        .email = page_said_text(arena, rules->email, &failed),
        .organisation = page_said_text(arena, rules->organisation, &failed),
        .registry_number = page_said_text(arena, rules->registry_number, &failed),
        .country = page_said_text(arena, rules->country, &failed),
        .stakeholder = page_said_text(arena, rules->stakeholder, &failed),
        .answers = page_said_text(arena, rules->answers, &failed),
        .search = page_said_text(arena, rules->search, &failed),
        .mailbox = rules->email ? page_said_mailbox(arena, rules->email, &failed) : NULL,
        .consent_count = rules->consent_count,
        .private_count = rules->private_count,
        .privates = page_said_privates(arena, rules->private_count, rules->privates, &failed),
    };
    if (failed || page_said_ask(page, arena, entry, invitation, rules->asks, &ret_guest->ask) < 0)
        return -ENOMEM;
    return page_said_consents(page, arena, entry->definition, rules->consent_count, rules->consents,
                              &ret_guest->consents);
}
