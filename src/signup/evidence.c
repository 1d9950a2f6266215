/* SPDX-License-Identifier: EUPL-1.2 */
/* The duty of evidence against the wish for erasure. Callers: change/erase, the pages of the own registration. Pure.
 * Any thread. */
#include "signup/evidence.h"

#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"

#define NOON (12 * 3600) /* exists on every day in every zone */
#define DAY (24 * 3600)

int64_t evidence_until(const struct event_definition *definition)
{
    const char *day = definition->privacy.retain_evidence_until;
    char text[] = "0000-00-00T12:00";
    struct wall wall;
    int64_t at;

    if (!day)
        return 0;
    for (size_t i = 0; i < 10 && day[i]; i++)
        text[i] = day[i];
    if (wall_parse(text, &wall) < 0 || zone_to_utc(definition->zone, &wall, &at) < 0)
        return 0; /* a definition with another date is refused */
    return at - NOON + DAY;
}

bool evidence_is_due(enum state status, int64_t starts, int64_t until, int64_t now)
{
    return status == STATE_CONFIRMED && starts <= now && now < until;
}

bool evidence_has(const struct event_field *field)
{
    switch (field->role) {
    case ROLE_NAME:
    case ROLE_ORGANISATION:
    case ROLE_REGISTRY_NUMBER:
    case ROLE_COUNTRY:
    case ROLE_STAKEHOLDER:
        return true;
    case ROLE_EMAIL: /* an address proves nothing */
        return false;
    default:
        return field->retention && strcmp(field->retention, "evidence") == 0;
    }
}

const char *evidence_fields(struct arena *arena, const struct event_definition *definition)
{
    const char *list = "[";

    for (size_t i = 0; list && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];

        if (evidence_has(field) && field->role != ROLE_NAME) /* which is a column; ids are [a-z][a-z0-9_]* */
            list = arena_format(arena, "%s%s\"%s\"", list, list[1] ? "," : "", field->id);
    }
    return list ? arena_format(arena, "%s]", list) : NULL;
}
