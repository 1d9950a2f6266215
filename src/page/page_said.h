/* SPDX-License-Identifier: EUPL-1.2 */
/* What the rules understood of a form, copied into the arena of the job that is to keep it. A worker's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct ask;
struct ask_invitation;
struct event_definition;
struct event_entry;
struct page;
struct private_answer;
struct rules_consent;
struct rules_guest;
struct rules_private;
struct rules_result;
struct sign_up_consent;
struct sign_up_guest;

/* NULL stays NULL; *failed is set without memory and else left alone, here and below. */
const char *page_said_text(struct arena *arena, const char *text, bool *failed);
/* The key under which the mails of one hour are counted. */
const char *page_said_mailbox(struct arena *arena, const char *email, bool *failed);
const struct private_answer *page_said_privates(struct arena *arena, size_t count, const struct rules_private *said,
                                                bool *failed);

/* INVITATION may be NULL. -ENOMEM. */
int page_said_ask(struct page *page, struct arena *arena, const struct event_entry *entry,
                  const struct ask_invitation *invitation, const struct rules_result *rules, struct ask *ret_ask)
    __attribute__((warn_unused_result));
/* In the words of the page's language. -ENOMEM. */
int page_said_consents(struct page *page, struct arena *arena, const struct event_definition *definition, size_t count,
                       const struct rules_consent *given, const struct sign_up_consent **ret_consents)
    __attribute__((warn_unused_result));
/* Somebody who comes along. -ENOMEM. */
int page_said_guest(struct page *page, struct arena *arena, const struct event_entry *entry,
                    const struct ask_invitation *invitation, const struct rules_guest *rules,
                    struct sign_up_guest *ret_guest) __attribute__((warn_unused_result));
