/* SPDX-License-Identifier: EUPL-1.2 */
/* Reckons when an event's mails are due. "1d" before 09:30 is 09:30 of the day before, on both sides of a change of
 * clocks. Called by take_revision and plan; the writer's thread. */
#include "change/revision_plans.h"

#include <errno.h>
#include <inttypes.h>

#include "base/arena.h"
#include "event/definition.h"
#include "event/zone.h"
#include "store/db.h"

#define HOUR 3600
#define DAY_HOURS 24
#define THANKS_KEPT (30 * 86400)
#define MONDAY 4 /* 1 January 1970 was a Thursday: days since then, modulo 7 */

/* A date of the event, and from when until when somebody comes on it. */
struct date {
    int64_t date, starts, ends;
    int day; /* its first day's position; -1: slots alone */
    bool slots;
};

struct dates {
    size_t count;
    struct date *dates;
};

struct making {
    struct arena *arena;
    const struct event_definition *definition;
    int64_t now;
    struct revision_plans plans;
    size_t room;
};

static int64_t date_of(const struct event_definition *definition, int64_t at)
{
    struct wall wall;
    zone_to_wall(definition->zone, at, &wall);
    return wall_day(&wall);
}

static void add_span(struct dates *dates, int64_t date, int day, int64_t starts, int64_t ends)
{
    struct date *found = NULL;
    for (size_t i = dates->count; !found && i > 0; i--)
        if (dates->dates[i - 1].date == date)
            found = &dates->dates[i - 1];
    if (!found) {
        found = &dates->dates[dates->count++];
        *found = (struct date){ .date = date, .starts = starts, .ends = ends, .day = -1 };
    }
    if (found->day < 0)
        found->day = day;
    found->slots |= day < 0;
    found->starts = starts < found->starts ? starts : found->starts;
    found->ends = ends > found->ends ? ends : found->ends;
}

/* In some mode people come on the event's days, not at a time that they book. */
static bool has_days(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->mode_count; i++)
        if (!programme_has_slots(&definition->programme, (int)i))
            return true;
    return false;
}

static int collect(struct arena *arena, const struct event_definition *definition, struct dates *dates)
{
    const struct event_programme *programme = &definition->programme;

    *dates = (struct dates){ 0 };
    dates->dates = arena_take(arena, (definition->day_count + programme->slot_count + 1) * sizeof(*dates->dates));
    if (!dates->dates)
        return -ENOMEM;
    for (size_t i = 0; has_days(definition) && i < definition->day_count; i++) {
        const struct event_day *day = &definition->days[i];
        add_span(dates, date_of(definition, day->starts), (int)i, day->starts, day->ends);
    }
    for (size_t i = 0; i < programme->slot_count; i++) {
        const struct event_slot *slot = &programme->slots[i];
        add_span(dates, date_of(definition, slot->starts), -1, slot->starts, slot->ends);
    }
    return 0;
}

/* LEAD before AT, or behind it. */
static int64_t shift(const struct event_definition *definition, int64_t at, const struct event_lead *lead, int sign)
{
    struct wall wall, moved;
    int64_t shifted = at + sign * (int64_t)lead->hours * HOUR;
    if (!lead->by_days)
        return shifted;
    zone_to_wall(definition->zone, at, &wall);
    moved = wall_plus_days(&wall, sign * lead->hours / DAY_HOURS);
    if (zone_to_utc_always(definition->zone, &moved, &shifted) < 0)
        return at + sign * (int64_t)lead->hours * HOUR; /* a zone that this system no longer knows */
    return shifted;
}

/* What makes no sense any more is not planned. */
static int add(struct making *making, const struct revision_plan *plan)
{
    if (plan->expires_at <= making->now)
        return 0;
    struct revision_plan *rows =
        arena_grow(making->arena, making->plans.rows, making->plans.count, &making->room, sizeof(*rows));
    if (!rows || !plan->data)
        return -ENOMEM;
    rows[making->plans.count++] = *plan;
    making->plans.rows = rows;
    return 0;
}

static const char *date_data(struct arena *arena, const struct date *date)
{
    if (date->day < 0)
        return arena_format(arena, "{\"starts\":%" PRId64 ",\"ends\":%" PRId64 "}", date->starts, date->ends);
    return arena_format(arena, "{\"day\":%d,\"starts\":%" PRId64 ",\"ends\":%" PRId64 "}", date->day, date->starts,
                        date->ends);
}

static int add_date(struct making *making, const struct date *date)
{
    const struct event_definition *definition = making->definition;
    const char *data = date_data(making->arena, date);
    int r = 0;

    for (size_t i = 0; r == 0 && i < definition->reminder_count; i++) {
        const struct event_lead *lead = &definition->reminders[i];
        const struct revision_plan plan = { .kind = "reminder",
                                            .instance = date->date * REVISION_PLANS_DAY + lead->hours,
                                            .data = data,
                                            .due_at = shift(definition, date->starts, lead, -1),
                                            /* a slot may begin later on that date */
                                            .expires_at = date->slots ? date->ends : date->starts };
        r = add(making, &plan);
    }
    if (r < 0 || definition->join_mail.hours == 0)
        return r;
    const struct revision_plan plan = { .kind = "join",
                                        .instance = date->date * REVISION_PLANS_DAY, /* one, whatever the lead was */
                                        .data = data,
                                        .due_at = shift(definition, date->starts, &definition->join_mail, -1),
                                        .expires_at = date->ends };
    return add(making, &plan);
}

static int add_thanks(struct making *making)
{
    const struct event_definition *definition = making->definition;
    if (!definition->thanks.given)
        return 0;
    int64_t due = shift(definition, definition->ends, &definition->thanks.after, 1);
    const struct revision_plan plan = {
        .kind = "thanks", .data = "{}", .due_at = due, .expires_at = due + THANKS_KEPT
    };
    return add(making, &plan);
}

int64_t revision_plans_digest(const struct event_definition *definition, int64_t after)
{
    struct wall today;
    zone_to_wall(definition->zone, after, &today);
    today.hour = definition->notify.hour;
    today.minute = definition->notify.minute;
    today.second = 0;
    for (int64_t days = 0; days <= 7; days++) {
        const struct wall wall = wall_plus_days(&today, days);
        int64_t at;
        if (definition->notify.digest == DIGEST_WEEKLY && wall_day(&wall) % 7 != MONDAY)
            continue;
        if (zone_to_utc_always(definition->zone, &wall, &at) == 0 && at > after)
            return at < definition->ends ? at : 0;
    }
    return 0;
}

static int add_digest(struct making *making)
{
    const struct event_definition *definition = making->definition;
    if (definition->notify.to_count == 0 || definition->notify.digest == DIGEST_NONE)
        return 0;
    int64_t due = revision_plans_digest(definition, making->now);
    if (due == 0)
        return 0;
    const struct revision_plan plan = {
        .kind = "digest",
        .data = arena_format(making->arena, "{\"since\":%" PRId64 ",\"day\":0}", making->now),
        .due_at = due,
        .expires_at = definition->ends
    };
    return add(making, &plan);
}

int revision_plans_make(struct arena *arena, const struct event_definition *definition, int64_t now,
                        struct revision_plans *ret_plans)
{
    struct making making = { .arena = arena, .definition = definition, .now = now };
    struct dates dates;
    int r = collect(arena, definition, &dates);

    for (size_t i = 0; r == 0 && i < dates.count; i++)
        r = add_date(&making, &dates.dates[i]);
    if (r == 0)
        r = add_thanks(&making);
    if (r == 0)
        r = add_digest(&making);
    if (r == 0)
        *ret_plans = making.plans;
    return r;
}

int revision_plans_write(struct db *db, int64_t event_id, const struct revision_plans *plans)
{
    struct query *query = db_query(db, "mail_plans_drop");
    db_bind_int(query, ":bulk", 0);
    db_bind_int(query, ":event", event_id);
    int r = db_run(query);
    for (size_t i = 0; r == 0 && i < plans->count; i++) {
        const struct revision_plan *plan = &plans->rows[i];
        query = db_query(db, "mail_plan_put");
        db_bind_int(query, ":event", event_id);
        db_bind_text(query, ":kind", plan->kind);
        db_bind_int(query, ":instance", plan->instance);
        db_bind_text(query, ":data", plan->data);
        db_bind_int(query, ":due", plan->due_at);
        db_bind_int(query, ":expires", plan->expires_at);
        r = db_run(query);
    }
    return r;
}
