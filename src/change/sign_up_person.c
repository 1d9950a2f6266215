/* SPDX-License-Identifier: EUPL-1.2 */
/* One of those who are registered by one form: what is planned of each, and the rows. Called by change/sign_up in the
 * writer's thread. */
#include "change/sign_up_person.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>

#include "base/arena.h"
#include "change/audit.h"
#include "event/book.h"
#include "store/db.h"
#include "store/facts.h"

int sign_up_person_take(const struct sign_up *s, size_t i, const char *reference, size_t number,
                        struct sign_up_person *person)
{
    *person = (struct sign_up_person){ .link_version = randombytes_uniform(INT32_MAX) };
    if (i == 0) {
        person->said = (struct sign_up_guest){ .ask = s->ask,
                                               .name = s->name,
                                               .email = s->email,
                                               .organisation = s->organisation,
                                               .registry_number = s->registry_number,
                                               .country = s->country,
                                               .stakeholder = s->stakeholder,
                                               .answers = s->answers,
                                               .search = s->search,
                                               .mailbox = s->mailbox,
                                               .consent_count = s->consent_count,
                                               .consents = s->consents,
                                               .private_count = s->private_count,
                                               .privates = s->privates };
        person->dedupe = s->dedupe;
    } else {
        person->said = s->guests[i - 1];
    }
    int n = i == 0 ? snprintf(person->reference, sizeof(person->reference), "%s", reference)
                   : snprintf(person->reference, sizeof(person->reference), "%s/%zu", reference, number);
    return n < 0 || (size_t)n >= sizeof(person->reference) ? -ERANGE : 0;
}

int sign_up_person_fact(const struct sign_up *s, struct facts *facts, struct sign_up_person *person,
                        struct registration_fact *booker, enum state status, struct registration_fact **ret_fact)
{
    struct registration_fact *fact;
    int r = facts_add_registration(facts, s->event->event_id, person->dedupe, &fact);
    if (r < 0)
        return r;
    person->id = fact->id;
    fact->status = status;
    fact->revision_id = s->revision_id;
    fact->created_at = s->at;
    fact->link_version = person->link_version;
    fact->event_starts = s->event->definition->starts;
    fact->invitation_id = s->invitation_id;
    fact->proposes = person->said.ask.proposal != NULL;
    fact->email = arena_copy(facts_arena(facts), person->said.email);
    fact->language = arena_copy(facts_arena(facts), s->language);
    fact->reference = arena_copy(facts_arena(facts), person->reference);
    if (booker) {
        fact->booker = booker;
        fact->party_id = booker->id;
    }
    if ((person->said.email && !fact->email) || !fact->language || !fact->reference)
        return -ENOMEM;
    *ret_fact = fact;
    return 0;
}

int sign_up_person_note(const struct sign_up *s, struct facts *facts, struct sign_up_person *person,
                        struct registration_fact *fact)
{
    const struct ask *ask = &person->said.ask;
    struct wish_fact *wishes = arena_take(facts_arena(facts), (ask->wish_count + 1) * sizeof(*wishes));
    if (!wishes)
        return -ENOMEM;
    for (size_t i = 0; i < ask->wish_count; i++)
        wishes[i] = (struct wish_fact){ ask->wishes[i].round, ask->wishes[i].rank, ask->wishes[i].place };
    fact->wishes = wishes;
    fact->wish_count = ask->wish_count;
    person->holding.claims = person->holding.asks = person->holding.wishes = true;
    return holding_note(s->job.arena, fact, &person->holding);
}

static int write_registration(const struct sign_up *s, const struct sign_up_person *person,
                              const struct sign_up_row *row, struct db *db)
{
    const struct sign_up_guest *said = &person->said;
    struct query *query = db_query(db, "registration_insert");
    db_bind_int(query, ":id", person->id);
    db_bind_int(query, ":event", s->event->event_id);
    db_bind_int(query, ":revision", s->revision_id);
    db_bind_int(query, ":party", row->party_id);
    db_bind_text(query, ":status", state_name(row->status));
    db_bind_int(query, ":at", s->at);
    db_bind_text(query, ":actor", s->actor ? s->actor : "person");
    db_bind_text(query, ":reason", row->reason);
    db_bind_text(query, ":reference", person->reference);
    db_bind_text(query, ":language", s->language);
    db_bind_text(query, ":name", said->name);
    db_bind_text(query, ":email", said->email);
    db_bind_text(query, ":dedupe", person->dedupe);
    db_bind_text(query, ":organisation", said->organisation);
    db_bind_text(query, ":registry_number", said->registry_number);
    db_bind_text(query, ":country", said->country);
    db_bind_text(query, ":stakeholder", said->stakeholder);
    db_bind_text(query, ":mode", s->mode_id);
    db_bind_text(query, ":answers", said->answers);
    db_bind_text(query, ":search", said->search);
    db_bind_int(query, ":link_version", person->link_version);
    if (row->waiting_since != 0)
        db_bind_int(query, ":waiting_since", row->waiting_since);
    else
        db_bind_null(query, ":waiting_since");
    if (row->expires_at != 0)
        db_bind_int(query, ":expires", row->expires_at);
    else
        db_bind_null(query, ":expires");
    db_bind_text(query, ":proposal", said->ask.proposal);
    if (s->invitation_id != 0)
        db_bind_int(query, ":invitation", s->invitation_id);
    else
        db_bind_null(query, ":invitation");
    return db_run(query);
}

int sign_up_person_write(const struct sign_up *s, const struct sign_up_person *person, const struct sign_up_row *row,
                         struct db *db)
{
    const struct sign_up_guest *said = &person->said;
    const struct audit audit = { .at = s->at,
                                 .event_id = s->event->event_id,
                                 .registration_id = person->id,
                                 .actor = s->actor ? s->actor : "person",
                                 .action = "sign_up",
                                 .to = row->status };
    int r = write_registration(s, person, row, db);
    if (r == 0)
        r = holding_write(db, &person->holding, false);
    for (size_t i = 0; r == 0 && i < said->consent_count; i++)
        r = sign_up_consent_insert(db, person->id, &said->consents[i], s->at);
    if (r == 0 && said->private_count > 0)
        r = private_write(db, person->id, s->event->definition, said->private_count, said->privates);
    if (r == 0 && person->mail.kind)
        r = mail_row_insert(db, &person->mail);
    return r < 0 ? r : audit_write(db, &audit);
}
