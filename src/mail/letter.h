/* SPDX-License-Identifier: EUPL-1.2 */
/* A mail row and the facts as they are now, made into a message in the reader's language: still owed? model,
 * templates, calendar. Called by mail/sender on its threads, and by convenectl mail preview. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct arena;
struct edition;
struct keyring;
struct leased_mail;
struct record;
struct settings_host;
struct subject;
struct words;

/* What the sender thread has of its own. */
struct letter_desk { struct words *words; const struct keyring *keyring; };

/* In whose name a letter speaks: today's host of its event. RECORD: where the mail is about a registration, else NULL.
 * Never NULL. */
const struct settings_host *letter_host(const struct edition *edition, const struct leased_mail *mail,
                                        const struct record *record);

/* 0 and the message's bytes (allocated, the caller frees); -ESTALE: no longer owed; other: it cannot be made.
 * BODY_HASH: 33 bytes hex of what was said. */
int letter_write(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                 const struct subject *subject, int64_t now, struct arena *arena, char **ret_data, size_t *ret_size,
                 char ret_body_hash[static 65]) __attribute__((warn_unused_result));

/* What a letter says, in an arena, and the whole message (allocated, the caller frees). */
struct letter_texts { const char *subject, *text, *html; char *message; size_t message_size; };

/* The same letter, owed or not, for who wants to see how it looks. -EINVAL: there is no such kind. */
int letter_preview(const struct letter_desk *desk, const struct edition *edition, const struct leased_mail *mail,
                   const struct subject *subject, int64_t now, struct arena *arena, struct letter_texts *ret_texts)
    __attribute__((warn_unused_result));
