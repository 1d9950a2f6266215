/* SPDX-License-Identifier: EUPL-1.2 */
/* The rules for what is chosen beside taking part: sessions, one by one or as ranked wishes, and a slot. Called by
 * rules, in the order of the page: the rounds, then the slot. Pure. */
#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/form.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/reading.h"

#define SLOT_CONTROL "slot"
#define PROPOSAL_CONTROL "slot.propose"
#define PROPOSE "propose"
#define PROPOSAL_MAX 500 /* characters */
#define DAY 86400

bool rules_held(const struct event_session *session, int mode)
{
    const struct event_room *room = &session->rooms[session->per_mode ? mode : 0];
    return !room->limited || room->capacity > 0;
}

bool rules_clash(const struct event_programme *programme, size_t a, size_t b, enum rule_fault *ret_fault)
{
    const struct event_session *x = &programme->sessions[a], *y = &programme->sessions[b];

    if (a == b)
        return false;
    if (x->has_times && y->has_times && x->starts < y->ends && y->starts < x->ends)
        *ret_fault = RULE_OVERLAP;
    else if (x->group && y->group && strcmp(x->group, y->group) == 0)
        *ret_fault = RULE_SAME_GROUP;
    else
        return false;
    return true;
}

bool rules_too_soon(const struct event_programme *programme, size_t slot, int64_t now)
{
    const struct event_slot *wanted = &programme->slots[slot];
    return wanted->starts < now + programme->resources[wanted->resource].lead_days * DAY;
}

bool rules_wishing(const struct event_programme *programme, size_t round, const struct rules_moment *moment)
{
    return programme->rounds[round].choose == CHOOSE_RANK && !(moment->allocated && moment->allocated[round]);
}

/* A session that was named by an earlier control. */
struct choice {
    size_t session;
    bool wished; /* it may become his; two wishes may clash: at most one of them will */
};

struct choosing {
    struct reading *reading;
    const struct event_programme *programme;
    size_t count;
    struct choice *choices; /* in the order of the page */
};

/* Without a mode nobody can say; then nothing is held against it. */
static bool may_be_held(const struct choosing *choosing, size_t session)
{
    const struct reading *reading = choosing->reading;
    return !reading->mode_known || rules_held(&choosing->programme->sessions[session], reading->result->mode_index);
}

bool rules_round_held(const struct event_programme *programme, size_t round, int mode)
{
    for (size_t i = 0; i < programme->rounds[round].session_count; i++)
        if (rules_held(&programme->sessions[programme->rounds[round].sessions[i]], mode))
            return true;
    return false;
}

/* A round of which nothing is held in the mode is not asked there, however much it is required. */
static bool is_asked(const struct choosing *choosing, size_t round)
{
    const struct reading *reading = choosing->reading;
    return !reading->mode_known || rules_round_held(choosing->programme, round, reading->result->mode_index);
}

static bool must_choose(const struct choosing *choosing, size_t round)
{
    return choosing->programme->rounds[round].required && is_asked(choosing, round);
}

/* The session that SESSION cannot go together with, or -1: one that everybody takes part in, or one named before. */
static int find_clash(const struct choosing *choosing, struct choice choice, enum rule_fault *ret_fault)
{
    const struct event_programme *programme = choosing->programme;

    for (size_t i = 0; choosing->reading->mode_known && i < programme->session_count; i++)
        if (programme->sessions[i].round < 0 && may_be_held(choosing, i) &&
            rules_clash(programme, i, choice.session, ret_fault))
            return (int)i;
    for (size_t i = 0; i < choosing->count; i++) {
        const struct choice *other = &choosing->choices[i];
        if (!(other->wished && choice.wished) && rules_clash(programme, other->session, choice.session, ret_fault))
            return (int)other->session;
    }
    return -1;
}

/* Adds the session of ROUND that VALUE names to the choices. False: it cannot be had, and the fault is noted. */
static bool choose(struct choosing *choosing, size_t round, const char *control, const char *value, bool wished)
{
    struct reading *reading = choosing->reading;
    const int session = programme_session(choosing->programme, value);
    enum rule_fault fault;

    if (session < 0 || choosing->programme->sessions[session].round != (int)round) {
        reading_fault(reading, control, RULE_NO_SUCH, 0);
        return false;
    }
    if (!may_be_held(choosing, (size_t)session)) {
        reading_fault(reading, control, RULE_NOT_IN_MODE, 0);
        return false;
    }
    const struct choice choice = { .session = (size_t)session, .wished = wished };
    const int other = find_clash(choosing, choice, &fault);
    if (other >= 0) {
        reading_fault(reading, control, fault, 0);
        reading->result->faults[reading->result->fault_count - 1].session = other;
        return false;
    }
    choosing->choices[choosing->count++] = choice;
    return true;
}

static bool chosen_since(const struct choosing *choosing, size_t first, const char *id)
{
    for (size_t i = first; i < choosing->count; i++)
        if (strcmp(choosing->programme->sessions[choosing->choices[i].session].id, id) == 0)
            return true;
    return false;
}

static void read_one(struct choosing *choosing, size_t round, const char *control)
{
    const bool required = must_choose(choosing, round);
    const struct form_value *value;

    if (!reading_value(choosing->reading, control, required, &value))
        return;
    if (value->size > 0)
        (void)choose(choosing, round, control, value->value, false);
    else if (required)
        reading_fault(choosing->reading, control, RULE_MISSING, 0);
}

static void read_many(struct choosing *choosing, size_t round, const char *control)
{
    const struct form *form = choosing->reading->form;
    const size_t first = choosing->count;

    for (size_t i = 0; i < form->count; i++) {
        const struct form_value *value = &form->values[i];
        if (strcmp(value->name, control) != 0 ||
            (!value->bad && (value->size == 0 || chosen_since(choosing, first, value->value))))
            continue;
        if (value->bad)
            reading_fault(choosing->reading, control, RULE_BAD_TEXT, 0);
        if (value->bad || !choose(choosing, round, control, value->value, false)) {
            choosing->count = first; /* one fault a control is enough: later ones are not held against it */
            return;
        }
    }
    if (choosing->count == first && must_choose(choosing, round))
        reading_fault(choosing->reading, control, RULE_MISSING, 0);
}

static void read_wish(struct choosing *choosing, size_t round, const char *control, size_t first)
{
    struct rules_result *result = choosing->reading->result;
    const struct form_value *value;

    if (!reading_value(choosing->reading, control, false, &value) || value->size == 0)
        return;
    if (chosen_since(choosing, first, value->value)) {
        reading_fault(choosing->reading, control, RULE_SAME_WISH, 0);
        return;
    }
    if (!choose(choosing, round, control, value->value, true))
        return;
    result->wishes[result->wish_count++] =
        (struct rules_wish){ .round = round,
                             .rank = choosing->count - first, /* what was left empty before it does not count */
                             .session = choosing->choices[choosing->count - 1].session };
}

static int read_wishes(struct choosing *choosing, size_t round, const char *control)
{
    const struct event_round *asked = &choosing->programme->rounds[round];
    const size_t first = choosing->count, faults = choosing->reading->result->fault_count;
    const char *best = NULL;

    for (size_t rank = 1; rank <= asked->ranks; rank++) {
        const char *ranked = arena_format(choosing->reading->arena, "%s.%zu", control, rank);
        if (!ranked)
            return -ENOMEM;
        if (rank == 1)
            best = ranked;
        read_wish(choosing, round, ranked, first);
    }
    if (best && choosing->count == first && choosing->reading->result->fault_count == faults &&
        must_choose(choosing, round))
        reading_fault(choosing->reading, best, RULE_MISSING, 0);
    return 0;
}

static int read_round(struct choosing *choosing, size_t round)
{
    const struct rules_moment *moment = choosing->reading->moment;
    const struct event_round *asked = &choosing->programme->rounds[round];
    const char *control = arena_format(choosing->reading->arena, "session.%s", asked->id);

    if (!control)
        return -ENOMEM;
    if (!moment->named && !is_asked(choosing, round))
        return 0; /* the page hides it; what was chosen there before the mode was is left aside */
    if (rules_wishing(choosing->programme, round, moment))
        return moment->now < asked->wishes_until ? read_wishes(choosing, round, control) : 0;
    if (asked->choose == CHOOSE_MANY)
        read_many(choosing, round, control);
    else
        read_one(choosing, round, control);
    return 0;
}

static bool in_mode(const struct reading *reading, const struct event_resource *resource)
{
    return !reading->mode_known || resource->mode < 0 || resource->mode == reading->result->mode_index;
}

/* What of the slots is offered to who takes part in this mode. */
static void find_offer(const struct reading *reading, bool *ret_slots, bool *ret_propose)
{
    const struct event_programme *programme = &reading->definition->programme;
    bool slots = false, propose = false;

    for (size_t i = 0; i < programme->slot_count && !slots; i++)
        slots = in_mode(reading, &programme->resources[programme->slots[i].resource]);
    for (size_t i = 0; i < programme->resource_count && !propose; i++)
        propose = programme->resources[i].propose && in_mode(reading, &programme->resources[i]);
    *ret_slots = slots;
    *ret_propose = propose;
}

static int read_proposal(struct reading *reading)
{
    const struct form_value *value;
    const char *text;

    if (!reading_value(reading, PROPOSAL_CONTROL, true, &value))
        return 0;
    int r = reading_clean(reading, PROPOSAL_CONTROL, value, false, true, &text);
    if (r < 0 || !text)
        return r;
    if (text_length(text) > PROPOSAL_MAX)
        reading_fault(reading, PROPOSAL_CONTROL, RULE_TOO_LONG, PROPOSAL_MAX);
    else
        reading->result->proposal = text;
    return 0;
}

static void take_slot(struct reading *reading, const char *key)
{
    const struct event_programme *programme = &reading->definition->programme;
    const char *own = reading->moment->own_slot;
    const int slot = programme_slot(programme, key);

    if (slot < 0)
        reading_fault(reading, SLOT_CONTROL, RULE_NO_SUCH, 0);
    else if (!in_mode(reading, &programme->resources[programme->slots[slot].resource]))
        reading_fault(reading, SLOT_CONTROL, RULE_NOT_IN_MODE, 0);
    else if (!(own && strcmp(own, key) == 0) && programme->slots[slot].starts < reading->moment->now)
        reading_fault(reading, SLOT_CONTROL, RULE_TOO_SOON, 0);
    else if (!(own && strcmp(own, key) == 0) && !reading->moment->late &&
             rules_too_soon(programme, (size_t)slot, reading->moment->now))
        reading_fault(reading, SLOT_CONTROL, RULE_TOO_SOON,
                      programme->resources[programme->slots[slot].resource].lead_days);
    else
        reading->result->slot = slot;
}

static int read_slot(struct reading *reading)
{
    const struct event_programme *programme = &reading->definition->programme;
    const struct form_value *value;
    bool slots, propose;

    if (programme->resource_count == 0)
        return 0;
    find_offer(reading, &slots, &propose);
    if (!reading_value(reading, SLOT_CONTROL, slots || propose, &value))
        return 0;
    if (value->size == 0) {
        if (slots || propose)
            reading_fault(reading, SLOT_CONTROL, RULE_MISSING, 0);
        return 0;
    }
    if (strcmp(value->value, PROPOSE) != 0 || !programme->propose) {
        take_slot(reading, value->value);
        return 0;
    }
    if (propose)
        return read_proposal(reading);
    reading_fault(reading, SLOT_CONTROL, RULE_NOT_IN_MODE, 0);
    return 0;
}

/* In the programme's order: what was chosen, and what everybody takes part in if somebody counts who comes. */
static void take_sessions(const struct choosing *choosing)
{
    const struct event_programme *programme = choosing->programme;
    struct rules_result *result = choosing->reading->result;

    for (size_t i = 0; i < programme->session_count; i++) {
        const struct event_session *session = &programme->sessions[i];
        bool taken = session->round < 0 && rules_held(session, result->mode_index) &&
                     session->rooms[session->per_mode ? result->mode_index : 0].limited;
        for (size_t k = 0; k < choosing->count && !taken; k++)
            taken = choosing->choices[k].session == i && !choosing->choices[k].wished;
        if (taken)
            result->sessions[result->session_count++] = i;
    }
}

size_t rules_programme_controls(const struct event_programme *programme)
{
    size_t controls = 2; /* the slot and what is proposed instead */

    for (size_t i = 0; i < programme->round_count; i++) {
        const struct event_round *round = &programme->rounds[i];
        controls += round->choose == CHOOSE_RANK && round->ranks > 0 ? round->ranks : 1;
    }
    return controls;
}

int rules_programme_read(struct reading *reading)
{
    const struct event_programme *programme = &reading->definition->programme;
    /* A round is read as wishes, one a control, or session by session. */
    const size_t room = programme->session_count + rules_programme_controls(programme);
    struct choosing choosing = { .reading = reading,
                                 .programme = programme,
                                 .choices = arena_take(reading->arena, room * sizeof(struct choice)) };
    reading->result->slot = -1;
    reading->result->sessions = arena_take(reading->arena, room * sizeof(size_t));
    reading->result->wishes = arena_take(reading->arena, room * sizeof(struct rules_wish));
    if (!choosing.choices || !reading->result->sessions || !reading->result->wishes)
        return -ENOMEM;

    for (size_t i = 0; i < programme->round_count; i++) {
        int r = read_round(&choosing, i);
        if (r < 0)
            return r;
    }
    take_sessions(&choosing);
    return read_slot(reading);
}

int rules_programme_words(struct arena *arena, const struct event_definition *definition,
                          const struct rules_result *result, const char **ret_words)
{
    const struct event_programme *programme = &definition->programme;
    struct buffer words = { 0 };

    for (size_t i = 0; i < result->session_count; i++)
        buffer_format(&words, "session %s\n", programme->sessions[result->sessions[i]].id);
    for (size_t i = 0; i < result->wish_count; i++) {
        const struct rules_wish *wish = &result->wishes[i];
        buffer_format(&words, "wish %zu %s\n", wish->rank, programme->sessions[wish->session].id);
    }
    if (result->slot >= 0)
        buffer_format(&words, "slot %s\n", programme->slots[result->slot].key);
    if (result->proposal)
        buffer_format(&words, "proposal %s\n", result->proposal);
    int r = buffer_check(&words);
    char *copy = r < 0 ? NULL : arena_copy(arena, buffer_string(&words));
    buffer_done(&words);
    if (!copy)
        return -ENOMEM;
    *ret_words = copy;
    return 0;
}
