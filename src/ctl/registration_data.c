/* SPDX-License-Identifier: EUPL-1.2 */
/* convenectl registration data and erase: what somebody has a right to and asks for by phone or letter instead of on
 * the own page. The data goes to the stored address and to nobody else. One thread. */
#include "ctl/registration.h"

#include <errno.h>

#include "base/arena.h"
#include "base/clock.h"
#include "change/act.h"
#include "change/data_ready.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "ctl/ctl_event.h"
#include "event/book.h"
#include "event/definition.h"
#include "report/record.h"
#include "signup/evidence.h"
#include "store/db.h"
#include "store/store.h"

#define HOUR 3600

static enum ctl_exit refuse(const struct registration_arguments *arguments, const char *said, const char *result)
{
    enum ctl_exit exit = registration_say(arguments, arguments->reference, said, result);
    return exit == CTL_OK ? CTL_WRONG : exit;
}

/* ---- data ---- */

/* A second one within the hour is not written. */
static enum ctl_exit was_sent(struct ctl *ctl, int64_t id, bool *ret_sent)
{
    struct query *query = ctl_query_id(ctl,
                                       "SELECT 1 FROM mail WHERE subject_kind = 'registration' AND subject_id = :id "
                                       "AND kind = 'data_ready' AND instance = :hour",
                                       ":id", id);
    if (!query)
        return CTL_CANNOT;
    db_bind_int(query, ":hour", clock_now(ctl->clock) / HOUR);
    int r = db_step(query);
    db_finish(query);
    if (r < 0)
        return ctl_store_failed(ctl, r);
    *ret_sent = r > 0;
    return CTL_OK;
}

static enum ctl_exit owe_data(struct ctl *ctl, struct arena *arena, const struct registration_arguments *arguments,
                              int64_t id)
{
    struct data_ready ready = { .job = { .kind = &change_data_ready, .arena = arena },
                                .registration_id = id,
                                .actor = "convenectl",
                                .message_domain = mail_row_domain(ctl->settings->mail.from_address) };
    const char *unknown = arena_format(arena, "whether %s gets the mail; registration show tells",
                                       arguments->reference);
    bool sent = false;

    if (!unknown)
        return ctl_no_memory();
    enum ctl_exit exit = was_sent(ctl, id, &sent);
    if (exit != CTL_OK)
        return exit;
    if (sent)
        return registration_say(arguments, arguments->reference, "has a mail of this hour already", "already");
    int r = store_run(ctl->store, &ready.job);
    if (r == 0)
        r = ready.job.outcome;
    if (r < 0)
        return ctl_change_failed(ctl, r, unknown);
    switch (ready.result) {
    case DATA_READY_DONE:
        return registration_say(arguments, arguments->reference, "gets a mail with the link to the data", "mailed");
    case DATA_READY_NO_ADDRESS:
        return refuse(arguments, "has no address", "no_address");
    case DATA_READY_GONE:
        break;
    }
    return refuse(arguments, "gone", "gone");
}

/* ---- erase ---- */

static enum ctl_exit run_erase(struct ctl *ctl, struct arena *arena, const struct registration_arguments *arguments,
                               const struct record *record, const struct event_definition *today)
{
    struct act act = { .job = { .kind = &change_erase, .arena = arena },
                       .registration_id = record->id,
                       .link_version = -1,
                       .actor = "convenectl",
                       .message_domain = mail_row_domain(ctl->settings->mail.from_address),
                       .evidence_until = evidence_until(today),
                       .kept = evidence_fields(arena, record->definition) };
    const char *unknown = arena_format(arena, "whether %s is erased; registration show tells", arguments->reference);

    if (!unknown || !act.kept)
        return ctl_no_memory();
    act.title.text = event_text_in(today, &today->title, record->language, &act.title.language);
    act.title.zone = today->zone;
    int r = store_run(ctl->store, &act.job);
    if (r == 0)
        r = act.job.outcome;
    if (r < 0)
        return ctl_change_failed(ctl, r, unknown);
    if (act.result == ACT_GONE)
        return refuse(arguments, "gone", "gone");
    if (act.result == ACT_KEPT)
        return registration_say(arguments, arguments->reference, "erased, but for the proof of having taken part",
                                "kept");
    return registration_say(arguments, arguments->reference, "erased", "erased");
}

/* By today's definition, as the page does it. */
static enum ctl_exit erase_record(struct ctl *ctl, struct arena *arena, const struct registration_arguments *arguments,
                                  const struct record *record)
{
    struct event_book *book;
    enum ctl_exit exit = ctl_event_load(ctl, record->slug, &book);
    if (exit != CTL_OK)
        return exit;
    exit = run_erase(ctl, arena, arguments, record, book->entries[0].definition);
    event_book_free(book);
    return exit;
}

static enum ctl_exit erase(struct ctl *ctl, struct arena *arena, const struct registration_arguments *arguments,
                           int64_t id)
{
    struct revisions *revisions;
    struct record record;

    if (revisions_new(1, &revisions) < 0)
        return ctl_no_memory();
    int r = record_read(ctl->db, arena, revisions, id, &record);
    enum ctl_exit exit = r == 0         ? erase_record(ctl, arena, arguments, &record)
                         : r == -ENOENT ? refuse(arguments, "gone", "gone")
                                        : ctl_store_failed(ctl, r);
    if (r == 0)
        record_done(&record);
    revisions_free(revisions);
    return exit;
}

/* ---- the verbs ---- */

static enum ctl_exit with_registration(struct ctl *ctl, const struct registration_arguments *arguments,
                                       enum ctl_exit (*act)(struct ctl *ctl, struct arena *arena,
                                                            const struct registration_arguments *arguments, int64_t id))
{
    int64_t id;
    enum ctl_exit exit = registration_find(ctl, arguments->reference, &id);
    if (exit != CTL_OK)
        return exit;
    struct arena *arena = arena_new();
    if (!arena)
        return ctl_no_memory();
    exit = act(ctl, arena, arguments, id);
    arena_free(arena);
    return exit;
}

enum ctl_exit registration_data(struct ctl *ctl, const struct registration_arguments *arguments)
{
    return with_registration(ctl, arguments, owe_data);
}

enum ctl_exit registration_erase(struct ctl *ctl, const struct registration_arguments *arguments)
{
    enum ctl_exit exit = ctl_event_setup();
    return exit == CTL_OK ? with_registration(ctl, arguments, erase) : exit;
}
