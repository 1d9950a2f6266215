/* SPDX-License-Identifier: EUPL-1.2 */
/* Consents as they are kept. Called by who fills in a sign-up or a change, on any thread, and by sign_up and edit in
 * their apply. */
#include "change/sign_up_consent.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/sign_up.h"
#include "event/definition.h"
#include "signup/rules.h"
#include "store/db.h"

/* What stands beneath the label; NULL: nothing. */
static const char *words_beneath(const struct event_definition *definition, const struct event_field *field,
                                 const char *language, const char *need_words)
{
    if (field->type == FIELD_SPECIAL_NEED)
        return field->has_consent ? event_text_in(definition, &field->consent, language, NULL) : need_words;
    return field->has_help ? event_text_in(definition, &field->help, language, NULL) : NULL;
}

int sign_up_consent_take(struct arena *arena, const struct event_definition *definition, const char *language,
                         const char *need_words, const struct rules_consent *given,
                         struct sign_up_consent *ret_consent)
{
    const struct event_field *field = given->field;
    const char *shown_in = language;
    const char *label = event_text_in(definition, &field->label, language, &shown_in);
    const char *beneath = words_beneath(definition, field, language, need_words);
    const char *text = beneath ? arena_format(arena, "%s\n%s", label, beneath) : arena_copy(arena, label);
    const char *tagged = text ? arena_format(arena, "%s\n%s", shown_in, text) : NULL;
    const char *purpose = arena_copy(arena, field->purpose);
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

static int write_text(struct db *db, const struct sign_up_consent *consent)
{
    struct query *query = db_query(db, "text_insert");
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    db_bind_text(query, ":body", consent->text);
    return db_run(query);
}

int sign_up_consent_insert(struct db *db, int64_t registration_id, const struct sign_up_consent *consent, int64_t at)
{
    int r = write_text(db, consent);
    if (r < 0)
        return r;
    struct query *query = db_query(db, "consent_insert");
    db_bind_int(query, ":registration", registration_id);
    db_bind_text(query, ":purpose", consent->purpose);
    db_bind_int(query, ":n", 1);
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    if (consent->given) {
        db_bind_int(query, ":given", at);
        db_bind_null(query, ":refused");
    } else {
        db_bind_null(query, ":given");
        db_bind_int(query, ":refused", at);
    }
    db_bind_text(query, ":how", "form");
    return db_run(query);
}

int sign_up_consent_renew(struct db *db, int64_t registration_id, const struct sign_up_consent *consent, int64_t at)
{
    struct query *query;
    if (!consent->given) {
        query = db_query(db, "consent_withdraw");
        db_bind_int(query, ":registration", registration_id);
        db_bind_text(query, ":purpose", consent->purpose);
        db_bind_int(query, ":at", at);
        return db_run(query);
    }
    int r = write_text(db, consent);
    if (r < 0)
        return r;
    query = db_query(db, "consent_renew");
    db_bind_int(query, ":registration", registration_id);
    db_bind_text(query, ":purpose", consent->purpose);
    db_bind_text(query, ":hash", consent->text_hash);
    db_bind_text(query, ":language", consent->language);
    db_bind_int(query, ":at", at);
    return db_run(query);
}
