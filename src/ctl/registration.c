/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration list | show | cancel | approve | reject | promote. Reads the views of the contract; changes
 * through change/. */
#include "ctl/ctl.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "change/act.h"
#include "config/settings.h"
#include "ctl/table.h"
#include "report/row.h"
#include "signup/reference.h"
#include "store/db.h"
#include "store/store.h"

#define REASON_MAX 200 /* characters */
#define JSON_STYLE (JSON_INDENT(2) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(15))

struct arguments {
    const char *verb, *event, *reason, *reference;
    bool json;
};

static enum ctl_exit no_memory(void)
{
    ctl_complain("no memory");
    return CTL_CANNOT;
}

/* ---- finding one ---- */

/* The registration that REFERENCE speaks of: the number in it is a submission's. */
static enum ctl_exit find(struct ctl *ctl, const char *reference, int64_t *ret_id)
{
    int64_t submission, id = 0;

    int r = reference_read(reference, &submission);
    if (r < 0) {
        ctl_complain("%s is no reference%s", reference, r == -EBADMSG ? ": a character is wrong" : "");
        return CTL_WRONG;
    }
    struct query *query =
        ctl_query_id(ctl,
                     "SELECT r.registration FROM submission AS s "
                     "JOIN registrations AS r ON r.registration = s.registration_id WHERE s.id = :id",
                     ":id", submission);
    if (!query)
        return CTL_CANNOT;
    r = db_step(query);
    if (r > 0)
        id = db_int(query, 0);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("no registration %s", reference);
        return CTL_WRONG;
    }
    *ret_id = id;
    return CTL_OK;
}

/* ---- rows ---- */

static int rows_as_json(struct query *query, json_t **ret_list)
{
    json_t *list = json_array();
    int r = list ? 0 : -ENOMEM;

    while (r == 0 && (r = db_step(query)) > 0)
        r = json_array_append_new(list, row_object(query)) < 0 ? -ENOMEM : 0;
    if (r < 0) {
        json_decref(list);
        return r;
    }
    *ret_list = list;
    return 0;
}

static enum ctl_exit print_json(json_t *value)
{
    int r = json_dumpf(value, stdout, JSON_STYLE);

    json_decref(value);
    (void)putchar('\n');
    return r < 0 ? no_memory() : ctl_output_done();
}

static int rows_as_table(struct query *query, struct table *table)
{
    char digits[ROW_NUMBER_SIZE];
    int r;

    while ((r = db_step(query)) > 0) {
        for (int i = 0; i < db_columns(query); i++) {
            enum db_type type = db_column_type(query, i);
            if (type == DB_INTEGER || type == DB_REAL)
                row_number(query, i, digits);
            table_add(table, type == DB_TEXT ? db_text(query, i) : type == DB_NULL ? NULL : digits);
        }
    }
    return r;
}

/* ---- list ---- */

static enum ctl_exit event_exists(struct ctl *ctl, const char *slug)
{
    struct query *query = ctl_query(ctl, "SELECT 1 FROM event WHERE slug = :slug", ":slug", slug);

    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    if (r == 0) {
        ctl_complain("no event %s", slug);
        return CTL_WRONG;
    }
    return CTL_OK;
}

static enum ctl_exit list_json(struct ctl *ctl, struct query *query)
{
    json_t *rows;
    int r = rows_as_json(query, &rows);

    if (r == -ENOMEM)
        return no_memory();
    return r < 0 ? ctl_store_failed(ctl, r) : print_json(rows);
}

static enum ctl_exit list_table(struct ctl *ctl, struct query *query)
{
    static const char *const headings[] = { "REFERENCE", "STATUS", "REGISTERED AT", "MODE", "NAME", "EMAIL",
                                            "ORGANISATION", "COUNTRY" };
    struct table *table = table_new(headings, sizeof(headings) / sizeof(headings[0]));

    if (!table)
        return no_memory();
    int r = rows_as_table(query, table);
    enum ctl_exit exit = CTL_OK;
    if (r < 0)
        exit = ctl_store_failed(ctl, r);
    else if (table_print(table, stdout) < 0)
        exit = no_memory();
    else
        exit = ctl_output_done();
    table_free(table);
    return exit;
}

static enum ctl_exit list(struct ctl *ctl, const struct arguments *arguments)
{
    enum ctl_exit exit = event_exists(ctl, arguments->event);
    if (exit != CTL_OK)
        return exit;
    struct query *query =
        ctl_query(ctl,
                  arguments->json ? "SELECT * FROM registrations WHERE event = :event ORDER BY registration"
                                  : "SELECT reference, status, registered_at, mode, name, email, organisation, country "
                                    "FROM registrations WHERE event = :event ORDER BY registration",
                  ":event", arguments->event);
    if (!query)
        return CTL_CANNOT;
    exit = arguments->json ? list_json(ctl, query) : list_table(ctl, query);
    db_finish(query);
    return exit;
}

/* ---- show ---- */

/* What is shown of one registration, in order; the first is the row itself. */
static const struct part { const char *name, *sql; } parts[] = {
    { "registration", "SELECT * FROM registrations WHERE registration = :id" },
    { "answers", "SELECT answers FROM registration WHERE id = :id" },
    { "consents", "SELECT purpose, text, language, given_at, withdrawn_at FROM consents WHERE registration = :id "
                  "ORDER BY purpose" },
    { "mail_log", "SELECT mail, kind, language, recipient, state, attempts, due_at, sent_at, last_at, last_code, "
                  "last_reply, message_id FROM mail_log WHERE registration = :id ORDER BY mail" },
};

static int load_parts(struct ctl *ctl, int64_t id, json_t *whole)
{
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        json_t *rows;
        struct query *query;
        int r = db_prepare(ctl->db, parts[i].sql, &query);
        if (r < 0)
            return r;
        db_bind_int(query, ":id", id);
        r = rows_as_json(query, &rows);
        db_finish(query);
        if (r < 0)
            return r;
        if (i == 0) { /* found a moment ago */
            r = json_object_update(whole, json_array_get(rows, 0));
        } else if (i == 1) {
            const char *text = json_string_value(json_object_get(json_array_get(rows, 0), "answers"));
            r = json_object_set_new(whole, parts[i].name,
                                    text ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : json_null());
        } else {
            r = json_object_set(whole, parts[i].name, rows);
        }
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

static enum ctl_exit show(struct ctl *ctl, const struct arguments *arguments)
{
    int64_t id;
    enum ctl_exit exit = find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    json_t *whole = json_object();
    if (!whole)
        return no_memory();
    int r = load_parts(ctl, id, whole);
    if (r < 0) {
        json_decref(whole);
        return r == -ENOMEM ? no_memory() : ctl_store_failed(ctl, r);
    }
    if (arguments->json)
        return print_json(whole);
    r = print_members(whole, 0);
    json_decref(whole);
    return r < 0 ? no_memory() : ctl_output_done();
}

/* ---- what changes one ---- */

/* The acts, and what is said of each result. The words after a colon are for people, `done` and the names below for
 * programs. */
static const struct deed {
    const char *name;
    const struct change_kind *kind;
    const char *done;
    const char *already;     /* it is not in a state for that */
    bool already_is_fault;   /* to ask for what is so already is one */
    bool needs_reason;
} deeds[] = {
    { "cancel", &change_cancel, "cancelled", "not live any more", false, false },
    { "approve", &change_approve, "approved", "not waiting for approval, nothing was changed", true, false },
    { "reject", &change_reject, "rejected",
      "not in a state that can be rejected (awaiting approval, confirmed, waiting), nothing was changed", true, true },
    { "promote", &change_promote, "offered",
      "not on the waiting list, or the event has begun; nothing was changed", true, true },
};

static const struct deed *deed_of(const char *name)
{
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, name) == 0)
            return &deeds[i];
    }
    return NULL;
}

static enum ctl_exit say_result(const struct deed *deed, enum act_result result, const struct arguments *arguments)
{
    const char *said = deed->done, *name = deed->done;
    bool fault = false;

    switch (result) {
    case ACT_DONE:
    case ACT_KEPT: /* no deed of this table has it */
        break;
    case ACT_ALREADY:
        said = deed->already;
        name = deed->already_is_fault ? "not_in_state" : "already";
        fault = deed->already_is_fault;
        break;
    case ACT_FULL:
        said = "no place is free, nothing was changed";
        name = "full";
        fault = true;
        break;
    case ACT_NO_SLOT:
        said = "a time was proposed: move it to a slot first; nothing was changed";
        name = "no_slot";
        fault = true;
        break;
    case ACT_LATE:
        said = "the time is over, nothing was changed";
        name = "late";
        fault = true;
        break;
    case ACT_GONE:
        said = name = "gone";
        fault = true;
        break;
    }
    enum ctl_exit exit = CTL_OK;
    if (arguments->json) {
        json_t *answer = json_pack("{s:s, s:s}", "reference", arguments->reference, "result", name);
        exit = answer ? print_json(answer) : no_memory();
    } else {
        (void)printf("%s: %s\n", arguments->reference, said);
        exit = ctl_output_done();
    }
    return exit == CTL_OK && fault ? CTL_WRONG : exit;
}

static enum ctl_exit say_outcome(const struct ctl *ctl, const struct deed *deed, const struct act *act,
                                 const struct arguments *arguments, int r)
{
    if (r == -EAGAIN) {
        ctl_complain("the store is busy or the disk is full: nothing was changed, try again");
        return CTL_CANNOT;
    }
    if (r == -EINPROGRESS) {
        ctl_complain("the disk failed: nobody knows whether %s is %s; registration show tells", arguments->reference,
                     deed->done);
        return CTL_CANNOT;
    }
    return r < 0 ? ctl_store_failed(ctl, r) : say_result(deed, act->result, arguments);
}

static enum ctl_exit act_in(struct ctl *ctl, struct arena *arena, const struct arguments *arguments, int64_t id)
{
    const char *at = strrchr(ctl->settings->mail.from_address, '@');
    const struct deed *deed = deed_of(arguments->verb);
    struct act *act = arena_take(arena, sizeof(*act));
    char *reason = NULL;

    if (!act)
        return no_memory();
    if (arguments->reason) {
        int r = text_clean(arena, arguments->reason, strlen(arguments->reason), false, &reason);
        if (r == -ENOMEM)
            return no_memory();
        if (r < 0 || text_length(reason) > REASON_MAX) {
            ctl_complain("the reason is no text of at most %d characters", REASON_MAX);
            return CTL_CANNOT;
        }
    }
    if (deed->needs_reason && !(reason && *reason)) {
        ctl_complain("to %s needs a reason: it is kept with the registration", deed->name);
        return CTL_CANNOT;
    }
    act->job.kind = deed->kind;
    act->job.arena = arena;
    act->registration_id = id;
    act->link_version = -1;
    act->actor = "convenectl";
    act->reason = reason && *reason ? reason : NULL;
    act->message_domain = at ? at + 1 : "localhost";
    int r = store_run(ctl->store, &act->job);
    return say_outcome(ctl, deed, act, arguments, r < 0 ? r : act->job.outcome);
}

static enum ctl_exit change(struct ctl *ctl, const struct arguments *arguments)
{
    int64_t id;
    enum ctl_exit exit = find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    if (!arena)
        return no_memory();
    exit = act_in(ctl, arena, arguments, id);
    arena_free(arena);
    return exit;
}

/* ---- the command ---- */

static const struct verb {
    const char *name;
    bool of_event; /* --event SLUG instead of a REFERENCE */
    bool may_reason;
    enum ctl_exit (*run)(struct ctl *ctl, const struct arguments *arguments);
} verbs[] = {
    { "list", true, false, list },
    { "show", false, false, show },
    { "cancel", false, true, change },
    { "approve", false, true, change },
    { "reject", false, true, change },
    { "promote", false, true, change },
};

static enum ctl_exit run(struct ctl *ctl, int argc, char **argv)
{
    static const struct option options[] = {
        { "event", required_argument, NULL, 'e' }, { "reason", required_argument, NULL, 'r' },
        { "json", no_argument, NULL, 'j' }, { NULL, 0, NULL, 0 },
    };
    struct arguments arguments = { 0 };
    const struct verb *verb = NULL;

    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0)
            verb = &verbs[i];
    }
    if (!verb)
        return ctl_misused(&ctl_registration);
    for (int option; (option = getopt_long(argc - 1, argv + 1, "", options, NULL)) != -1;) {
        switch (option) {
        case 'e': arguments.event = optarg; break;
        case 'r': arguments.reason = optarg; break;
        case 'j': arguments.json = true; break;
        default: return ctl_misused(&ctl_registration);
        }
    }
    int rest = argc - 1 - optind;
    if (rest != (verb->of_event ? 0 : 1) || verb->of_event != (arguments.event != NULL) ||
        (arguments.reason && !verb->may_reason))
        return ctl_misused(&ctl_registration);
    if (!verb->of_event)
        arguments.reference = argv[1 + optind];
    arguments.verb = verb->name;
    return verb->run(ctl, &arguments);
}

const struct ctl_command ctl_registration = {
    .name = "registration",
    .usage = "list --event SLUG [--json]\nshow REFERENCE [--json]\ncancel REFERENCE [--reason TEXT] [--json]\n"
             "approve REFERENCE [--reason TEXT] [--json]\nreject REFERENCE --reason TEXT [--json]\n"
             "promote REFERENCE --reason TEXT [--json]",
    .help = "Registrations of an event; one with its answers, consents and mails; cancels, approves, rejects one or "
            "offers it a place out of turn, its mail included.",
    .needs_store = true,
    .run = run,
};
