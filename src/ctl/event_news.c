/* SPDX-License-Identifier: EUPL-1.2 */
/* Many mails about one event, in batches, so that the daemon's writer never waits long. Called by convenectl event
 * cancel and move, on the one thread. */
#include "ctl/event_news.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_row.h"
#include "config/settings.h"
#include "store/store.h"

#define BATCH 200 /* people a transaction */

int ctl_news_add(struct arena *arena, struct event_people *people, int64_t registration_id, const char *data)
{
    struct event_told *items = data ? arena_grow(arena, people->items, people->count, &people->room, sizeof(*items))
                                    : NULL;
    if (!items)
        return -ENOMEM;
    people->items = items;
    items[people->count++] = (struct event_told){ registration_id, data };
    return 0;
}

static enum ctl_exit tell_batch(struct ctl *ctl, struct arena *arena, const struct event_message *message,
                                const struct event_told *people, size_t count, size_t *ret_told)
{
    struct event_tell *tell = arena_take(arena, sizeof(*tell));
    if (!tell)
        return ctl_no_memory();
    *tell = (struct event_tell){ .job = { .kind = &change_event_tell, .arena = arena },
                                 .event_id = message->event_id,
                                 .news = message->news,
                                 .instance = message->instance,
                                 .count = count,
                                 .people = people,
                                 .actor = "convenectl",
                                 .message_domain = mail_row_domain(ctl->settings->mail.from_address) };
    int r = store_run(ctl->store, &tell->job);
    if (r == 0)
        r = tell->job.outcome;
    if (r < 0)
        return ctl_change_failed(ctl, r, "whether the last of them are told; saying it again tells those who were not");
    *ret_told = tell->told;
    return CTL_OK;
}

enum ctl_exit ctl_news_tell(struct ctl *ctl, const struct event_message *message, const struct event_people *people,
                            size_t *ret_told)
{
    enum ctl_exit exit = CTL_OK;
    *ret_told = 0;
    for (size_t at = 0; exit == CTL_OK && at < people->count; at += BATCH) {
        const size_t left = people->count - at, count = left < BATCH ? left : BATCH;
        struct arena *arena = arena_new();
        size_t told = 0;
        exit = arena ? tell_batch(ctl, arena, message, people->items + at, count, &told) : ctl_no_memory();
        arena_free(arena);
        *ret_told += told;
    }
    return exit;
}
