/* SPDX-License-Identifier: EUPL-1.2 */
/* What comes in links and in the form: tokens, seals, references. None is good but those that we made, and there is one
 * spelling of each token. */
#include "fuzz.h"

#include <sodium.h>

#include "base/token.h"
#include "signup/reference.h"

#define SEALED 24

static const struct keyring *keys(void)
{
    static const char text[] =
        "1 AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n7 ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";
    static struct keyring *keyring;
    char folder[64], path[96];
    if (keyring)
        return keyring;
    FUZZ_PROMISE(sodium_init() >= 0);
    (void)snprintf(path, sizeof path, "%s/key", fuzz_folder(folder));
    fuzz_write(path, text, sizeof text - 1);
    FUZZ_PROMISE(keyring_load(path, &keyring) == 0);
    (void)unlink(path);
    (void)rmdir(folder);
    return keyring;
}

static void read_token(const char *text)
{
    char made[TOKEN_SIZE];
    int64_t id = -1;
    int r = token_read(keys(), text, &id);
    FUZZ_PROMISE(r == 0 || (r == -EBADMSG && id == -1));
    if (r == 0)
        FUZZ_PROMISE(strlen(text) == TOKEN_SIZE - 1);
    for (enum token_purpose purpose = 0; purpose < TOKEN_PURPOSES; purpose++) {
        if (token_verify(keys(), purpose, text, 3) < 0)
            continue;
        FUZZ_PROMISE(r == 0);
        token_make(keys(), purpose, id, 3, made);
        /* The older key's tokens hold too; then the first characters differ. */
        FUZZ_PROMISE(strcmp(made, text) == 0 || text[0] != made[0] || text[1] != made[1]);
    }
}

static void read_seal(const char *text)
{
    unsigned char data[SEALED];
    char made[SEAL_SIZE(SEALED)];
    memset(data, 0xee, sizeof data);
    int r = seal_open(keys(), TOKEN_FORM, text, "workshop/en", data, sizeof data);
    FUZZ_PROMISE(r == 0 || r == -EBADMSG || r == -EACCES);
    if (r < 0) {
        for (size_t i = 0; i < sizeof data; i++)
            FUZZ_PROMISE(data[i] == 0xee);
        return;
    }
    seal_make(keys(), TOKEN_FORM, data, sizeof data, "workshop/en", made);
    FUZZ_PROMISE(strlen(text) == strlen(made));
}

static void read_reference(const char *text)
{
    char made[REFERENCE_SIZE];
    int64_t id = -1, again = -1;
    int r = reference_read(text, &id);
    FUZZ_PROMISE(r == 0 || ((r == -EINVAL || r == -EBADMSG) && id == -1));
    if (r < 0)
        return;
    FUZZ_PROMISE(id > 0 && reference_make(id, made) == 0);
    FUZZ_PROMISE(reference_read(made, &again) == 0 && again == id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    read_token(text);
    read_seal(text);
    read_reference(text);
    free(text);
    return 0;
}
