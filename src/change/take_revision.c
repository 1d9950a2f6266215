/* SPDX-License-Identifier: EUPL-1.2 */
/* Takes event definitions over. Called by the writer through the descriptor, at start and at reload.
 *
 * decide sorts each file: unchanged, refused, taken. It then lists every event of the store as it stands afterwards,
 * which is what main builds the next edition from. */
#include "change/take_revision.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/flat_view.h"
#include "change/move.h"
#include "change/private.h"
#include "change/revision_check.h"
#include "change/revision_places.h"
#include "change/revision_plans.h"
#include "signup/places.h"
#include "store/db.h"
#include "store/facts.h"

#define HASH_BYTES 32
#define HASH_SIZE (HASH_BYTES * 2 + 1)

/* One event that is written: a new revision, or only another state. */
struct event_plan {
    struct event_plan *next;
    bool is_new, new_revision;
    int64_t event_id, revision_id, number, sequence;
    const char *slug, *state, *hash, *text, *file;
    const struct event_definition *definition;
    struct revision_places places;
    struct revision_plans plans; /* mails that are sent on a date */
};

struct take_revision_plan {
    int64_t at;
    struct event_plan *events;
    struct moves *moves;
};

struct work {
    struct take_revision *take;
    struct facts *facts;
    struct arena *arena;
    size_t refusal_room;
};

static int take_facts(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_events(wanted);
}

static const char *hash_text(struct arena *arena, const char *text, size_t size)
{
    unsigned char hash[HASH_BYTES];
    char *hex = arena_take(arena, HASH_SIZE);
    if (!hex)
        return NULL;
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)text, size, NULL, 0);
    return sodium_bin2hex(hex, HASH_SIZE, hash, sizeof(hash));
}

static const char *state_of(const struct event_definition *definition)
{
    return definition->visibility == EVENT_DRAFT ? "draft" : "live";
}

static enum event_state state_from(const char *state)
{
    if (strcmp(state, "withdrawn") == 0)
        return EVENT_WITHDRAWN;
    if (strcmp(state, "off") == 0)
        return EVENT_OFF;
    return strcmp(state, "draft") == 0 ? EVENT_DRAFT_STATE : EVENT_LIVE;
}

static struct event_fact *event_of(struct facts *facts, const char *slug)
{
    struct event_fact *events;
    size_t count = facts_events(facts, &events);
    for (size_t i = 0; i < count; i++)
        if (strcmp(events[i].slug, slug) == 0)
            return &events[i];
    return NULL;
}

static int sequence_of(struct work *work, const struct event_fact *event, const struct event_definition *definition,
                       int64_t *ret_sequence)
{
    const struct event_definition *old;
    const char *text;
    int r = facts_revision_text(work->facts, event->revision_id, &text);
    if (r < 0)
        return r;
    r = event_definition_parse(text, strlen(text), event->slug, NULL, &old);
    if (r == -EINVAL) { /* a text that a newer check no longer accepts: let calendars take the new one */
        *ret_sequence = event->ical_sequence + 1;
        return 0;
    }
    if (r < 0)
        return r;
    *ret_sequence = event->ical_sequence + (event_times_moved(old, definition) || event_place_moved(old, definition));
    event_definition_unref(old);
    return 0;
}

static struct event_plan *plan_event(struct work *work, const char *slug)
{
    struct event_plan *plan = arena_take(work->arena, sizeof(*plan));
    if (!plan)
        return NULL;
    plan->slug = arena_copy(work->arena, slug);
    if (!plan->slug)
        return NULL;
    plan->next = work->take->plan->events;
    work->take->plan->events = plan;
    work->take->changed++;
    return plan;
}

static bool is_closed(const char *state)
{
    return strcmp(state, "withdrawn") == 0 || strcmp(state, "off") == 0;
}

static int plan_revision(struct work *work, const struct revision_file *file, const struct event_fact *event,
                         const char *hash)
{
    const struct event_definition *definition = file->definition;
    struct event_plan *plan = plan_event(work, definition->slug);
    if (!plan)
        return -ENOMEM;
    plan->is_new = !event;
    plan->new_revision = true;
    plan->event_id = event ? event->id : facts_fresh_id(work->facts, FACTS_EVENT);
    plan->revision_id = facts_fresh_id(work->facts, FACTS_REVISION);
    plan->number = event ? event->revision_number + 1 : 1;
    plan->state = event && strcmp(event->state, "off") == 0 ? "off" : state_of(definition);
    plan->hash = hash;
    plan->text = file->text;
    plan->file = file->name;
    plan->definition = definition;
    int r = event ? sequence_of(work, event, definition, &plan->sequence) : 0;
    plan->places.event_id = plan->event_id;
    plan->places.closed = strcmp(plan->state, "off") == 0; /* one that is taken over is not withdrawn */
    if (r == 0 && strcmp(plan->state, "off") != 0)
        r = revision_plans_make(work->arena, definition, work->take->plan->at, &plan->plans);
    return r < 0 ? r : revision_places_plan(work->arena, work->facts, work->take->plan->moves, event, definition,
                                            &plan->places);
}

static int plan_state(struct work *work, const struct event_fact *event, const char *state)
{
    struct event_plan *plan = plan_event(work, event->slug);
    if (!plan)
        return -ENOMEM;
    plan->event_id = event->id;
    plan->revision_id = event->revision_id;
    plan->sequence = event->ical_sequence;
    plan->state = state;
    int r = 0;
    for (size_t i = 0; r == 0 && i < event->place_count; i++) {
        struct place *place = facts_place(work->facts, event->places[i].id);
        if (!place)
            continue;
        place->closed = is_closed(state);
        r = moves_freed(work->take->plan->moves, place); /* what was freed meanwhile */
    }
    return r < 0 ? r : moves_offer(work->take->plan->moves, work->facts);
}

static int refuse(struct work *work, const struct revision_file *file, const char *reason)
{
    struct take_revision *take = work->take;
    struct revision_refusal *refusals =
        arena_grow(work->arena, take->refusals, take->refusal_count, &work->refusal_room, sizeof(*refusals));
    if (!refusals)
        return -ENOMEM;
    take->refusals = refusals;
    struct revision_refusal *refusal = &refusals[take->refusal_count++];
    *refusal = (struct revision_refusal){ .file = file->name,
                                          .slug = file->definition->slug,
                                          .reason = arena_copy(work->arena, reason) };
    return refusal->reason ? 0 : -ENOMEM;
}

static int decide_file(struct work *work, const struct revision_file *file)
{
    const struct event_fact *event = event_of(work->facts, file->definition->slug);
    const char *hash = hash_text(work->arena, file->text, file->size);
    struct revision_reasons reasons = { 0 };
    if (!hash)
        return -ENOMEM;
    if (event && strcmp(event->hash, hash) == 0 && event->file && strcmp(event->file, file->name) == 0)
        return strcmp(event->state, "withdrawn") == 0 ? plan_state(work, event, state_of(file->definition)) : 0;
    int r = event ? revision_check(work->facts, event, file->definition, &reasons) : 0;
    for (size_t i = 0; r == 0 && i < reasons.count; i++)
        r = refuse(work, file, reasons.items[i]);
    return r < 0 || reasons.count > 0 ? r : plan_revision(work, file, event, hash);
}

static const struct revision_file *file_of(const struct take_revision *take, const char *slug)
{
    for (size_t i = 0; i < take->file_count; i++)
        if (take->files[i].definition && strcmp(take->files[i].definition->slug, slug) == 0)
            return &take->files[i];
    return NULL;
}

static int withdraw(struct work *work)
{
    struct event_fact *events;
    size_t count = facts_events(work->facts, &events);
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        if (!file_of(work->take, events[i].slug) && !is_closed(events[i].state))
            r = plan_state(work, &events[i], "withdrawn");
    return r;
}

static const struct event_plan *plan_of(const struct take_revision *take, const char *slug)
{
    for (const struct event_plan *plan = take->plan->events; plan; plan = plan->next)
        if (strcmp(plan->slug, slug) == 0)
            return plan;
    return NULL;
}

/* The places of an event after the change, from its plan and what stands in the store. */
static int list_rows(struct work *work, const struct event_fact *event, const struct event_plan *plan,
                     struct revision_event *out)
{
    bool planned = plan && plan->new_revision;
    size_t room = event ? event->place_count : 0, count = 0;
    for (const struct revision_place *place = plan ? plan->places.first : NULL; place; place = place->next)
        room++;
    struct event_row *rows = arena_take(work->arena, (room + 1) * sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    for (const struct revision_place *place = planned ? plan->places.first : NULL; place; place = place->next)
        if (!place->retired)
            rows[count++] = (struct event_row){ .kind = place->place.kind, .key = place->place.key, .id = place->id };
    for (size_t i = 0; !planned && event && i < event->place_count; i++) {
        if (event->places[i].retired)
            continue;
        rows[count] = (struct event_row){ .kind = arena_copy(work->arena, event->places[i].kind),
                                          .key = arena_copy(work->arena, event->places[i].key),
                                          .id = event->places[i].id };
        if (!rows[count].kind || !rows[count].key)
            return -ENOMEM;
        count++;
    }
    out->row_count = count;
    out->rows = rows;
    return 0;
}

static int list_event(struct work *work, const struct event_fact *event, const struct event_plan *plan)
{
    struct take_revision *take = work->take;
    struct revision_event out = { .slug = arena_copy(work->arena, plan ? plan->slug : event->slug),
                                  .event_id = plan ? plan->event_id : event->id,
                                  .revision_id = plan ? plan->revision_id : event->revision_id,
                                  .ical_sequence = plan ? plan->sequence : event->ical_sequence,
                                  .state = state_from(plan ? plan->state : event->state) };
    if (!out.slug)
        return -ENOMEM;
    int r = list_rows(work, event, plan, &out);
    if (r == 0 && plan && plan->new_revision)
        out.definition = plan->definition;
    else if (r == 0) {
        const char *text;
        r = facts_revision_text(work->facts, event->revision_id, &text);
        if (r == 0)
            out.text = arena_copy(work->arena, text);
        if (r == 0 && !out.text)
            r = -ENOMEM;
    }
    if (r == 0)
        take->events[take->event_count++] = out;
    return r;
}

static int list_events(struct work *work)
{
    struct event_fact *events;
    size_t count = facts_events(work->facts, &events);
    struct take_revision *take = work->take;
    int r = 0;
    take->events = arena_take(work->arena, (count + take->file_count + 1) * sizeof(*take->events));
    if (!take->events)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = list_event(work, &events[i], plan_of(take, events[i].slug));
    for (const struct event_plan *plan = take->plan->events; r == 0 && plan; plan = plan->next)
        if (plan->is_new)
            r = list_event(work, NULL, plan);
    return r;
}

static int take_decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct take_revision *take = (struct take_revision *)job;
    struct work work = { .take = take, .facts = facts, .arena = job->arena };

    take->plan = arena_take(job->arena, sizeof(*take->plan));
    take->refusals = NULL;
    if (!take->plan)
        return -ENOMEM;
    take->plan->at = moment->now;
    int r = moves_new(job->arena, take->message_domain, moment->now, &take->plan->moves);
    for (size_t i = 0; r == 0 && i < take->file_count; i++)
        if (take->files[i].definition)
            r = decide_file(&work, &take->files[i]);
    if (r == 0 && take->may_withdraw)
        r = withdraw(&work);
    if (r == 0)
        r = list_events(&work);
    job->writes = r == 0 && take->changed > 0;
    return r;
}

static const char *role_name(enum field_role role)
{
    static const char *const names[] = { [ROLE_NONE] = "",
                                         [ROLE_NAME] = "name",
                                         [ROLE_EMAIL] = "email",
                                         [ROLE_ORGANISATION] = "organisation",
                                         [ROLE_REGISTRY_NUMBER] = "registry_number",
                                         [ROLE_COUNTRY] = "country",
                                         [ROLE_STAKEHOLDER] = "stakeholder" };
    return names[role];
}

static int write_fields(struct db *db, const struct event_plan *event)
{
    const struct event_definition *definition = event->definition;
    struct query *query =
        db_query(db, "event_fields_behind"); /* today's fields first, then those of earlier revisions */
    db_bind_int(query, ":event", event->event_id);
    int r = db_run(query);
    for (size_t i = 0; r == 0 && i < definition->field_count; i++) {
        const struct event_field *field = &definition->fields[i];
        query = db_query(db, "event_field_put");
        db_bind_int(query, ":event", event->event_id);
        db_bind_text(query, ":field", field->id);
        db_bind_text(query, ":type", field_type_name(field->type));
        db_bind_text(query, ":role", role_name(field->role));
        db_bind_text(query, ":label", event_text_in(definition, &field->label, definition->languages[0], NULL));
        db_bind_int(query, ":ordinal", (int64_t)i);
        db_bind_int(query, ":secret", field->type == FIELD_SPECIAL_NEED);
        r = db_run(query);
    }
    return r;
}

static int write_event(struct db *db, const struct event_plan *event)
{
    struct query *query;
    if (event->is_new) {
        query = db_query(db, "event_insert");
        db_bind_text(query, ":slug", event->slug);
    } else {
        query = db_query(db, "event_take");
        db_bind_int(query, ":sequence", event->sequence);
    }
    db_bind_int(query, ":id", event->event_id);
    db_bind_text(query, ":host", event->definition->host);
    db_bind_int(query, ":revision", event->revision_id);
    db_bind_text(query, ":state", event->state);
    db_bind_int(query, ":starts", event->definition->starts);
    return db_run(query);
}

static int write_text(struct db *db, const struct event_plan *event, int64_t at)
{
    struct query *query = db_query(db, "revision_insert");
    db_bind_int(query, ":id", event->revision_id);
    db_bind_int(query, ":event", event->event_id);
    db_bind_int(query, ":number", event->number);
    db_bind_text(query, ":hash", event->hash);
    db_bind_text(query, ":text", event->text);
    db_bind_text(query, ":author", "events.directory");
    db_bind_text(query, ":source", "file");
    db_bind_text(query, ":file", event->file);
    db_bind_int(query, ":at", at);
    return db_run(query);
}

/* What is kept until some days behind the event's end: the end may be another one now. */
static int postpone_privates(struct db *db, const struct event_plan *event)
{
    struct query *query = db_query(db, "private_postpone");
    db_bind_int(query, ":event", event->event_id);
    db_bind_int(query, ":erase_at", private_ends(event->definition->ends));
    return db_run(query);
}

static int write_revision(struct db *db, const struct event_plan *event, int64_t at)
{
    int r = write_event(db, event);
    if (r == 0)
        r = write_text(db, event, at);
    if (r == 0)
        r = revision_places_write(db, &event->places, at);
    if (r == 0)
        r = write_fields(db, event);
    if (r == 0)
        r = revision_plans_write(db, event->event_id, &event->plans);
    if (r == 0)
        r = flat_view_make(db, event->event_id, event->slug, event->definition);
    if (r == 0 && !event->is_new)
        r = postpone_privates(db, event);
    return r;
}

static int write_state(struct db *db, const struct event_plan *event)
{
    struct query *query = db_query(db, "event_state");
    db_bind_text(query, ":state", event->state);
    db_bind_int(query, ":id", event->event_id);
    return db_run(query);
}

static int take_apply(const struct store_job *job, struct db *db)
{
    const struct take_revision *take = (const struct take_revision *)job;
    int r = 0;
    for (const struct event_plan *event = take->plan->events; r == 0 && event; event = event->next) {
        const struct audit audit = { .at = take->plan->at,
                                     .event_id = event->event_id,
                                     .actor = "events.directory",
                                     .action = event->new_revision ? "revision" : event->state };
        r = event->new_revision ? write_revision(db, event, take->plan->at) : write_state(db, event);
        if (r == 0)
            r = audit_write(db, &audit);
    }
    return r < 0 ? r : moves_apply(take->plan->moves, db);
}

static void take_reset(struct store_job *job)
{
    struct take_revision *take = (struct take_revision *)job;
    take->plan = NULL;
    take->event_count = take->refusal_count = take->changed = 0;
}

const struct change_kind change_take_revision = {
    .name = "take_revision",
    .inside = true,
    .facts = take_facts,
    .decide = take_decide,
    .apply = take_apply,
    .reset = take_reset,
};
