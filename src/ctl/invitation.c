/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl invitation create | list | revoke: links that let somebody in without approval, or to a reserve. The link
 * is made of the row and the daemon's key; the store alone does not hold it. One thread. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/token.h"
#include "change/invite.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "event/book.h"
#include "signup/address.h"
#include "store/db.h"
#include "store/store.h"

#define USES_MAX 100000
#define NOTE_MAX 200 /* characters */

struct arguments {
    const char *event, *email, *uses, *expires, *reserve, *note, *id;
    bool json, links;
};

/* ---- the link ---- */

static enum ctl_exit load_keyring(const struct ctl *ctl, struct keyring **ret_keyring)
{
    const char *path = ctl->settings->store.key_file;
    int r = keyring_load(path, ret_keyring);
    if (r == 0)
        return CTL_OK;
    if (r == -ENOMEM)
        return ctl_no_memory();
    ctl_complain("%s: no link can be made without this key file (%s)", path, strerrorname_np(-r));
    return CTL_CANNOT;
}

static const char *link_of(const struct ctl *ctl, struct arena *arena, const struct keyring *keyring, const char *slug,
                           int64_t id, int64_t link_version)
{
    char token[TOKEN_SIZE];
    token_make(keyring, TOKEN_INVITE, id, link_version, token);
    return arena_format(arena, "%s/e/%s?invite=%s", ctl->settings->http.base_url, slug, token);
}

/* ---- create ---- */

static enum ctl_exit read_email(const struct ctl *ctl, struct arena *arena, const char *text, const char **ret_email)
{
    char *folded;
    int r = text_has_control(text, strlen(text)) ? -EINVAL : address_check(text);
    if (r == 0 || (r == -EAFNOSUPPORT && settings_takes_utf8(ctl->settings)))
        r = text_casefold(arena, text, &folded);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0) {
        ctl_complain("%s is no email address", text);
        return CTL_WRONG;
    }
    *ret_email = folded;
    return CTL_OK;
}

static enum ctl_exit read_note(struct arena *arena, const char *text, const char **ret_note)
{
    char *clean;
    int r = text_clean(arena, text, strlen(text), false, &clean);
    if (r == -ENOMEM)
        return ctl_no_memory();
    if (r < 0 || text_length(clean) > NOTE_MAX) {
        ctl_complain("the note is no text of at most %d characters", NOTE_MAX);
        return CTL_WRONG;
    }
    *ret_note = *clean ? clean : NULL;
    return CTL_OK;
}

/* The end of that day where the event takes place. */
static enum ctl_exit read_expires(const struct ctl *ctl, struct arena *arena, const char *zone, const char *text,
                                  int64_t *ret_at)
{
    const char *last = arena_format(arena, "%sT23:59:59", text);
    struct wall wall;
    int64_t at;
    if (!last)
        return ctl_no_memory();
    if (wall_parse(last, &wall) < 0 || zone_to_utc(zone, &wall, &at) < 0) {
        ctl_complain("%s is no date: write it as 2027-03-18", text);
        return CTL_WRONG;
    }
    if (at < clock_now(ctl->clock)) {
        ctl_complain("%s has passed", text);
        return CTL_WRONG;
    }
    *ret_at = at + 1;
    return CTL_OK;
}

static bool has_reserve(const struct event_definition *definition, const char *id)
{
    for (size_t i = 0; i < definition->programme.reserve_count; i++)
        if (strcmp(definition->programme.reserves[i].id, id) == 0)
            return true;
    return false;
}

static enum ctl_exit fill(const struct ctl *ctl, struct arena *arena, const struct event_entry *entry,
                          const struct arguments *arguments, struct invite *invite)
{
    const struct event_definition *definition = entry->definition;
    enum ctl_exit exit = CTL_OK;

    *invite = (struct invite){ .job = { .kind = &change_invite, .arena = arena },
                               .actor = "convenectl",
                               .event_id = entry->event_id,
                               .reserve = arguments->reserve,
                               .uses = 1 };
    if (entry->state == EVENT_WITHDRAWN || entry->state == EVENT_OFF) {
        ctl_complain("%s does not take place", definition->slug);
        return CTL_WRONG;
    }
    if (arguments->reserve && !has_reserve(definition, arguments->reserve)) {
        ctl_complain("%s has no reserve %s", definition->slug, arguments->reserve);
        return CTL_WRONG;
    }
    if (arguments->uses && text_to_int(arguments->uses, 1, USES_MAX, &invite->uses) < 0) {
        ctl_complain("--uses is a number from 1 to %d", USES_MAX);
        return CTL_WRONG;
    }
    if (arguments->email)
        exit = read_email(ctl, arena, arguments->email, &invite->email);
    if (exit == CTL_OK && arguments->note)
        exit = read_note(arena, arguments->note, &invite->note);
    if (exit == CTL_OK && arguments->expires)
        exit = read_expires(ctl, arena, definition->zone, arguments->expires, &invite->expires_at);
    return exit;
}

static enum ctl_exit say_created(const struct ctl *ctl, struct arena *arena, const struct keyring *keyring,
                                 const struct arguments *arguments, const struct invite *invite)
{
    const char *link = link_of(ctl, arena, keyring, arguments->event, invite->id, invite->link_version);
    if (!link)
        return ctl_no_memory();
    if (arguments->json)
        return ctl_print_json(json_pack("{s:I, s:s, s:I, s:s}", "invitation", (json_int_t)invite->id, "event",
                                        arguments->event, "uses", (json_int_t)invite->uses, "link", link));
    (void)puts(link);
    return ctl_output_done();
}

static enum ctl_exit create_in(struct ctl *ctl, struct arena *arena, const struct event_entry *entry,
                               const struct arguments *arguments)
{
    struct invite invite;
    struct keyring *keyring;
    enum ctl_exit exit = fill(ctl, arena, entry, arguments, &invite);
    if (exit == CTL_OK) /* before anything is written: an invitation without its link is of no use */
        exit = load_keyring(ctl, &keyring);
    if (exit != CTL_OK)
        return exit;
    int r = store_run(ctl->store, &invite.job);
    if (r == 0)
        r = invite.job.outcome;
    exit = r < 0 ? ctl_change_failed(ctl, r, "whether the invitation was made; invitation list tells")
                 : say_created(ctl, arena, keyring, arguments, &invite);
    keyring_free(keyring);
    return exit;
}

static enum ctl_exit create(struct ctl *ctl, const struct arguments *arguments)
{
    struct event_book *book;
    enum ctl_exit exit = ctl_event_load(ctl, arguments->event, &book);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    exit = arena ? create_in(ctl, arena, &book->entries[0], arguments) : ctl_no_memory();
    arena_free(arena);
    event_book_free(book);
    return exit;
}

/* ---- list ---- */

#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column ", 'unixepoch')"

static const char list_sql[] =
    "SELECT i.id AS invitation, i.email, i.uses, coalesce(p.taken, 0) AS used, " TIME("i.expires_at") " AS expires_at, "
    TIME("i.revoked_at") " AS revoked_at, i.reserve, i.note, " TIME("i.created_at") " AS created_at, i.link_version "
    "FROM invitation AS i JOIN event AS e ON e.id = i.event_id "
    "LEFT JOIN place AS p ON p.event_id = i.event_id AND p.kind = 'cap' AND p.key = 'invite:' || i.id "
    "WHERE e.slug = :event ORDER BY i.id";

/* Each row's link instead of what it is made of; without KEYRING none. */
static enum ctl_exit put_links(const struct ctl *ctl, struct arena *arena, const struct keyring *keyring,
                               const char *slug, json_t *rows)
{
    json_t *row;
    size_t i;

    json_array_foreach(rows, i, row) {
        const int64_t version = json_integer_value(json_object_get(row, "link_version"));
        const int64_t id = json_integer_value(json_object_get(row, "invitation"));
        const char *link = keyring ? link_of(ctl, arena, keyring, slug, id, version) : NULL;
        (void)json_object_del(row, "link_version");
        if (keyring && (!link || json_object_set_new(row, "link", json_string(link)) < 0))
            return ctl_no_memory();
    }
    return CTL_OK;
}

static enum ctl_exit print_list(struct arena *arena, const json_t *rows, bool links)
{
    static const char *const headings[] = { "INVITATION", "EMAIL", "USES", "USED", "EXPIRES", "REVOKED", "RESERVE",
                                            "NOTE", "LINK" };
    static const char *const names[] = { "invitation", "email", "uses", "used", "expires_at", "revoked_at", "reserve",
                                         "note", "link" };
    const size_t columns = sizeof(names) / sizeof(names[0]) - (links ? 0 : 1);
    struct table *table = table_new(headings, columns);
    const json_t *row;
    size_t i;

    if (!table)
        return ctl_no_memory();
    json_array_foreach(rows, i, row) {
        for (size_t k = 0; k < columns; k++) {
            const json_t *cell = json_object_get(row, names[k]);
            if (json_is_integer(cell))
                table_add(table, arena_format(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(cell)));
            else
                table_add(table, json_string_value(cell));
        }
    }
    int r = table_print(table, stdout);
    table_free(table);
    return r < 0 ? ctl_no_memory() : ctl_output_done();
}

static enum ctl_exit say_list(const struct ctl *ctl, const struct arguments *arguments, json_t *rows)
{
    struct keyring *keyring = NULL;
    struct arena *arena = arena_new();
    enum ctl_exit exit = arena ? CTL_OK : ctl_no_memory();

    if (exit == CTL_OK && arguments->links)
        exit = load_keyring(ctl, &keyring);
    if (exit == CTL_OK)
        exit = put_links(ctl, arena, keyring, arguments->event, rows);
    if (exit == CTL_OK)
        exit = arguments->json ? ctl_print_json(json_incref(rows)) : print_list(arena, rows, arguments->links);
    keyring_free(keyring);
    arena_free(arena);
    return exit;
}

static enum ctl_exit list(struct ctl *ctl, const struct arguments *arguments)
{
    json_t *rows;
    enum ctl_exit exit = ctl_event_exists(ctl, arguments->event);
    if (exit != CTL_OK)
        return exit;
    struct query *query = ctl_query(ctl, list_sql, ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, &rows);
    db_finish(query);
    if (r < 0)
        return r == -ENOMEM ? ctl_no_memory() : ctl_store_failed(ctl, r);
    exit = say_list(ctl, arguments, rows);
    json_decref(rows);
    return exit;
}

/* ---- revoke ---- */

static enum ctl_exit say_revoked(const struct arguments *arguments, int64_t id, enum invite_result result)
{
    static const char *const names[] = {
        [INVITE_DONE] = "revoked", [INVITE_ALREADY] = "already", [INVITE_GONE] = "gone"
    };
    static const char *const words[] = {
        [INVITE_DONE] = "revoked; who has registered by it stays registered",
        [INVITE_ALREADY] = "was revoked before",
        [INVITE_GONE] = "no such invitation"
    };
    enum ctl_exit exit;

    if (arguments->json) {
        exit = ctl_print_json(json_pack("{s:I, s:s}", "invitation", (json_int_t)id, "result", names[result]));
    } else {
        (void)printf("%" PRId64 ": %s\n", id, words[result]);
        exit = ctl_output_done();
    }
    return exit == CTL_OK && result == INVITE_GONE ? CTL_WRONG : exit;
}

static enum ctl_exit revoke(struct ctl *ctl, const struct arguments *arguments)
{
    struct invite invite = { .job = { .kind = &change_revoke, .arena = arena_new() }, .actor = "convenectl" };

    if (!invite.job.arena)
        return ctl_no_memory();
    enum ctl_exit exit;
    if (text_to_int(arguments->id, 1, INT64_MAX, &invite.id) < 0) {
        ctl_complain("%s is no number of an invitation", arguments->id);
        exit = CTL_WRONG;
    } else {
        int r = store_run(ctl->store, &invite.job);
        if (r == 0)
            r = invite.job.outcome;
        exit = r < 0 ? ctl_change_failed(ctl, r, "whether it is revoked; invitation list tells")
                     : say_revoked(arguments, invite.id, invite.result);
    }
    arena_free(invite.job.arena);
    return exit;
}

/* ---- the command ---- */

static const struct verb {
    const char *name;
    const char *may; /* options */
    bool of_event;   /* --event SLUG instead of an ID */
    enum ctl_exit (*run)(struct ctl *ctl, const struct arguments *arguments);
} verbs[] = {
    { "create", "jmuxrn", true, create },
    { "list", "jl", true, list },
    { "revoke", "j", false, revoke },
};

static void take_option(struct arguments *arguments, int option)
{
    switch (option) {
    case 'e': arguments->event = optarg; break;
    case 'm': arguments->email = optarg; break;
    case 'u': arguments->uses = optarg; break;
    case 'x': arguments->expires = optarg; break;
    case 'r': arguments->reserve = optarg; break;
    case 'n': arguments->note = optarg; break;
    case 'l': arguments->links = true; break;
    case 'j': arguments->json = true; break;
    default: break;
    }
}

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = {
        { "event", required_argument, NULL, 'e' },   { "email", required_argument, NULL, 'm' },
        { "uses", required_argument, NULL, 'u' },    { "expires", required_argument, NULL, 'x' },
        { "reserve", required_argument, NULL, 'r' }, { "note", required_argument, NULL, 'n' },
        { "links", no_argument, NULL, 'l' },         { "json", no_argument, NULL, 'j' },
        { NULL, 0, NULL, 0 },
    };
    struct arguments arguments = { 0 };
    const struct verb *verb = NULL;

    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            verb = &verbs[i];
    }
    if (!verb)
        return ctl_misused(&ctl_invitation);
    for (int option; (option = getopt_long(argc - 1, argv + 1, "", options, NULL)) != -1;) {
        if (option == '?' || (!strchr(verb->may, option) && !(option == 'e' && verb->of_event)))
            return ctl_misused(&ctl_invitation);
        take_option(&arguments, option);
    }
    const int rest = argc - 1 - optind;
    if (rest != (verb->of_event ? 0 : 1) || verb->of_event != (arguments.event != NULL))
        return ctl_misused(&ctl_invitation);
    if (!verb->of_event)
        arguments.id = argv[1 + optind];
    return verb->run(ctl, &arguments);
}

const struct ctl_command ctl_invitation = {
    .name = "invitation",
    .usage = "create --event SLUG [--email ADDRESS] [--uses NUMBER] [--expires DATE] [--reserve ID] [--note TEXT] "
             "[--json]\nlist --event SLUG [--links] [--json]\nrevoke ID [--json]",
    .help = "Links that let somebody in without approval, or to places that are kept.",
    .needs_store = true,
    .run = run,
};
