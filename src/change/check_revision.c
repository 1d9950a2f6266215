/* SPDX-License-Identifier: EUPL-1.2 */
/* Holds definitions against what is stored, as take_revision would, and leaves it at that. Called by convenectl through
 * the descriptor. */
#include "change/check_revision.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"
#include "store/facts.h"

static int name_events(const struct store_job *job, struct wanted *wanted)
{
    (void)job;
    return wanted_events(wanted);
}

static const struct event_fact *event_of(struct facts *facts, const char *slug)
{
    struct event_fact *events;
    size_t count = facts_events(facts, &events);
    for (size_t i = 0; i < count; i++)
        if (strcmp(events[i].slug, slug) == 0)
            return &events[i];
    return NULL;
}

/* The facts go with the batch. */
static int keep(struct arena *arena, const struct revision_reasons *reasons, struct revision_reasons *ret_kept)
{
    struct revision_reasons kept = { .items = arena_take(arena, (reasons->count + 1) * sizeof(*kept.items)) };
    if (!kept.items)
        return -ENOMEM;
    while (kept.count < reasons->count) {
        kept.items[kept.count] = arena_copy(arena, reasons->items[kept.count]);
        if (!kept.items[kept.count++])
            return -ENOMEM;
    }
    *ret_kept = kept;
    return 0;
}

static int decide(struct store_job *job, struct facts *facts, const struct moment *moment)
{
    struct check_revision *check = (struct check_revision *)job;
    (void)moment;
    check->reasons = arena_take(job->arena, (check->count + 1) * sizeof(*check->reasons));
    if (!check->reasons)
        return -ENOMEM;
    for (size_t i = 0; i < check->count; i++) {
        const struct event_definition *definition = check->definitions[i];
        const struct event_fact *event = definition ? event_of(facts, definition->slug) : NULL;
        struct revision_reasons reasons = { 0 };
        if (!event)
            continue;
        int r = revision_check(facts, event, definition, &reasons);
        if (r == 0)
            r = keep(job->arena, &reasons, &check->reasons[i]);
        if (r < 0)
            return r;
    }
    return 0;
}

static int apply(const struct store_job *job, struct db *db)
{
    (void)job;
    (void)db;
    return 0;
}

const struct change_kind change_check_revision = {
    .name = "check_revision",
    .facts = name_events,
    .decide = decide,
    .apply = apply,
};
