/* SPDX-License-Identifier: EUPL-1.2 */
/* What differs between two definitions of an event, as an organiser would say it: times, places, questions, consents.
 * Texts that are only shown (help, description) are left to the lines. Called by convenectl event diff. */
#include "ctl/event_meaning.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "ctl/event.h"
#include "event/definition.h"

struct telling {
    struct arena *arena;
    const struct event_definition *old, *new;
    json_t *sentences;
    bool failed;
};

__attribute__((format(printf, 2, 3))) static void tell(struct telling *t, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *text = arena_format_v(t->arena, format, args);
    va_end(args);
    if (!text || json_array_append_new(t->sentences, json_string(text)) < 0)
        t->failed = true;
}

/* OLD and NEW may be NULL: not given. */
static void tell_text(struct telling *t, const char *what, const char *old, const char *new)
{
    if (old && new && strcmp(old, new) != 0)
        tell(t, "%s: %s -> %s", what, old, new);
    else if (old && !new)
        tell(t, "%s: %s -> not given", what, old);
    else if (!old && new)
        tell(t, "%s: now %s", what, new);
}

static const char *wall(const struct telling *t, const struct event_definition *definition, bool given, int64_t at)
{
    return given ? ctl_event_wall(t->arena, definition->zone, at) : NULL;
}

static void tell_times(struct telling *t)
{
    const struct event_definition *o = t->old, *n = t->new;
    tell_text(t, "time zone", o->zone, n->zone);
    tell_text(t, "starts", wall(t, o, true, o->starts), wall(t, n, true, n->starts));
    tell_text(t, "ends", wall(t, o, true, o->ends), wall(t, n, true, n->ends));
    if (o->day_count != n->day_count)
        tell(t, "days: %zu -> %zu", o->day_count, n->day_count);
    for (size_t i = 0; o->day_count == n->day_count && o->day_count > 1 && i < n->day_count; i++)
        if (o->days[i].starts != n->days[i].starts || o->days[i].ends != n->days[i].ends)
            tell(t, "day %zu: %s to %s -> %s to %s", i + 1, wall(t, o, true, o->days[i].starts),
                 wall(t, o, true, o->days[i].ends), wall(t, n, true, n->days[i].starts),
                 wall(t, n, true, n->days[i].ends));
    tell_text(t, "opens", wall(t, o, o->has_opens, o->opens), wall(t, n, n->has_opens, n->opens));
    tell_text(t, "closes", wall(t, o, true, o->closes), wall(t, n, true, n->closes));
    tell_text(t, "changes until", wall(t, o, true, o->changes_until), wall(t, n, true, n->changes_until));
}

static void tell_head(struct telling *t)
{
    static const char *const visibility[] = { [EVENT_PUBLIC] = "public", [EVENT_UNLISTED] = "unlisted",
                                              [EVENT_DRAFT] = "draft" };
    const struct event_definition *o = t->old, *n = t->new;
    tell_text(t, "title", ctl_event_text(o, &o->title), ctl_event_text(n, &n->title));
    tell_text(t, "host", o->host, n->host);
    tell_text(t, "visibility", visibility[o->visibility], visibility[n->visibility]);
    for (size_t i = 0; i < n->language_count; i++)
        if (event_language(o, n->languages[i]) < 0)
            tell(t, "language %s: new", n->languages[i]);
    for (size_t i = 0; i < o->language_count; i++)
        if (event_language(n, o->languages[i]) < 0)
            tell(t, "language %s: gone", o->languages[i]);
    tell_text(t, "place", o->has_place ? ctl_event_text(o, &o->place) : NULL,
              n->has_place ? ctl_event_text(n, &n->place) : NULL);
    tell_text(t, "link to join", o->join_url, n->join_url);
    if (o->waiting_list != n->waiting_list)
        tell(t, n->waiting_list ? "waiting list: there is one now" : "waiting list: there is none any more");
    if (o->confirm != n->confirm)
        tell(t, n->confirm ? "addresses are to be confirmed now" : "addresses need not be confirmed any more");
}

/* ---- places ---- */

static const struct event_place *find_place(const struct event_place *places, size_t count,
                                            const struct event_place *like)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(places[i].kind, like->kind) == 0 && strcmp(places[i].key, like->key) == 0)
            return &places[i];
    return NULL;
}

static const char *capacity(const struct telling *t, const struct event_place *place)
{
    const char *text = place->limited ? arena_format(t->arena, "%" PRId64, place->capacity) : "unlimited";
    return text ? text : "";
}

static void tell_place(struct telling *t, const struct event_place *old, const struct event_place *new)
{
    if (old->limited != new->limited || (old->limited && old->capacity != new->capacity))
        tell(t, "%s %s: capacity %s -> %s", new->kind, new->key, capacity(t, old), capacity(t, new));
    if (strcmp(new->kind, "slot") != 0 && (old->starts != new->starts || old->ends != new->ends))
        tell(t, "%s %s: %s to %s -> %s to %s", new->kind, new->key, wall(t, t->old, true, old->starts),
             wall(t, t->old, true, old->ends), wall(t, t->new, true, new->starts), wall(t, t->new, true, new->ends));
    if (old->approval != new->approval)
        tell(t, "%s %s: %s", new->kind, new->key,
             new->approval ? "an organiser approves now" : "nobody needs approval any more");
}

/* Slots are many: how many came and went is enough. */
static void tell_places(struct telling *t)
{
    struct event_place *old, *new;
    size_t old_count, new_count, slots_new = 0, slots_gone = 0;
    if (programme_places(t->old, t->arena, &old_count, &old) < 0 ||
        programme_places(t->new, t->arena, &new_count, &new) < 0) {
        t->failed = true;
        return;
    }
    for (size_t i = 0; i < new_count; i++) {
        const struct event_place *was = find_place(old, old_count, &new[i]);
        if (was)
            tell_place(t, was, &new[i]);
        else if (strcmp(new[i].kind, "slot") == 0)
            slots_new++;
        else
            tell(t, "%s %s: new, capacity %s", new[i].kind, new[i].key, capacity(t, &new[i]));
    }
    for (size_t i = 0; i < old_count; i++) {
        if (find_place(new, new_count, &old[i]))
            continue;
        if (strcmp(old[i].kind, "slot") == 0)
            slots_gone++;
        else
            tell(t, "%s %s: gone", old[i].kind, old[i].key);
    }
    if (slots_new > 0 || slots_gone > 0)
        tell(t, "slots: %zu new, %zu gone", slots_new, slots_gone);
}

static int64_t cap_max(const struct event_programme *programme, enum event_cap_by by)
{
    for (size_t i = 0; i < programme->cap_count; i++)
        if (programme->caps[i].by == by)
            return programme->caps[i].max;
    return -1;
}

static void tell_caps(struct telling *t)
{
    static const char *const names[] = { [CAP_ORGANISATION] = "organisation", [CAP_COUNTRY] = "country",
                                         [CAP_STAKEHOLDER] = "stakeholder type" };
    for (enum event_cap_by by = CAP_ORGANISATION; by <= CAP_STAKEHOLDER; by++) {
        const int64_t old = cap_max(&t->old->programme, by), new = cap_max(&t->new->programme, by);
        if (old == new)
            continue;
        if (old < 0)
            tell(t, "limit for each %s: now %" PRId64, names[by], new);
        else if (new < 0)
            tell(t, "limit for each %s: gone", names[by]);
        else
            tell(t, "limit for each %s: %" PRId64 " -> %" PRId64, names[by], old, new);
    }
}

/* ---- fields ---- */

static void tell_options(struct telling *t, const struct event_field *old, const struct event_field *new)
{
    if (old->shared_options || new->shared_options)
        return;
    for (size_t i = 0; i < new->option_count; i++)
        if (!event_option(old, new->options[i].id))
            tell(t, "field %s: option %s is new", new->id, new->options[i].id);
    for (size_t i = 0; i < old->option_count; i++)
        if (!event_option(new, old->options[i].id))
            tell(t, "field %s: option %s is gone", new->id, old->options[i].id);
}

/* The words that somebody agrees to. Who agreed to the old ones keeps those. */
static void tell_consent(struct telling *t, const char *id, const struct event_text *old, const struct event_text *new)
{
    for (size_t i = 0; i < t->new->language_count; i++) {
        const int was = event_language(t->old, t->new->languages[i]);
        const char *before = was >= 0 ? old->bodies[was] : NULL, *after = new->bodies[i];
        if (before && after && strcmp(before, after) != 0)
            tell(t, "consent %s: its words in %s have changed; who gave it gave it to the old ones", id,
                 t->new->languages[i]);
    }
}

static void tell_field(struct telling *t, const struct event_field *old, const struct event_field *new)
{
    if (old->type != new->type) {
        tell(t, "field %s: type %s -> %s", new->id, field_type_name(old->type), field_type_name(new->type));
        return;
    }
    if (old->required != new->required)
        tell(t, "field %s: %s", new->id, new->required ? "required now" : "not required any more");
    if (old->after_review != new->after_review)
        tell(t, "field %s: %s", new->id, new->after_review ? "asked after the review now" : "asked in the form now");
    if (new->type == FIELD_CONSENT)
        tell_consent(t, new->id, &old->label, &new->label);
    else if (strcmp(ctl_event_text(t->old, &old->label), ctl_event_text(t->new, &new->label)) != 0)
        tell(t, "field %s: label \"%s\" -> \"%s\"", new->id, ctl_event_text(t->old, &old->label),
             ctl_event_text(t->new, &new->label));
    if (old->has_consent && new->has_consent)
        tell_consent(t, new->id, &old->consent, &new->consent);
    const char *before = old->show_if_words ? old->show_if_words : "everybody";
    const char *after = new->show_if_words ? new->show_if_words : "everybody";
    if (strcmp(before, after) != 0)
        tell(t, "field %s: asked of %s -> %s", new->id, before, after);
    before = old->parts_if_words ? old->parts_if_words : "everybody";
    after = new->parts_if_words ? new->parts_if_words : "everybody";
    if (strcmp(before, after) != 0)
        tell(t, "field %s: number, size and SME asked of %s -> %s", new->id, before, after);
    tell_options(t, old, new);
}

static void tell_fields(struct telling *t)
{
    for (size_t i = 0; i < t->new->field_count; i++) {
        const struct event_field *field = &t->new->fields[i], *was = event_field(t->old, field->id);
        if (was)
            tell_field(t, was, field);
        else
            tell(t, "field %s: new, %s%s", field->id, field_type_name(field->type),
                 field->required ? ", required" : "");
    }
    for (size_t i = 0; i < t->old->field_count; i++)
        if (!event_field(t->new, t->old->fields[i].id))
            tell(t, "field %s: gone; answers that were given stay", t->old->fields[i].id);
}

/* ---- mails on a date ---- */

/* "7d, 3h"; "" without any. */
static const char *leads(const struct telling *t, const struct event_lead *leads, size_t count)
{
    const char *text = "";
    for (size_t i = 0; text && i < count; i++)
        if (leads[i].hours > 0)
            text = arena_format(t->arena, "%s%s%d%s", text, *text ? ", " : "",
                                leads[i].by_days ? leads[i].hours / 24 : leads[i].hours, leads[i].by_days ? "d" : "h");
    return text ? text : "";
}

static void tell_leads(struct telling *t, const char *what, const char *old, const char *new)
{
    tell_text(t, what, *old ? old : NULL, *new ? new : NULL);
}

static void tell_mails(struct telling *t)
{
    static const char *const digests[] = { [DIGEST_NONE] = NULL, [DIGEST_DAILY] = "daily", [DIGEST_WEEKLY] = "weekly" };
    const struct event_definition *o = t->old, *n = t->new;
    tell_leads(t, "reminders", leads(t, o->reminders, o->reminder_count), leads(t, n->reminders, n->reminder_count));
    tell_leads(t, "mail with the link to join", leads(t, &o->join_mail, 1), leads(t, &n->join_mail, 1));
    tell_leads(t, "thanks", leads(t, &o->thanks.after, 1), leads(t, &n->thanks.after, 1));
    tell_text(t, "digest for the organisers", digests[o->notify.digest], digests[n->notify.digest]);
    if (o->notify.registrations != n->notify.registrations)
        tell(t, n->notify.registrations ? "organisers are told of each registration now"
                                        : "organisers are not told of each registration any more");
}

int ctl_event_meaning(struct arena *arena, const struct event_definition *old, const struct event_definition *new,
                      json_t **ret_sentences)
{
    struct telling t = { .arena = arena, .old = old, .new = new, .sentences = json_array() };
    if (!t.sentences)
        return -ENOMEM;
    tell_head(&t);
    tell_times(&t);
    tell_places(&t);
    tell_caps(&t);
    tell_fields(&t);
    tell_mails(&t);
    if (t.failed) {
        json_decref(t.sentences);
        return -ENOMEM;
    }
    *ret_sentences = t.sentences;
    return 0;
}
