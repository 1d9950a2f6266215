/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event show: what is stored of an event. One thread. */
#include "ctl/event.h"

#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "ctl/ctl_event.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "event/definition.h"
#include "store/db.h"

#define PLACES                                                                                                         \
    "SELECT kind, place, capacity, taken, held, reserved, waiting, free, title FROM places WHERE event = :slug "

#define MAILS "SELECT kind, due_at, state FROM mail_plans WHERE event = :slug ORDER BY due_at, kind"

struct showing {
    struct ctl *ctl;
    struct arena *arena;
    const struct event_revision *revision;
    const struct event_definition *definition;
};

/* ---- for programs ---- */

static json_t *wall_json(const struct showing *s, int64_t at)
{
    return json_pack("{s:s, s:s}", "local", ctl_event_wall(s->arena, s->definition->zone, at), "utc",
                     ctl_event_instant(s->arena, at));
}

static json_t *field_json(const struct showing *s, const struct event_field *field)
{
    json_t *options = json_array();
    for (size_t i = 0; i < field->option_count; i++)
        (void)json_array_append_new(options, json_string(field->options[i].id));
    return json_pack("{s:s, s:s, s:b, s:b, s:s, s:s?, s:o}", "field", field->id, "type", field_type_name(field->type),
                     "required", (int)field->required, "after_review", (int)field->after_review, "label",
                     ctl_event_text(s->definition, &field->label), "show_if", field->show_if_words, "options", options);
}

static json_t *fields_json(const struct showing *s)
{
    json_t *fields = json_array();
    for (size_t i = 0; i < s->definition->field_count; i++)
        (void)json_array_append_new(fields, field_json(s, &s->definition->fields[i]));
    return fields;
}

static json_t *times_json(const struct showing *s)
{
    const struct event_definition *d = s->definition;
    json_t *days = json_array();
    for (size_t i = 0; i < d->day_count; i++)
        (void)json_array_append_new(days, json_pack("{s:o, s:o}", "starts", wall_json(s, d->days[i].starts), "ends",
                                                    wall_json(s, d->days[i].ends)));
    return json_pack("{s:s, s:o, s:o, s:o?, s:o, s:o, s:o}", "zone", d->zone, "starts", wall_json(s, d->starts), "ends",
                     wall_json(s, d->ends), "opens", d->has_opens ? wall_json(s, d->opens) : NULL, "closes",
                     wall_json(s, d->closes), "changes_until", wall_json(s, d->changes_until), "days", days);
}

static enum ctl_exit list(const struct showing *s, const char *sql, json_t **ret_rows)
{
    struct query *query = ctl_query(s->ctl, sql, ":slug", s->revision->slug);
    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, ret_rows);
    db_finish(query);
    return r < 0 ? ctl_store_failed(s->ctl, r) : CTL_OK;
}

static enum ctl_exit say_json(const struct showing *s)
{
    const struct event_revision *v = s->revision;
    json_t *places, *mails;
    enum ctl_exit exit = list(s, PLACES, &places);
    if (exit != CTL_OK)
        return exit;
    exit = list(s, MAILS, &mails);
    if (exit != CTL_OK) {
        json_decref(places);
        return exit;
    }
    json_t *text = s->definition->has_place ? json_string(ctl_event_text(s->definition, &s->definition->place)) : NULL;
    return ctl_print_json(json_pack(
        "{s:s, s:s, s:s?, s:I, s:b, s:s, s:s, s:s, s:s?, s:I, s:s, s:o?, s:o, s:o, s:o, s:o}", "event", v->slug,
        "state", v->state, "off_reason", v->off_reason, "revision", (json_int_t)v->number, "current",
        (int)v->is_current, "taken_over", ctl_event_instant(s->arena, v->created_at), "author", v->author, "source",
        v->source, "file", v->file, "ical_sequence", (json_int_t)v->ical_sequence, "title",
        ctl_event_text(s->definition, &s->definition->title), "where", text, "times", times_json(s), "places", places,
        "mails", mails, "fields", fields_json(s)));
}

/* ---- for people ---- */

static void line(const char *label, const char *text)
{
    (void)printf("%s: ", label);
    table_print_text(text, 4, stdout);
    (void)putchar('\n');
}

static void wall_line(const struct showing *s, const char *label, int64_t at)
{
    line(label, ctl_event_wall(s->arena, s->definition->zone, at));
}

static void print_head(const struct showing *s)
{
    const struct event_revision *v = s->revision;
    const struct event_definition *d = s->definition;
    line("Event", v->slug);
    line("Title", ctl_event_text(d, &d->title));
    line("State", v->state);
    if (v->off_reason)
        line("Called off", v->off_reason);
    (void)printf("Revision: %lld%s\n", (long long)v->number, v->is_current ? ", the current one" : "");
    (void)printf("Taken over: %s by %s", ctl_event_instant(s->arena, v->created_at), v->author);
    if (v->file)
        (void)printf(" from %s", v->file);
    (void)printf("\nTime zone: %s\n", d->zone);
    if (d->day_count == 1) {
        wall_line(s, "Starts", d->starts);
        wall_line(s, "Ends", d->ends);
    }
    for (size_t i = 0; d->day_count > 1 && i < d->day_count; i++)
        (void)printf("Day %zu: %s to %s\n", i + 1, ctl_event_wall(s->arena, d->zone, d->days[i].starts),
                     ctl_event_wall(s->arena, d->zone, d->days[i].ends));
    if (d->has_opens)
        wall_line(s, "Opens", d->opens);
    wall_line(s, "Closes", d->closes);
    wall_line(s, "Changes until", d->changes_until);
    if (d->has_place)
        line("Where", ctl_event_text(d, &d->place));
}

static enum ctl_exit print_fields(const struct showing *s)
{
    static const char *const headings[] = { "FIELD", "TYPE", "REQUIRED", "LABEL" };
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    if (!table)
        return ctl_no_memory();
    for (size_t i = 0; i < s->definition->field_count; i++) {
        const struct event_field *field = &s->definition->fields[i];
        table_add(table, field->id);
        table_add(table, field_type_name(field->type));
        table_add(table, field->required ? "yes" : "no");
        table_add(table, ctl_event_text(s->definition, &field->label));
    }
    int r = table_print(table, stdout);
    table_free(table);
    return r < 0 ? ctl_no_memory() : ctl_output_done();
}

static enum ctl_exit say_words(const struct showing *s)
{
    static const char *const headings[] = { "KIND",     "PLACE",   "CAPACITY", "TAKEN", "HELD",
                                            "RESERVED", "WAITING", "FREE",     "TITLE" };
    static const char *const mails[] = { "KIND", "DUE", "STATE" };
    print_head(s);
    (void)puts("\nPlaces, as they stand now:");
    enum ctl_exit exit = rows_print_table(s->ctl, ctl_query(s->ctl, PLACES, ":slug", s->revision->slug), headings,
                                          sizeof(headings) / sizeof(headings[0]));
    if (exit != CTL_OK)
        return exit;
    (void)puts("\nMails that are sent on a date:");
    exit = rows_print_table(s->ctl, ctl_query(s->ctl, MAILS, ":slug", s->revision->slug), mails,
                            sizeof(mails) / sizeof(mails[0]));
    if (exit != CTL_OK)
        return exit;
    (void)puts("\nFields:");
    return print_fields(s);
}

static enum ctl_exit show(struct ctl *ctl, struct arena *arena, const struct event_arguments *arguments)
{
    struct event_revision revision;
    struct showing showing = { .ctl = ctl, .arena = arena, .revision = &revision };
    enum ctl_exit exit = ctl_event_revision(ctl, arena, arguments->slug, arguments->revisions[0], &revision);
    if (exit != CTL_OK)
        return exit;
    if (arguments->text) {
        (void)fputs(revision.text, stdout);
        return ctl_output_done();
    }
    exit = ctl_event_parse(&revision, &showing.definition);
    if (exit != CTL_OK)
        return exit;
    exit = arguments->json ? say_json(&showing) : say_words(&showing);
    event_definition_unref(showing.definition);
    return exit;
}

enum ctl_exit ctl_event_show(struct ctl *ctl, const struct event_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? show(ctl, arena, arguments) : ctl_no_memory();
    arena_free(arena);
    return exit;
}
