/* SPDX-License-Identifier: EUPL-1.2 */
/* The times of a definition: zone, starts, ends, days, opens, closes, changes_until, and how they must lie to each
 * other. Called by parse.c. */
#include "event/parse.h"

#define DAYS_MAX 60

/* MEASURED: the event's start and end are known, to measure days by. */
static void read_days(struct parse *parse, const config_setting_t *root, bool measured)
{
    static const char *const keys[] = { "starts", "ends", NULL };
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "days");
    int count = parse_groups(parse, root, "days", DAYS_MAX);

    if (count < 0)
        return;
    if (list && count == 0) {
        source_fault(&parse->source, list, NULL, "is empty");
        return;
    }
    struct event_day *days = parse_take(parse, (size_t)count, sizeof(*days));
    for (int i = 0; days && i < count; i++) {
        const config_setting_t *group = config_setting_get_elem(list, (unsigned)i);
        struct event_day *day = &days[i];
        if (!source_known(&parse->source, group, keys))
            continue;
        (void)parse_given(parse, group, "starts");
        (void)parse_given(parse, group, "ends");
        if (!parse_wall(parse, group, "starts", &day->starts_wall, &day->starts) ||
            !parse_wall(parse, group, "ends", &day->ends_wall, &day->ends))
            continue;
        if (day->ends <= day->starts)
            source_fault(&parse->source, group, "ends", "is not after starts");
        if (i > 0 && day->starts < days[i - 1].ends)
            source_fault(&parse->source, group, "starts", "is before the end of the day before");
        if (measured && day->starts < definition->starts)
            source_fault(&parse->source, group, "starts", "is before the event starts");
        if (measured && day->ends > definition->ends)
            source_fault(&parse->source, group, "ends", "is after the event ends");
    }
    if (days && count > 0) {
        definition->days = days;
        definition->day_count = (size_t)count;
    }
}

static void read_period(struct parse *parse, const config_setting_t *root, bool measured)
{
    struct event_definition *definition = parse->definition;
    struct wall wall;

    definition->closes = definition->starts;
    definition->has_opens = parse_wall(parse, root, "opens", &wall, &definition->opens);
    if (parse_wall(parse, root, "closes", &wall, &definition->closes) && measured &&
        definition->closes > definition->ends)
        source_fault(&parse->source, root, "closes", "is after the event ends");
    definition->changes_until = definition->closes;
    if (parse_wall(parse, root, "changes_until", &wall, &definition->changes_until) && measured &&
        definition->changes_until > definition->ends)
        source_fault(&parse->source, root, "changes_until", "is after the event ends");
    if (measured && definition->has_opens && definition->opens >= definition->closes)
        source_fault(&parse->source, root, "opens", "is not before %s",
                     config_setting_get_member(root, "closes") ? "closes" : "starts, when it closes");
}

void parse_times(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    struct event_day day;

    if (parse_given(parse, root, "zone"))
        definition->zone = parse_string(parse, root, "zone", PARSE_LABEL);
    parse->zone_good = definition->zone && zone_known(definition->zone);
    if (definition->zone && !parse->zone_good)
        source_fault(&parse->source, root, "zone", "\"%s\" is no time zone that this system knows", definition->zone);

    bool starts = parse_given(parse, root, "starts") &&
                  parse_wall(parse, root, "starts", &day.starts_wall, &day.starts);
    bool ends = parse_given(parse, root, "ends") && parse_wall(parse, root, "ends", &day.ends_wall, &day.ends);
    if (starts && ends) {
        definition->starts = day.starts;
        definition->ends = day.ends;
        if (day.ends <= day.starts)
            source_fault(&parse->source, root, "ends", "is not after starts");
    }
    read_days(parse, root, starts && ends);
    if (starts && ends && definition->day_count == 0) {
        definition->days = parse_take(parse, 1, sizeof(*definition->days));
        if (definition->days) {
            definition->days[0] = day;
            definition->day_count = 1;
        }
    }
    read_period(parse, root, starts && ends);
}
