/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl mail retry | cancel | pause | resume. One thread. */
#include "ctl/mail.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "change/mail_act.h"
#include "change/mail_pause.h"
#include "store/db.h"
#include "store/store.h"

#define AT_ONCE 200 /* mails of one transaction: the daemon wants to write too */

static const struct answer {
    const char *name, *retry, *cancel;
} answers[] = {
    [MAIL_ACT_DONE] = { "done", "will be sent again", "will not be sent" },
    [MAIL_ACT_GONE] = { "gone", "no such mail", "no such mail" },
    [MAIL_ACT_SENT] = { "sent", "was sent", "was sent" },
    [MAIL_ACT_ON_ITS_WAY] = { "on its way", "is on its way just now", "is on its way just now" },
    [MAIL_ACT_WAITS] = { "waits", "waits to be sent already", "waits" },
    [MAIL_ACT_EXPIRED] = { "expired", "its time has passed", "its time has passed" },
    [MAIL_ACT_SUPERSEDED] = { "superseded", "is no longer owed: it would say what is not true any more",
                              "is no longer owed" },
    [MAIL_ACT_ERASED] = { "erased", "its address is erased", "its address is erased" },
    [MAIL_ACT_UNDELIVERABLE] = { "undeliverable",
                                 "its address is undeliverable; registration deliverable takes that back",
                                 "its address is undeliverable" },
    [MAIL_ACT_ENDED] = { "ended", "has ended", "has ended without being sent" },
};

/* ---- retry and cancel ---- */

struct acting {
    struct ctl *ctl;
    const struct mail_arguments *arguments;
    enum mail_act_kind kind;
    json_t *list; /* with --json */
    int64_t done, refused;
};

static enum ctl_exit say_one(struct acting *acting, int64_t id, enum mail_act_result result)
{
    const struct answer *answer = &answers[result];
    acting->done += result == MAIL_ACT_DONE;
    acting->refused += result != MAIL_ACT_DONE;
    if (!acting->list) {
        (void)printf("%" PRId64 ": %s\n", id, acting->kind == MAIL_ACT_RETRY ? answer->retry : answer->cancel);
        return CTL_OK;
    }
    json_t *said = json_pack("{s:I, s:s}", "mail", (json_int_t)id, "result", answer->name);
    return json_array_append_new(acting->list, said) < 0 ? ctl_no_memory() : CTL_OK;
}

static enum ctl_exit act_on(struct acting *acting, size_t count, const int64_t *ids)
{
    enum mail_act_result results[AT_ONCE];
    struct mail_act_row rows[AT_ONCE];
    struct mail_act act = { .job = { .kind = &change_mail_act, .arena = arena_new() }, .actor = "convenectl",
                            .act = acting->kind, .count = count, .ids = ids, .results = results, .rows = rows };
    if (!act.job.arena)
        return ctl_no_memory();
    int r = store_run(acting->ctl->store, &act.job);
    if (r == 0)
        r = act.job.outcome;
    enum ctl_exit exit =
        r < 0 ? ctl_change_failed(acting->ctl, r, "what became of these mails; mail list tells") : CTL_OK;
    for (size_t i = 0; exit == CTL_OK && i < count; i++)
        exit = say_one(acting, ids[i], results[i]);
    arena_free(act.job.arena);
    return exit;
}

static enum ctl_exit act_on_named(struct acting *acting)
{
    const struct mail_arguments *arguments = acting->arguments;
    int64_t ids[AT_ONCE];
    size_t count = 0;
    enum ctl_exit exit = CTL_OK;

    for (size_t i = 0; i < arguments->id_count; i++)
        if (text_to_int(arguments->ids[i], 1, INT64_MAX, &ids[0]) < 0) {
            ctl_complain("%s is no number of a mail", arguments->ids[i]);
            return CTL_WRONG;
        }
    for (size_t i = 0; exit == CTL_OK && i < arguments->id_count; i++) {
        if (text_to_int(arguments->ids[i], 1, INT64_MAX, &ids[count++]) < 0)
            return CTL_WRONG; /* read before */
        if (count == AT_ONCE || i + 1 == arguments->id_count) {
            exit = act_on(acting, count, ids);
            count = 0;
        }
    }
    return exit;
}

/* The next of those that failed, behind *AFTER; *ret_count 0: no more. */
static enum ctl_exit next_failed(const struct acting *acting, int64_t after, int64_t ids[AT_ONCE], size_t *ret_count)
{
    struct query *query = ctl_query(acting->ctl,
                                    "SELECT id FROM mail WHERE state = 'failed' AND id > :after AND recipient <> '' "
                                    "AND (:event IS NULL OR event_id = (SELECT id FROM event WHERE slug = :event)) "
                                    "ORDER BY id LIMIT :limit",
                                    ":event", acting->arguments->event);
    size_t count = 0;
    int r;
    if (!query)
        return CTL_CANNOT;
    db_bind_int(query, ":after", after);
    db_bind_int(query, ":limit", AT_ONCE);
    while ((r = db_step(query)) > 0 && count < AT_ONCE)
        ids[count++] = db_int(query, 0);
    db_finish(query);
    *ret_count = count;
    return r < 0 ? ctl_store_failed(acting->ctl, r) : CTL_OK;
}

static enum ctl_exit act_on_failed(struct acting *acting)
{
    int64_t ids[AT_ONCE], after = 0;
    size_t count;
    enum ctl_exit exit = acting->arguments->event ? ctl_event_exists(acting->ctl, acting->arguments->event) : CTL_OK;

    while (exit == CTL_OK) {
        exit = next_failed(acting, after, ids, &count);
        if (exit != CTL_OK || count == 0)
            break;
        after = ids[count - 1];
        exit = act_on(acting, count, ids);
    }
    return exit;
}

enum ctl_exit mail_act(struct ctl *ctl, const struct mail_arguments *arguments)
{
    struct acting acting = { .ctl = ctl, .arguments = arguments,
                             .kind = strcmp(arguments->verb, "retry") == 0 ? MAIL_ACT_RETRY : MAIL_ACT_CANCEL };
    if (arguments->json) {
        acting.list = json_array();
        if (!acting.list)
            return ctl_no_memory();
    }
    enum ctl_exit exit = arguments->failed ? act_on_failed(&acting) : act_on_named(&acting);
    if (exit == CTL_OK && arguments->json)
        exit = ctl_print_json(json_incref(acting.list));
    else if (exit == CTL_OK)
        exit = ctl_output_done();
    json_decref(acting.list);
    return exit == CTL_OK && acting.refused > 0 && !arguments->failed ? CTL_WRONG : exit;
}

/* ---- pause and resume ---- */

static enum ctl_exit say_pause(const struct mail_arguments *arguments, const struct mail_pause *pause)
{
    const char *state = pause->resume ? "resumed" : "paused";
    if (arguments->json)
        return ctl_print_json(json_pack("{s:s?, s:s}", "event", arguments->event, "result",
                                        pause->already ? "already" : state));
    (void)printf("%s%s: %s%s\n", arguments->event ? "mails of " : "all mails", arguments->event ? arguments->event : "",
                 pause->already ? (pause->resume ? "were not " : "were already ") : "",
                 pause->already ? "paused" : state);
    return ctl_output_done();
}

enum ctl_exit mail_pause(struct ctl *ctl, const struct mail_arguments *arguments)
{
    struct mail_pause pause = { .job = { .kind = &change_mail_pause }, .actor = "convenectl",
                                .resume = strcmp(arguments->verb, "resume") == 0 };
    if (arguments->event) {
        enum ctl_exit exit = ctl_event_find(ctl, arguments->event, &pause.scope);
        if (exit != CTL_OK)
            return exit;
    }
    pause.job.arena = arena_new();
    if (!pause.job.arena)
        return ctl_no_memory();
    int r = store_run(ctl->store, &pause.job);
    if (r == 0)
        r = pause.job.outcome;
    enum ctl_exit exit = r < 0 ? ctl_change_failed(ctl, r, "whether mails are paused; mail list tells")
                               : say_pause(arguments, &pause);
    arena_free(pause.job.arena);
    return exit;
}
