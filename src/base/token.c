/* SPDX-License-Identifier: EUPL-1.2 */
/* Signed links and seals. Callers: main makes the keyring; page and mail make and verify. Any thread reads it. */
#include "base/token.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define KEY_SIZE crypto_kdf_KEYBYTES
#define MAC_SIZE 16
#define BODY_SIZE (1 + 8)
#define RAW_SIZE (BODY_SIZE + MAC_SIZE)
#define KEY_FILE_MAX 65536
#define KEY_CONTEXT "convened" /* 8 bytes: crypto_kdf_CONTEXTBYTES */

_Static_assert(RAW_SIZE * 8 == (TOKEN_SIZE - 1) * 5, "a token has one spelling: no spare bits");

struct key {
    bool present;
    unsigned char purposes[TOKEN_PURPOSES][crypto_generichash_KEYBYTES];
};

struct keyring {
    int newest;
    struct key keys[256];
};

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 section 6, in lower case */

static void base32_encode(const unsigned char *data, size_t size, char *ret_text)
{
    unsigned bits = 0, pending = 0;
    for (size_t i = 0; i < size; i++) {
        bits = bits << 8 | data[i];
        for (pending += 8; pending >= 5; pending -= 5)
            *ret_text++ = alphabet[bits >> (pending - 5) & 31];
        bits &= 31;
    }
    if (pending > 0)
        *ret_text++ = alphabet[bits << (5 - pending) & 31];
    *ret_text = '\0';
}

/* Exactly SIZE bytes in exactly one spelling, or -EBADMSG. */
static int base32_decode(const char *text, unsigned char *ret_data, size_t size)
{
    unsigned bits = 0, pending = 0;
    size_t n = 0;
    for (; *text; text++) {
        const char *at = strchr(alphabet, *text);
        if (!at)
            return -EBADMSG;
        bits = (bits << 5 | (unsigned)(at - alphabet)) & 0xfff;
        pending += 5;
        if (pending >= 8) {
            if (n == size)
                return -EBADMSG;
            ret_data[n++] = (unsigned char)(bits >> (pending - 8));
            pending -= 8;
        }
    }
    return n == size && pending < 5 && (bits & ((1u << pending) - 1)) == 0 ? 0 : -EBADMSG;
}

static void put_be64(unsigned char *bytes, uint64_t value)
{
    for (int i = 7; i >= 0; i--, value >>= 8)
        bytes[i] = (unsigned char)value;
}

static uint64_t get_be64(const unsigned char *bytes)
{
    uint64_t value = 0;
    for (int i = 0; i < 8; i++)
        value = value << 8 | bytes[i];
    return value;
}

static int sync_folder_of(const char *path)
{
    char *copy = strdup(path);
    if (!copy)
        return -ENOMEM;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        (void)close(fd);
    free(copy);
    return r;
}

/* The whole file under a name of its own, synced. */
static int write_key(const char *path)
{
    unsigned char key[KEY_SIZE];
    char encoded[sodium_base64_ENCODED_LEN(KEY_SIZE, sodium_base64_VARIANT_ORIGINAL)];
    char line[8 + sizeof(encoded)];

    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    crypto_kdf_keygen(key);
    (void)sodium_bin2base64(encoded, sizeof(encoded), key, sizeof(key), sodium_base64_VARIANT_ORIGINAL);
    int size = snprintf(line, sizeof(line), "1 %s\n", encoded);
    ssize_t written = write(fd, line, (size_t)size);
    int r = written == size ? 0 : written < 0 ? -errno : -ENOSPC;
    if (r == 0 && fsync(fd) < 0)
        r = -errno;
    if (close(fd) < 0 && r == 0)
        r = -errno;
    sodium_memzero(key, sizeof(key));
    sodium_memzero(encoded, sizeof(encoded));
    sodium_memzero(line, sizeof(line));
    return r;
}

int keyring_create(const char *path)
{
    char *new;
    if (asprintf(&new, "%s.new", path) < 0)
        return -ENOMEM;
    int r = write_key(new);
    if (r == 0 && link(new, path) < 0) /* unlike a rename it never replaces a key that is there */
        r = -errno;
    (void)unlink(new);
    if (r == 0)
        r = sync_folder_of(path);
    free(new);
    return r;
}

static void take_key(struct keyring *keyring, int number, const unsigned char master[static KEY_SIZE])
{
    struct key *key = &keyring->keys[number];
    key->present = true;
    for (unsigned purpose = 0; purpose < TOKEN_PURPOSES; purpose++)
        (void)crypto_kdf_derive_from_key(key->purposes[purpose], sizeof(key->purposes[purpose]), purpose + 1,
                                         KEY_CONTEXT, master);
    if (keyring->newest < number)
        keyring->newest = number;
}

static int take_line(struct keyring *keyring, char *line)
{
    unsigned char master[KEY_SIZE];
    size_t size;
    int64_t number;
    char *space = strchr(line, ' ');
    if (!space)
        return -EBADMSG;
    *space = '\0';
    if (text_to_int(line, 0, 255, &number) < 0 || keyring->keys[number].present ||
        sodium_base642bin(master, sizeof(master), space + 1, strlen(space + 1), NULL, &size, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0 ||
        size != sizeof(master))
        return -EBADMSG;
    take_key(keyring, (int)number, master);
    sodium_memzero(master, sizeof(master));
    return 0;
}

int keyring_load(const char *path, struct keyring **ret_keyring)
{
    char *text = NULL;
    size_t size = 0;
    int r = file_read(path, KEY_FILE_MAX, &text, &size);
    if (r < 0)
        return r == -EFBIG ? -EBADMSG : r;
    struct keyring *keyring = calloc(1, sizeof(*keyring));
    if (!keyring)
        r = -ENOMEM;
    else {
        keyring->newest = -1;
        for (char *rest = text, *line = strsep(&rest, "\n"); line && r == 0; line = strsep(&rest, "\n"))
            if (*line)
                r = take_line(keyring, line);
        if (r == 0 && keyring->newest < 0)
            r = -EBADMSG;
    }
    sodium_memzero(text, size);
    free(text);
    if (r < 0) {
        keyring_free(keyring);
        return r;
    }
    *ret_keyring = keyring;
    return 0;
}

int keyring_random(struct keyring **ret_keyring)
{
    unsigned char master[KEY_SIZE];
    struct keyring *keyring = calloc(1, sizeof(*keyring));
    if (!keyring)
        return -ENOMEM;
    keyring->newest = -1;
    crypto_kdf_keygen(master);
    take_key(keyring, 0, master);
    sodium_memzero(master, sizeof(master));
    *ret_keyring = keyring;
    return 0;
}

void keyring_free(struct keyring *keyring)
{
    if (!keyring)
        return;
    sodium_memzero(keyring, sizeof(*keyring));
    free(keyring);
}

static void mac(const struct keyring *keyring, enum token_purpose purpose, const unsigned char body[static BODY_SIZE],
                int64_t version, unsigned char ret_mac[static MAC_SIZE])
{
    unsigned char message[BODY_SIZE + 8];
    memcpy(message, body, BODY_SIZE);
    put_be64(message + BODY_SIZE, (uint64_t)version);
    (void)crypto_generichash(ret_mac, MAC_SIZE, message, sizeof(message), keyring->keys[body[0]].purposes[purpose],
                             crypto_generichash_KEYBYTES);
}

void token_make(const struct keyring *keyring, enum token_purpose purpose, int64_t id, int64_t version,
                char ret_token[static TOKEN_SIZE])
{
    unsigned char raw[RAW_SIZE];
    raw[0] = (unsigned char)keyring->newest;
    put_be64(raw + 1, (uint64_t)id);
    mac(keyring, purpose, raw, version, raw + BODY_SIZE);
    base32_encode(raw, sizeof(raw), ret_token);
}

int token_read(const struct keyring *keyring, const char *token, int64_t *ret_id)
{
    unsigned char raw[RAW_SIZE];
    int r = base32_decode(token, raw, sizeof(raw));
    if (r < 0)
        return r;
    if (!keyring->keys[raw[0]].present || raw[1] > 0x7f)
        return -EBADMSG;
    *ret_id = (int64_t)get_be64(raw + 1);
    return 0;
}

int token_verify(const struct keyring *keyring, enum token_purpose purpose, const char *token, int64_t version)
{
    unsigned char raw[RAW_SIZE], ours[MAC_SIZE];
    if (base32_decode(token, raw, sizeof(raw)) < 0 || !keyring->keys[raw[0]].present)
        return -EACCES;
    mac(keyring, purpose, raw, version, ours);
    return sodium_memcmp(ours, raw + BODY_SIZE, MAC_SIZE) == 0 ? 0 : -EACCES;
}

static void seal_mac(const struct keyring *keyring, enum token_purpose purpose, const unsigned char *body, size_t size,
                     const char *text, unsigned char ret_mac[static MAC_SIZE])
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, keyring->keys[body[0]].purposes[purpose], crypto_generichash_KEYBYTES,
                                  MAC_SIZE);
    (void)crypto_generichash_update(&state, body,
                                    size); /* of fixed size for each purpose, so TEXT cannot slide into it */
    (void)crypto_generichash_update(&state, (const unsigned char *)text, strlen(text));
    (void)crypto_generichash_final(&state, ret_mac, MAC_SIZE);
}

void seal_make(const struct keyring *keyring, enum token_purpose purpose, const void *data, size_t size,
               const char *text, char *ret_seal)
{
    unsigned char raw[1 + SEAL_MAX + MAC_SIZE];
    if (size > SEAL_MAX) { /* a fault of the program: nothing opens an empty seal */
        ret_seal[0] = '\0';
        return;
    }
    raw[0] = (unsigned char)keyring->newest;
    memcpy(raw + 1, data, size);
    seal_mac(keyring, purpose, raw, 1 + size, text, raw + 1 + size);
    base32_encode(raw, 1 + size + MAC_SIZE, ret_seal);
}

int seal_open(const struct keyring *keyring, enum token_purpose purpose, const char *seal, const char *text,
              void *ret_data, size_t size)
{
    unsigned char raw[1 + SEAL_MAX + MAC_SIZE], ours[MAC_SIZE];
    if (size > SEAL_MAX || base32_decode(seal, raw, 1 + size + MAC_SIZE) < 0 || !keyring->keys[raw[0]].present)
        return -EBADMSG;
    seal_mac(keyring, purpose, raw, 1 + size, text, ours);
    if (sodium_memcmp(ours, raw + 1 + size, MAC_SIZE) != 0)
        return -EACCES;
    memcpy(ret_data, raw + 1, size);
    return 0;
}
