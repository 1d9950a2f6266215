/* SPDX-License-Identifier: EUPL-1.2 */
/* A form from the command line, and what is said of it. Called by registration_add and registration_move, on the one
 * thread. */
#include "ctl/registration_form.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/ask.h"
#include "signup/rules.h"
#include "store/db.h"

enum ctl_exit registration_form_session(struct arena *arena, const struct event_definition *definition,
                                        const char *text, struct registration_session *ret_session)
{
    const char *sign = strchr(text, '=');
    const char *name = sign ? arena_copy_n(arena, text, (size_t)(sign - text)) : NULL;
    if (sign && !name)
        return ctl_no_memory();
    const int round = name ? programme_round(&definition->programme, name) : -1;
    if (round < 0) {
        ctl_complain("--session %s: %s", text, name ? "there is no such round" : "write it as ROUND=ID");
        return CTL_WRONG;
    }
    *ret_session = (struct registration_session){ .round = (size_t)round, .id = sign[1] ? sign + 1 : NULL };
    return CTL_OK;
}

/* Behind the control's name, for people. */
static const char *const fault_words[] = {
    [RULE_MISSING] = "is missing",
    [RULE_TOO_LONG] = "has too many characters; the most is",
    [RULE_TOO_SHORT] = "has too few characters; the least is",
    [RULE_BAD_TEXT] = "is no text",
    [RULE_BAD_ADDRESS] = "is no email address",
    [RULE_MISTYPED] = "may be mistyped",
    [RULE_BAD_LOCAL] = "has letters before the @ that most mail servers refuse",
    [RULE_NO_SUCH] = "is none of what is offered",
    [RULE_TWICE] = "was said more than once",
    [RULE_NOT_IN_MODE] = "is not offered to who takes part in that way",
    [RULE_OVERLAP] = "is at the same time as the session",
    [RULE_SAME_GROUP] = "is the same theme as the session",
    [RULE_SAME_WISH] = "is wished for twice",
    [RULE_NOT_INVITED] = "is not the address of the invitation",
    [RULE_TOO_SOON] = "has begun",
};

static bool has_limit(const struct rules_fault *fault)
{
    return fault->fault == RULE_TOO_LONG || fault->fault == RULE_TOO_SHORT ||
           (fault->fault == RULE_TOO_SOON && fault->limit > 0); /* 0: the slot has begun */
}

static void print_fault(const struct event_definition *definition, const struct rules_fault *fault)
{
    const size_t known = sizeof(fault_words) / sizeof(fault_words[0]);
    const char *words = (size_t)fault->fault < known ? fault_words[fault->fault] : NULL;

    if (fault->fault == RULE_TOO_SOON && fault->limit > 0) {
        (void)fprintf(stderr, "convenectl: %s begins within its lead time, days: %lld; --late gives it all the same\n",
                      fault->control, (long long)fault->limit);
        return;
    }
    (void)fprintf(stderr, "convenectl: %s %s", fault->control, words ? words : rule_fault_code(fault->fault));
    if (has_limit(fault))
        (void)fprintf(stderr, " %lld", (long long)fault->limit);
    if (fault->session >= 0)
        (void)fprintf(stderr, " %s", definition->programme.sessions[fault->session].id);
    (void)fputc('\n', stderr);
}

static json_t *fault_json(const struct event_definition *definition, const struct rules_fault *fault)
{
    const char *session = fault->session >= 0 ? definition->programme.sessions[fault->session].id : NULL;

    return json_pack("{s:s, s:s, s:o, s:s?}", "field", fault->control, "fault", rule_fault_code(fault->fault), "limit",
                     has_limit(fault) ? json_integer((json_int_t)fault->limit) : json_null(), "session", session);
}

static enum ctl_exit refused(enum ctl_exit exit)
{
    return exit == CTL_OK ? CTL_WRONG : exit;
}

enum ctl_exit registration_form_faults(const struct registration_arguments *arguments,
                                       const struct event_definition *definition, const char *reference,
                                       const struct rules_fault *faults, size_t count)
{
    if (!arguments->json) {
        for (size_t i = 0; i < count; i++)
            print_fault(definition, &faults[i]);
        return CTL_WRONG;
    }
    json_t *list = json_array();
    for (size_t i = 0; list && i < count; i++) {
        if (json_array_append_new(list, fault_json(definition, &faults[i])) < 0) {
            json_decref(list);
            return ctl_no_memory();
        }
    }
    return refused(ctl_print_json(
        json_pack("{s:s?, s:s, s:o}", "reference", reference, "result", "faults", "faults", list)));
}

static enum ctl_exit say_full(const struct registration_arguments *arguments, const char *reference, const char *kind,
                              const char *key, const char *title)
{
    if (arguments->json)
        return refused(ctl_print_json(json_pack("{s:s?, s:s, s:s, s:s, s:s}", "reference", reference, "result", "full",
                                                "kind", kind, "place", key, "title", title)));
    ctl_complain("no place is free: %s %s (%s); nothing was changed", kind, key, title);
    return CTL_WRONG;
}

enum ctl_exit registration_form_full(struct ctl *ctl, const struct registration_arguments *arguments,
                                     const char *reference, int64_t full_place, const struct ask_cap *full_cap)
{
    if (full_cap)
        return say_full(arguments, reference, "cap", full_cap->key, full_cap->title);
    struct query *query = ctl_query_id(ctl, "SELECT kind, key, title FROM place WHERE id = :id", ":id", full_place);
    if (!query)
        return CTL_CANNOT;
    int r = db_step(query);
    enum ctl_exit exit;
    if (r > 0)
        exit = say_full(arguments, reference, db_text(query, 0), db_text(query, 1), db_text(query, 2));
    else
        exit = r < 0 ? ctl_store_failed(ctl, r) : say_full(arguments, reference, "place", "?", "?");
    db_finish(query);
    return exit;
}
