/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts answers into words. Called by page_manage and page_review. A worker's thread. */
#include "page/page_answers.h"

#include "base/arena.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "report/privates.h"
#include "report/record.h"
#include "signup/number.h"
#include "signup/region.h"
#include "view/catalogue.h"
#include "view/words.h"

static void add(struct page *page, json_t *list, const char *id, json_t *label, json_t *value)
{
    json_t *line = page_object(page);

    page_put_string(page, line, "id", id);
    page_put(page, line, "label", label);
    page_put(page, line, "value", value);
    page_add(page, list, line);
}

static json_t *own(struct page *page, const char *text)
{
    return page_words(page, text, page->language);
}

static const char *shared_word(struct page *page, const char *id)
{
    const char *key = arena_format(page->arena, "stakeholder.%s", id);
    return key ? page_say(page, key) : NULL;
}

static json_t *option_words(struct page *page, const struct record *record, const struct event_field *field,
                            const char *id)
{
    const struct event_option *option = event_option(field, id);

    if (option && field->shared_options)
        return own(page, shared_word(page, id));
    return option ? page_text(page, record->definition, &option->label) : own(page, id);
}

/* "B; A", or, of a ranking, "1. B; 2. A". */
static json_t *options_words(struct page *page, const struct record *record, const struct event_field *field,
                             const json_t *ids)
{
    const char *all = "";
    json_t *id;
    size_t i;

    json_array_foreach(ids, i, id) {
        const char *text = json_string_value(id), *separator = i > 0 ? "; " : "";
        const struct event_option *option = text ? event_option(field, text) : NULL;
        const char *word = option ? event_text_in(record->definition, &option->label, page->language, NULL) : text;

        if (field->type == FIELD_RANKING)
            all = arena_format(page->arena, "%s%s%zu. %s", all ? all : "", separator, i + 1, word ? word : "");
        else
            all = arena_format(page->arena, "%s%s%s", all ? all : "", separator, word ? word : "");
    }
    return own(page, all);
}

static const char *country_word(struct page *page, const char *code)
{
    return words_country(page->worker->words, page->arena, page->language, code);
}

/* Name, country, number, size and declaration, as far as they are there. */
static json_t *organisation_words(struct page *page, const json_t *organisation)
{
    const char *country = json_string_value(json_object_get(organisation, "country"));
    const char *size = json_string_value(json_object_get(organisation, "size"));
    const char *day = json_string_value(json_object_get(organisation, "sme_on"));
    const char *size_key = size ? arena_format(page->arena, "answers.size_%s", size) : NULL;
    const char *day_words = day ? page_model_day(page, day) : NULL;
    const char *parts[] = {
        json_string_value(json_object_get(organisation, "name")),
        country ? country_word(page, country) : NULL,
        json_string_value(json_object_get(organisation, "number")),
        size_key && catalogue_has(page->catalogue, size_key) ? page_say(page, size_key) : size,
        day_words ? catalogue_format(page->catalogue, page->arena, "answers.sme", "date", day_words, NULL) : NULL,
    };
    const char *all = NULL;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i])
            all = all ? arena_format(page->arena, "%s, %s", all, parts[i]) : parts[i];
    return own(page, all);
}

static json_t *number_words(struct page *page, const struct event_field *field, const json_t *value)
{
    const char *number = number_write(page->arena, page->language, json_number_value(value), field->decimals);

    if (field->type != FIELD_SCALE)
        return own(page, number);
    const char *least = number_write(page->arena, page->language, field->min, 0);
    const char *most = number_write(page->arena, page->language, field->max, 0);
    return own(page, number && least && most ? catalogue_format(page->catalogue, page->arena, "answers.point", "number",
                                                                number, "min", least, "max", most, NULL)
                                             : NULL);
}

static json_t *text_words(struct page *page, const struct record *record, const struct event_field *field,
                          const char *text)
{
    const struct region *region;

    switch (field->type) {
    case FIELD_CHOICE:
    case FIELD_STAKEHOLDER:
        return option_words(page, record, field, text);
    case FIELD_COUNTRY:
        return own(page, country_word(page, text));
    case FIELD_DATE:
        return own(page, page_model_day(page, text));
    case FIELD_REGION:
        region = region_by_code(text);
        return own(page, region ? region->name : text);
    default: /* What somebody wrote is in whatever language it is in. */
        return own(page, text);
    }
}

static json_t *nothing(struct page *page)
{
    json_t *value = own(page, page_say(page, "manage.not_given"));

    page_put_bool(page, value, "none", true);
    return value;
}

static json_t *value_words(struct page *page, const struct record *record, const struct event_field *field,
                           const json_t *value)
{
    if (field->type == FIELD_CONSENT)
        return own(page, page_say(page, json_is_true(value) ? "manage.yes" : "manage.no"));
    if (json_is_number(value))
        return number_words(page, field, value);
    if (json_is_array(value))
        return options_words(page, record, field, value);
    if (json_is_object(value))
        return organisation_words(page, value);
    if (json_is_string(value))
        return text_words(page, record, field, json_string_value(value));
    return nothing(page);
}

/* What the person said: NULL, or a new reference. */
static json_t *value_of(const struct record *record, const struct privates *privates, const struct event_field *field,
                        const json_t *answers)
{
    const char *text = NULL;

    if (field->role == ROLE_NAME)
        text = record->name;
    else if (field->role == ROLE_EMAIL)
        text = record->email;
    else if (field->type == FIELD_SPECIAL_NEED)
        text = privates_value(privates, field->id);
    else
        return json_incref(json_object_get(answers, field->id));
    return text ? json_string(text) : NULL;
}

json_t *page_answers_model(struct page *page, const struct record *record, const struct privates *privates)
{
    const struct event_definition *definition = record->definition;
    json_t *list = page_array(page);
    json_t *answers = record->answers ? json_loads(record->answers, 0, NULL) : NULL;

    for (size_t i = 0; i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        json_t *value;

        if (field->type == FIELD_STATEMENT || field->type == FIELD_HIDDEN)
            continue;
        value = value_of(record, privates, field, answers);
        /* of the restricted what is not there was erased: "not given" would not be true */
        /* else it was not asked, or left empty like others that are not missed */
        if (value || (!field->show_if && (!record->restricted || field->role == ROLE_NAME)))
            add(page, list, field->id, page_text(page, definition, &field->label),
                value_words(page, record, field, value));
        json_decref(value);
    }
    if (definition->mode_asked && record->mode) {
        int mode = event_mode(definition, record->mode);

        add(page, list, "mode", own(page, page_say(page, "step.taking_part")),
            mode >= 0 ? page_model_mode(page, definition, &definition->modes[mode]) : own(page, record->mode));
    }
    json_decref(answers);
    return list;
}
