/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration allocate: what becomes of the wishes of a round by the published rule, and makes it so. The
 * seed of the draw is the event's slug and the round, so that anybody can know it and nobody chose it, unless another
 * is said. One thread. */
#include "ctl/registration.h"

#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "change/allocation.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "ctl/event.h"
#include "ctl/table.h"
#include "event/book.h"
#include "store/store.h"

#define SEED_MAX 200

static json_t *sessions_json(const struct allocation *done)
{
    json_t *list = json_array();
    for (size_t i = 0; list && i < done->session_count; i++) {
        const struct allocation_session *session = &done->sessions[i];
        json_t *row = json_pack("{s:s, s:s, s:o, s:I, s:I}", "place", session->key, "title", session->title,
                                "capacity", session->limited ? json_integer(session->capacity) : json_null(),
                                "taken_before", (json_int_t)session->taken, "placed", (json_int_t)session->placed);
        if (json_array_append_new(list, row) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static enum ctl_exit say_json(const struct allocation *done)
{
    json_t *ranks = json_array(), *sessions = sessions_json(done);
    for (size_t i = 0; ranks && i < done->rank_count; i++) {
        if (json_array_append_new(ranks, json_integer((json_int_t)done->by_rank[i])) < 0) {
            json_decref(ranks);
            ranks = NULL;
        }
    }
    return ctl_print_json(json_pack("{s:s, s:s, s:s, s:b, s:I, s:I, s:I, s:o, s:I, s:o}", "event",
                                    done->event->definition->slug, "round", done->round, "seed", done->seed, "locked",
                                    (int)done->lock, "people", (json_int_t)done->people, "placed",
                                    (json_int_t)done->placed, "none", (json_int_t)(done->people - done->placed),
                                    "by_rank", ranks, "rank_sum", (json_int_t)done->rank_sum, "sessions", sessions));
}

static void add_number(struct table *table, struct arena *arena, int64_t number)
{
    table_add(table, arena_format(arena, "%lld", (long long)number));
}

static enum ctl_exit print_sessions(const struct allocation *done)
{
    static const char *const headings[] = { "PLACE", "CAPACITY", "TAKEN BEFORE", "PLACED", "TITLE" };
    struct arena *arena = done->job.arena;
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));
    if (!table)
        return ctl_no_memory();
    for (size_t i = 0; i < done->session_count; i++) {
        const struct allocation_session *session = &done->sessions[i];
        table_add(table, session->key);
        if (session->limited)
            add_number(table, arena, session->capacity);
        else
            table_add(table, NULL);
        add_number(table, arena, session->taken);
        add_number(table, arena, session->placed);
        table_add(table, session->title);
    }
    int r = table_print(table, stdout);
    table_free(table);
    return r < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit say_words(const struct allocation *done)
{
    enum ctl_exit exit = print_sessions(done);
    if (exit != CTL_OK)
        return exit;
    (void)printf("\nPeople with wishes: %zu\nPlaced: %zu\n", done->people, done->placed);
    for (size_t i = 0; i < done->rank_count; i++)
        (void)printf("With wish %zu: %zu\n", i + 1, done->by_rank[i]);
    (void)printf("With none of their wishes: %zu\nSum of the ranks: %lld\nSeed: ", done->people - done->placed,
                 (long long)done->rank_sum);
    table_print_text(done->seed, 0, stdout);
    (void)puts(done->lock ? "\nLocked: all of them are told by mail."
                          : "\nNothing was changed; --lock makes it so and tells all of them by mail.");
    return ctl_output_done();
}

/* Is ROUND one of wishes, in an event that still takes place? */
static enum ctl_exit check_round(const struct event_entry *entry, const char *round)
{
    const struct event_programme *programme = &entry->definition->programme;
    int position = programme_round(programme, round);
    if (position < 0 || programme->rounds[position].choose != CHOOSE_RANK) {
        ctl_complain("%s has no round %s of wishes", entry->definition->slug, round);
        return CTL_WRONG;
    }
    if (entry->state == EVENT_WITHDRAWN || entry->state == EVENT_OFF) {
        ctl_complain("%s does not take place", entry->definition->slug);
        return CTL_WRONG;
    }
    return CTL_OK;
}

static enum ctl_exit say_early(struct arena *arena, const struct event_entry *entry,
                               const struct registration_arguments *arguments)
{
    const struct event_definition *definition = entry->definition;
    const int round = programme_round(&definition->programme, arguments->round);
    const char *until = ctl_event_wall(arena, definition->zone, definition->programme.rounds[round].wishes_until);
    if (!until)
        return ctl_no_memory();
    ctl_complain("wishes for round %s of %s are taken until %s (%s): lock it then, or let the definition "
                 "end them sooner; nothing was changed",
                 arguments->round, arguments->event, until, definition->zone);
    return CTL_WRONG;
}

static enum ctl_exit allocate(struct ctl *ctl, struct arena *arena, const struct event_entry *entry,
                              const struct registration_arguments *arguments)
{
    enum ctl_exit exit = check_round(entry, arguments->round);
    if (exit != CTL_OK)
        return exit;
    struct allocation *work = arena_take(arena, sizeof(*work));
    const char *seed = arguments->seed;
    if (!seed)
        seed = arena_format(arena, "%s/%s", entry->definition->slug, arguments->round);
    if (!work || !seed)
        return ctl_no_memory();
    *work = (struct allocation){ .job = { .kind = &change_allocate, .arena = arena },
                                 .event = entry,
                                 .round = arguments->round,
                                 .seed = seed,
                                 .actor = "convenectl",
                                 .message_domain = mail_row_domain(ctl->settings->mail.from_address),
                                 .lock = arguments->lock };
    int r = store_run(ctl->store, &work->job);
    if (r == 0)
        r = work->job.outcome;
    if (r < 0)
        return ctl_change_failed(ctl, r, "whether the round is allocated; asking again tells");
    switch (work->result) {
    case ALLOCATION_DONE:
        return arguments->json ? say_json(work) : say_words(work);
    case ALLOCATION_ALREADY:
        ctl_complain("round %s of %s has been allocated already", arguments->round, arguments->event);
        return CTL_WRONG;
    case ALLOCATION_EARLY:
        return say_early(arena, entry, arguments);
    case ALLOCATION_NO_ROUND:
        ctl_complain("round %s of %s has no session", arguments->round, arguments->event);
        return CTL_WRONG;
    }
    return CTL_CANNOT;
}

enum ctl_exit registration_allocate(struct ctl *ctl, const struct registration_arguments *arguments)
{
    if (arguments->lock == arguments->dry_run) {
        ctl_complain("say --dry-run or --lock: what is locked stays, and all who have wishes are told by mail");
        return CTL_CANNOT;
    }
    if (arguments->seed && (!text_is_utf8(arguments->seed, strlen(arguments->seed)) ||
                            text_has_control(arguments->seed, strlen(arguments->seed)) ||
                            text_length(arguments->seed) > SEED_MAX || text_is_blank(arguments->seed))) {
        ctl_complain("the seed is no text of at most %d characters", SEED_MAX);
        return CTL_CANNOT;
    }
    struct event_book *book;
    enum ctl_exit exit = ctl_event_load(ctl, arguments->event, &book);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? allocate(ctl, arena, &book->entries[0], arguments) : ctl_no_memory();
    arena_free(arena);
    event_book_free(book);
    return exit;
}
