/* SPDX-License-Identifier: EUPL-1.2 */
/* What a change says of itself: to the audit trail by ids alone, and in the mails with what was answered. Called by
 * change/edit; the writer's thread, or convenectl's only one. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <errno.h>
#include <jansson.h>

#include "base/arena.h"
#include "change/edit_plan.h"

/* Caps and reserves are nobody's words. */
static bool is_told(const struct place *place)
{
    return place && place->kind != PLACE_CAP && place->kind != PLACE_RESERVE;
}

static size_t held_count(const struct registration_fact *registration)
{
    return registration->claim_count + registration->ask_count;
}

static const struct place *held_place(struct facts *facts, const struct registration_fact *registration, size_t i)
{
    return facts_place(facts, i < registration->claim_count
                                  ? registration->claims[i].place_id
                                  : registration->asks[i - registration->claim_count].place_id);
}

/* Kind and key of each place of the one side that the other has not. */
static json_t *list_changes(struct facts *facts, const struct registration_fact *before,
                            const struct registration_fact *after)
{
    json_t *list = json_array();
    int r = list ? 0 : -1;
    for (size_t i = 0; r == 0 && i < held_count(before); i++) {
        const struct place *place = held_place(facts, before, i);
        if (is_told(place) && !edit_has(after, place->id))
            r = json_array_append_new(
                list, json_pack("{s:s, s:s}", "kind", place_kind_name(place->kind), "key", place->key));
    }
    if (r < 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

static bool lost_any(struct facts *facts, const struct registration_fact *before, const struct registration_fact *after)
{
    for (size_t i = 0; i < held_count(before); i++) {
        const struct place *place = held_place(facts, before, i);
        if (is_told(place) && !edit_has(after, place->id))
            return true;
    }
    return false;
}

bool edit_tell_moved(struct facts *facts, const struct registration_fact *before, const struct registration_fact *after)
{
    return lost_any(facts, before, after) || lost_any(facts, after, before);
}

static json_t *fields_of(const struct edit *edit, const struct edit_member *member)
{
    const char *fields = member->guest ? member->guest->fields : member->fact->booker ? NULL : edit->fields;
    return fields ? json_loads(fields, JSON_REJECT_DUPLICATES, NULL) : json_array();
}

/* NULL: nothing; else of what changed both answers. */
static const char *told_of(const struct edit *edit, const struct edit_member *member)
{
    return member->guest ? member->guest->told : member->fact && member->fact->booker ? NULL : edit->told;
}

static int add_answers(json_t *object, const char *told)
{
    return told ? json_object_set_new(object, "answers", json_loads(told, JSON_REJECT_DUPLICATES, NULL)) : 0;
}

/* What was answered is for the mail alone, which forgets it: DATA as describe has made it of MEMBER. */
static int add_all_answers(const struct edit *edit, const struct edit_member *member, json_t *data)
{
    json_t *item;
    size_t i;
    int r = add_answers(data, told_of(edit, member));

    json_array_foreach(json_object_get(data, "guests"), i, item)
        for (size_t k = 1; r == 0 && k < edit->plan->member_count; k++)
            if (edit->plan->members[k].id == json_integer_value(json_object_get(item, "id")))
                r = add_answers(item, edit->plan->members[k].guest ? edit->plan->members[k].guest->told : NULL);
    return r;
}

/* Who booked reads of the others too: who is new, and what was answered otherwise. */
static json_t *list_guests(const struct edit *edit)
{
    const struct edit_plan *plan = edit->plan;
    json_t *list = json_array();
    int r = list ? 0 : -1;
    for (size_t i = 1; r == 0 && i < plan->member_count; i++) {
        const struct edit_member *member = &plan->members[i];
        json_t *fields = fields_of(edit, member);
        if (member->person || json_array_size(fields) > 0)
            r = json_array_append_new(list, json_pack("{s:I, s:b, s:O}", "id", (json_int_t)member->id, "added",
                                                      member->person != NULL, "fields", fields));
        json_decref(fields);
    }
    if (r < 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* What changed, by ids. */
static json_t *describe(const struct edit *edit, struct facts *facts, const struct edit_member *member)
{
    const struct registration_fact *before = &member->before, *after = member->fact;
    return json_pack("{s:s, s:{s:o, s:o}, s:b, s:o, s:o}", "was", state_name(before->status), "places", "dropped",
                     list_changes(facts, before, after), "added", list_changes(facts, after, before), "wishes",
                     edit->plan->wishes_change, "fields", fields_of(edit, member), "guests",
                     after->booker ? json_array() : list_guests(edit));
}

static int plan_mail(struct edit *edit, struct facts *facts, const struct edit_member *member, const char *kind,
                     const char *recipient, struct mail_row *mail)
{
    const struct registration_fact *after = member->fact;
    struct arena *arena = edit->job.arena;
    bool first = edit_guests_reached(member) && !edit_guests_corrected(member);
    *mail = (struct mail_row){ .id = facts_fresh_id(facts, FACTS_MAIL),
                               .subject_id = after->id,
                               .event_id = after->event_id,
                               .revision_id = after->revision_id,
                               .instance = first ? 0 : strcmp(kind, "address_changed") == 0 ? -after->version
                                                                                            : after->version,
                               .kind = kind,
                               .recipient = arena_copy(arena, recipient),
                               .language = arena_copy(arena, after->language),
                               .born_at = edit->plan->at,
                               .due_at = edit->plan->at };
    mail->message_id = mail_row_message_id(arena, mail->id, edit->message_domain);
    return mail->recipient && mail->language && mail->message_id ? 0 : -ENOMEM;
}

/* Who is written to for the first time is told all as at a sign-up; of what was before he knows nothing. Where he was
 * thought to be until now it is said that nothing more comes, unless nobody is there or it is the same mailbox. */
static int plan_mails(struct edit *edit, struct facts *facts, struct edit_member *member)
{
    const struct registration_fact *before = &member->before, *after = member->fact;
    const char *kind = edit_guests_reached(member) ? state_name(after->status) : "changed";
    int r = after->email ? plan_mail(edit, facts, member, kind, after->email, &member->mail) : 0;
    if (r < 0 || !edit_guests_corrected(member) || before->undeliverable ||
        (after->email && strcasecmp(before->email, after->email) == 0))
        return r;
    return plan_mail(edit, facts, member, "address_changed", before->email, &member->news);
}

/* The mail tells the organiser's reason and the answers too; the audit trail does not, for it outlives the person's
 * data. */
int edit_tell(struct edit *edit, struct facts *facts, struct edit_member *member, bool mailed)
{
    int r = mailed ? plan_mails(edit, facts, member) : 0;
    if (r < 0)
        return r;
    json_t *data = describe(edit, facts, member);
    char *audit = data ? json_dumps(data, JSON_COMPACT) : NULL, *mail = NULL;
    if (data && add_all_answers(edit, member, data) == 0 &&
        (!edit->reason || json_object_set_new(data, "reason", json_string(edit->reason)) == 0))
        mail = json_dumps(data, JSON_COMPACT);
    json_decref(data);
    member->audit_data = audit ? arena_copy(edit->job.arena, audit) : NULL;
    const char *told = mail ? arena_copy(edit->job.arena, mail) : NULL;
    member->mail.data = edit_guests_reached(member) ? NULL : told;
    free(audit);
    free(mail);
    return member->audit_data && told ? 0 : -ENOMEM;
}
