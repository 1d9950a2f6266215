/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl event cancel: the event is off, and everybody is told. First the state, so that nobody comes any more;
 * then the mails, in batches. If that is broken off the same command goes on with those who were not told. One
 * thread. */
#include "ctl/event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "change/event_off.h"
#include "ctl/ctl_event.h"
#include "ctl/event_news.h"
#include "ctl/registration.h"
#include "event/definition.h"
#include "store/db.h"
#include "store/store.h"

/* Everybody live who was not told yet. */
static const char people_sql[] =
    "SELECT r.id FROM registration AS r WHERE r.event_id = :event AND " CTL_NEWS_LIVE
    "AND NOT EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "
    "AND m.kind = 'event_off') ORDER BY r.id";

/* The mail's data: the reason, as it is told. */
static const char *data_of(struct arena *arena, const char *reason)
{
    json_t *object = json_pack("{s:s}", "reason", reason);
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    const char *copy = arena_copy(arena, text);
    free(text);
    json_decref(object);
    return copy;
}

static enum ctl_exit list_people(const struct ctl *ctl, struct arena *arena, int64_t event_id, const char *reason,
                                 struct event_people *people)
{
    const char *data = data_of(arena, reason);
    struct query *query = ctl_query_id(ctl, people_sql, ":event", event_id);
    if (!query)
        return CTL_CANNOT;
    int r, added = 0;
    while ((r = db_step(query)) > 0 && added == 0)
        added = ctl_news_add(arena, people, db_int(query, 0), data);
    db_finish(query);
    if (added < 0)
        return ctl_no_memory();
    return r < 0 ? ctl_store_failed(ctl, r) : CTL_OK;
}

/* What is a draft or over cannot be called off. */
static enum ctl_exit check_event(const struct ctl *ctl, const struct event_revision *event)
{
    const struct event_definition *definition;
    if (strcmp(event->state, "draft") == 0) {
        ctl_complain("%s is a draft: nobody has signed up; take its file away", event->slug);
        return CTL_WRONG;
    }
    enum ctl_exit exit = ctl_event_parse(event, &definition);
    if (exit != CTL_OK)
        return exit;
    const bool over = definition->ends <= clock_now(ctl->clock);
    event_definition_unref(definition);
    if (over) {
        ctl_complain("%s is over", event->slug);
        return CTL_WRONG;
    }
    return CTL_OK;
}

static enum ctl_exit call_off(struct ctl *ctl, struct arena *arena, const struct event_revision *event,
                              const char *reason)
{
    struct event_off *off = arena_take(arena, sizeof(*off));
    if (!off)
        return ctl_no_memory();
    *off = (struct event_off){ .job = { .kind = &change_event_off, .arena = arena },
                               .event_id = event->event_id,
                               .reason = reason,
                               .actor = "convenectl" };
    int r = store_run(ctl->store, &off->job);
    if (r == 0)
        r = off->job.outcome;
    return r < 0 ? ctl_change_failed(ctl, r, "whether the event is off; saying it again tells") : CTL_OK;
}

static enum ctl_exit say(const struct event_arguments *arguments, const struct event_revision *event, bool already,
                         size_t told)
{
    if (arguments->json)
        return ctl_print_json(json_pack("{s:s, s:s, s:b, s:I}", "event", event->slug, "state", "off", "already",
                                        (int)already, "told", (json_int_t)told));
    (void)printf(already ? "%s was off already; people told now: %zu\n" : "%s is off; people told: %zu\n", event->slug,
                 told);
    return ctl_output_done();
}

static enum ctl_exit cancel(struct ctl *ctl, struct arena *arena, const struct event_arguments *arguments)
{
    struct event_revision event;
    struct event_people people = { .count = 0 };
    const char *reason;
    size_t told;
    enum ctl_exit exit = registration_reason(arena, arguments->reason, &reason);
    if (exit == CTL_OK && (!reason || text_is_blank(reason))) {
        ctl_complain("--reason TEXT is needed: it stands in everybody's mail");
        return CTL_CANNOT;
    }
    if (exit == CTL_OK)
        exit = ctl_event_revision(ctl, arena, arguments->slug, 0, &event);
    if (exit != CTL_OK)
        return exit;
    const bool already = strcmp(event.state, "off") == 0;
    if (already && event.off_reason)
        reason = event.off_reason; /* all are told the same */
    exit = check_event(ctl, &event);
    if (exit == CTL_OK && !arguments->yes) {
        exit = list_people(ctl, arena, event.event_id, reason, &people);
        if (exit == CTL_OK)
            ctl_complain("%zu people would be told that %s is off, for good; --yes does it", people.count, event.slug);
        return exit == CTL_OK ? CTL_CANNOT : exit;
    }
    if (exit == CTL_OK && !already)
        exit = call_off(ctl, arena, &event, reason);
    if (exit == CTL_OK)
        exit = list_people(ctl, arena, event.event_id, reason, &people);
    if (exit != CTL_OK)
        return exit;
    const struct event_message message = { .event_id = event.event_id, .news = EVENT_NEWS_OFF };
    exit = ctl_news_tell(ctl, &message, &people, &told);
    return exit == CTL_OK ? say(arguments, &event, already, told) : exit;
}

enum ctl_exit ctl_event_cancel(struct ctl *ctl, const struct event_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? cancel(ctl, arena, arguments) : ctl_no_memory();
    arena_free(arena);
    return exit;
}
