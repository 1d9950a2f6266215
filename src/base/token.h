/* SPDX-License-Identifier: EUPL-1.2 */
/* Links that only we can have made. A token is 40 characters [a-z2-7]: base32 of key number (1 byte), row id (8,
 * big endian) and MAC (16, keyed BLAKE2b) over key number, id and a version kept in the row, which is not in the
 * text. One sub-key per purpose, so that no link works as another. The database holds nothing that makes a link.
 * A keyring is made by main before the threads start and never changes; any thread reads it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum token_purpose {
    TOKEN_MANAGE,
    TOKEN_NEXT,
    TOKEN_STOP,
    TOKEN_BOUNCE,
    TOKEN_FORM,
    TOKEN_LOGIN,
    TOKEN_INVITE,
    TOKEN_ADDRESS,
    TOKEN_PREVIEW, /* a new one is last: the sub-keys go by position */
    TOKEN_PURPOSES
};

#define TOKEN_SIZE 41 /* with the final zero */

struct keyring;

/* Makes a key file with one key, mode 0600, synced, its folder too; a crash leaves none or a whole one. -EEXIST if
 * there is one. */
int keyring_create(const char *path) __attribute__((warn_unused_result));

/* Reads the key file: one line a key, `NUMBER BASE64`, number 0 to 255. -EBADMSG: not such a file or no key in it. */
int keyring_load(const char *path, struct keyring **ret_keyring) __attribute__((warn_unused_result));
/* One key that nobody else has and that is gone with the process: its links open nothing. -ENOMEM. */
int keyring_random(struct keyring **ret_keyring) __attribute__((warn_unused_result));
void keyring_free(struct keyring *keyring); /* wipes the keys */

/* The token for a row, by the newest key (the highest number). */
void token_make(const struct keyring *keyring, enum token_purpose purpose, int64_t id, int64_t version,
                char ret_token[static TOKEN_SIZE]);

/* The row that a token speaks of, before anything is proved. -EBADMSG: not 40 characters of the alphabet, or an
 * unknown key, or a second spelling. */
int token_read(const struct keyring *keyring, const char *token, int64_t *ret_id) __attribute__((warn_unused_result));

/* 0 if we made TOKEN for that purpose, id and version; else -EACCES. Constant time. */
int token_verify(const struct keyring *keyring, enum token_purpose purpose, const char *token, int64_t version)
    __attribute__((warn_unused_result));

/* A signed message that carries DATA in the open (the form's time). TEXT is bound into the MAC but not carried. */
#define SEAL_MAX 64
/* ret_seal: at least SEAL_SIZE(size) bytes */
#define SEAL_SIZE(size) (((1 + (size) + 16) * 8 + 4) / 5 + 1)
void seal_make(const struct keyring *keyring, enum token_purpose purpose, const void *data, size_t size,
               const char *text, char *ret_seal);
/* -EBADMSG: not of that form and size; -EACCES: not ours. */
int seal_open(const struct keyring *keyring, enum token_purpose purpose, const char *seal, const char *text,
              void *ret_data, size_t size) __attribute__((warn_unused_result));
