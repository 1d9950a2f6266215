/* SPDX-License-Identifier: EUPL-1.2 */
/* The waiting lists as a batch sees them: those of several places walked together, the longest waiting first, page by
 * page, so that a long list costs no memory. Called by the changes through facts.h; the writer's thread. */
#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "store/db.h"
#include "store/facts_private.h"

#define PAGE 64

/* The list of one place, as far as it was read. */
struct source {
    int64_t place_id, since, last; /* where the next page begins */
    bool end;
    size_t count, at;
    struct registration_fact *page[PAGE];
};

struct waiter_walk {
    struct facts *facts;
    bool approval;
    const char *open; /* JSON array */
    size_t count;
    struct source *sources;
    int64_t since, last; /* of who was handed out last */
};

static bool before(const struct registration_fact *a, const struct registration_fact *b)
{
    return a->waiting_since != b->waiting_since ? a->waiting_since < b->waiting_since : a->id < b->id;
}

static bool is_behind(const struct waiter_walk *walk, const struct registration_fact *registration)
{
    return registration->waiting_since != walk->since ? registration->waiting_since > walk->since
                                                      : registration->id > walk->last;
}

/* Places that have room by what this batch has changed; the rows in the store may not know yet. */
struct open_list {
    char *text;
    size_t size;
    FILE *stream;
};

static void list_open(const void *node, VISIT visit, void *arg)
{
    struct open_list *list = arg;
    const struct place *place = *(const struct place *const *)node;
    if ((visit == postorder || visit == leaf) && place->touched && places_fit(place, 1))
        (void)fprintf(list->stream, "%s%" PRId64, ftell(list->stream) > 1 ? "," : "", place->id);
}

static int open_places(struct facts *facts, const char **ret_open)
{
    struct open_list list = { 0 };
    list.stream = open_memstream(&list.text, &list.size);
    if (!list.stream)
        return -ENOMEM;
    (void)fputc('[', list.stream);
    twalk_r(facts->places, list_open, &list);
    (void)fputc(']', list.stream);
    bool failed = ferror(list.stream) != 0;
    if (fclose(list.stream) != 0 || failed) {
        free(list.text);
        return -ENOMEM;
    }
    const char *open = arena_copy(facts->arena, list.text);
    free(list.text);
    *ret_open = open;
    return open ? 0 : -ENOMEM;
}

int facts_walk_waiters(struct facts *facts, size_t count, struct place *const *places, bool approval,
                       struct waiter_walk **ret_walk)
{
    struct waiter_walk *walk = arena_take(facts->arena, sizeof(*walk));
    struct source *sources = arena_take(facts->arena, (count + 1) * sizeof(*sources));
    if (!walk || !sources)
        return -ENOMEM;
    *walk = (struct waiter_walk){
        .facts = facts, .approval = approval, .count = count, .sources = sources, .since = INT64_MIN, .last = INT64_MIN
    };
    for (size_t i = 0; i < count; i++)
        sources[i] = (struct source){ .place_id = places[i]->id, .since = INT64_MIN, .last = INT64_MIN };
    int r = open_places(facts, &walk->open);
    if (r == 0)
        *ret_walk = walk;
    return r;
}

/* Those who booked: a party waits as one, in the place of its booker, whose id is the lowest of it. The ids first:
 * loading a registration runs statements of its own. */
static int read_ids(const struct waiter_walk *walk, struct source *source, int64_t *ids, size_t *ret_count)
{
    struct query *query = db_query(walk->facts->db, "waiters_of");
    db_bind_int(query, ":place", source->place_id);
    db_bind_int(query, ":since", source->since);
    db_bind_int(query, ":after", source->last);
    db_bind_int(query, ":approval", walk->approval);
    db_bind_text(query, ":open", walk->open);
    db_bind_int(query, ":limit", PAGE);
    size_t count = 0;
    int r;
    while ((r = db_step(query)) > 0) {
        ids[count++] = db_int(query, 2);
        source->since = db_int(query, 1);
        source->last = db_int(query, 0);
    }
    *ret_count = count;
    return r;
}

static int fill(const struct waiter_walk *walk, struct source *source)
{
    int64_t ids[PAGE];
    size_t count;
    int r = read_ids(walk, source, ids, &count);
    source->at = source->count = 0;
    source->end = count < PAGE;
    for (size_t i = 0; r == 0 && i < count; i++) {
        struct registration_fact *fact;
        r = facts_load_registration(walk->facts, ids[i], &fact);
        if (r == 0 && fact)
            source->page[source->count++] = fact;
    }
    return r;
}

/* The next of one list that was not handed out already; NULL: its end. */
static int head_of(struct waiter_walk *walk, struct source *source, struct registration_fact **ret_head)
{
    for (;;) {
        while (source->at < source->count && !is_behind(walk, source->page[source->at]))
            source->at++;
        if (source->at < source->count || source->end)
            break;
        int r = fill(walk, source);
        if (r < 0)
            return r;
    }
    *ret_head = source->at < source->count ? source->page[source->at] : NULL;
    return 0;
}

static bool one_asks_for_any(const struct waiter_walk *walk, const struct registration_fact *registration)
{
    for (size_t i = 0; i < registration->ask_count; i++)
        for (size_t k = 0; k < walk->count; k++)
            if (registration->asks[i].place_id == walk->sources[k].place_id)
                return true;
    return false;
}

static bool asks_for_any(const struct waiter_walk *walk, const struct registration_fact *registration)
{
    bool asks = one_asks_for_any(walk, registration);
    for (size_t i = 0; !asks && i < registration->guest_count; i++)
        asks = one_asks_for_any(walk, registration->guests[i]);
    return asks;
}

int facts_next_waiter(struct waiter_walk *walk, struct registration_fact **ret_registration)
{
    for (;;) {
        struct registration_fact *next = NULL;
        for (size_t i = 0; i < walk->count; i++) {
            struct registration_fact *head;
            int r = head_of(walk, &walk->sources[i], &head);
            if (r < 0)
                return r;
            if (head && (!next || before(head, next)))
                next = head;
        }
        for (const struct new_waiter *item = walk->facts->new_waiters; item; item = item->next) {
            struct registration_fact *joined = item->registration;
            if (is_behind(walk, joined) && (!next || before(joined, next)) && asks_for_any(walk, joined))
                next = joined;
        }
        if (!next)
            return 0;
        walk->since = next->waiting_since;
        walk->last = next->id;
        if (next->status == STATE_WAITLISTED) { /* an earlier job of the batch may have moved him */
            *ret_registration = next;
            return 1;
        }
    }
}

int facts_add_waiter(struct facts *facts, struct registration_fact *registration)
{
    struct new_waiter *item = arena_take(facts->arena, sizeof(*item));
    if (!item)
        return -ENOMEM;
    *item = (struct new_waiter){ .next = facts->new_waiters, .registration = registration };
    facts->new_waiters = item;
    return 0;
}
