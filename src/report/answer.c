/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts answers into words. Callers: page_answers, on a worker; mail/letter_choice, on a sender. */
#include "report/answer.h"

#include "base/arena.h"
#include "event/definition.h"
#include "report/when.h"
#include "signup/number.h"
#include "signup/region.h"
#include "view/catalogue.h"
#include "view/words.h"

static const char *say(const struct answer_desk *desk, const char *key)
{
    return catalogue_text(desk->catalogue, key);
}

static const char *shared_word(const struct answer_desk *desk, const char *id)
{
    const char *key = arena_format(desk->arena, "stakeholder.%s", id);
    return key ? say(desk, key) : NULL;
}

static const char *option_words(const struct answer_desk *desk, const struct event_definition *definition,
                                const struct event_field *field, const char *id, const char **ret_language)
{
    const struct event_option *option = event_option(field, id);

    if (option && field->shared_options)
        return shared_word(desk, id);
    return option ? event_text_in(definition, &option->label, desk->language, ret_language) : id;
}

/* "B; A", or, of a ranking, "1. B; 2. A". */
static const char *options_words(const struct answer_desk *desk, const struct event_definition *definition,
                                 const struct event_field *field, const json_t *ids)
{
    const char *all = "";
    json_t *id;
    size_t i;

    json_array_foreach(ids, i, id) {
        const char *text = json_string_value(id), *separator = i > 0 ? "; " : "";
        const struct event_option *option = text ? event_option(field, text) : NULL;
        const char *word = option ? event_text_in(definition, &option->label, desk->language, NULL) : text;

        if (field->type == FIELD_RANKING)
            all = arena_format(desk->arena, "%s%s%zu. %s", all ? all : "", separator, i + 1, word ? word : "");
        else
            all = arena_format(desk->arena, "%s%s%s", all ? all : "", separator, word ? word : "");
    }
    return all;
}

static const char *country_word(const struct answer_desk *desk, const char *code)
{
    return words_country(desk->words, desk->arena, desk->language, code);
}

static const char *date_words(const struct answer_desk *desk, const char *day)
{
    return when_date(desk->arena, desk->words, desk->language, day);
}

/* Name, country, number, size and declaration, as far as they are there. */
static const char *organisation_words(const struct answer_desk *desk, const json_t *organisation)
{
    const char *country = json_string_value(json_object_get(organisation, "country"));
    const char *size = json_string_value(json_object_get(organisation, "size"));
    const char *day = json_string_value(json_object_get(organisation, "sme_on"));
    const char *size_key = size ? arena_format(desk->arena, "answers.size_%s", size) : NULL;
    const char *day_words = day ? date_words(desk, day) : NULL;
    const char *parts[] = {
        json_string_value(json_object_get(organisation, "name")),
        country ? country_word(desk, country) : NULL,
        json_string_value(json_object_get(organisation, "number")),
        size_key && catalogue_has(desk->catalogue, size_key) ? say(desk, size_key) : size,
        day_words ? catalogue_format(desk->catalogue, desk->arena, "answers.sme", "date", day_words, NULL) : NULL,
    };
    const char *all = NULL;

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (parts[i])
            all = all ? arena_format(desk->arena, "%s, %s", all, parts[i]) : parts[i];
    return all ? all : "";
}

static const char *number_words(const struct answer_desk *desk, const struct event_field *field, const json_t *value)
{
    const char *number = number_write(desk->arena, desk->language, json_number_value(value), field->decimals);

    if (field->type != FIELD_SCALE)
        return number;
    const char *least = number_write(desk->arena, desk->language, field->min, 0);
    const char *most = number_write(desk->arena, desk->language, field->max, 0);
    return number && least && most ? catalogue_format(desk->catalogue, desk->arena, "answers.point", "number", number,
                                                      "min", least, "max", most, NULL)
                                   : NULL;
}

static const char *text_words(const struct answer_desk *desk, const struct event_definition *definition,
                              const struct event_field *field, const char *text, const char **ret_language)
{
    const struct region *region;

    switch (field->type) {
    case FIELD_CHOICE:
    case FIELD_STAKEHOLDER:
        return option_words(desk, definition, field, text, ret_language);
    case FIELD_COUNTRY:
        return country_word(desk, text);
    case FIELD_DATE:
        return date_words(desk, text);
    case FIELD_REGION:
        region = region_by_code(text);
        return region ? region->name : text;
    default: /* What somebody wrote is in whatever language it is in. */
        return text;
    }
}

bool answer_given(const struct event_field *field, const json_t *value)
{
    return field->type == FIELD_CONSENT || json_is_number(value) || json_is_array(value) || json_is_object(value) ||
           json_is_string(value);
}

const char *answer_words(const struct answer_desk *desk, const struct event_definition *definition,
                         const struct event_field *field, const json_t *value, const char **ret_language)
{
    *ret_language = desk->language;
    if (field->type == FIELD_CONSENT)
        return say(desk, json_is_true(value) ? "manage.yes" : "manage.no");
    if (json_is_number(value))
        return number_words(desk, field, value);
    if (json_is_array(value))
        return options_words(desk, definition, field, value);
    if (json_is_object(value))
        return organisation_words(desk, value);
    return text_words(desk, definition, field, json_string_value(value), ret_language);
}
