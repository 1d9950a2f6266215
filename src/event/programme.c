/* SPDX-License-Identifier: EUPL-1.2 */
/* Looks things up in a programme, and says which places an event has. Called by take_revision, the book, the rules and
 * the pages. Pure. Any thread. */
#include "event/programme.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/definition.h"

int programme_session(const struct event_programme *programme, const char *id)
{
    for (size_t i = 0; i < programme->session_count; i++)
        if (strcmp(programme->sessions[i].id, id) == 0)
            return (int)i;
    return -1;
}

int programme_round(const struct event_programme *programme, const char *id)
{
    for (size_t i = 0; i < programme->round_count; i++)
        if (strcmp(programme->rounds[i].id, id) == 0)
            return (int)i;
    return -1;
}

int programme_slot(const struct event_programme *programme, const char *key)
{
    for (size_t i = 0; i < programme->slot_count; i++)
        if (strcmp(programme->slots[i].key, key) == 0)
            return (int)i;
    return -1;
}

bool programme_has_slots(const struct event_programme *programme, int mode)
{
    for (size_t i = 0; i < programme->slot_count; i++) {
        const struct event_resource *resource = &programme->resources[programme->slots[i].resource];
        if (resource->mode < 0 || resource->mode == mode)
            return true;
    }
    return false;
}

struct listing {
    const struct event_definition *definition;
    struct arena *arena;
    struct event_place *places;
    size_t count;
};

static const char *title_of(const struct listing *listing, const struct event_text *title)
{
    return event_text_in(listing->definition, title, listing->definition->languages[0], NULL);
}

static void list_modes(struct listing *listing)
{
    const struct event_definition *definition = listing->definition;
    for (size_t i = 0; i < definition->mode_count; i++) {
        const struct event_mode *mode = &definition->modes[i];
        listing->places[listing->count++] =
            (struct event_place){ .kind = "mode",
                                  .key = mode->id,
                                  .title = mode->has_title ? title_of(listing, &mode->title) : mode->id,
                                  .limited = mode->limited,
                                  .capacity = mode->capacity,
                                  .approval = mode->approval };
    }
}

static int list_sessions(struct listing *listing)
{
    const struct event_programme *programme = &listing->definition->programme;
    for (size_t i = 0; i < programme->session_count; i++) {
        const struct event_session *session = &programme->sessions[i];
        size_t rooms = session->per_mode ? listing->definition->mode_count : 1;
        for (size_t k = 0; k < rooms; k++) {
            const char *mode = listing->definition->modes[k].id;
            const char *key = session->id;
            if (session->per_mode)
                key = arena_format(listing->arena, "%s@%s", session->id, mode);
            if (!key)
                return -ENOMEM;
            listing->places[listing->count++] =
                (struct event_place){ .kind = "session",
                                      .key = key,
                                      .title = title_of(listing, &session->title),
                                      .limited = session->rooms[k].limited,
                                      .capacity = session->rooms[k].capacity,
                                      .has_times = session->has_times,
                                      .starts = session->starts,
                                      .ends = session->ends,
                                      .round = session->round < 0 ? NULL : programme->rounds[session->round].id };
        }
    }
    return 0;
}

static void list_slots(struct listing *listing)
{
    const struct event_programme *programme = &listing->definition->programme;
    for (size_t i = 0; i < programme->slot_count; i++) {
        const struct event_slot *slot = &programme->slots[i];
        const struct event_resource *resource = &programme->resources[slot->resource];
        listing->places[listing->count++] =
            (struct event_place){ .kind = "slot",
                                  .key = slot->key,
                                  .title = resource->has_title ? title_of(listing, &resource->title) : resource->id,
                                  .limited = true,
                                  .capacity = resource->capacity,
                                  .has_times = true,
                                  .starts = slot->starts,
                                  .ends = slot->ends,
                                  .resource = resource->id };
    }
}

static void list_reserves(struct listing *listing)
{
    const struct event_programme *programme = &listing->definition->programme;
    for (size_t i = 0; i < programme->reserve_count; i++) {
        const struct event_reserve *reserve = &programme->reserves[i];
        listing->places[listing->count++] =
            (struct event_place){ .kind = "reserve",
                                  .key = reserve->id,
                                  .title = reserve->words ? reserve->words : reserve->id,
                                  .limited = true,
                                  .capacity = reserve->size,
                                  .parent = listing->definition->modes[reserve->mode].id,
                                  .has_release = reserve->has_release,
                                  .release = reserve->release };
    }
}

int programme_places(const struct event_definition *definition, struct arena *arena, size_t *ret_count,
                     struct event_place **ret_places)
{
    const struct event_programme *programme = &definition->programme;
    size_t room = definition->mode_count + programme->session_count * definition->mode_count + programme->slot_count +
                  programme->reserve_count;
    struct listing listing = { .definition = definition,
                               .arena = arena,
                               .places = arena_take(arena, (room + 1) * sizeof(struct event_place)) };
    if (!listing.places)
        return -ENOMEM;
    list_modes(&listing);
    int r = list_sessions(&listing);
    if (r < 0)
        return r;
    list_slots(&listing);
    list_reserves(&listing);
    *ret_count = listing.count;
    *ret_places = listing.places;
    return 0;
}
