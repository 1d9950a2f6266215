/* SPDX-License-Identifier: EUPL-1.2 */
/* Finds what a message that came back is about. Nothing of the message is believed: a mail is ours by a token that
 * only we can make, a registration by the name of its entry and by its address. Called by ctl/bounce, on the one
 * thread. */
#include "ctl/bounce.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "base/token.h"
#include "mail/returned.h"
#include "mail/verp.h"
#include "store/db.h"
#include "view/entry.h"

struct mail { const char *message_id, *recipient; };

/* 1: there is one. */
static int read_mail(struct ctl *ctl, struct arena *arena, int64_t id, struct mail *ret_mail)
{
    struct query *query = db_query(ctl->db, "mail_by_id");
    db_bind_int(query, ":id", id);
    int r = db_step(query);
    if (r <= 0)
        return r;
    *ret_mail = (struct mail){ .recipient = arena_copy(arena, db_text(query, 11)),
                               .message_id = arena_copy(arena, db_text(query, 14)) };
    db_reset(query);
    return ret_mail->recipient && ret_mail->message_id ? 1 : -ENOMEM;
}

struct search {
    struct ctl *ctl;
    struct arena *arena;
    const struct keyring *keyring;
    int64_t id;
    const char *recipient;
    bool tried; /* something of the shape of a token was there */
};

/* TEXT: an address, or a list of them. 1: found. */
static int try_tokens(struct search *search, const char *text)
{
    char token[TOKEN_SIZE];
    struct mail mail;
    int64_t id;

    while (verp_next(&text, token)) {
        if (token_read(search->keyring, token, &id) < 0)
            continue;
        search->tried = true;
        int r = read_mail(search->ctl, search->arena, id, &mail);
        if (r < 0)
            return r;
        if (r == 0 || !verp_is_ours(search->keyring, token, mail.message_id))
            continue;
        search->id = id;
        search->recipient = mail.recipient;
        return 1;
    }
    return 0;
}

/* What the mail server says the message was sent to: Postfix's local(8) and pipe(8), Exim's pipe transport. */
static int try_envelope(struct search *search, const char *recipient)
{
    static const char *const names[] = { "ORIGINAL_RECIPIENT", "RECIPIENT", "EXTENSION", "LOCAL_PART_SUFFIX",
                                         "LOCAL_PART" };
    if (recipient)
        return try_tokens(search, recipient);
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = getenv(names[i]);
        if (value)
            r = try_tokens(search, value);
    }
    return r;
}

static int try_message_id(struct search *search, const char *message_id)
{
    char digits[24];
    size_t size = message_id ? strspn(message_id, "0123456789") : 0;
    struct mail mail;
    int64_t id;

    if (size == 0 || size >= sizeof(digits) || message_id[size] != '.')
        return 0;
    memcpy(digits, message_id, size);
    digits[size] = '\0';
    if (text_to_int(digits, 1, INT64_MAX, &id) < 0)
        return 0;
    int r = read_mail(search->ctl, search->arena, id, &mail);
    if (r <= 0 || strcmp(mail.message_id, message_id) != 0)
        return r < 0 ? r : 0;
    search->id = id;
    search->recipient = mail.recipient;
    return 1;
}

int bounce_find_mail(struct ctl *ctl, struct arena *arena, const struct keyring *keyring, const struct returned *report,
                     const char *recipient, int64_t *ret_id, const char **ret_recipient)
{
    struct search search = { .ctl = ctl, .arena = arena, .keyring = keyring };
    int r = try_envelope(&search, recipient);

    for (size_t i = 0; r == 0 && !search.tried && i < report->address_count; i++)
        r = try_tokens(&search, report->addresses[i]);
    if (r == 0 && !search.tried)
        r = try_message_id(&search, report->message_id);
    if (r < 0)
        return r;
    *ret_id = search.id;
    *ret_recipient = search.recipient;
    return 0;
}

int bounce_find_invited(struct ctl *ctl, struct arena *arena, const struct returned *answer, int64_t *ret_id)
{
    const char *reference, *slug;
    struct query *query;
    int64_t id = 0;
    int r = entry_read_uid(arena, ctl->settings, answer->uid, &reference, &slug);

    if (r == -EINVAL) {
        *ret_id = 0;
        return 0;
    }
    if (r == 0)
        r = db_prepare(ctl->db,
                       "SELECT r.id, r.email FROM event AS e JOIN registration AS r ON r.event_id = e.id "
                       "AND r.reference = :reference WHERE e.slug = :slug AND r.email IS NOT NULL",
                       &query);
    if (r < 0)
        return r;
    db_bind_text(query, ":reference", reference);
    db_bind_text(query, ":slug", slug);
    while ((r = db_step(query)) > 0) /* a calendar that others share may answer in their name */
        if (strcasecmp(db_text(query, 1), answer->attendee) == 0)
            id = db_int(query, 0);
    db_finish(query);
    if (r == 0)
        *ret_id = id;
    return r;
}
