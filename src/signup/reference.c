/* SPDX-License-Identifier: EUPL-1.2 */
/* References, such as 4F7K-2Q9: a fixed public permutation of the submission's id, so that neighbours look unlike, and
 * a check character. Nothing is secret in it. Callers: change/sign_up, ctl. Pure. Any thread.
 *
 * The permutation is a Feistel network on 15 + 15 bits. The check is a sum over GF(32) in which every place has a
 * weight of its own: a changed character changes the sum, and so does a swap of any two places. Stored references hang
 * on the constants here: they never change. */
#include "signup/reference.h"

#include <errno.h>
#include <string.h>

#define SYMBOLS 6
#define HALF_BITS 15
#define HALF_MASK ((1u << HALF_BITS) - 1)
#define ROUNDS 4

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"; /* Crockford's base32: no I, L, O, U */
static const uint32_t round_keys[ROUNDS] = { 0x2b71, 0x5c0f, 0x13e9, 0x6a35 };

static uint32_t mix(uint32_t half, uint32_t key)
{
    uint32_t x = (half + key) * 0x9e3779b1u;

    x ^= x >> 15;
    x *= 0x85ebca6bu;
    return x >> 13 & HALF_MASK;
}

static uint32_t permute(uint32_t id)
{
    uint32_t left = id >> HALF_BITS, right = id & HALF_MASK;

    for (unsigned i = 0; i < ROUNDS; i++) {
        uint32_t next = left ^ mix(right, round_keys[i]);
        left = right;
        right = next;
    }
    return left << HALF_BITS | right;
}

static uint32_t permute_back(uint32_t code)
{
    uint32_t left = code >> HALF_BITS, right = code & HALF_MASK;

    for (unsigned i = ROUNDS; i-- > 0;) {
        uint32_t before = right ^ mix(left, round_keys[i]);
        right = left;
        left = before;
    }
    return left << HALF_BITS | right;
}

/* Times x in GF(32) modulo x^5 + x^2 + 1, where x is primitive. */
static unsigned times_x(unsigned a)
{
    a <<= 1;
    return a & 32 ? a ^ 37 : a;
}

/* Horner's scheme: the first symbol weighs x^6, the last x, the check itself 1: all different. */
static unsigned check_of(const unsigned symbols[static SYMBOLS])
{
    unsigned sum = 0;

    for (unsigned i = 0; i < SYMBOLS; i++)
        sum = times_x(sum ^ symbols[i]);
    return sum;
}

int reference_make(int64_t id, char ret_reference[static REFERENCE_SIZE])
{
    unsigned symbols[SYMBOLS];

    if (id < 1 || id >= (int64_t)1 << 2 * HALF_BITS)
        return -ERANGE;
    uint32_t code = permute((uint32_t)id);
    for (unsigned i = SYMBOLS; i-- > 0;) {
        symbols[i] = code & 31;
        code >>= 5;
    }
    for (unsigned i = 0; i < SYMBOLS; i++)
        ret_reference[i < 4 ? i : i + 1] = alphabet[symbols[i]];
    ret_reference[4] = '-';
    ret_reference[7] = alphabet[check_of(symbols)];
    ret_reference[8] = '\0';
    return 0;
}

static int symbol_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    const char *found = c ? strchr(alphabet, c) : NULL;
    return found ? (int)(found - alphabet) : -1;
}

int reference_read(const char *text, int64_t *ret_id)
{
    unsigned symbols[SYMBOLS + 1], count = 0;

    for (const char *p = text; *p; p++) {
        if (*p == '-')
            continue;
        int symbol = symbol_of(*p);
        if (symbol < 0 || count > SYMBOLS)
            return -EINVAL;
        symbols[count++] = (unsigned)symbol;
    }
    if (count != SYMBOLS + 1)
        return -EINVAL;
    if (check_of(symbols) != symbols[SYMBOLS])
        return -EBADMSG;

    uint32_t code = 0;
    for (unsigned i = 0; i < SYMBOLS; i++)
        code = code << 5 | symbols[i];
    int64_t id = permute_back(code);
    if (id == 0)
        return -EINVAL;
    *ret_id = id;
    return 0;
}
