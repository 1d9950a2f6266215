/* SPDX-License-Identifier: EUPL-1.2 */
/* The resources of a definition and the slots that their rules make. Called by parse.c, after times and modes. */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "event/parse.h"

#define RESOURCES_MAX 500
#define BLACKOUT_MAX 500
#define SLOTS_MAX 2000 /* of an event */
#define LENGTH_MIN 5
#define LENGTH_MAX 1440
#define LEAD_DAYS_MAX 365
#define DAY 86400
#define EVERY_DAY 0x7f

/* How one resource is booked. Days count from 1970-01-01, hours are minutes of wall time. */
struct rule {
    const config_setting_t *group;
    unsigned weekdays; /* a bit each, Monday the lowest */
    int from, to;
    int64_t length; /* minutes */
    size_t blackout_count;
    int64_t *blackout;
};

struct reading {
    struct parse *parse;
    bool measured;       /* the event's own days are known */
    int64_t first, last; /* its days */
    struct event_slot *slots;
    size_t count, room;
    bool full; /* more than SLOTS_MAX: said once */
};

static int64_t day_of(const struct wall *wall)
{
    struct wall midnight = { .year = wall->year, .month = wall->month, .day = wall->day };
    int64_t at;
    return zone_to_utc("UTC", &midnight, &at) < 0 ? 0 : at / DAY;
}

/* "09:30" in minutes, or -1. */
static int read_hour(struct parse *parse, const config_setting_t *group, const char *key)
{
    const char *value = parse_given(parse, group, key) ? parse_string(parse, group, key, PARSE_LABEL) : NULL;
    struct wall wall;
    char text[32];

    if (!value)
        return -1;
    (void)snprintf(text, sizeof(text), "2000-01-01T%.10s", value);
    if (strlen(value) != 5 || wall_parse(text, &wall) < 0) {
        source_fault(&parse->source, group, key, "\"%s\" is no hour of the form 09:30", value);
        return -1;
    }
    return wall.hour * 60 + wall.minute;
}

static unsigned read_weekdays(struct parse *parse, const config_setting_t *group)
{
    static const char *const words[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL };
    const config_setting_t *list = config_setting_get_member(group, "weekdays");
    unsigned weekdays = 0;
    int position;

    if (!list)
        return EVERY_DAY;
    int count = source_strings(&parse->source, list, BLACKOUT_MAX, PARSE_LABEL);
    if (count == 0)
        source_fault(&parse->source, list, NULL, "is empty");
    for (int i = 0; i < count; i++)
        if (source_word(&parse->source, config_setting_get_elem(list, (unsigned)i), words, &position))
            weekdays |= 1U << position;
    return weekdays;
}

static void read_blackout(struct reading *reading, const config_setting_t *group, struct rule *rule)
{
    struct parse *parse = reading->parse;
    const config_setting_t *list = config_setting_get_member(group, "blackout");
    int count = list ? source_strings(&parse->source, list, BLACKOUT_MAX, PARSE_LABEL) : 0;

    if (count <= 0)
        return;
    rule->blackout = parse_take(parse, (size_t)count, sizeof(*rule->blackout));
    for (int i = 0; rule->blackout && i < count; i++) {
        const config_setting_t *setting = config_setting_get_elem(list, (unsigned)i);
        const char *value = config_setting_get_string(setting);
        struct wall wall;
        char text[32];
        (void)snprintf(text, sizeof(text), "%.15sT00:00", value);
        if (strlen(value) != 10 || wall_parse(text, &wall) < 0) {
            source_fault(&parse->source, setting, NULL, "\"%s\" is no date of the form 2027-03-18", value);
            continue;
        }
        int64_t day = day_of(&wall);
        if (reading->measured && (day < reading->first || day > reading->last))
            source_warn(&parse->source, setting, NULL, "%s is no day of the event", value);
        rule->blackout[rule->blackout_count++] = day;
    }
}

static bool is_open(const struct rule *rule, int64_t day)
{
    if (!(rule->weekdays & (1U << ((day + 3) % 7)))) /* 1970-01-01 was a Thursday */
        return false;
    for (size_t i = 0; i < rule->blackout_count; i++)
        if (rule->blackout[i] == day)
            return false;
    return true;
}

static void add_slot(struct reading *reading, const struct rule *rule, size_t resource, const struct wall *wall,
                     int64_t starts)
{
    struct parse *parse = reading->parse;

    if (reading->count == SLOTS_MAX) {
        source_fault(&parse->source, rule->group, NULL, "with it the event has more than %d slots", SLOTS_MAX);
        reading->full = true;
        return;
    }
    struct event_slot *slots =
        arena_grow(parse->arena, reading->slots, reading->count, &reading->room, sizeof(*slots));
    const char *key = arena_format(parse->arena, "%s/%04d-%02d-%02dT%02d:%02d",
                                   parse->definition->programme.resources[resource].id, wall->year, wall->month,
                                   wall->day, wall->hour, wall->minute);
    if (slots)
        reading->slots = slots;
    if (!slots || !key) {
        parse->no_memory = true;
        return;
    }
    reading->slots[reading->count++] = (struct event_slot){
        .key = key, .resource = resource, .starts = starts, .ends = starts + rule->length * 60 };
}

/* The slots of one day. A wall time that clocks leave out has none; of an hour that comes twice the first is taken. */
static void add_day(struct reading *reading, const struct rule *rule, size_t resource, int64_t day)
{
    struct parse *parse = reading->parse;
    struct wall wall;
    int64_t starts;

    zone_to_wall("UTC", day * DAY, &wall);
    for (int64_t minute = rule->from; minute + rule->length <= rule->to && !reading->full; minute += rule->length) {
        wall.hour = (int)(minute / 60);
        wall.minute = (int)(minute % 60);
        if (zone_to_utc(parse->definition->zone, &wall, &starts) == 0)
            add_slot(reading, rule, resource, &wall, starts);
        else
            source_warn(&parse->source, rule->group, NULL,
                        "%04d-%02d-%02dT%02d:%02d does not exist in %s, where clocks go forward then: no slot starts "
                        "there", wall.year, wall.month, wall.day, wall.hour, wall.minute, parse->definition->zone);
    }
}

static void add_slots(struct reading *reading, const struct rule *rule, size_t resource)
{
    size_t before = reading->count;

    for (int64_t day = reading->first; day <= reading->last && !reading->full; day++)
        if (is_open(rule, day))
            add_day(reading, rule, resource, day);
    if (reading->count == before && !reading->full && !reading->parse->no_memory)
        source_fault(&reading->parse->source, rule->group, NULL, "makes no slot on any day of the event");
}

/* True if the rule can be followed. */
static bool read_rule(struct reading *reading, const config_setting_t *group, struct rule *rule)
{
    struct parse *parse = reading->parse;

    rule->group = group;
    rule->weekdays = read_weekdays(parse, group);
    rule->from = read_hour(parse, group, "from");
    rule->to = read_hour(parse, group, "to");
    bool timed = rule->from >= 0 && rule->to >= 0;
    if (timed && rule->to <= rule->from) {
        source_fault(&parse->source, group, "to", "is not after from");
        timed = false;
    }
    bool good = parse_given(parse, group, "length_minutes") &&
                parse_int(parse, group, "length_minutes", LENGTH_MIN, LENGTH_MAX, &rule->length);
    if (good && timed && rule->length > rule->to - rule->from)
        source_fault(&parse->source, group, "length_minutes", "%lld is more than the %d minutes between from and to",
                     (long long)rule->length, rule->to - rule->from);
    read_blackout(reading, group, rule);
    return good && timed;
}

static void read_resource(struct reading *reading, const config_setting_t *list, size_t at)
{
    static const char *const keys[] = { "resource", "title", "mode", "weekdays", "from", "to", "length_minutes",
                                        "capacity", "blackout", "lead_days", "propose", NULL };
    struct parse *parse = reading->parse;
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);
    struct event_programme *programme = &parse->definition->programme;
    struct event_resource *resource = &programme->resources[at];
    size_t faults = parse->source.fault_count;
    struct rule rule = { 0 };

    *resource = (struct event_resource){ .id = "", .mode = -1, .capacity = 1 };
    if (!source_known(&parse->source, group, keys))
        return;
    resource->id = parse_entry_id(parse, list, at, "resource");
    resource->has_title = parse_text(parse, group, "title", PARSE_LABEL, false, &resource->title);
    resource->mode = parse_mode(parse, group);
    (void)parse_int(parse, group, "capacity", 1, PARSE_PLACES_MAX, &resource->capacity);
    (void)parse_int(parse, group, "lead_days", 0, LEAD_DAYS_MAX, &resource->lead_days);
    resource->propose = parse_bool(parse, group, "propose", false);
    programme->propose = programme->propose || resource->propose;
    if (read_rule(reading, group, &rule) && parse->source.fault_count == faults && reading->measured)
        add_slots(reading, &rule, at);
}

void parse_slots(struct parse *parse, const config_setting_t *root)
{
    struct event_definition *definition = parse->definition;
    const config_setting_t *list = config_setting_get_member(root, "slots");
    int count = parse_groups(parse, root, "slots", RESOURCES_MAX);
    struct reading reading = { .parse = parse };
    struct wall wall;

    if (count <= 0)
        return;
    definition->programme.resources = parse_take(parse, (size_t)count, sizeof(*definition->programme.resources));
    if (!definition->programme.resources)
        return;
    reading.measured = parse->zone_good && definition->starts < definition->ends;
    if (reading.measured) {
        zone_to_wall(definition->zone, definition->starts, &wall);
        reading.first = day_of(&wall);
        zone_to_wall(definition->zone, definition->ends - 1, &wall); /* at midnight the day before was the last */
        reading.last = day_of(&wall);
    }
    definition->programme.resource_count = (size_t)count;
    for (size_t i = 0; i < (size_t)count; i++)
        read_resource(&reading, list, i);
    definition->programme.slots = reading.slots;
    definition->programme.slot_count = reading.count;
}
