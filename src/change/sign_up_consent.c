/* SPDX-License-Identifier: EUPL-1.2 */
/* Consents as they are kept. Called by who fills in a sign-up. Any thread. */
#include "change/sign_up_consent.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/sign_up.h"
#include "event/definition.h"
#include "signup/rules.h"

int sign_up_consent_take(struct arena *arena, const struct event_definition *definition, const char *language,
                         const struct rules_consent *given, struct sign_up_consent *ret_consent)
{
    const struct event_field *field = given->field;
    const char *shown_in = language;
    const char *label = event_text_in(definition, &field->label, language, &shown_in);
    const char *help = field->has_help ? event_text_in(definition, &field->help, language, NULL) : NULL;
    const char *text = help ? arena_format(arena, "%s\n%s", label, help) : arena_copy(arena, label);
    const char *tagged = text ? arena_format(arena, "%s\n%s", shown_in, text) : NULL;
    const char *purpose = arena_copy(arena, field->purpose ? field->purpose : field->id);
    const char *kept_in = arena_copy(arena, shown_in);
    unsigned char hash[32];
    char *hex = arena_take(arena, 2 * sizeof(hash) + 1);

    if (!tagged || !hex || !purpose || !kept_in)
        return -ENOMEM;
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)tagged, strlen(tagged), NULL, 0);
    (void)sodium_bin2hex(hex, 2 * sizeof(hash) + 1, hash, sizeof(hash));
    *ret_consent = (struct sign_up_consent){
        .purpose = purpose, .text_hash = hex, .text = text, .language = kept_in, .given = given->given
    };
    return 0;
}
