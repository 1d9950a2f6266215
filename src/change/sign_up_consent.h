/* SPDX-License-Identifier: EUPL-1.2 */
/* A consent as change_sign_up keeps it: the very words, their language, their hash. Made by page_sign_up and by
 * convenectl. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct db;
struct event_definition;
struct rules_consent;

struct sign_up_consent {
    const char *purpose, *text_hash, *text, *language;
    bool given;
};

/* What a reader of LANGUAGE agreed to, or not: the label and the help beneath it; of a special need the words of its
 * consent, NEED_WORDS if the definition has none of its own. Everything in ARENA. -ENOMEM. */
int sign_up_consent_take(struct arena *arena, const struct event_definition *definition, const char *language,
                         const char *need_words, const struct rules_consent *given,
                         struct sign_up_consent *ret_consent)
    __attribute__((warn_unused_result));

/* The first of its purpose, in the apply of a change at AT. */
int sign_up_consent_insert(struct db *db, int64_t registration_id, const struct sign_up_consent *consent, int64_t at)
    __attribute__((warn_unused_result));

/* A later one: given, unless the same words are agreed to already; else what is agreed to is withdrawn. */
int sign_up_consent_renew(struct db *db, int64_t registration_id, const struct sign_up_consent *consent, int64_t at)
    __attribute__((warn_unused_result));
