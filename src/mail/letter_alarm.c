/* SPDX-License-Identifier: EUPL-1.2 */
/* The model of an alarm. It names no mail and no person: convenectl shows them to who may see them. Caller: kind; the
 * sender's thread. */
#include "mail/letter_alarm.h"

#include <string.h>

#include "base/arena.h"
#include "change/mail_lease.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "mail/letter.h"
#include "mail/letter_model.h"
#include "mail/making.h"
#include "view/catalogue.h"
#include "view/edition.h"
#include "view/words.h"

/* The wording of each sort. */
static const struct sort {
    const char *name, *subject, *heading;
    const char *look; /* the command that shows what it is about */
    bool retry;       /* mails are lost that can be sent again */
} sorts[] = {
    { "age", "alarm.age.subject", "alarm.age.heading", "convenectl mail list --state queued", false },
    { "failures", "alarm.failures.subject", "alarm.failures.heading", "convenectl mail list --state failed", true },
    { "policy", "alarm.policy.subject", "alarm.policy.heading", "convenectl mail list --state failed", true },
};

static const struct sort *sort_of(const struct letter *letter)
{
    const char *name = json_string_value(json_object_get(letter->data, "sort"));
    for (size_t i = 0; name && i < sizeof(sorts) / sizeof(sorts[0]); i++)
        if (strcmp(sorts[i].name, name) == 0)
            return &sorts[i];
    return NULL;
}

bool letter_alarm_owed(const struct letter *letter, int64_t now)
{
    (void)now;
    return sort_of(letter);
}

static const char *number(const struct letter *letter, const char *key)
{
    int64_t value = json_integer_value(json_object_get(letter->data, key));
    return words_number(letter->desk->words, letter->arena, letter->language, value);
}

static const char *lead(const struct letter *letter, const struct sort *sort)
{
    const char *failed, *of;
    if (strcmp(sort->name, "age") == 0)
        return catalogue_count(letter->catalogue, letter->arena, "alarm.age.text",
                               json_integer_value(json_object_get(letter->data, "minutes")), NULL);
    if (strcmp(sort->name, "policy") == 0)
        return catalogue_text(letter->catalogue, "alarm.policy.text");
    failed = number(letter, "failed");
    of = number(letter, "of");
    return failed && of ? catalogue_format(letter->catalogue, letter->arena, "alarm.failures.text", "failed", failed,
                                           "of", of, NULL)
                        : NULL;
}

static json_t *make_facts(struct making *making, const struct sort *sort)
{
    const struct letter *letter = making->letter;
    const json_t *since = json_object_get(letter->data, "since");
    const char *answer = json_string_value(json_object_get(letter->data, "answer"));
    json_t *rows = json_array();

    if (json_is_integer(since)) {
        const char *when = words_date(letter->desk->words, letter->arena, letter->language, "UTC",
                                      json_integer_value(since), WORDS_SHORT_DATE_TIME_WEEKDAY);
        making_add_strong(making, making_add_row(making, rows, making_word(making, "alarm.since")),
                          when ? arena_format(letter->arena, "%s UTC", when) : NULL);
    }
    if (answer && *answer)
        making_add_strong(making, making_add_row(making, rows, making_word(making, "undeliverable.answer")), answer);
    json_t *look = making_add_row(making, rows, making_word(making, "alarm.look"));
    making_add_strong(making, look, sort->look);
    making_add_strong(making, look, "convenectl mail list --state deferred"); /* what is kept, and tried again */
    if (sort->retry)
        making_add_strong(making, making_add_row(making, rows, making_word(making, "alarm.retry")),
                          "convenectl mail retry --failed");
    making_add_strong(making, making_add_row(making, rows, making_word(making, "alarm.manual")), "man 8 convened");
    making_align(making, rows);
    return rows;
}

json_t *letter_alarm_make(const struct letter *letter, const struct letter_words *words)
{
    struct making making = { .letter = letter };
    const struct sort *sort = sort_of(letter);
    const struct settings_host *host = letter_host(letter->edition, letter->mail, NULL);
    const char *site = letter->edition->settings->http.base_url, *text = lead(letter, sort);
    json_t *model = json_object(), *title = json_object(), *paragraphs = json_array();

    (void)words; /* those of its sort */
    making_set_text(&making, model, "lang", letter->language);
    making_set_text(&making, model, "organiser", host->name);
    making_set_text(&making, model, "subject",
                    catalogue_format(letter->catalogue, letter->arena, sort->subject, "site", site, NULL));
    making_set_text(&making, model, "preheader", text);
    making_set_text(&making, title, "text", site);
    making_set_text(&making, title, "lang", "");
    making_set(&making, model, "title", title);
    making_set_text(&making, model, "heading", making_word(&making, sort->heading));
    making_set_text(&making, model, "greeting", making_word(&making, "alarm.greeting"));
    making_append(&making, paragraphs, text ? json_string(text) : NULL);
    making_set(&making, model, "paragraphs", paragraphs);
    making_set(&making, model, "facts", make_facts(&making, sort));
    making_set_text(&making, model, "why", making_word(&making, "alarm.why"));
    return making_finish(&making, model);
}
