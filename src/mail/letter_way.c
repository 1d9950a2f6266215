/* SPDX-License-Identifier: EUPL-1.2 */
/* Links of reminders, join links, thanks and news. A link that stops mails can do nothing else: mail providers see it
 * in a header and may follow it. Callers: letter, letter_model; the sender's thread. */
#include "mail/letter_way.h"

#include <string.h>

#include "base/arena.h"
#include "base/token.h"
#include "change/mail_kind.h"
#include "change/mail_lease.h"
#include "config/settings.h"
#include "event/definition.h"
#include "mail/kind.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "report/record.h"
#include "view/edition.h"

static void put_button(struct making *making, json_t *model, const char *key, const char *url, const char *label)
{
    json_t *way = json_object(), *button = json_object();
    making_set_text(making, button, "url", url);
    making_set_text(making, button, "label", making_word(making, label));
    making_set(making, way, "button", button);
    making_set(making, model, key, way);
}

/* Paragraphs are parted by empty lines. */
static void put_said(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;
    const char *language, *text = event_text_in(definition, &definition->thanks.text, letter->language, &language);
    json_t *said = json_array();

    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t size = end ? (size_t)(end - text) : strlen(text);
        json_t *paragraph = json_object();
        making_set_text(making, paragraph, "text", arena_copy_n(letter->arena, text, size));
        making_set_text(making, paragraph, "lang", strcmp(language, letter->language) == 0 ? "" : language);
        making_append(making, said, paragraph);
        text += size;
        text += strspn(text, "\n");
    }
    making_set(making, model, "said", said);
}

static void put_thanks(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const struct event_definition *definition = letter->definition;

    if (definition->thanks.has_text)
        put_said(making, model);
    if (definition->thanks.has_survey)
        put_button(making, model, "survey",
                   event_text_in(definition, &definition->thanks.survey, letter->language, NULL),
                   "mail.thanks.button");
}

/* In whatever state: somebody whose registration has ended has a right to the data too. */
static void put_data(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    char token[TOKEN_SIZE];
    token_make(letter->desk->keyring, TOKEN_MANAGE, letter->record->id, letter->record->link_version, token);
    put_button(making, model, "data",
               arena_format(letter->arena, "%s/r/%s", letter->edition->settings->http.base_url, token),
               "mail.data_ready.button");
}

static bool is_stoppable(const struct letter *letter)
{
    const struct mail_kind *kind = mail_kind_find(letter->kind->name);
    if (!kind || !kind->stoppable || letter->reader != READER_PERSON)
        return false;
    return strcmp(kind->name, "bulk") != 0 || json_is_true(json_object_get(letter->data, "news"));
}

const char *letter_way_stop(const struct letter *letter, bool *ret_failed)
{
    char token[TOKEN_SIZE];
    if (!is_stoppable(letter))
        return NULL;
    token_make(letter->desk->keyring, TOKEN_STOP, letter->record->id, letter->record->link_version, token);
    const char *url = arena_format(letter->arena, "%s/u/%s", letter->edition->settings->http.base_url, token);
    if (!url)
        *ret_failed = true;
    return url;
}

void letter_way_put(struct making *making, json_t *model)
{
    const struct letter *letter = making->letter;
    const char *name = letter->kind->name, *stop = letter_way_stop(letter, &making->failed);

    if (strcmp(name, "join") == 0 && letter->definition->join_url) /* else only a preview */
        put_button(making, model, "joining", letter->definition->join_url, "mail.join_mail.button");
    else if (strcmp(name, "thanks") == 0)
        put_thanks(making, model);
    else if (strcmp(name, "data_ready") == 0)
        put_data(making, model);
    if (stop)
        making_set_text(making, model, "stop", stop);
}
