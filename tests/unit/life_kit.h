/* SPDX-License-Identifier: EUPL-1.2 */
/* A whole event on a real store, with dice: modes, sessions in rounds, a plenary, a dinner, slots, caps and reserves,
 * and everything that people, organisers and time can do to them. For test_lives (one thread, all rules after each
 * step) and test_writers (threads and a second process). */
#pragma once

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "change/act.h"
#include "change/edit.h"
#include "change/expire.h"
#include "change/sign_up.h"
#include "change/take_revision.h"
#include "config/settings.h"
#include "event/book.h"
#include "event/zone.h"
#include "store/batch.h"
#include "store/db.h"
#include "view/edition.h"

#define LIFE_PEOPLE 60
#define LIFE_ORGANISATIONS 6

struct life {
    char folder[32], path[64], clock_path[64];
    int64_t offset;
    struct clock *clock;
    struct store *store;
    struct settings settings;
    struct event_book *book;
    struct edition edition;
    bool waiting_list, approval, holds, confirm, late;
    uint64_t dice;
};

static inline unsigned life_dice(struct life *life, unsigned sides) /* xorshift64: a failing seed can be run again */
{
    life->dice ^= life->dice << 13;
    life->dice ^= life->dice >> 7;
    life->dice ^= life->dice << 17;
    return (unsigned)(life->dice >> 33) % sides;
}

static void life_set_clock(struct life *life, int64_t forward)
{
    life->offset += forward;
    FILE *file = fopen(life->clock_path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "+%lld\n", (long long)life->offset) > 0);
    assert_int_equal(fclose(file), 0);
    if (life->clock)
        assert_int_equal(clock_reread(life->clock), 0);
}

static const char *life_wall(struct life *life, int64_t from_now, char *text, size_t size)
{
    time_t at = (time_t)((life->clock ? clock_now(life->clock) : time(NULL)) + from_now);
    struct tm tm;
    assert_non_null(gmtime_r(&at, &tm));
    assert_true(strftime(text, size, "%Y-%m-%dT%H:%M", &tm) > 0);
    return text;
}

/* A definition with random capacities. True: it was taken; false: it would have broken what is stored. */
static bool life_define(struct life *life)
{
    char text[6000], starts[32], ends[32], release[32];
    const struct event_definition *definition;
    unsigned small = life_dice(life, 4), patients = 1 + life_dice(life, 2);
    (void)snprintf(
        text, sizeof(text),
        "slug = \"life\"; languages = [ \"en\" ]; title = \"Life\"; zone = \"Etc/UTC\"; place = \"Hall\";\n"
        "starts = \"%s\"; ends = \"%s\"; group_max = 5;\n"
        "modes = ( { id = \"onsite\"; capacity = %u; }, { id = \"online\"; capacity = %u; approval = \"automatic\"; } "
        ");\n"
        "waiting_list = %s; approval = \"%s\"; approval_holds = %s; confirm = \"%s\"; hold_hours = 24;\n"
        "sessions = ( { id = \"plenary\"; title = \"Plenary\"; capacity = %u; },\n"
        "{ id = \"a1\"; title = \"A1\"; round = \"a\"; capacity = %u; }, { id = \"a2\"; title = \"A2\"; round = \"a\"; "
        "capacity = %u; },\n"
        "{ id = \"b1\"; title = \"B1\"; round = \"b\"; capacity = { onsite = %u; online = 2; }; },\n"
        "{ id = \"b2\"; title = \"B2\"; round = \"b\"; capacity = { onsite = 3; }; },\n"
        "{ id = \"dinner\"; title = \"Dinner\"; choose = \"many\"; capacity = %u; } );\n"
        "caps = ( { by = \"organisation\"; max = %u; } );\n"
        "reserves = ( { id = \"patients\"; mode = \"onsite\"; for = \"stakeholder = patient\"; size = %u; release = "
        "\"%s\"; },\n"
        "{ id = \"citizens\"; mode = \"onsite\"; for = \"stakeholder in (patient, citizen)\"; size = 1; } );\n"
        "fields = ( { id = \"name\"; type = \"text\"; role = \"name\"; label = \"Name\"; required = true; },\n"
        "{ id = \"email\"; type = \"email\"; role = \"email\"; label = \"Email\"; required = true; },\n"
        "{ id = \"stakeholder\"; type = \"choice\"; role = \"stakeholder\"; label = \"Who\"; options = ( { id = "
        "\"patient\"; label = \"P\"; }, { id = \"citizen\"; label = \"C\"; }, { id = \"other\"; label = \"O\"; } ); } "
        ");\n",
        life_wall(life, life->late ? 20 * 3600 : 400 * 86400, starts, sizeof(starts)),
        life_wall(life, life->late ? 30 * 3600 : 401 * 86400, ends, sizeof(ends)), 4 + life_dice(life, 6),
        2 + life_dice(life, 4), life->waiting_list ? "true" : "false", life->approval ? "manual" : "automatic",
        life->holds ? "true" : "false", life->confirm ? "hold" : "none", 6 + life_dice(life, 8), 1 + small, 2 + small,
        1 + life_dice(life, 4), 1 + life_dice(life, 5), 2 + life_dice(life, 3), patients,
        life_wall(life, life->late ? 3600 : 2 * 86400, release, sizeof(release)));
    assert_int_equal(event_definition_parse(text, strlen(text), "life.conf", NULL, &definition), 0);
    struct revision_file file = { .name = "life.conf", .text = text, .size = strlen(text), .definition = definition };
    struct take_revision take = { .job = { .kind = &change_take_revision, .arena = arena_new() },
                                  .message_domain = "cluster.example",
                                  .files = &file,
                                  .file_count = 1 };
    assert_int_equal(store_run(life->store, &take.job), 0);
    bool taken = take.refusal_count == 0;
    if (taken) {
        const struct revision_event *event = &take.events[0];
        event_book_free(life->book);
        assert_int_equal(event_book_new(1, &life->book), 0);
        assert_int_equal(event_book_add(life->book, definition, event->event_id, event->revision_id, 0, event->state,
                                        event->row_count, event->rows),
                         0);
        life->edition.events = life->book;
    } else
        event_definition_unref(definition);
    arena_free(take.job.arena);
    return taken;
}

static void life_begin(struct life *life)
{
    bool created;
    (void)strcpy(life->folder, "/tmp/convened-test-XXXXXX");
    assert_non_null(mkdtemp(life->folder));
    (void)snprintf(life->path, sizeof(life->path), "%s/t.db", life->folder);
    (void)snprintf(life->clock_path, sizeof(life->clock_path), "%s/clock", life->folder);
    life_set_clock(life, 0);
    assert_int_equal(clock_new(life->clock_path, &life->clock), 0);
    life->settings.mail.from_address = "events@cluster.example";
    life->settings.limits.mails_per_address_per_hour = 1000000;
    life->edition.settings = &life->settings;
    const struct store_options options = { .path = life->path, .readers = 1, .queue = 1000, .clock = life->clock };
    assert_int_equal(store_open(&options, &life->store, &created), 0);
    assert_true(life_define(life));
}

static void life_end(struct life *life)
{
    char command[96];
    event_book_free(life->book);
    store_close(life->store);
    clock_free(life->clock);
    (void)snprintf(command, sizeof(command), "rm -rf %s", life->folder);
    assert_int_equal(system(command), 0);
}

/* ---- what one person asks for ---- */

static int64_t life_session(const struct event_entry *entry, const char *id, size_t mode)
{
    int session = programme_session(&entry->definition->programme, id);
    assert_true(session >= 0);
    return entry->session_places[(size_t)session * entry->definition->mode_count + mode];
}

static inline void life_ask(struct life *life, struct arena *arena, const struct event_entry *entry, struct ask *ask,
                            const char **ret_mode)
{
    static const char *const a[] = { "a1", "a2" }, *const b[] = { "b1", "b2" };
    size_t mode = life_dice(life, 3) == 0 ? 1 : 0;
    unsigned who = life_dice(life, 3);
    *ask = (struct ask){ .mode = entry->mode_places[mode],
                         .places = arena_take(arena, 8 * sizeof(int64_t)),
                         .reserves = arena_take(arena, 2 * sizeof(int64_t)),
                         .caps = arena_take(arena, sizeof(struct ask_cap)) };
    ask->places[ask->place_count++] = life_session(entry, "plenary", mode);
    if (life_dice(life, 3))
        ask->places[ask->place_count++] = life_session(entry, a[life_dice(life, 2)], mode);
    if (life_dice(life, 3))
        ask->places[ask->place_count++] = life_session(entry, b[life_dice(life, 2)], mode);
    if (life_dice(life, 4) == 0)
        ask->places[ask->place_count++] = life_session(entry, "dinner", mode);
    if (mode == 0 && who == 0)
        ask->reserves[ask->reserve_count++] = entry->reserve_places[0];
    if (mode == 0 && who <= 1)
        ask->reserves[ask->reserve_count++] = entry->reserve_places[1];
    ask->caps[ask->cap_count++] =
        (struct ask_cap){ .key = arena_format(arena, "org:%u", life_dice(life, LIFE_ORGANISATIONS)),
                          .title = "An organisation",
                          .max = entry->definition->programme.caps[0].max };
    *ret_mode = entry->definition->modes[mode].id;
}

/* Whoever calls says what is asked for. */
static struct sign_up *life_sign_up_plain(struct life *life, unsigned person)
{
    struct arena *arena = arena_new();
    struct sign_up *s = arena_take(arena, sizeof(*s));
    *s = (struct sign_up){ .job = { .kind = &change_sign_up, .arena = arena, .edition = &life->edition },
                           .event = &life->book->entries[0],
                           .revision_id = life->book->entries[0].revision_id,
                           .language = "en",
                           .name = "Anna",
                           .answers = "{}",
                           .search = "anna" };
    s->email = s->dedupe = arena_format(arena, "p%u@x.example", person);
    return s;
}

/* Somebody who comes along where who booked asks for LEAD: the same mode and sessions, a limit and reserves of his own;
 * now and then an address. */
static inline void life_guest(struct life *life, struct arena *arena, const struct event_entry *event,
                              const struct ask *lead, unsigned person, struct sign_up_guest *guest)
{
    unsigned who = life_dice(life, 3);
    *guest = (struct sign_up_guest){ .name = "Bob", .answers = "{}", .search = "bob" };
    if (life_dice(life, 2))
        guest->email = arena_format(arena, "g%u@x.example", person);
    guest->ask = *lead;
    guest->ask.reserves = arena_take(arena, 2 * sizeof(int64_t));
    guest->ask.reserve_count = 0;
    guest->ask.caps = arena_take(arena, sizeof(struct ask_cap));
    guest->ask.caps[0] = lead->caps[0];
    if (life_dice(life, 2))
        guest->ask.caps[0].key = arena_format(arena, "org:%u", life_dice(life, LIFE_ORGANISATIONS));
    if (lead->mode == event->mode_places[0] && who == 0)
        guest->ask.reserves[guest->ask.reserve_count++] = event->reserve_places[0];
    if (lead->mode == event->mode_places[0] && who <= 1)
        guest->ask.reserves[guest->ask.reserve_count++] = event->reserve_places[1];
}

/* Every third comes with one or two others. */
static inline struct sign_up *life_sign_up_new(struct life *life, unsigned person)
{
    struct sign_up *s = life_sign_up_plain(life, person);
    life_ask(life, s->job.arena, s->event, &s->ask, &s->mode_id);
    if (life_dice(life, 3) == 0) {
        struct sign_up_guest *guests = arena_take(s->job.arena, 2 * sizeof(*guests));
        s->guest_count = 1 + life_dice(life, 2);
        for (size_t i = 0; i < s->guest_count; i++)
            life_guest(life, s->job.arena, s->event, &s->ask, person, &guests[i]);
        s->guests = guests;
    }
    return s;
}

static struct edit *life_edit_plain(struct life *life, int64_t id)
{
    struct arena *arena = arena_new();
    struct edit *edit = arena_take(arena, sizeof(*edit));
    *edit = (struct edit){ .job = { .kind = &change_edit, .arena = arena, .edition = &life->edition },
                           .registration_id = id,
                           .link_version = -1,
                           .version = -1,
                           .actor = "person",
                           .message_domain = "cluster.example",
                           .event = &life->book->entries[0] };
    return edit;
}

static inline struct edit *life_edit_new(struct life *life, int64_t id)
{
    struct edit *edit = life_edit_plain(life, id);
    life_ask(life, edit->job.arena, edit->event, &edit->ask, &edit->mode_id);
    return edit;
}

static int64_t life_count(struct db *db, const char *sql);

/* The same by who booked: of each who came along something else is said, or nothing; up to two are added. For the
 * thread of the store. */
static inline struct edit *life_edit_party(struct life *life, int64_t id)
{
    struct edit *edit = life_edit_new(life, id);
    struct arena *arena = edit->job.arena;
    struct edit_guest *guests = arena_take(arena, 16 * sizeof(*guests));
    edit->revision_id = edit->event->revision_id;
    for (int64_t last = id; edit->guest_count < 12;) {
        char sql[240];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT coalesce(min(id), 0) FROM registration WHERE party_id = %lld AND id > %lld AND "
                       "status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered')",
                       (long long)id, (long long)last);
        last = life_count(store_db(life->store), sql);
        if (last == 0)
            break;
        if (life_dice(life, 3) == 0)
            continue;
        struct edit_guest *guest = &guests[edit->guest_count++];
        *guest = (struct edit_guest){ .id = last, .fields = life_dice(life, 2) ? "[]" : "[\"name\"]" };
        life_guest(life, arena, edit->event, &edit->ask, (unsigned)last, &guest->said);
    }
    for (unsigned added = life_dice(life, 3); added > 0; added--) {
        struct edit_guest *guest = &guests[edit->guest_count++];
        *guest = (struct edit_guest){ .id = 0 };
        life_guest(life, arena, edit->event, &edit->ask, (unsigned)id, &guest->said);
    }
    edit->guests = guests;
    return edit;
}

static struct act *life_act_new(const struct change_kind *kind, int64_t id, const char *actor)
{
    struct arena *arena = arena_new();
    struct act *act = arena_take(arena, sizeof(*act));
    *act = (struct act){ .job = { .kind = kind, .arena = arena },
                         .registration_id = id,
                         .link_version = -1,
                         .actor = actor,
                         .reason = "because",
                         .message_domain = "cluster.example" };
    return act;
}

static inline struct expire *life_expire_new(void)
{
    struct arena *arena = arena_new();
    struct expire *expire = arena_take(arena, sizeof(*expire));
    *expire = (struct expire){ .job = { .kind = &change_expire, .arena = arena }, .message_domain = "cluster.example" };
    return expire;
}

/* ---- the rules ---- */

static int64_t life_count(struct db *db, const char *sql)
{
    struct query *query;
    if (db_prepare(db, sql, &query) < 0)
        fail_msg("%s", sql);
    int64_t number = db_step(query) > 0 ? db_int(query, 0) : -1;
    db_finish(query);
    return number;
}

/* What a registration R that asks still lacks; if there were MINUS claims fewer on the place p, and on a mode's general
 * places MINUS_GENERAL. */
#define LIFE_LACKS(R, MINUS, MINUS_GENERAL)                                                                \
    "(EXISTS (SELECT 1 FROM ask AS a JOIN place AS p ON p.id = a.place_id WHERE a.registration_id = " R    \
    " AND p.kind IN ('session', 'slot', 'cap') AND p.taken - " MINUS                                       \
    " >= p.capacity) OR NOT EXISTS (SELECT 1 FROM ask AS a JOIN place AS p ON p.id = a.place_id WHERE "    \
    "a.registration_id = " R                                                                               \
    " AND ((p.kind = 'mode' AND coalesce(p.capacity - p.taken - p.reserved_open, 1) + " MINUS_GENERAL      \
    " > 0) OR (p.kind = 'reserve' AND p.released_at IS NULL AND p.retired_at IS NULL AND p.taken - " MINUS \
    " < p.capacity))))"
#define LIFE_HAS(R) "(SELECT count(*) FROM claim AS h WHERE h.registration_id = " R " AND h.place_id = p.id)"
/* A claim by way of a reserve takes no general place. */
#define LIFE_HAS_GENERAL(R)                                                                                       \
    "(SELECT count(*) FROM claim AS h JOIN place AS v ON v.id = h.place_id WHERE h.registration_id = " R          \
    " AND v.id = p.id AND NOT EXISTS (SELECT 1 FROM claim AS g JOIN place AS q ON q.id = g.place_id WHERE "       \
    "g.registration_id = h.registration_id AND q.parent_id = p.id AND q.released_at IS NULL AND q.retired_at IS " \
    "NULL))"

/* Row R came without others, or they have left. */
#define LIFE_ALONE(R)                                                                                                  \
    "(" R ".party_id = " R ".id AND NOT EXISTS (SELECT 1 FROM registration AS m WHERE m.party_id = " R ".id AND "      \
    "m.party_id <> m.id AND m.status = 'waitlisted'))"
/* Those who wait together and would fit even if no reserve were for them. */
#define LIFE_PARTIES_THAT_FIT                                                                                          \
    "WITH need AS (SELECT m.party_id AS party, a.place_id AS place, count(*) AS n FROM ask AS a JOIN " \
    "registration AS m ON m.id = a.registration_id WHERE m.status = 'waitlisted' GROUP BY 1, 2) SELECT count(*) FROM ("\
    "SELECT 1 FROM need JOIN place AS p ON p.id = need.place WHERE p.kind <> 'reserve' GROUP BY need.party HAVING " \
    "coalesce(sum(p.taken + p.reserved_open + need.n > p.capacity), 0) = 0)"

static const struct life_rule {
    const char *what, *sql;
} life_rules[] = {
    { "counter is not the claims",
      "SELECT count(*) FROM place AS p WHERE p.taken <> (SELECT count(*) FROM claim WHERE place_id = p.id)" },
    { "oversold", "SELECT count(*) FROM place WHERE taken > capacity" },
    { "what is reserved does not fit",
      "SELECT count(*) FROM place WHERE kind = 'mode' AND retired_at IS NULL AND taken + reserved_open > capacity" },
    { "reserved is not what the reserves have free",
      "SELECT count(*) FROM place AS p WHERE p.kind = 'mode' AND p.reserved_open <> (SELECT coalesce(sum(v.capacity - "
      "v.taken), 0) FROM place AS v WHERE v.parent_id = p.id AND v.released_at IS NULL AND v.retired_at IS NULL)" },
    { "waiting is not the list",
      "SELECT count(*) FROM place AS p WHERE p.waiting <> (SELECT count(*) FROM ask AS a JOIN registration AS r ON "
      "r.id = a.registration_id WHERE a.place_id = p.id AND a.lacks = 1 AND r.status = 'waitlisted')" },
    { "waits for nothing that was full",
      "SELECT count(*) FROM registration AS r WHERE status = 'waitlisted' AND NOT EXISTS (SELECT 1 FROM ask WHERE "
      "registration_id = r.id)" },
    { "claims and asks at once",
      "SELECT count(*) FROM ask AS a JOIN claim AS c ON c.registration_id = a.registration_id" },
    { "live without claims or asks",
      "SELECT count(*) FROM registration AS r WHERE status IN ('waitlisted', 'pending_email', 'awaiting_approval', "
      "'confirmed', 'offered') AND NOT EXISTS (SELECT 1 FROM ask WHERE registration_id = r.id) AND NOT EXISTS "
      "(SELECT 1 FROM claim WHERE registration_id = r.id)" },
    { "asks or claims of who has left",
      "SELECT count(*) FROM registration AS r WHERE status NOT IN ('waitlisted', 'pending_email', 'awaiting_approval', "
      "'confirmed', 'offered') AND (EXISTS (SELECT 1 FROM ask WHERE registration_id = r.id) OR EXISTS (SELECT 1 FROM "
      "claim WHERE registration_id = r.id))" },
    { "a session without the event, or not once its mode",
      "SELECT count(*) FROM registration AS r WHERE EXISTS (SELECT 1 FROM claim WHERE registration_id = r.id) AND "
      "(SELECT count(*) FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE c.registration_id = r.id AND p.kind "
      "= 'mode' AND p.key = r.mode) <> 1" },
    { "two sessions of one round", "SELECT count(*) FROM (SELECT 1 FROM claim AS c JOIN place AS p ON p.id = "
                                   "c.place_id WHERE p.kind = 'session' AND "
                                   "p.round IN ('a', 'b') GROUP BY c.registration_id, p.round HAVING count(*) > 1)" },
    { "claims of two states", "SELECT count(*) FROM (SELECT 1 FROM claim GROUP BY registration_id HAVING "
                              "count(DISTINCT state) > 1)" },
    { "state of the claims is not the registration's", "SELECT count(*) FROM claim AS c JOIN registration AS r ON r.id "
                                                       "= c.registration_id WHERE (r.status = 'confirmed') "
                                                       "<> (c.state = 'taken')" },
    { "offered without an open offer of just these places",
      "SELECT count(*) FROM registration AS r WHERE (status = 'offered') <> EXISTS (SELECT 1 FROM offer AS o WHERE "
      "o.registration_id = r.id AND o.ended_at IS NULL AND (SELECT count(*) FROM json_each(o.places)) = (SELECT "
      "count(*) FROM claim WHERE registration_id = r.id) AND NOT EXISTS (SELECT 1 FROM json_each(o.places) AS j WHERE "
      "j.value NOT IN (SELECT place_id FROM claim WHERE registration_id = r.id)))" },
    { "a guest stands otherwise than who booked",
      "SELECT count(*) FROM registration AS g JOIN registration AS r ON r.id = g.party_id WHERE g.id <> r.id AND "
      "g.status IN ('waitlisted', 'pending_email', 'awaiting_approval', 'confirmed', 'offered') AND (g.status <> "
      "r.status OR g.mode IS NOT r.mode OR g.waiting_since IS NOT r.waiting_since OR g.expires_at IS NOT r.expires_at "
      "OR EXISTS (SELECT 1 FROM claim WHERE registration_id = g.id) <> EXISTS (SELECT 1 FROM claim WHERE "
      "registration_id = r.id))" },
    { "a guest is not where who booked is",
      "SELECT count(*) FROM registration AS g JOIN (SELECT registration_id, place_id FROM claim UNION ALL SELECT "
      "registration_id, place_id FROM ask) AS h ON h.registration_id = g.party_id JOIN place AS p ON p.id = h.place_id "
      "WHERE g.id <> g.party_id AND p.kind IN ('mode', 'session') AND (EXISTS (SELECT 1 FROM claim WHERE "
      "registration_id = g.id) OR EXISTS (SELECT 1 FROM ask WHERE registration_id = g.id)) AND NOT EXISTS (SELECT 1 "
      "FROM claim WHERE registration_id = g.id AND place_id = p.id) AND NOT EXISTS (SELECT 1 FROM ask WHERE "
      "registration_id = g.id AND place_id = p.id)" },
    { "two of a party have one reference",
      "SELECT count(*) FROM (SELECT 1 FROM registration GROUP BY reference HAVING count(*) > 1)" },
    { "more come together than may",
      "SELECT count(*) FROM (SELECT 1 FROM registration WHERE status IN ('pending_email', 'awaiting_approval', "
      "'confirmed', 'waitlisted', 'offered') GROUP BY party_id HAVING count(*) > 5)" },
    { "two live rows of one person",
      "SELECT count(*) FROM (SELECT 1 FROM registration WHERE party_id = id AND status IN ('pending_email', "
      "'awaiting_approval', 'confirmed', 'waitlisted', 'offered') GROUP BY dedupe HAVING count(*) > 1)" },
};

static void life_check(struct life *life, struct db *db, const char *after)
{
    for (size_t i = 0; i < sizeof(life_rules) / sizeof(life_rules[0]); i++)
        if (life_count(db, life_rules[i].sql) != 0)
            fail_msg("after %s: %s", after, life_rules[i].what);
    if (!life->approval && !life->late &&
        life_count(db, "SELECT count(*) FROM registration AS r WHERE status = 'waitlisted' AND " LIFE_ALONE(
                           "r") " AND NOT " LIFE_LACKS("r.id", "0", "0")) != 0)
        fail_msg("after %s: somebody waits who could be served", after);
    if (!life->approval && !life->late && life_count(db, LIFE_PARTIES_THAT_FIT) != 0)
        fail_msg("after %s: a party waits that could be served", after);
}
