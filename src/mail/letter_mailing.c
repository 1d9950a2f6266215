/* SPDX-License-Identifier: EUPL-1.2 */
/* A mailing's own subject and Markdown in the frame that all letters have. Caller: kind; the sender's thread. */
#include "mail/letter_mailing.h"

#include <string.h>

#include "base/arena.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "mail/subject.h"
#include "report/record.h"
#include "signup/state.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/markdown.h"

#define COLUMNS 72
#define TOP 2 /* the subject is the letter's only h1 */

/* Whoever has left the state that it was written to is not meant any more. */
bool letter_mailing_owed(const struct letter *letter, int64_t now)
{
    const struct subject_mailing *mailing = letter->subject->mailing;
    (void)now;
    return mailing && mailing->states >> letter->record->status & 1 && !mailing->recalled && !mailing->overtaken &&
           !(mailing->news && letter->record->stopped);
}

bool letter_mailing_test_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return letter->subject->mailing && letter->definition;
}

/* Its words in place of the catalogue's. */
static void put_body(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct subject_mailing *mailing = letter->subject->mailing;
    json_t *body = json_object();

    making_set_text(making, body, "html", markdown_html(letter->arena, mailing->text, TOP));
    making_set_text(making, body, "text", markdown_plain(letter->arena, mailing->text, COLUMNS));
    making_set_text(making, body, "lang", strcmp(mailing->language, letter->language) == 0 ? "" : mailing->language);
    making_set(making, model, "body", body);
    making_set_text(making, model, "subject", mailing->subject);
    making_set_text(making, model, "heading", mailing->subject);
    making_set_text(making, model, "preheader", markdown_lead(letter->arena, mailing->text));
}

json_t *letter_mailing_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    json_t *model = letter_model_make(letter, words);
    if (!model)
        return NULL;
    put_body(&making, model);
    return making_finish(&making, model);
}

/* Nobody's registration stands behind it, so nothing of one is in it. */
json_t *letter_mailing_test_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    const struct event_definition *definition = letter->definition;
    json_t *model = json_object();

    making_set_text(&making, model, "lang", letter->language);
    making_set_text(&making, model, "organiser", hosts_of(letter->edition->settings, definition->host)->name);
    making_set(&making, model, "title", making_in_language(&making, definition, &definition->title));
    making_set_text(&making, model, "greeting", making_word(&making, "organiser.greeting"));
    making_set_text(&making, model, "why", making_word(&making, "mail.bulk.test_why"));
    letter_model_foot(&making, model);
    put_body(&making, model);
    making_set_text(&making, model, "subject",
                    catalogue_format(letter->catalogue, letter->arena, words->subject, "subject",
                                     letter->subject->mailing->subject, NULL));
    return making_finish(&making, model);
}
