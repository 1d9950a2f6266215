/* SPDX-License-Identifier: EUPL-1.2 */
/* Where somebody is from: the list of countries, and that of regions by country. Called by page_field. A worker's
 * thread. */
#include <string.h>

#include "base/arena.h"
#include "base/form.h"
#include "event/book.h"
#include "page/page.h"
#include "page/page_control.h"
#include "page/page_country.h"
#include "page/page_field_type.h"
#include "page/page_form.h"
#include "signup/region.h"

void page_field_country(struct page *page, json_t *control, const struct page_form *form,
                        const struct event_field *field)
{
    const char *empty = page_say(page, field->required ? "form.choose_country" : "form.no_answer");
    json_t *select = page_control_put_select(page, control, empty);

    page_put_optional(page, select, "autocomplete", field->autocomplete);
    page_put(page, select, "groups",
             page_country_groups(page, field->first_count, field->first, page_field_answer(form, field)));
}

/* The field whose country the region is of: the person's, else the organisation's, as for the rules. */
static const struct event_field *country_field(const struct event_definition *definition)
{
    const struct event_field *field = event_field_by_role(definition, ROLE_COUNTRY);

    for (size_t i = 0; !field && i < definition->field_count; i++)
        if (definition->fields[i].type == FIELD_ORGANISATION)
            field = &definition->fields[i];
    return field;
}

static void add_country(struct page *page, json_t *groups, const char *code, const char *name, const char *chosen)
{
    size_t count;
    const struct region *regions = region_list(code, &count);
    json_t *group, *entries;

    if (count == 0)
        return;
    group = page_object(page);
    entries = page_array(page);
    for (size_t i = 0; i < count; i++)
        page_add(page, entries, page_control_entry(page, regions[i].code, page_field_own(page, regions[i].name),
                                                   chosen && strcmp(chosen, regions[i].code) == 0));
    page_put(page, group, "title", page_field_own(page, name));
    page_put(page, group, "entries", entries);
    page_add(page, groups, group);
}

/* What is typed already says the country; else those come first that do so in the list of countries. */
static int rank_of(const struct event_field *field, const char *country, const char *code)
{
    if (country && strcmp(country, code) == 0)
        return 0;
    for (size_t i = 0; field && i < field->first_count; i++)
        if (strcmp(field->first[i], code) == 0)
            return 1;
    return 2;
}

/* All regions of all countries: without a script the page cannot know which country will be chosen beside it. */
void page_field_region(struct page *page, json_t *control, const struct page_form *form,
                       const struct event_field *field)
{
    const struct event_field *from = country_field(form->entry->definition);
    const char *part = from && from->type == FIELD_ORGANISATION ? page_field_part(page, from, "country") : NULL;
    const char *country = part ? page_field_typed(form, part) : from ? page_field_answer(form, from) : NULL;
    const char *chosen = page_field_answer(form, field), *code, *name;
    json_t *select = page_control_put_select(page, control,
                                             page_say(page, field->required ? "form.choose_region" : "form.no_answer"));
    json_t *groups = json_object_get(select, "groups");

    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; page_country_at(page, i, &code, &name); i++)
            if (rank_of(from, country, code) == rank)
                add_country(page, groups, code, name, chosen);
    page_put_optional(page, select, "autocomplete", field->autocomplete);
    page_control_put_hint(page, control, page_say(page, "form.region"));
}
