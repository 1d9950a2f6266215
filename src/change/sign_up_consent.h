/* SPDX-License-Identifier: EUPL-1.2 */
/* A consent as change_sign_up keeps it: the very words, their language, their hash. Made by page_sign_up and by
 * convenectl. */
#pragma once

struct arena;
struct event_definition;
struct rules_consent;
struct sign_up_consent;

/* What a reader of LANGUAGE agreed to, or not: the label and the help beneath it. Everything in ARENA. -ENOMEM. */
int sign_up_consent_take(struct arena *arena, const struct event_definition *definition, const char *language,
                         const struct rules_consent *given, struct sign_up_consent *ret_consent)
    __attribute__((warn_unused_result));
