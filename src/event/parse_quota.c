/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may have how many places: the caps and reserves of a definition. Called by parse.c, after modes, fields and
 * sessions, since a condition asks for them. */
#include <string.h>

#include "event/parse.h"

#define CAPS_MAX 3 /* one by each */
#define RESERVES_MAX 500

static void read_cap(struct parse *parse, const config_setting_t *list, struct event_cap *caps, size_t at)
{
    static const char *const keys[] = { "by", "max", NULL };
    static const char *const bys[] = { [CAP_ORGANISATION] = "organisation", [CAP_COUNTRY] = "country",
                                       [CAP_STAKEHOLDER] = "stakeholder", NULL };
    static const enum field_role roles[] = { [CAP_COUNTRY] = ROLE_COUNTRY, [CAP_STAKEHOLDER] = ROLE_STAKEHOLDER };
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);

    if (!source_known(&parse->source, group, keys))
        return;
    int by = parse_given(parse, group, "by") ? parse_word(parse, group, "by", bys, -1) : -1;
    if (parse_given(parse, group, "max"))
        (void)parse_int(parse, group, "max", 1, PARSE_PLACES_MAX, &caps[at].max);
    if (by < 0)
        return;
    caps[at].by = (enum event_cap_by)by;
    for (size_t i = 0; i < at; i++)
        if (caps[i].max > 0 && caps[i].by == caps[at].by) {
            source_fault(&parse->source, group, "by", "\"%s\" stands twice", bys[by]);
            return;
        }
    /* an organisation is known by its address, whoever asks for more */
    if (caps[at].by != CAP_ORGANISATION && !event_field_by_role(parse->definition, roles[by]))
        source_fault(&parse->source, group, "by", "no field has the role %s", bys[by]);
}

static void read_caps(struct parse *parse, const config_setting_t *root)
{
    const config_setting_t *list = config_setting_get_member(root, "caps");
    int count = parse_groups(parse, root, "caps", CAPS_MAX);
    if (count <= 0)
        return;
    struct event_cap *caps = parse_take(parse, (size_t)count, sizeof(*caps));
    for (size_t i = 0; caps && i < (size_t)count; i++)
        read_cap(parse, list, caps, i);
    parse->definition->programme.caps = caps;
    parse->definition->programme.cap_count = caps ? (size_t)count : 0;
}

static void read_for(struct parse *parse, const config_setting_t *group, struct event_reserve *reserve)
{
    reserve->condition = parse_condition(parse, group, "for", &reserve->words);
    if (reserve->condition)
        parse_asked(parse, group, "for", reserve->condition, NULL);
}

/* Position of the mode that places are kept of; -1: a fault. */
static int read_mode(struct parse *parse, const config_setting_t *group)
{
    const struct event_definition *definition = parse->definition;
    int mode = -1;

    if (config_setting_get_member(group, "mode"))
        mode = parse_mode(parse, group);
    else if (definition->mode_count == 1)
        mode = 0;
    else if (definition->mode_count > 1)
        source_fault(&parse->source, group, "mode", "is missing: the event has several modes");
    if (mode < 0 || definition->modes[mode].limited)
        return mode;
    source_fault(&parse->source, group, "mode", "the mode has no capacity, so no places of it can be kept");
    return -1;
}

/* All reserves of a mode, up to AT, must find room in it. */
static void check_sum(struct parse *parse, const config_setting_t *group, const struct event_reserve *reserves,
                      size_t at)
{
    const struct event_mode *mode = &parse->definition->modes[reserves[at].mode];
    int64_t before = 0, sum;

    for (size_t i = 0; i < at; i++)
        before += reserves[i].mode == reserves[at].mode ? reserves[i].size : 0;
    sum = before + reserves[at].size;
    if (before <= mode->capacity && sum > mode->capacity)
        source_fault(&parse->source, group, "size", "with it %lld places are kept of the mode's %lld", (long long)sum,
                     (long long)mode->capacity);
}

static void read_reserve(struct parse *parse, const config_setting_t *list, struct event_reserve *reserves, size_t at)
{
    static const char *const keys[] = { "id", "mode", "for", "size", "release", NULL };
    const struct event_definition *definition = parse->definition;
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);
    struct event_reserve *reserve = &reserves[at];
    struct wall wall;

    reserve->id = "";
    reserve->mode = -1;
    if (!source_known(&parse->source, group, keys))
        return;
    reserve->id = parse_entry_id(parse, list, at, "id");
    reserve->mode = read_mode(parse, group);
    read_for(parse, group, reserve);
    if (parse_given(parse, group, "size") && parse_int(parse, group, "size", 1, PARSE_PLACES_MAX, &reserve->size) &&
        reserve->mode >= 0)
        check_sum(parse, group, reserves, at);
    reserve->has_release = parse_wall(parse, group, "release", &wall, &reserve->release);
    if (!reserve->has_release)
        return;
    if (definition->has_opens && reserve->release < definition->opens)
        source_fault(&parse->source, group, "release", "is before opens");
    if (definition->starts < definition->ends && reserve->release > definition->starts)
        source_fault(&parse->source, group, "release", "is after the event starts");
}

static void read_reserves(struct parse *parse, const config_setting_t *root)
{
    const config_setting_t *list = config_setting_get_member(root, "reserves");
    int count = parse_groups(parse, root, "reserves", RESERVES_MAX);
    if (count <= 0)
        return;
    struct event_reserve *reserves = parse_take(parse, (size_t)count, sizeof(*reserves));
    for (size_t i = 0; reserves && i < (size_t)count; i++)
        read_reserve(parse, list, reserves, i);
    parse->definition->programme.reserves = reserves;
    parse->definition->programme.reserve_count = reserves ? (size_t)count : 0;
}

void parse_quota(struct parse *parse, const config_setting_t *root)
{
    read_caps(parse, root);
    read_reserves(parse, root);
}
