/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration list | show. Reads the views of the contract. One thread. */
#include "ctl/registration.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ctl/rows.h"
#include "ctl/table.h"
#include "signup/state.h"
#include "store/db.h"

/* ---- list ---- */

#define COLUMNS "reference, status, registered_at, mode, name, email, organisation, country"
/* Those of one state; those who have the session of that id, or are on its list, in whichever room. */
#define OF_STATUS "(:status IS NULL OR r.status = :status) "
#define OF_SESSION                                                                                                     \
    "(:session IS NULL OR EXISTS (SELECT 1 FROM choices AS c WHERE c.registration = r.registration "                   \
    "AND c.kind = 'session' AND c.rank IS NULL "                                                                       \
    "AND (c.place = :session OR substr(c.place, 1, length(:session) + 1) = :session || '@'))) "
#define UNDELIVERABLE "(SELECT u.since FROM undeliverable AS u WHERE u.registration = r.registration) AS undeliverable"
#define OF_ADDRESS                                                                                                     \
    "AND (:undeliverable = 0 OR EXISTS (SELECT 1 FROM undeliverable AS u WHERE u.registration = r.registration)) "
#define LIST(columns)                                                                                                  \
    "SELECT " columns " FROM registrations AS r WHERE r.event = :event AND " OF_STATUS              \
    "AND " OF_SESSION OF_ADDRESS                                                                                       \
    "ORDER BY r.registration"

/* The filters must speak of something that can be. */
static enum ctl_exit check_filters(struct ctl *ctl, const struct registration_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_exists(ctl, arguments->event);
    if (exit != CTL_OK)
        return exit;
    if (arguments->status && state_by_name(arguments->status) == STATE_NONE) {
        ctl_complain("no status %s", arguments->status);
        return CTL_CANNOT;
    }
    if (arguments->session_count == 0)
        return CTL_OK;
    struct query *query =
        ctl_query(ctl,
                  "SELECT 1 FROM place AS p JOIN event AS e ON e.id = p.event_id WHERE e.slug = :event "
                  "AND p.kind = 'session' AND (p.key = :session OR substr(p.key, 1, length(:session) + 1) = "
                  ":session || '@')",
                  ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    db_bind_text(query, ":session", arguments->sessions[0]);
    int r = db_step(query);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("no session %s in %s", arguments->sessions[0], arguments->event);
        return CTL_WRONG;
    }
    return CTL_OK;
}

enum ctl_exit registration_list(struct ctl *ctl, const struct registration_arguments *arguments)
{
    static const char *const headings[] = { "REFERENCE", "STATUS", "REGISTERED AT", "MODE", "NAME", "EMAIL",
                                            "ORGANISATION", "COUNTRY", "UNDELIVERABLE SINCE" };

    if (arguments->session_count > 1) {
        ctl_complain("one --session at a time");
        return CTL_CANNOT;
    }
    enum ctl_exit exit = check_filters(ctl, arguments);
    if (exit != CTL_OK)
        return exit;
    /* the view's columns are a contract: one more only where it was asked for */
    const char *sql = !arguments->json            ? LIST(COLUMNS ", " UNDELIVERABLE)
                      : arguments->undeliverable ? LIST("r.*, " UNDELIVERABLE)
                                                 : LIST("r.*");
    struct query *query = ctl_query(ctl, sql, ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    db_bind_text(query, ":status", arguments->status);
    db_bind_int(query, ":undeliverable", arguments->undeliverable);
    db_bind_text(query, ":session", arguments->session_count > 0 ? arguments->sessions[0] : NULL);
    return arguments->json ? rows_print_json(ctl, query)
                           : rows_print_table(ctl, query, headings, sizeof(headings) / sizeof(headings[0]));
}

/* ---- show ---- */

#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column ", 'unixepoch') AS " column

/* What is shown of one registration, in order. */
enum shape { SHAPE_ROW /* its members stand with the registration's */, SHAPE_JSON /* one text */, SHAPE_LIST };
static const struct part {
    const char *name, *sql;
    enum shape shape;
} parts[] = {
    { "registration", "SELECT * FROM registrations WHERE registration = :id", SHAPE_ROW },
    { "undeliverable",
      "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', undeliverable_at, 'unixepoch') AS undeliverable_since, undeliverable_why "
      "FROM registration WHERE id = :id",
      SHAPE_ROW },
    { "proposal", "SELECT proposal FROM registration WHERE id = :id", SHAPE_ROW },
    { "places",
      "SELECT kind, place, title, state FROM choices WHERE registration = :id AND rank IS NULL "
      "ORDER BY CASE kind WHEN 'mode' THEN 1 WHEN 'session' THEN 2 WHEN 'slot' THEN 3 WHEN 'reserve' THEN 4 ELSE 5 "
      "END, place", SHAPE_LIST },
    { "wishes",
      "SELECT w.round, w.rank, p.key AS place, p.title FROM wish AS w JOIN place AS p ON p.id = w.place_id "
      "WHERE w.registration_id = :id ORDER BY w.round, w.rank", SHAPE_LIST },
    { "offers",
      "SELECT " TIME("made_at") ", " TIME("accept_by") ", " TIME("ended_at") ", outcome FROM offer "
      "WHERE registration_id = :id ORDER BY id", SHAPE_LIST },
    { "invitation",
      "SELECT i.id AS invitation, i.reserve, i.note FROM registration AS r JOIN invitation AS i "
      "ON i.id = r.invitation_id WHERE r.id = :id", SHAPE_LIST },
    { "group",
      "SELECT reference, name, status FROM registrations WHERE party = (SELECT party_id FROM registration WHERE id = "
      ":id) AND registration <> :id ORDER BY registration", SHAPE_LIST },
    { "answers", "SELECT answers FROM registration WHERE id = :id", SHAPE_JSON },
    { "consents", "SELECT purpose, text, language, given_at, withdrawn_at FROM consents WHERE registration = :id "
                  "ORDER BY purpose", SHAPE_LIST },
    { "mail_log", "SELECT mail, kind, language, recipient, state, attempts, due_at, sent_at, last_at, last_code, "
                  "last_reply, message_id FROM mail_log WHERE registration = :id ORDER BY mail", SHAPE_LIST },
    { "bounces", "SELECT mail, kind, at, sort, status, reply FROM bounces WHERE registration = :id ORDER BY at, mail",
      SHAPE_LIST },
    { "calendar_replies",
      "SELECT " TIME("at") ", answer FROM calendar_reply WHERE registration_id = :id ORDER BY id", SHAPE_LIST },
    { "history",
      "SELECT " TIME("at") ", actor, action, from_status, to_status, data FROM audit WHERE registration_id = :id "
      "ORDER BY id", SHAPE_LIST },
};

/* A member that holds JSON as text, as the JSON it is. */
static int unpack(json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));
    return text ? json_object_set_new(row, member, json_loads(text, JSON_REJECT_DUPLICATES, NULL)) : 0;
}

static int put_part(json_t *whole, const struct part *part, json_t *rows)
{
    json_t *row;
    size_t i;
    int r = 0;

    switch (part->shape) {
    case SHAPE_ROW:
        return json_object_update(whole, json_array_get(rows, 0));
    case SHAPE_JSON:
        row = json_array_get(rows, 0);
        r = unpack(row, part->name);
        return r == 0 ? json_object_update(whole, row) : r;
    case SHAPE_LIST:
        json_array_foreach(rows, i, row)
            r = r == 0 ? unpack(row, "data") : r;
        return r == 0 ? json_object_set(whole, part->name, rows) : r;
    }
    return 0;
}

static int load_parts(struct ctl *ctl, int64_t id, json_t *whole)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_t *rows;
        struct query *query;
        int r = db_prepare(ctl->db, parts[i].sql, &query);
        if (r < 0)
            return r;
        db_bind_int(query, ":id", id);
        r = rows_list(query, &rows);
        db_finish(query);
        if (r < 0)
            return r;
        r = put_part(whole, &parts[i], rows);
        json_decref(rows);
        if (r < 0)
            return -ENOMEM;
    }
    return 0;
}

/* Key and value a line; what is inside another value stands further in. Empty values are left out. */
static int print_members(const json_t *object, int indent)
{
    void *place = json_object_iter((json_t *)object);

    for (; place; place = json_object_iter_next((json_t *)object, place)) {
        const char *key = json_object_iter_key(place);
        const json_t *value = json_object_iter_value(place), *row;
        size_t i;
        if (json_is_null(value) || (json_is_array(value) && json_array_size(value) == 0))
            continue;
        (void)printf("%*s%s:", indent, "", key);
        if (json_is_object(value)) {
            (void)putchar('\n');
            if (print_members(value, indent + 2) < 0)
                return -ENOMEM;
        } else if (json_is_array(value)) {
            json_array_foreach(value, i, row) {
                (void)fputs("\n", stdout);
                if (print_members(row, indent + 2) < 0)
                    return -ENOMEM;
            }
        } else if (json_is_string(value)) {
            (void)putchar(' ');
            table_print_text(json_string_value(value), indent + 2, stdout);
            (void)putchar('\n');
        } else if (json_is_integer(value)) {
            (void)printf(" %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
        } else if (json_is_boolean(value)) {
            (void)printf(" %s\n", json_is_true(value) ? "yes" : "no");
        } else {
            (void)printf(" %.15g\n", json_number_value(value));
        }
    }
    return 0;
}

enum ctl_exit registration_show(struct ctl *ctl, const struct registration_arguments *arguments)
{
    int64_t id;
    enum ctl_exit exit = registration_find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    json_t *whole = json_object();
    if (!whole)
        return ctl_no_memory();
    int r = load_parts(ctl, id, whole);
    if (r < 0) {
        json_decref(whole);
        return r == -ENOMEM ? ctl_no_memory() : ctl_store_failed(ctl, r);
    }
    if (arguments->json)
        return ctl_print_json(whole);
    r = print_members(whole, 0);
    json_decref(whole);
    return r < 0 ? ctl_no_memory() : ctl_output_done();
}
