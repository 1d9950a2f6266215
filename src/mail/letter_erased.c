/* SPDX-License-Identifier: EUPL-1.2 */
/* The model of the letter `erased`: what is gone, what must be kept and until when, and that nothing follows. It knows
 * no name. Caller: kind; the sender's thread. */
#include "mail/letter_erased.h"

#include <string.h>

#include "base/arena.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "event/zone.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

/* Until when evidence is kept; 0: none is. */
static int64_t kept_until(const struct letter *letter)
{
    return json_integer_value(json_object_get(letter->data, "until"));
}

bool letter_erased_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return letter->mail->recipient[0] != '\0' && json_is_string(json_object_get(letter->data, "title"));
}

static void say(struct making *making, json_t *paragraphs, const char *key)
{
    making_append(making, paragraphs, json_string(making_word(making, key)));
}

/* KEY with the date of AT, in the event's zone while that is known. */
static const char *dated(const struct letter *letter, const char *key, int64_t at)
{
    const char *zone = json_string_value(json_object_get(letter->data, "zone"));
    const char *date = words_date(letter->desk->words, letter->arena, letter->language,
                                  zone && zone_known(zone) ? zone : "UTC", at, WORDS_DATE);
    return date ? catalogue_format(letter->catalogue, letter->arena, key, "date", date, NULL) : NULL;
}

static json_t *make_paragraphs(struct making *making)
{
    const struct letter *letter = making->letter;
    int64_t until = kept_until(letter);
    json_t *paragraphs = json_array();

    if (until == 0) {
        say(making, paragraphs, "mail.erased.lead");
    } else {
        say(making, paragraphs, "mail.erased.lead_kept");
        /* the last second of the day that the definition names */
        const char *kept = dated(letter, "evidence.kept", until - 1);
        making_append(making, paragraphs, kept ? json_string(kept) : NULL);
    }
    say(making, paragraphs, "mail.erased.last");
    return paragraphs;
}

json_t *letter_erased_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    const struct settings_host *host = letter_host(letter->edition, letter->mail, NULL);
    const char *title = json_string_value(json_object_get(letter->data, "title"));
    json_t *model = json_object(), *named = json_object(), *paragraphs = make_paragraphs(&making);

    making_set_text(&making, model, "lang", letter->language);
    making_set_text(&making, model, "organiser", host->name);
    making_set_text(&making, model, "subject",
                    catalogue_format(letter->catalogue, letter->arena, words->subject, "title", title, NULL));
    making_set_text(&making, model, "preheader", json_string_value(json_array_get(paragraphs, 0)));
    making_set_text(&making, named, "text", title);
    const char *language = json_string_value(json_object_get(letter->data, "language"));
    making_set_text(&making, named, "lang",
                    language && strcmp(language, letter->language) != 0 ? language : "");
    making_set(&making, model, "title", named);
    making_set_text(&making, model, "heading", making_word(&making, words->heading));
    making_set_text(&making, model, "greeting", making_word(&making, "mail.new_address.greeting"));
    making_set(&making, model, "paragraphs", paragraphs);
    making_set_text(&making, model, "why", dated(letter, "mail.erased.why", letter->mail->born_at));
    letter_model_foot(&making, model);
    return making_finish(&making, model);
}
