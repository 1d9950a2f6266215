/* SPDX-License-Identifier: EUPL-1.2 */
/* Puts a fault into words. Called by page_form. A worker's thread. */
#include "page/page_fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "page/page.h"
#include "page/page_model.h"
#include "page/page_round.h"
#include "page/page_session.h"
#include "signup/number.h"
#include "signup/rules.h"
#include "view/catalogue.h"

const struct rules_fault *page_fault_find(const struct rules_result *rules, const char *control)
{
    for (size_t i = 0; rules && i < rules->fault_count; i++)
        if (strcmp(rules->faults[i].control, control) == 0)
            return &rules->faults[i];
    return NULL;
}

/* The control stands in the block of somebody who comes along. */
static bool is_guests(const char *control)
{
    return strncmp(control, "guest.", 6) == 0;
}

/* The part of the field that CONTROL, `ID.PART`, is; NULL: the field itself. */
static const char *part_of(const struct event_field *field, const char *control)
{
    const size_t length = field ? strlen(field->id) : 0;

    return field && strncmp(control, field->id, length) == 0 && control[length] == '.' ? control + length + 1 : NULL;
}

static const char *organisation_part(const struct event_field *field, const char *control)
{
    return field && field->type == FIELD_ORGANISATION ? part_of(field, control) : NULL;
}

/* What is chosen and not typed is spoken of like a choice. */
static const char *type_subject(const struct event_field *field, const char *control)
{
    const char *part = organisation_part(field, control);

    if (part)
        return strcmp(part, "country") == 0 || strcmp(part, "size") == 0 ? "choice"
               : strcmp(part, "sme") == 0                                 ? "declaration"
                                                                          : "text";
    switch (field->type) {
    case FIELD_CHOICES:
    case FIELD_SCALE:
    case FIELD_RANKING:
    case FIELD_COUNTRY:
    case FIELD_REGION:
    case FIELD_STAKEHOLDER:
        return "choice";
    default:
        return field_type_name(field->type);
    }
}

/* The first word of the key: roles speak more plainly than types. */
static const char *subject(const struct event_field *field, const char *control, bool by_role)
{
    const char *part = organisation_part(field, control);

    static const char *const roles[] = {
        [ROLE_NONE] = NULL,           [ROLE_NAME] = "name",
        [ROLE_EMAIL] = "email",       [ROLE_ORGANISATION] = "organisation",
        [ROLE_REGISTRY_NUMBER] = NULL, [ROLE_COUNTRY] = "country",
        [ROLE_STAKEHOLDER] = NULL,
    };

    if (field && by_role)
        return part && strcmp(part, "name") != 0 ? NULL : roles[field->role];
    if (field)
        return type_subject(field, control);
    if (strncmp(control, "session.", 8) == 0)
        return "session";
    if (strcmp(control, "_guests") == 0)
        return "guests";
    if (strcmp(control, "slot.propose") == 0)
        return "propose";
    return strcmp(control, "slot") == 0 ? "slot" : "mode";
}

/* The round of `session.ROUND` or `session.ROUND.RANK`, or -1; *ret_rank: 0 where there is none. */
static int round_of(const struct event_definition *definition, const char *control, size_t *ret_rank)
{
    const struct event_programme *programme = &definition->programme;
    size_t length;

    if (strncmp(control, "session.", 8) != 0)
        return -1;
    control += 8;
    length = strcspn(control, ".");
    for (size_t i = 0; i < programme->round_count; i++) {
        if (strlen(programme->rounds[i].id) != length || strncmp(programme->rounds[i].id, control, length) != 0)
            continue;
        *ret_rank = control[length] == '.' ? strtoul(control + length + 1, NULL, 10) : 0;
        return (int)i;
    }
    return -1;
}

static const char *round_label(struct page *page, const struct event_definition *definition, int round, size_t rank)
{
    json_t *title = page_session_round(page, definition, &definition->programme.rounds[round]);
    const char *text = title ? arena_copy(page->arena, json_string_value(json_object_get(title, "text"))) : NULL;
    const char *which = rank > 0 ? page_round_rank(page, rank) : NULL;

    json_decref(title);
    return which && text ? arena_format(page->arena, "%s, %s", text, which) : text;
}

/* What the control is called on the page. */
static const char *label_of(struct page *page, const struct event_definition *definition,
                            const struct event_field *field, const char *control)
{
    size_t rank;
    int round = round_of(definition, control, &rank);
    const char *label, *part = organisation_part(field, control);

    if (part) {
        const char *key = arena_format(page->arena, "organisation.%s", part);

        label = key ? page_say(page, key) : NULL;
        page->failed = page->failed || !label;
        return label ? label : "";
    }
    if (field)
        return event_text_in(definition, &field->label, page->language, NULL);
    if (round >= 0)
        label = round_label(page, definition, round, rank);
    else if (strcmp(control, "_guests") == 0)
        label = page_say(page, "guests.count");
    else if (strcmp(control, "slot.propose") == 0)
        label = page_say(page, "choose.propose");
    else
        label = page_say(page, strcmp(control, "slot") == 0 ? "choose.slot" : "form.mode");
    if (!label)
        page->failed = true;
    return label ? label : "";
}

bool page_fault_is_shown(const struct event_definition *definition, const char *control)
{
    size_t rank;

    if (strcmp(control, "mode") == 0)
        return definition->mode_asked;
    if (strcmp(control, "_guests") == 0 || is_guests(control))
        return definition->group_max > 1;
    if (strcmp(control, "slot") == 0)
        return definition->programme.resource_count > 0;
    if (strcmp(control, "slot.propose") == 0)
        return definition->programme.propose;
    for (size_t i = 0; i < definition->field_count; i++)
        if (organisation_part(&definition->fields[i], control))
            return true;
    return event_field(definition, control) || round_of(definition, control, &rank) >= 0;
}

static bool is_counted(enum rule_fault fault)
{
    return fault == RULE_TOO_LONG || fault == RULE_TOO_SHORT || fault == RULE_TOO_PRECISE || fault == RULE_TOO_FEW ||
           fault == RULE_TOO_MANY;
}

/* The end of what the field takes that was passed; empty: another fault. */
static const char *bound_of(struct page *page, const struct event_field *field, enum rule_fault fault)
{
    const char *bound = NULL;

    switch (field ? fault : RULE_MISSING) {
    case RULE_TOO_SMALL:
        bound = number_write(page->arena, page->language, field->min, field->decimals);
        break;
    case RULE_TOO_LARGE:
        bound = number_write(page->arena, page->language, field->max, field->decimals);
        break;
    case RULE_TOO_EARLY:
        bound = page_model_day(page, field->earliest);
        break;
    case RULE_TOO_LATE:
        bound = page_model_day(page, field->latest);
        break;
    default:
        return "";
    }
    page->failed = page->failed || !bound;
    return bound ? bound : "";
}

const char *page_fault_words(struct page *page, const struct event_definition *definition,
                             const struct event_field *field, const struct rules_fault *fault)
{
    const char *code = rule_fault_code(fault->fault), *key = NULL, *label, *other, *words;

    if (!field && fault->field >= 0) /* a part of it */
        field = &definition->fields[fault->field];
    label = label_of(page, definition, field, fault->control);
    other = fault->session >= 0 ? page_session_title(page, definition, (size_t)fault->session)
            : fault->meant      ? fault->meant
                                : "";

    if (field && fault->fault == RULE_PATTERN && field->has_pattern_message) {
        words = event_text_in(definition, &field->pattern_message, page->language, NULL);
    } else if (is_counted(fault->fault)) {
        key = arena_format(page->arena, "fault.%s", code);
        words = key ? catalogue_count(page->catalogue, page->arena, key, fault->limit, "label", label, NULL) : NULL;
    } else {
        /* the words for roles speak to who signs up */
        for (int by_role = !is_guests(fault->control); by_role >= 0 && !key; by_role--) {
            const char *first = subject(field, fault->control, by_role);

            key = first ? arena_format(page->arena, "fault.%s.%s", first, code) : NULL;
            if (key && !catalogue_has(page->catalogue, key))
                key = NULL;
        }
        if (!key)
            key = arena_format(page->arena, "fault.%s", code);
        words = key ? catalogue_format(page->catalogue, page->arena, key, "label", label, "other", other, "bound",
                                       bound_of(page, field, fault->fault), NULL)
                    : NULL;
    }
    if (!words)
        page->failed = true;
    return words;
}
