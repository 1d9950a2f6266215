/* SPDX-License-Identifier: EUPL-1.2 */
/* Builds the parts of controls. Called by the files page_field_*, page_round and page_slot. A worker's thread. */
#include "page/page_control.h"

#include "base/arena.h"
#include "page/page.h"

/* Above this many rows of a group they stand in two columns. */
#define ONE_COLUMN_MOST 7

static const char *const kinds[] = { "input", "textarea", "select", "rows",  "consent", "ranks",
                                     "said",  "scale",    "grid",   "block", "need",    "prose" };

json_t *page_control(struct page *page, const char *id, json_t *label, json_t *help, bool required, const char *error)
{
    json_t *control = page_object(page);
    bool helped = !json_is_false(help);

    page_put_string(page, control, "id", id);
    page_put(page, control, "label", label);
    page_put(page, control, "help", help);
    page_put_bool(page, control, "required", required);
    page_put_optional(page, control, "error", error);
    if (helped || error)
        page_put_string(page, control, "described",
                        arena_format(page->arena, "%s%s%s%s%s", helped ? id : "", helped ? "-h" : "",
                                     helped && error ? " " : "", error ? id : "", error ? "-e" : ""));
    else
        page_put_bool(page, control, "described", false);
    page_put_bool(page, control, "then", false);
    page_put_bool(page, control, "hint", false);
    page_put_bool(page, control, "when", false);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        page_put_bool(page, control, kinds[i], false);
    return control;
}

/* One more paragraph that describes the control: ID and ENDING; first or last of them. */
static void describe(struct page *page, json_t *control, const char *ending, bool first)
{
    const char *id = json_string_value(json_object_get(control, "id"));
    const char *old = json_string_value(json_object_get(control, "described"));
    const char *all;

    if (!id || page->failed)
        return;
    if (old)
        all = first ? arena_format(page->arena, "%s%s %s", id, ending, old)
                    : arena_format(page->arena, "%s %s%s", old, id, ending);
    else
        all = arena_format(page->arena, "%s%s", id, ending);
    page_put_string(page, control, "described", all);
}

void page_control_put_hint(struct page *page, json_t *control, const char *words)
{
    page_put_string(page, control, "hint", words);
    describe(page, control, "-n", false);
}

void page_control_put_when(struct page *page, json_t *control, const char *words, const char *rule)
{
    json_t *when = page_object(page);

    page_put_string(page, when, "words", words);
    page_put_optional(page, when, "rule", rule);
    page_put(page, control, "when", when);
    describe(page, control, "-o", true);
}

json_t *page_control_row(struct page *page, const char *value, json_t *label, json_t *help, bool checked)
{
    json_t *row = page_object(page);

    page_put_string(page, row, "value", value);
    page_put(page, row, "label", label);
    page_put(page, row, "help", help);
    page_put_bool(page, row, "checked", checked);
    page_put_bool(page, row, "disabled", false);
    page_put_bool(page, row, "left", false);
    page_put_bool(page, row, "anchor", false);
    return row;
}

static bool has_chip(const json_t *rows)
{
    const json_t *row;
    size_t i;

    json_array_foreach (rows, i, row)
        if (json_is_object(json_object_get(row, "left")))
            return true;
    return false;
}

/* Where the list of faults leads: the first that can be chosen. If all are full, as when the last place has just gone,
 * it leads there all the same. */
static json_t *row_of_anchor(const json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach (rows, i, row)
        if (json_is_false(json_object_get(row, "disabled")))
            return row;
    return json_array_get(rows, 0);
}

void page_control_put_rows(struct page *page, json_t *control, json_t *rows, bool many)
{
    json_t *group = page_object(page), *row = row_of_anchor(rows);

    if (row)
        page_put(page, row, "anchor", json_incref(json_object_get(control, "id")));
    page_put_bool(page, group, "many", many);
    page_put_bool(page, group, "two", json_array_size(rows) > ONE_COLUMN_MOST && !has_chip(rows));
    page_put(page, group, "options", rows);
    page_put(page, control, "rows", group);
}

json_t *page_control_put_select(struct page *page, json_t *control, const char *empty)
{
    json_t *select = page_object(page);

    page_put_optional(page, select, "empty", empty);
    page_put_bool(page, select, "autocomplete", false);
    page_put(page, select, "options", page_array(page));
    page_put(page, select, "groups", page_array(page));
    page_put_bool(page, select, "last", false);
    page_put_bool(page, select, "has_meanings", false);
    page_put(page, control, "select", select);
    return select;
}

json_t *page_control_entry(struct page *page, const char *value, json_t *label, bool checked)
{
    json_t *entry = page_object(page);

    page_put_string(page, entry, "value", value);
    page_put(page, entry, "label", label);
    page_put_bool(page, entry, "checked", checked);
    return entry;
}

json_t *page_control_put_line(struct page *page, json_t *control, const char *value)
{
    json_t *line = page_object(page);

    page_put_bool(page, line, "autocomplete", false);
    page_put_string(page, line, "value", value ? value : "");
    page_put_string(page, line, "type", "text");
    page_put_bool(page, line, "plain", false);
    page_put_bool(page, line, "inputmode", false);
    page_put_bool(page, line, "width", false);
    page_put_bool(page, line, "min", false);
    page_put_bool(page, line, "max", false);
    page_put(page, control, "input", line);
    return line;
}
