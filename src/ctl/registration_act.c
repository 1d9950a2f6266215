/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration cancel | approve | reject | promote | deliverable: runs the change of that name. One
 * thread. */
#include "ctl/registration.h"

#include <string.h>

#include "base/arena.h"
#include "change/act.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "store/store.h"

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
    { "deliverable", &change_deliverable, "deliverable", "not marked as undeliverable", false, false },
};

static const struct deed *deed_of(const char *name)
{
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        if (strcmp(deeds[i].name, name) == 0)
            return &deeds[i];
    }
    return NULL;
}

static enum ctl_exit say_result(const struct deed *deed, const struct act *act,
                                const struct registration_arguments *arguments)
{
    const char *said = deed->done, *name = deed->done;
    bool fault = false;

    switch (act->result) {
    case ACT_DONE:
        if (act->guest_count > 0)
            said = arena_format(act->job.arena, act->guest_count == 1 ? "%s, with %zu guest" : "%s, with %zu guests",
                                deed->done, act->guest_count);
        if (!said)
            return ctl_no_memory();
        break;
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
    case ACT_OFF:
        said = "the event does not take place, nothing was changed";
        name = "off";
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
    enum ctl_exit exit = registration_say(arguments, arguments->reference, said, name);
    return exit == CTL_OK && fault ? CTL_WRONG : exit;
}

static enum ctl_exit act_in(struct ctl *ctl, struct arena *arena, const struct registration_arguments *arguments,
                            int64_t id)
{
    const struct deed *deed = deed_of(arguments->verb);
    struct act *act = arena_take(arena, sizeof(*act));
    const char *unknown = arena_format(arena, "whether %s is %s; registration show tells", arguments->reference,
                                       deed->done);
    const char *reason;

    if (!act || !unknown)
        return ctl_no_memory();
    enum ctl_exit exit = registration_reason(arena, arguments->reason, &reason);
    if (exit != CTL_OK)
        return exit;
    if (deed->needs_reason && !reason) {
        ctl_complain("to %s needs a reason: it is kept with the registration", deed->name);
        return CTL_CANNOT;
    }
    act->job.kind = deed->kind;
    act->job.arena = arena;
    act->registration_id = id;
    act->link_version = -1;
    act->actor = "convenectl";
    act->reason = reason;
    act->message_domain = mail_row_domain(ctl->settings->mail.from_address);
    int r = store_run(ctl->store, &act->job);
    if (r == 0)
        r = act->job.outcome;
    return r < 0 ? ctl_change_failed(ctl, r, unknown) : say_result(deed, act, arguments);
}

enum ctl_exit registration_act(struct ctl *ctl, const struct registration_arguments *arguments)
{
    int64_t id;
    enum ctl_exit exit = registration_find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    if (!arena)
        return ctl_no_memory();
    exit = act_in(ctl, arena, arguments, id);
    arena_free(arena);
    return exit;
}
