/* SPDX-License-Identifier: EUPL-1.2 */
/* Birth and end of a mail on its way. Callers: queue, sender; the thread that has the item. */
#include "mail/item.h"

#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "view/edition.h"

int item_new(const struct leased_mail *mail, struct mail_queue *queue, struct edition *edition, struct item **ret_item)
{
    struct arena *arena = arena_new();
    struct item *item = arena ? arena_take(arena, sizeof(*item)) : NULL;
    if (!item) {
        arena_free(arena);
        return -ENOMEM;
    }
    item->arena = arena;
    item->queue = queue;
    item->mail = *mail;
    item->mail.subject_kind = arena_copy(arena, mail->subject_kind);
    item->mail.kind = arena_copy(arena, mail->kind);
    item->mail.recipient = arena_copy(arena, mail->recipient);
    item->mail.language = arena_copy(arena, mail->language);
    item->mail.data = arena_copy(arena, mail->data);
    item->mail.message_id = arena_copy(arena, mail->message_id);
    if (!item->mail.subject_kind || !item->mail.kind || !item->mail.recipient || !item->mail.message_id ||
        (mail->language && !item->mail.language) || (mail->data && !item->mail.data)) {
        arena_free(arena);
        return -ENOMEM;
    }
    item->edition = edition_ref(edition);
    *ret_item = item;
    return 0;
}

void item_free(struct item *item)
{
    if (!item)
        return;
    subject_done(&item->subject);
    edition_unref(item->edition);
    arena_free(item->arena);
}

struct item *item_of_read(struct post *post)
{
    return (struct item *)(void *)((char *)post - offsetof(struct item, read));
}

struct item *item_of_result(struct post *post)
{
    return (struct item *)(void *)((char *)post - offsetof(struct item, result));
}
