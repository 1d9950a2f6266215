/* SPDX-License-Identifier: EUPL-1.2 */
/* From an event to its calendar entry. Called by report/record_entry and page/page_calendar; any thread. */
#include "view/entry.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "config/hosts.h"
#include "config/settings.h"
#include "event/definition.h"
#include "signup/reference.h"
#include "view/catalogue.h"

static const char *domain_of(const char *address)
{
    const char *at = strrchr(address, '@');
    return at ? at + 1 : address;
}

/* One UID for the whole life of a registration: its reference in lower case, the event, our domain. That is
 * mail.from's, whatever a host says: a calendar finds its entry again by this name alone. The event's own has no
 * reference, a session's has its key, and no dot stands in a slug: no two are alike. SESSION may be NULL. */
static char *make_uid(struct arena *arena, const struct entry *entry, const char *session)
{
    const char *domain = domain_of(entry->settings->mail.from_address);
    char reference[32];
    size_t n = 0;
    if (!entry->reference)
        return arena_format(arena, "%s@%s", entry->slug, domain);
    for (const char *c = entry->reference; *c && n < sizeof(reference) - 1; c++)
        if (*c != '-')
            reference[n++] = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
    reference[n] = '\0';
    /* the mode of a session's room is no part of its name: who changes it keeps the entry */
    return session ? arena_format(arena, "%s.%s.%.*s@%s", reference, entry->slug, (int)strcspn(session, "@"), session,
                                  domain)
                   : arena_format(arena, "%s.%s@%s", reference, entry->slug, domain);
}

int entry_read_uid(struct arena *arena, const struct settings *settings, const char *uid, const char **ret_reference,
                   const char **ret_slug)
{
    const char *at = strrchr(uid, '@'), *dot = strchr(uid, '.');
    size_t plain = strcspn(uid, "/.");
    if (!at || !dot || dot > at || plain != REFERENCE_SIZE - 2 ||
        strcasecmp(at + 1, domain_of(settings->mail.from_address)) != 0)
        return -EINVAL;
    int guest = (int)((size_t)(dot - uid) - plain);
    char *reference = arena_format(arena, "%.4s-%.3s%.*s", uid, uid + 4, guest, uid + plain);
    char *slug = arena_copy_n(arena, dot + 1, strcspn(dot + 1, ".@"));
    if (!reference || !slug)
        return -ENOMEM;
    for (char *c = reference; *c; c++)
        *c = (char)(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    *ret_reference = reference;
    *ret_slug = slug;
    return 0;
}

/* -ENOMEM; the event's own entry has no description, nor one that takes it out of a calendar. */
static int make_description(struct arena *arena, const struct entry *entry, const char *join, const char **ret_text)
{
    *ret_text = NULL;
    if (!entry->reference || entry->called_off || entry->method == CALENDAR_CANCEL)
        return 0;
    const char *text = catalogue_format(entry->catalogue, arena, "mail.calendar.description", "reference",
                                        entry->reference, NULL);
    if (text && join) {
        const char *line = catalogue_format(entry->catalogue, arena, "mail.calendar.join", "url", join, NULL);
        text = line ? arena_format(arena, "%s\n\n%s", line, text) : NULL;
    }
    if (text && entry->sessions)
        text = arena_format(arena, "%s\n%s\n\n%s", catalogue_text(entry->catalogue, "mail.calendar.sessions"),
                            entry->sessions, text);
    *ret_text = text;
    return text ? 0 : -ENOMEM;
}

static bool is_all_online(const struct event_definition *definition)
{
    for (size_t i = 0; i < definition->mode_count; i++)
        if (!event_mode_is_online(&definition->modes[i]))
            return false;
    return definition->mode_count > 0;
}

static const char *location_of(const struct entry *entry, const char *join)
{
    const struct event_definition *definition = entry->definition;
    bool online = entry->reference ? entry->online : is_all_online(definition);
    if (join)
        return join;
    if (online)
        return catalogue_text(entry->catalogue, "mail.online");
    return definition->has_place
               ? event_text_in(definition, &definition->place, catalogue_language(entry->catalogue), NULL)
               : NULL;
}

/* PART NULL: the event alone. */
static const char *make_summary(struct arena *arena, const struct entry *entry, const char *part)
{
    const struct event_definition *definition = entry->definition;
    const char *title = event_text_in(definition, &definition->title, catalogue_language(entry->catalogue), NULL);
    const char *colon = catalogue_text(entry->catalogue, "page.colon");
    return part ? arena_format(arena, "%s%s %s", title, colon, part) : title;
}

static int make_parts(struct arena *arena, const struct entry *entry, struct calendar *calendar)
{
    struct calendar_part *parts = arena_take(arena, entry->session_count * sizeof(*parts));
    if (entry->session_count > 0 && !parts)
        return -ENOMEM;
    for (size_t i = 0; i < entry->session_count; i++) {
        const struct entry_session *session = &entry->own[i];
        parts[i] = (struct calendar_part){ .uid = make_uid(arena, entry, session->key),
                                           .summary = make_summary(arena, entry, session->title),
                                           .starts = session->starts,
                                           .ends = session->ends };
        if (!parts[i].uid || !parts[i].summary)
            return -ENOMEM;
    }
    calendar->part_count = entry->session_count;
    calendar->parts = parts;
    return 0;
}

/* No link of the person's own stands in the entry: calendars are shared, the mail is not. */
int entry_make(struct arena *arena, const struct entry *entry, char **ret_text)
{
    const struct event_definition *definition = entry->definition;
    const struct settings_host *host = hosts_of(entry->settings, definition->host);
    bool off = entry->called_off || entry->method == CALENDAR_CANCEL;
    const char *join = entry->reference && entry->online && !off ? definition->join_url : NULL;
    struct calendar calendar = {
        .definition = definition,
        .method = entry->method,
        .called_off = entry->called_off,
        .uid = make_uid(arena, entry, NULL),
        .sequence = entry->sequence,
        .stamp = entry->stamp,
        .summary = make_summary(arena, entry, entry->part),
        .starts = entry->starts,
        .ends = entry->ends,
        .location = location_of(entry, join),
        .url = arena_format(arena, "%s/e/%s", entry->settings->http.base_url, entry->slug),
        .organizer_name = host->name,
        .organizer_address = host->from_address,
        .attendee_name = entry->name,
        .attendee_address = entry->address,
    };
    int r = make_description(arena, entry, join, &calendar.description);
    if (r < 0 || !calendar.uid || !calendar.url || !calendar.summary)
        return -ENOMEM;
    r = make_parts(arena, entry, &calendar);
    return r < 0 ? r : calendar_make(arena, &calendar, ret_text);
}
