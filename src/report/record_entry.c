/* SPDX-License-Identifier: EUPL-1.2 */
/* From a registration to its calendar entry. Called by mail/letter and page/page_calendar; any thread. */
#include "report/record_entry.h"

#include <errno.h>
#include <string.h>

#include "base/arena.h"
#include "event/book.h"
#include "report/choice.h"
#include "report/record.h"
#include "view/catalogue.h"
#include "view/entry.h"

const struct event_mode *record_entry_mode(const struct record *record, const struct event_definition *today,
                                           const struct event_definition **ret_definition)
{
    const struct event_definition *const definitions[] = { today, record->definition };
    for (size_t i = 0; record->mode && i < 2; i++) {
        int index = event_mode(definitions[i], record->mode);
        if (index >= 0) {
            if (ret_definition)
                *ret_definition = definitions[i];
            return &definitions[i]->modes[index];
        }
    }
    return NULL;
}

bool record_entry_has_code(const struct record *record, const struct event_definition *today, bool off)
{
    const struct event_mode *mode = record_entry_mode(record, today, NULL);
    return !off && record->status == STATE_CONFIRMED && !(mode && !event_mode_has_door(mode));
}

bool record_entry_is_due(const struct record *record, const struct event_definition *today)
{
    int mode = record->mode ? event_mode(today, record->mode) : -1;
    return choice_slot(record) || !programme_has_slots(&today->programme, mode);
}

/* "Thu, 18 March, 10:00–11:30: Title", a line each, NULL where nothing was chosen; and those that have a time, each for
 * itself. */
static int list_sessions(struct arena *arena, const struct record_entry *wanted, const struct event_definition *today,
                         struct entry *entry)
{
    const struct record *record = wanted->record;
    const char *language = catalogue_language(wanted->catalogue), *lines = NULL;
    struct entry_session *own = arena_take(arena, record->place_count * sizeof(*own));
    size_t count = 0;

    if (record->place_count > 0 && !own)
        return -ENOMEM;
    for (size_t i = 0; i < record->place_count; i++) {
        const struct record_place *place = &record->places[i];
        struct choice choice;
        if (!choice_is_one(place) || strcmp(place->kind, "session") != 0)
            continue;
        int r = choice_of_place(arena, today, record, place, language, &choice);
        if (r < 0)
            return r;
        const char *when = choice.starts == 0 ? ""
                                              : choice_span_short(wanted->words, arena, language, today->zone,
                                                                  choice.starts, choice.ends);
        if (!when)
            return -ENOMEM;
        lines = arena_format(arena, "%s%s%s%s%s%s", lines ? lines : "", lines ? "\n" : "", when,
                             *when ? catalogue_text(wanted->catalogue, "page.colon") : "", *when ? " " : "",
                             choice.title);
        if (!lines)
            return -ENOMEM;
        if (wanted->sessions && choice.starts != 0)
            own[count++] = (struct entry_session){ .key = place->key, .title = choice.title, .starts = choice.starts,
                                                   .ends = choice.ends };
    }
    entry->sessions = lines;
    entry->own = own;
    entry->session_count = count;
    return 0;
}

int record_entry_make(struct arena *arena, const struct record_entry *wanted, char **ret_text)
{
    const struct record *record = wanted->record;
    const struct event_definition *today = wanted->event ? wanted->event->definition : record->definition;
    const struct event_mode *mode = record_entry_mode(record, today, NULL);
    const struct record_place *place = choice_slot(record);
    struct choice slot = { 0 };
    struct entry entry = {
        .settings = wanted->settings,
        .catalogue = wanted->catalogue,
        .definition = today,
        .slug = record->slug,
        .method = wanted->method,
        .called_off = wanted->called_off,
        .sequence = (wanted->event ? wanted->event->ical_sequence : 0) + record->ical_sequence,
        .stamp = wanted->now,
        .reference = record->reference,
        .online = mode && event_mode_is_online(mode),
        .name = record->name,
        .address = wanted->address,
    };
    int r = list_sessions(arena, wanted, today, &entry);
    if (r == 0 && place)
        r = choice_of_place(arena, today, record, place, catalogue_language(wanted->catalogue), &slot);
    if (r < 0)
        return r;
    entry.part = slot.title;
    entry.starts = slot.starts;
    entry.ends = slot.ends != 0 ? slot.ends : slot.starts;
    return entry_make(arena, &entry, ret_text);
}
