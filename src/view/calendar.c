/* SPDX-License-Identifier: EUPL-1.2 */
/* A calendar entry as text. libical escapes and folds; the frame and the VTIMEZONE are text, for libical's
 * own TZID carries a prefix and its zones carry their history. Values of type URI are not escaped by libical (tried),
 * so they are checked here. Caller: view/entry; any thread. */
#include "view/calendar.h"

#include <errno.h>
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/text.h"
#include "event/definition.h"

/* One day of the event as the calendar shows it: wall time of the zone, or UTC if there is no VTIMEZONE. */
struct span { struct icaltimetype starts, ends; };

struct work {
    const struct calendar *calendar;
    struct arena *arena;
    size_t count;
    struct span *spans;
    char *summary, *description, *location, *url, *organizer_name, *organizer, *attendee_name, *attendee;
};

static struct icaltimetype from_wall(const struct wall *wall)
{
    struct icaltimetype time = icaltime_null_time();
    time.year = wall->year;
    time.month = wall->month;
    time.day = wall->day;
    time.hour = wall->hour;
    time.minute = wall->minute;
    time.second = wall->second;
    return time;
}

static struct icaltimetype from_utc(int64_t at)
{
    return icaltime_from_timet_with_zone((time_t)at, 0, icaltimezone_get_utc_timezone());
}

/* Seconds from A to B, both of the same sort. */
static int64_t distance(struct icaltimetype a, struct icaltimetype b)
{
    return (int64_t)icaltime_as_timet(b) - (int64_t)icaltime_as_timet(a);
}

/* The same length and, COUNT days later, the same hour as the first day: one rule says them all. */
static bool fits_rule(const struct work *work, size_t day, bool *ret_same_length)
{
    const struct span *first = &work->spans[0], *span = &work->spans[day];
    *ret_same_length = distance(span->starts, span->ends) == distance(first->starts, first->ends);
    return distance(first->starts, span->starts) == (int64_t)day * 86400;
}

/* Days on dates that follow one another: other hours then are overrides of the rule's instances. */
static bool dates_follow(const struct work *work)
{
    for (size_t i = 1; i < work->count; i++) {
        struct icaltimetype expected = work->spans[0].starts, found = work->spans[i].starts;
        icaltime_adjust(&expected, (int)i, 0, 0, 0);
        if (expected.year != found.year || expected.month != found.month || expected.day != found.day)
            return false;
    }
    return true;
}

/* mailto: by RFC 6068: what is not plain is percent-encoded, so nothing can end the line. */
static char *mailto(struct arena *arena, const char *address)
{
    struct buffer buffer = { 0 };
    buffer_text(&buffer, "mailto:");
    for (const char *c = address; *c; c++)
        if ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
            strchr("@.-_~+!$'*", *c))
            buffer_add(&buffer, c, 1);
        else
            buffer_format(&buffer, "%%%02X", (unsigned)(unsigned char)*c);
    char *text = buffer_check(&buffer) < 0 ? NULL : arena_copy(arena, buffer_string(&buffer));
    buffer_done(&buffer);
    return text;
}

static int clean(struct arena *arena, const char *text, bool many_lines, char **ret_clean)
{
    *ret_clean = NULL;
    return text && *text ? text_clean(arena, text, strlen(text), many_lines, ret_clean) : 0;
}

/* One kind of URL goes into the entry: ours. A character that RFC 3986 does not know is refused. */
static int clean_url(struct work *work)
{
    const char *url = work->calendar->url;
    if (!url || strncmp(url, "https://", 8) != 0)
        return 0;
    for (const char *c = url; *c; c++)
        if (*c <= ' ' || *c >= 0x7f || strchr("\"<>\\^`{|}", *c))
            return -EINVAL;
    work->url = arena_copy(work->arena, url);
    return work->url ? 0 : -ENOMEM;
}

static bool is_bare(const char *address)
{
    for (const char *c = address; *c; c++)
        if ((unsigned char)*c <= ' ' || *c == 0x7f)
            return false;
    return text_is_utf8(address, strlen(address)) && strchr(address, '@');
}

static bool is_uid(const char *uid)
{
    for (const char *c = uid; *c; c++)
        if (*c <= ' ' || *c >= 0x7f)
            return false;
    return true;
}

static int clean_values(struct work *work)
{
    const struct calendar *calendar = work->calendar;
    int r;

    bool asked = calendar->method != CALENDAR_PUBLISH;
    if (!is_bare(calendar->organizer_address) || (asked && !is_bare(calendar->attendee_address)))
        return -EINVAL;
    if (!is_uid(calendar->uid) || (asked && calendar->part_count > 0))
        return -EINVAL;
    if ((r = clean(work->arena, calendar->summary, false, &work->summary)) < 0 ||
        (r = clean(work->arena, calendar->description, true, &work->description)) < 0 ||
        (r = clean(work->arena, calendar->location, false, &work->location)) < 0 ||
        (r = clean(work->arena, calendar->organizer_name, false, &work->organizer_name)) < 0 ||
        (r = clean_url(work)) < 0 ||
        (asked && (r = clean(work->arena, calendar->attendee_name, false, &work->attendee_name)) < 0))
        return r;
    work->organizer = mailto(work->arena, calendar->organizer_address);
    work->attendee = asked ? mailto(work->arena, calendar->attendee_address) : NULL;
    return work->organizer && (work->attendee || !asked) ? 0 : -ENOMEM;
}

static struct icaltimetype local(const struct work *work, int64_t at)
{
    const struct event_definition *definition = work->calendar->definition;
    struct wall wall;
    if (!definition->vtimezone)
        return from_utc(at);
    zone_to_wall(definition->zone, at, &wall);
    return from_wall(&wall);
}

static int make_spans(struct work *work)
{
    const struct event_definition *definition = work->calendar->definition;
    bool part = work->calendar->starts != 0;
    work->count = part ? 1 : definition->day_count;
    if (work->count == 0)
        return -EINVAL;
    work->spans = arena_take(work->arena, work->count * sizeof(*work->spans));
    if (!work->spans)
        return -ENOMEM;
    if (part) {
        work->spans[0] = (struct span){ .starts = local(work, work->calendar->starts),
                                        .ends = local(work, work->calendar->ends) };
        return 0;
    }
    for (size_t i = 0; i < work->count; i++) {
        const struct event_day *day = &definition->days[i];
        bool wall = definition->vtimezone != NULL;
        work->spans[i].starts = wall ? from_wall(&day->starts_wall) : from_utc(day->starts);
        work->spans[i].ends = wall ? from_wall(&day->ends_wall) : from_utc(day->ends);
    }
    return 0;
}

static void add(icalcomponent *event, icalproperty *property)
{
    if (property) /* else libical has set icalerrno, asked for at the end */
        icalcomponent_add_property(event, property);
}

static void add_parameter(icalproperty *property, icalparameter *parameter)
{
    if (property && parameter)
        icalproperty_add_parameter(property, parameter);
}

/* A time with its zone's name; a UTC time carries none. */
static void add_time(const struct work *work, icalcomponent *event, icalproperty *property)
{
    if (work->calendar->definition->vtimezone)
        add_parameter(property, icalparameter_new_tzid(work->calendar->definition->zone));
    add(event, property);
}

static void add_people(const struct work *work, icalcomponent *event)
{
    icalproperty *organizer = icalproperty_new_organizer(work->organizer);
    if (work->organizer_name)
        add_parameter(organizer, icalparameter_new_cn(work->organizer_name));
    add(event, organizer);
    if (!work->attendee)
        return;

    icalproperty *attendee = icalproperty_new_attendee(work->attendee);
    if (work->attendee_name)
        add_parameter(attendee, icalparameter_new_cn(work->attendee_name));
    add_parameter(attendee, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
    add_parameter(attendee, icalparameter_new_partstat(ICAL_PARTSTAT_ACCEPTED));
    add_parameter(attendee, icalparameter_new_rsvp(ICAL_RSVP_FALSE));
    add(event, attendee);
}

/* What all entries and their instances share. */
static icalcomponent *start_entry(const struct work *work, const char *uid, const struct span *span)
{
    const struct calendar *calendar = work->calendar;
    icalcomponent *event = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    if (!event)
        return NULL;
    add(event, icalproperty_new_uid(uid));
    add(event, icalproperty_new_dtstamp(from_utc(calendar->stamp)));
    add(event, icalproperty_new_sequence((int)calendar->sequence));
    bool off = calendar->called_off || calendar->method == CALENDAR_CANCEL;
    add(event, icalproperty_new_status(off ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    add_time(work, event, icalproperty_new_dtstart(span->starts));
    add_time(work, event, icalproperty_new_dtend(span->ends));
    if (work->location)
        add(event, icalproperty_new_location(work->location));
    if (work->url)
        add(event, icalproperty_new_url(work->url));
    add_people(work, event);
    return event;
}

static icalcomponent *start_event(const struct work *work, const struct span *span)
{
    icalcomponent *event = start_entry(work, work->calendar->uid, span);
    if (event && work->summary)
        add(event, icalproperty_new_summary(work->summary));
    if (event && work->description)
        add(event, icalproperty_new_description(work->description));
    return event;
}

static int write_event(struct buffer *out, icalcomponent *event)
{
    char *text = event ? icalcomponent_as_ical_string_r(event) : NULL;
    if (text)
        buffer_text(out, text);
    free(text);
    if (event)
        icalcomponent_free(event);
    return text ? 0 : -ENOMEM;
}

static void add_rule(const struct work *work, icalcomponent *event)
{
    struct icalrecurrencetype rule;
    icalrecurrencetype_clear(&rule);
    rule.freq = ICAL_DAILY_RECURRENCE;
    rule.count = (int)work->count;
    add(event, icalproperty_new_rrule(rule));
}

static void add_dates(const struct work *work, icalcomponent *event)
{
    for (size_t i = 1; i < work->count; i++) {
        struct icaldatetimeperiodtype date = { .time = work->spans[i].starts, .period = icalperiodtype_null_period() };
        add_time(work, event, icalproperty_new_rdate(date));
    }
}

/* Several days: a daily rule over days that follow one another, else a list of dates; a day that the first does not
 * foretell is an override. Dates that do not follow one another stand in the list with their own hour. */
static int write_events(struct work *work, struct buffer *out)
{
    bool rule = dates_follow(work);
    icalcomponent *master = start_event(work, &work->spans[0]);
    if (!master)
        return -ENOMEM;
    if (work->count > 1) {
        if (rule)
            add_rule(work, master);
        else
            add_dates(work, master);
    }
    int r = write_event(out, master);
    /* RFC 5546 section 3.2.5: without RECURRENCE-ID all instances are meant */
    if (work->calendar->method == CALENDAR_CANCEL)
        return r;
    for (size_t i = 1; r == 0 && i < work->count; i++) {
        bool same_length, same_hour = fits_rule(work, i, &same_length);
        if (same_length && (same_hour || !rule))
            continue;
        struct icaltimetype instance = work->spans[i].starts;
        if (rule) {
            instance = work->spans[0].starts;
            icaltime_adjust(&instance, (int)i, 0, 0, 0);
        }
        icalcomponent *override = start_event(work, &work->spans[i]);
        if (override)
            add_time(work, override, icalproperty_new_recurrenceid(instance));
        r = write_event(out, override);
    }
    return r;
}

static int write_parts(struct work *work, struct buffer *out)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < work->calendar->part_count; i++) {
        const struct calendar_part *part = &work->calendar->parts[i];
        const struct span span = { .starts = local(work, part->starts), .ends = local(work, part->ends) };
        char *summary;
        if (!is_uid(part->uid))
            return -EINVAL;
        r = clean(work->arena, part->summary, false, &summary);
        if (r < 0)
            return r;
        icalcomponent *event = start_entry(work, part->uid, &span);
        if (event && summary)
            add(event, icalproperty_new_summary(summary));
        r = write_event(out, event);
    }
    return r;
}

const char *calendar_method_name(enum calendar_method method)
{
    static const char *const names[] = {
        [CALENDAR_REQUEST] = "REQUEST",
        [CALENDAR_CANCEL] = "CANCEL",
        [CALENDAR_PUBLISH] = "PUBLISH",
    };
    return names[method];
}

int calendar_make(struct arena *arena, const struct calendar *calendar, char **ret_text)
{
    struct work work = { .calendar = calendar, .arena = arena };
    struct buffer out = { 0 };

    icalerror_clear_errno();
    if (calendar->sequence < 0 || calendar->sequence > INT32_MAX)
        return -EINVAL;
    int r = clean_values(&work);
    if (r == 0)
        r = make_spans(&work);
    if (r < 0)
        return r;

    buffer_text(&out, "BEGIN:VCALENDAR\r\nPRODID:-//convened//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n");
    buffer_format(&out, "METHOD:%s\r\n", calendar_method_name(calendar->method));
    if (calendar->definition->vtimezone)
        buffer_text(&out, calendar->definition->vtimezone);
    r = write_events(&work, &out);
    if (r == 0)
        r = write_parts(&work, &out);
    buffer_text(&out, "END:VCALENDAR\r\n");
    if (r == 0)
        r = icalerrno == ICAL_NEWFAILED_ERROR ? -ENOMEM : buffer_check(&out);
    if (r == 0) {
        char *text = arena_copy(arena, buffer_string(&out));
        if (text)
            *ret_text = text;
        else
            r = -ENOMEM;
    }
    buffer_done(&out);
    return r;
}
