/* SPDX-License-Identifier: EUPL-1.2 */
/* Objects, lists and the rows of tables in a letter's model. Callers: the letter_ files; the sender's thread. */
#include "mail/making.h"

#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/definition.h"
#include "mail/letter_model.h"
#include "view/catalogue.h"

void making_set(struct making *making, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) < 0) /* VALUE NULL too */
        making->failed = true;
}

void making_set_text(struct making *making, json_t *object, const char *key, const char *text)
{
    making_set(making, object, key, text ? json_string(text) : NULL);
}

void making_append(struct making *making, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) < 0)
        making->failed = true;
}

const char *making_word(const struct making *making, const char *key)
{
    return catalogue_text(making->letter->catalogue, key);
}

json_t *making_in_language(struct making *making, const struct event_definition *definition,
                           const struct event_text *text)
{
    const char *language;
    json_t *object = json_object();
    const char *body = event_text_in(definition, text, making->letter->language, &language);
    making_set_text(making, object, "text", body);
    making_set_text(making, object, "lang", strcmp(language, making->letter->language) == 0 ? "" : language);
    return object;
}

json_t *making_add_row(struct making *making, json_t *rows, const char *label)
{
    json_t *row = json_object();
    making_set_text(making, row, "label", label);
    making_set(making, row, "strong", json_array());
    making_set(making, row, "soft", json_array());
    making_set(making, row, "lines", json_array());
    making_append(making, rows, row);
    return row;
}

static void add_line(struct making *making, json_t *row, const char *list, const char *text)
{
    making_append(making, json_object_get(row, list), text ? json_string(text) : NULL);
    json_t *line = json_object();
    making_set_text(making, line, "text", text);
    making_append(making, json_object_get(row, "lines"), line);
}

void making_add_strong(struct making *making, json_t *row, const char *text)
{
    add_line(making, row, "strong", text);
}

void making_add_soft(struct making *making, json_t *row, const char *text)
{
    add_line(making, row, "soft", text);
}

void making_set_row_language(struct making *making, json_t *row, const char *language)
{
    if (language && strcmp(language, making->letter->language) != 0)
        making_set_text(making, row, "lang", language);
}

void making_align(struct making *making, json_t *rows)
{
    size_t width = 0, i, k;
    json_t *row, *line;

    if (making->failed)
        return;
    json_array_foreach(rows, i, row) {
        size_t length = text_length(json_string_value(json_object_get(row, "label")));
        width = length > width ? length : width;
    }
    json_array_foreach(rows, i, row) {
        const char *label = json_string_value(json_object_get(row, "label"));
        json_array_foreach(json_object_get(row, "lines"), k, line) {
            const char *shown = k == 0 ? label : "";
            int blanks = (int)(width + 3 - text_length(shown));
            making_set_text(making, line, "column", arena_format(making->letter->arena, "%s%*s", shown, blanks, ""));
        }
    }
}

void making_add_group(struct making *making, json_t *groups, const char *heading, json_t *rows)
{
    if (json_array_size(rows) == 0) {
        json_decref(rows);
        return;
    }
    making_align(making, rows);
    json_t *group = json_object();
    making_set_text(making, group, "heading", heading);
    making_set(making, group, "rows", rows);
    making_append(making, groups, group);
}

json_t *making_finish(const struct making *making, json_t *model)
{
    if (!making->failed)
        return model;
    json_decref(model);
    return NULL;
}
