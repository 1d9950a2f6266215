/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail list | show. Reads the view of the contract, and of one mail all that is known. One thread. */
#include "ctl/mail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "change/mail_kind.h"
#include "ctl/registration.h"
#include "ctl/rows.h"
#include "ctl/table.h"
#include "report/row.h"
#include "store/db.h"

#define TIME(column) "strftime('%Y-%m-%dT%H:%M:%SZ', " column ", 'unixepoch')"

/* ---- list ---- */

#define LIST(columns)                                                                                                  \
    "SELECT " columns " FROM mail_log AS l WHERE (:event IS NULL OR l.event = :event) "                               \
    "AND (:state IS NULL OR l.state = :state) AND (:kind IS NULL OR l.kind = :kind) "                                  \
    "AND (:registration IS NULL OR l.registration = :registration) ORDER BY l.mail"

static enum ctl_exit check_filters(const struct ctl *ctl, const struct mail_arguments *arguments)
{
    static const char *const states[] = { "queued", "leased",  "sent",       "deferred",
                                          "failed", "expired", "superseded", "cancelled" };
    bool known = !arguments->state;

    for (size_t i = 0; arguments->state && i < sizeof(states) / sizeof(states[0]); i++)
        known |= strcmp(states[i], arguments->state) == 0;
    if (!known) {
        ctl_complain("no state %s: queued, leased, sent, deferred, failed, expired, superseded or cancelled",
                     arguments->state);
        return CTL_CANNOT;
    }
    if (arguments->kind && !mail_kind_find(arguments->kind)) {
        ctl_complain("no kind of mail %s", arguments->kind);
        return CTL_CANNOT;
    }
    return arguments->event ? ctl_event_exists(ctl, arguments->event) : CTL_OK;
}

/* A paused queue looks like one that is stuck. */
static enum ctl_exit say_pauses(const struct ctl *ctl)
{
    struct query *query = ctl_query(ctl,
                                    "SELECT p.scope, e.slug, " TIME("p.paused_at") " FROM mail_pause AS p LEFT JOIN "
                                    "event AS e ON e.id = p.scope WHERE p.ended_at IS NULL ORDER BY p.scope",
                                    NULL, NULL);
    int r;
    if (!query)
        return CTL_CANNOT;
    while ((r = db_step(query)) > 0) {
        if (db_int(query, 0) == 0)
            (void)printf("All mails are paused since %s.\n", db_text(query, 2));
        else
            (void)printf("The mails of %s are paused since %s.\n", db_text(query, 1), db_text(query, 2));
    }
    db_finish(query);
    return r < 0 ? ctl_store_failed(ctl, r) : ctl_output_done();
}

enum ctl_exit mail_list(struct ctl *ctl, const struct mail_arguments *arguments)
{
    static const char *const headings[] = { "MAIL", "EVENT", "KIND",    "STATE",     "TRIES",
                                            "DUE",  "SENT",  "RECIPIENT", "LAST REPLY" };
    int64_t registration = 0;
    enum ctl_exit exit = check_filters(ctl, arguments);
    if (exit == CTL_OK && arguments->registration)
        exit = registration_find(ctl, arguments->registration, &registration);
    if (exit != CTL_OK)
        return exit;
    struct query *query =
        ctl_query(ctl, arguments->json ? LIST("*") : LIST("mail, event, kind, state, attempts, due_at, sent_at, "
                                                         "recipient, last_reply"),
                  ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    db_bind_text(query, ":state", arguments->state);
    db_bind_text(query, ":kind", arguments->kind);
    if (registration != 0)
        db_bind_int(query, ":registration", registration);
    else
        db_bind_null(query, ":registration");
    if (arguments->json)
        return rows_print_json(ctl, query);
    exit = rows_print_table(ctl, query, headings, sizeof(headings) / sizeof(headings[0]));
    return exit == CTL_OK ? say_pauses(ctl) : exit;
}

/* ---- show ---- */

static const char show_sql[] =
    "SELECT l.*, r.reference, m.instance, m.batch_id AS batch, "
    "CASE m.priority WHEN 0 THEN 'at once' WHEN 1 THEN 'reminder' ELSE 'bulk' END AS priority, " TIME("m.born_at")
    " AS born_at, " TIME("m.expires_at") " AS expires_at, v.number AS revision, m.body_hash, "
    "EXISTS (SELECT 1 FROM mail_pause AS p WHERE p.ended_at IS NULL AND p.scope IN (0, m.event_id)) AS paused "
    "FROM mail_log AS l JOIN mail AS m ON m.id = l.mail LEFT JOIN registration AS r ON r.id = l.registration "
    "LEFT JOIN event_revision AS v ON v.id = m.revision_id WHERE l.mail = :id";
static const char bounces_sql[] =
    "SELECT " TIME("at") " AS at, sort, status, reply FROM bounce WHERE mail_id = :id ORDER BY id";

static enum ctl_exit load_list(const struct ctl *ctl, const char *sql, int64_t id, json_t **ret_rows)
{
    struct query *query = ctl_query_id(ctl, sql, ":id", id);
    if (!query)
        return CTL_CANNOT;
    int r = rows_list(query, ret_rows);
    db_finish(query);
    if (r < 0)
        return r == -ENOMEM ? ctl_no_memory() : ctl_store_failed(ctl, r);
    return CTL_OK;
}

static void print_value(const json_t *value)
{
    if (json_is_integer(value))
        (void)printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_string(value))
        table_print_text(json_string_value(value), 0, stdout);
}

static enum ctl_exit print_mail(json_t *mail)
{
    const char *name;
    json_t *value, *bounce;
    size_t i;

    json_object_foreach(mail, name, value) {
        if (json_is_null(value) || json_is_array(value) || json_is_false(value))
            continue;
        (void)printf("%-13s ", name);
        if (json_is_true(value))
            (void)fputs("yes", stdout);
        print_value(value);
        (void)putchar('\n');
    }
    json_array_foreach(json_object_get(mail, "bounces"), i, bounce) {
        (void)printf("%-13s ", "returned");
        json_object_foreach(bounce, name, value) {
            print_value(value);
            (void)putchar(' ');
        }
        (void)putchar('\n');
    }
    return ctl_output_done();
}

enum ctl_exit mail_show(struct ctl *ctl, const struct mail_arguments *arguments)
{
    json_t *rows, *bounces;
    int64_t id;

    if (text_to_int(arguments->ids[0], 1, INT64_MAX, &id) < 0) {
        ctl_complain("%s is no number of a mail", arguments->ids[0]);
        return CTL_WRONG;
    }
    enum ctl_exit exit = load_list(ctl, show_sql, id, &rows);
    if (exit != CTL_OK)
        return exit;
    json_t *mail = json_incref(json_array_get(rows, 0));
    json_decref(rows);
    if (!mail) {
        ctl_complain("no mail %" PRId64, id);
        return CTL_WRONG;
    }
    exit = load_list(ctl, bounces_sql, id, &bounces);
    if (exit == CTL_OK) {
        const bool paused = json_integer_value(json_object_get(mail, "paused")) != 0;
        if (json_object_set_new(mail, "paused", json_boolean(paused)) < 0 ||
            json_object_set_new(mail, "bounces", bounces) < 0)
            exit = ctl_no_memory();
    }
    if (exit == CTL_OK)
        exit = arguments->json ? ctl_print_json(json_incref(mail)) : print_mail(mail);
    json_decref(mail);
    return exit;
}
