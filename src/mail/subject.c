/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what a mail is about. Callers: queue (on a reader), item. */
#include "mail/subject.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/arena.h"
#include "change/mail_kind.h"
#include "change/mail_lease.h"
#include "report/record.h"
#include "report/tally.h"
#include "signup/state.h"
#include "store/db.h"

/* What is new is counted from the instant that the mail's row names. */
static int read_tally(struct db *db, struct arena *arena, const struct leased_mail *mail, struct subject *ret_subject)
{
    json_t *data = json_loads(mail->data, 0, NULL); /* the store keeps nothing but JSON */
    if (!data)
        return -ENOMEM;
    int64_t since = (int64_t)json_integer_value(json_object_get(data, "since"));
    json_decref(data);
    struct tally *tally = arena_take(arena, sizeof(*tally));
    int r = tally ? tally_read(db, arena, mail->subject_id, since, tally) : -ENOMEM;
    if (r == 0)
        ret_subject->tally = tally;
    return r;
}

static const char *copy_member(struct arena *arena, const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return arena_copy(arena, text ? text : "");
}

static int choose_texts(struct arena *arena, const char *json, const char *language, struct subject_mailing *mailing)
{
    json_t *texts = json_loads(json, 0, NULL), *text = json_object_get(texts, language);
    if (!texts)
        return -ENOMEM;
    if (!text) {
        void *first = json_object_iter(texts);
        language = first ? json_object_iter_key(first) : "en";
        text = first ? json_object_iter_value(first) : NULL;
    }
    mailing->subject = copy_member(arena, text, "subject");
    mailing->text = copy_member(arena, text, "text");
    mailing->language = arena_copy(arena, language);
    json_decref(texts);
    return mailing->subject && mailing->text && mailing->language ? 0 : -ENOMEM;
}

static int read_states(const char *json, unsigned *ret_states)
{
    json_t *filter = json_loads(json, 0, NULL), *state;
    size_t i;

    if (!filter)
        return -ENOMEM;
    *ret_states = 0;
    json_array_foreach(json_object_get(filter, "status"), i, state)
        *ret_states |= 1U << state_by_name(json_string_value(state));
    json_decref(filter);
    return 0;
}

static int read_mailing(struct db *db, struct arena *arena, int64_t id, const char *language,
                        struct subject *ret_subject)
{
    struct subject_mailing *mailing = arena_take(arena, sizeof(*mailing));
    if (!mailing)
        return -ENOMEM;
    struct query *query = db_query(db, "mailing_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r < 0 ? r : -ENOENT;
    *mailing = (struct subject_mailing){ .news = db_int(query, 3) != 0,
                                         .recalled = db_int(query, 5) != 0,
                                         .overtaken = db_int(query, 6) != 0 };
    r = read_states(db_text(query, 1), &mailing->states);
    if (r == 0)
        r = choose_texts(arena, db_text(query, 2), language, mailing);
    db_reset(query);
    if (r == 0)
        ret_subject->mailing = mailing;
    return r;
}

int subject_read(struct db *db, struct arena *arena, struct revisions *revisions, const struct leased_mail *mail,
                 struct subject *ret_subject)
{
    *ret_subject = (struct subject){ 0 };
    const struct mail_kind *kind = mail_kind_find(mail->kind);
    if (strcmp(mail->subject_kind, "event") == 0)
        return read_tally(db, arena, mail, ret_subject);
    if (strcmp(mail->subject_kind, "mailing") == 0)
        return read_mailing(db, arena, mail->subject_id, mail->language, ret_subject);
    if (!mail_kind_is_of_registration(mail->subject_kind) || (kind && kind->outlives))
        return 0;
    int r = strcmp(mail->kind, "bulk") == 0
                ? read_mailing(db, arena, mail->instance, mail->language, ret_subject)
                : 0;
    if (r < 0)
        return r;
    struct record *record = arena_take(arena, sizeof(*record));
    if (!record)
        return -ENOMEM;
    r = record_read(db, arena, revisions, mail->subject_id, record);
    if (r == 0)
        ret_subject->record = record;
    return r;
}

void subject_done(struct subject *subject)
{
    if (subject->record)
        record_done(subject->record);
    subject->record = NULL;
}
