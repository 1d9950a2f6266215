/* SPDX-License-Identifier: EUPL-1.2 */
/* The sessions of a definition and the rounds that they are chosen in. Called by parse.c, after times and modes. */
#include <string.h>

#include "event/parse.h"

#define SESSIONS_MAX 500
#define RANKS 3 /* wishes of a round that does not say how many */

/* What a session says of its round, before the rounds are known. */
struct said {
    const char *round;
    int choose; /* enum event_choose; -1: nothing */
    bool bad;   /* one of the two is at fault: nothing more is to be said */
};

struct reading {
    struct parse *parse;
    const config_setting_t *list;
    size_t count;
    struct event_session *sessions;
    struct said *said;
    struct event_round *rounds; /* room for as many as there are sessions */
    bool *alone;                /* of each round: it is a session that is chosen alone */
    size_t round_count;
};

/* By enum event_choose, from CHOOSE_ONE. */
static const char *const chooses[] = { "one", "many", "rank", NULL };

static const config_setting_t *group_of(const struct reading *reading, size_t at)
{
    return config_setting_get_elem(reading->list, (unsigned)at);
}

static void read_times(struct parse *parse, const config_setting_t *group, struct event_session *session)
{
    const struct event_definition *definition = parse->definition;
    struct wall wall;

    if (!config_setting_get_member(group, "starts") && !config_setting_get_member(group, "ends"))
        return;
    if (!parse_given(parse, group, "starts") || !parse_given(parse, group, "ends"))
        return;
    bool good = parse_wall(parse, group, "starts", &wall, &session->starts);
    good = parse_wall(parse, group, "ends", &wall, &session->ends) && good;
    if (!good)
        return;
    session->has_times = true;
    if (session->ends <= session->starts)
        source_fault(&parse->source, group, "ends", "is not after starts");
    if (definition->ends <= definition->starts)
        return; /* they are at fault themselves */
    if (session->starts < definition->starts)
        source_fault(&parse->source, group, "starts", "is before the event starts");
    if (session->ends > definition->ends)
        source_fault(&parse->source, group, "ends", "is after the event ends");
}

/* capacity = { onsite = 40; online = 0; } */
static void read_rooms(struct parse *parse, const config_setting_t *capacity, struct event_session *session)
{
    const struct event_definition *definition = parse->definition;
    bool held = false;

    if (config_setting_length(capacity) == 0)
        source_fault(&parse->source, capacity, NULL, "is empty");
    session->per_mode = true;
    session->rooms = parse_take(parse, definition->mode_count, sizeof(*session->rooms));
    for (int i = 0; session->rooms && i < config_setting_length(capacity); i++) {
        const config_setting_t *member = config_setting_get_elem(capacity, (unsigned)i);
        int mode = event_mode(definition, config_setting_name(member));
        int64_t places;
        if (mode < 0 && definition->mode_count > 0)
            source_fault(&parse->source, member, NULL, "no mode has this id");
        if (source_int(&parse->source, member, 0, PARSE_PLACES_MAX, &places) && mode >= 0)
            session->rooms[mode] = (struct event_room){ .limited = true, .capacity = places };
    }
    for (size_t i = 0; session->rooms && i < definition->mode_count; i++)
        held = held || !session->rooms[i].limited || session->rooms[i].capacity > 0;
    if (session->rooms && definition->mode_count > 0 && !held)
        source_fault(&parse->source, capacity, NULL, "is 0 in every mode: the session would not be held");
}

static void read_capacity(struct parse *parse, const config_setting_t *group, struct event_session *session)
{
    const config_setting_t *capacity = config_setting_get_member(group, "capacity");
    int type = capacity ? config_setting_type(capacity) : CONFIG_TYPE_INT;

    if (type == CONFIG_TYPE_GROUP) {
        read_rooms(parse, capacity, session);
        return;
    }
    session->rooms = parse_take(parse, 1, sizeof(*session->rooms));
    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        source_fault(&parse->source, capacity, NULL, "must be a whole number, or a group of whole numbers by mode");
    else if (session->rooms)
        session->rooms->limited = parse_int(parse, group, "capacity", 1, PARSE_PLACES_MAX, &session->rooms->capacity);
}

static void read_session(struct reading *reading, size_t at)
{
    static const char *const keys[] = { "id", "title", "starts", "ends", "round", "group", "capacity", "choose", NULL };
    struct parse *parse = reading->parse;
    const config_setting_t *group = group_of(reading, at);
    struct event_session *session = &reading->sessions[at];
    struct said *said = &reading->said[at];

    session->id = "";
    session->round = -1;
    said->choose = -1;
    said->bad = !source_known(&parse->source, group, keys);
    if (said->bad)
        return;
    session->id = parse_entry_id(parse, reading->list, at, "id");
    if (parse_given(parse, group, "title"))
        (void)parse_text(parse, group, "title", PARSE_LABEL, false, &session->title);
    read_times(parse, group, session);
    session->group = parse_id(parse, group, "group", PARSE_ID);
    read_capacity(parse, group, session);
    said->round = parse_id(parse, group, "round", PARSE_ID);
    int position = parse_word(parse, group, "choose", chooses, -1);
    if (position >= 0)
        said->choose = CHOOSE_ONE + position;
    said->bad = (!said->round && config_setting_get_member(group, "round")) ||
                (position < 0 && config_setting_get_member(group, "choose"));
}

/* Puts the session into its round, which is made when it is first met. */
static void join_round(struct reading *reading, size_t at)
{
    struct parse *parse = reading->parse;
    const config_setting_t *group = group_of(reading, at);
    struct event_session *session = &reading->sessions[at];
    const struct said *said = &reading->said[at];
    bool alone = !said->round;
    const char *id = alone ? session->id : said->round;
    size_t round = 0;

    if (said->bad)
        return;
    if (alone && said->choose < 0) {
        if (session->group)
            source_fault(&parse->source, group, "group", "has no meaning: everybody takes part in the session");
        return;
    }
    if (alone && said->choose != CHOOSE_MANY) {
        source_fault(&parse->source, group, "choose", "\"%s\" needs a round", chooses[said->choose - CHOOSE_ONE]);
        return;
    }
    while (round < reading->round_count && strcmp(reading->rounds[round].id, id) != 0)
        round++;
    if (round == reading->round_count) {
        reading->rounds[round].id = id;
        reading->alone[round] = alone;
        reading->round_count++;
    } else if (alone || reading->alone[round]) {
        if (id[0]) /* else its id is at fault already */
            source_fault(&parse->source, group, alone ? "id" : "round",
                         "\"%s\" is a round, and a session that is chosen alone", id);
        return;
    }
    struct event_round *joined = &reading->rounds[round];
    session->round = (int)round;
    joined->session_count++;
    if (said->choose < 0)
        return;
    if (joined->choose == CHOOSE_NONE)
        joined->choose = (enum event_choose)said->choose;
    else if (joined->choose != (enum event_choose)said->choose)
        source_fault(&parse->source, group, "choose", "an earlier session of the round \"%s\" says \"%s\"", id,
                     chooses[joined->choose - CHOOSE_ONE]);
}

/* What was not said, and the positions of the sessions. */
static void complete_round(struct reading *reading, size_t at)
{
    struct event_round *round = &reading->rounds[at];
    size_t *sessions = parse_take(reading->parse, round->session_count, sizeof(*sessions)), n = 0;

    for (size_t i = 0; sessions && i < reading->count; i++)
        if (reading->sessions[i].round == (int)at)
            sessions[n++] = i;
    round->sessions = sessions;
    if (!sessions)
        round->session_count = 0;
    if (round->choose == CHOOSE_NONE)
        round->choose = CHOOSE_ONE;
    if (round->choose == CHOOSE_RANK) {
        round->ranks = round->session_count < RANKS ? round->session_count : RANKS;
        round->wishes_until = reading->parse->definition->closes;
    }
}

static bool overlap(const struct event_session *a, const struct event_session *b)
{
    return a->has_times && b->has_times && a->starts < b->ends && b->starts < a->ends;
}

/* Each round is allocated by itself, so nobody may be given two sessions of the same hour by two of them. */
static void check_ranked(struct reading *reading, size_t at)
{
    const struct event_session *session = &reading->sessions[at];

    for (size_t i = 0; i < at; i++) {
        const struct event_session *other = &reading->sessions[i];
        if (session->round < 0 || other->round < 0 || session->round == other->round || !overlap(session, other))
            continue;
        const struct event_round *round = &reading->rounds[other->round];
        if (round->choose != CHOOSE_RANK || reading->rounds[session->round].choose != CHOOSE_RANK)
            continue;
        source_fault(&reading->parse->source, group_of(reading, at), "starts",
                     "is during \"%s\" of the round \"%s\": two rounds of wishes may not overlap", other->id,
                     round->id);
        return;
    }
}

static void read_wishes(struct parse *parse, const config_setting_t *group, struct event_round *round)
{
    const struct event_definition *definition = parse->definition;
    const struct event_programme *programme = &definition->programme;
    static const char *const keys[] = { "ranks", "wishes_until" };
    struct wall wall;
    int64_t ranks, until, first = definition->ends;

    for (size_t i = 0; round->choose != CHOOSE_RANK && i < 2; i++)
        if (config_setting_get_member(group, keys[i]))
            source_fault(&parse->source, group, keys[i], "has no meaning: the sessions of the round are not ranked");
    if (round->choose != CHOOSE_RANK)
        return;
    if (parse_int(parse, group, "ranks", 1, SESSIONS_MAX, &ranks)) {
        if ((size_t)ranks > round->session_count)
            source_fault(&parse->source, group, "ranks", "%lld is more than the %zu sessions of the round",
                         (long long)ranks, round->session_count);
        round->ranks = (size_t)ranks;
    }
    if (!parse_wall(parse, group, "wishes_until", &wall, &until))
        return;
    for (size_t i = 0; i < round->session_count; i++) {
        const struct event_session *session = &programme->sessions[round->sessions[i]];
        if (session->has_times && session->starts < first)
            first = session->starts;
    }
    if (until > first)
        source_fault(&parse->source, group, "wishes_until", "is after the round starts");
    if (definition->has_opens && until <= definition->opens)
        source_fault(&parse->source, group, "wishes_until", "is not after opens");
    round->wishes_until = until;
}

static void read_round(struct parse *parse, const config_setting_t *list, size_t at)
{
    static const char *const keys[] = { "id", "title", "required", "ranks", "wishes_until", NULL };
    struct event_programme *programme = &parse->definition->programme;
    const config_setting_t *group = config_setting_get_elem(list, (unsigned)at);
    struct event_text title;

    if (!source_known(&parse->source, group, keys))
        return;
    const char *id = parse_entry_id(parse, list, at, "id");
    int position = programme_round(programme, id);
    bool has_title = parse_text(parse, group, "title", PARSE_LABEL, false, &title);
    bool required = parse_bool(parse, group, "required", false);
    if (id[0] && position < 0)
        source_fault(&parse->source, group, "id", "no session has the round \"%s\"", id);
    if (position < 0)
        return;
    struct event_round *round = &programme->rounds[position];
    round->has_title = has_title;
    if (has_title)
        round->title = title;
    round->required = required;
    read_wishes(parse, group, round);
}

static void read_sessions(struct parse *parse, const config_setting_t *root)
{
    int count = parse_groups(parse, root, "sessions", SESSIONS_MAX);
    if (count <= 0)
        return;
    struct reading reading = { .parse = parse,
                               .list = config_setting_get_member(root, "sessions"),
                               .count = (size_t)count };
    reading.sessions = parse_take(parse, reading.count, sizeof(*reading.sessions));
    reading.said = parse_take(parse, reading.count, sizeof(*reading.said));
    reading.rounds = parse_take(parse, reading.count, sizeof(*reading.rounds));
    reading.alone = parse_take(parse, reading.count, sizeof(*reading.alone));
    if (!reading.sessions || !reading.said || !reading.rounds || !reading.alone)
        return;
    for (size_t i = 0; i < reading.count; i++)
        read_session(&reading, i);
    for (size_t i = 0; i < reading.count; i++)
        join_round(&reading, i);
    for (size_t i = 0; i < reading.round_count; i++)
        complete_round(&reading, i);
    for (size_t i = 0; i < reading.count; i++)
        check_ranked(&reading, i);
    parse->definition->programme.sessions = reading.sessions;
    parse->definition->programme.session_count = reading.count;
    parse->definition->programme.rounds = reading.rounds;
    parse->definition->programme.round_count = reading.round_count;
}

void parse_programme(struct parse *parse, const config_setting_t *root)
{
    const config_setting_t *list = config_setting_get_member(root, "rounds");

    read_sessions(parse, root);
    int count = parse_groups(parse, root, "rounds", SESSIONS_MAX);
    for (int i = 0; i < count; i++)
        read_round(parse, list, (size_t)i);
}
