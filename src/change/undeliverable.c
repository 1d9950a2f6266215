/* SPDX-License-Identifier: EUPL-1.2 */
/* Marks an address that cannot be reached. Callers: change/bounce, change/mail_result. */
#include "change/undeliverable.h"

#include <errno.h>

#include "base/arena.h"
#include "change/audit.h"
#include "change/mail_row.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/definition.h"
#include "store/db.h"
#include "store/facts.h"
#include "view/edition.h"

#define READERS_MAX 16 /* organisers of one event: instances of its mails are 16 apart */
#define TOLD_OF 20     /* registrations of one event with one address: more letters would say nothing new */
/* An event may last, and is followed by thanks and questions; after that no organiser looks for a missing address. */
#define TOLD_UNTIL (INT64_C(60) * 24 * 3600)

struct undeliverable_plan {
    int64_t at;
    const char *address, *why;
    size_t count;
    struct { int64_t id, event_id; } *registrations;
    size_t mail_count, mail_room;
    struct mail_row *mails;
};

/* Of how many registrations an event's organisers are told. */
struct told { int64_t event_id; size_t count; };
struct tolds { size_t count, room; struct told *items; };

/* Who is told, and in which language. */
struct readers { size_t count; const char *const *to; const char *language; };

static const struct event_definition *definition_of(const struct undeliverable_events *events, int64_t event_id)
{
    if (events->edition) {
        const struct event_entry *entry = event_book_by_id(events->edition->events, event_id);
        return entry ? entry->definition : NULL;
    }
    for (size_t i = 0; i < events->count; i++)
        if (events->items[i].event_id == event_id)
            return events->items[i].definition;
    return NULL;
}

static int plan_mail(struct arena *arena, struct facts *facts, const struct settings *settings,
                     const struct undeliverable *what, const struct addressee_fact *addressee, size_t index,
                     const char *to, const char *language, int64_t now, struct undeliverable_plan *plan)
{
    struct mail_row mail = { .id = facts_fresh_id(facts, FACTS_MAIL),
                             .subject_id = addressee->id,
                             .event_id = addressee->event_id,
                             .revision_id = addressee->revision_id,
                             .instance = what->mail_id * READERS_MAX + (int64_t)index,
                             .kind = "undeliverable",
                             .recipient = arena_copy(arena, to),
                             .language = arena_copy(arena, language),
                             .born_at = now,
                             .due_at = now };
    mail.message_id = mail_row_message_id(arena, mail.id, mail_row_domain(settings->mail.from_address));
    if (!mail.recipient || !mail.language || !mail.message_id)
        return -ENOMEM;
    struct mail_row *mails = arena_grow(arena, plan->mails, plan->mail_count, &plan->mail_room, sizeof(*mails));
    if (!mails)
        return -ENOMEM;
    plan->mails = mails;
    plan->mails[plan->mail_count++] = mail;
    return 0;
}

/* Those that the definition names; else the host's address for questions. */
static struct readers readers_of(const struct settings *settings, const struct undeliverable_events *events,
                                 const struct addressee_fact *addressee)
{
    const struct event_definition *definition = definition_of(events, addressee->event_id);
    if (definition && definition->notify.to_count > 0)
        return (struct readers){ definition->notify.to_count, definition->notify.to, definition->notify.language };
    return (struct readers){ 1, &hosts_of(settings, addressee->host)->contact,
                             definition ? definition->languages[0] : "en" };
}

static int tell(struct arena *arena, struct facts *facts, const struct settings *settings,
                const struct undeliverable_events *events, const struct undeliverable *what,
                const struct addressee_fact *addressee, int64_t now, struct undeliverable_plan *plan)
{
    const struct readers readers = readers_of(settings, events, addressee);
    int r = 0;
    for (size_t i = 0; r == 0 && i < readers.count && i < READERS_MAX; i++)
        r = plan_mail(arena, facts, settings, what, addressee, i, readers.to[i], readers.language, now, plan);
    return r;
}

/* Counts one more of that event; *ret_tell: its organisers are told of this one too. */
static int count_told(struct arena *arena, struct tolds *tolds, int64_t event_id, bool *ret_tell)
{
    struct told *told = NULL;
    for (size_t i = 0; i < tolds->count && !told; i++)
        if (tolds->items[i].event_id == event_id)
            told = &tolds->items[i];
    if (!told) {
        struct told *items = arena_grow(arena, tolds->items, tolds->count, &tolds->room, sizeof(*items));
        if (!items)
            return -ENOMEM;
        tolds->items = items;
        told = &items[tolds->count++];
        *told = (struct told){ .event_id = event_id };
    }
    *ret_tell = told->count++ < TOLD_OF;
    return 0;
}

int undeliverable_decide(struct arena *arena, struct facts *facts, const struct settings *settings,
                         const struct undeliverable_events *events, const struct undeliverable *what, int64_t now,
                         struct undeliverable_plan **ret_plan)
{
    struct addressee_fact *addressees;
    size_t count = facts_addressees(facts, what->address, &addressees);
    struct undeliverable_plan *plan = arena_take(arena, sizeof(*plan));
    struct tolds tolds = { 0 };
    int r = 0;

    *ret_plan = NULL;
    if (!plan)
        return -ENOMEM;
    *plan = (struct undeliverable_plan){ .at = now,
                                         .address = arena_copy(arena, what->address),
                                         .why = arena_copy(arena, what->why),
                                         .registrations = arena_take(arena, (count + 1) *
                                                                                sizeof(*plan->registrations)) };
    if (!plan->address || !plan->why || !plan->registrations)
        return -ENOMEM;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct addressee_fact *addressee = &addressees[i];
        bool tells = false;
        if (addressee->undeliverable)
            continue;
        addressee->undeliverable = true; /* a later job of this batch finds it done */
        plan->registrations[plan->count].id = addressee->id;
        plan->registrations[plan->count++].event_id = addressee->event_id;
        if (addressee->event_starts + TOLD_UNTIL > now)
            r = count_told(arena, &tolds, addressee->event_id, &tells);
        if (tells)
            r = tell(arena, facts, settings, events, what, addressee, now, plan);
    }
    if (r == 0 && plan->count > 0)
        *ret_plan = plan;
    return r;
}

static int mark(const struct undeliverable_plan *plan, size_t n, struct db *db)
{
    struct query *query = db_query(db, "registration_undeliverable");
    db_bind_int(query, ":id", plan->registrations[n].id);
    db_bind_text(query, ":email", plan->address);
    db_bind_text(query, ":why", plan->why);
    db_bind_int(query, ":at", plan->at);
    int r = db_run(query);
    if (r < 0)
        return r;
    query = db_query(db, "mails_cancel_to");
    db_bind_int(query, ":registration", plan->registrations[n].id);
    db_bind_text(query, ":recipient", plan->address);
    db_bind_text(query, ":why", "the address is undeliverable");
    db_bind_int(query, ":at", plan->at);
    r = db_run(query);
    if (r < 0)
        return r;
    return audit_write(db, &(struct audit){ .at = plan->at,
                                            .event_id = plan->registrations[n].event_id,
                                            .registration_id = plan->registrations[n].id,
                                            .actor = "mail",
                                            .action = "undeliverable" });
}

int undeliverable_apply(const struct undeliverable_plan *plan, struct db *db)
{
    int r = 0;
    for (size_t i = 0; plan && r == 0 && i < plan->count; i++)
        r = mark(plan, i, db);
    for (size_t i = 0; plan && r == 0 && i < plan->mail_count; i++)
        r = mail_row_insert(db, &plan->mails[i]);
    return r;
}

size_t undeliverable_count(const struct undeliverable_plan *plan)
{
    return plan ? plan->count : 0;
}
