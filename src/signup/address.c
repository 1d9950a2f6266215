/* SPDX-License-Identifier: EUPL-1.2 */
/* Email addresses that an SMTP server could take (RFC 5321 section 4.1.2). What passes here goes into the SMTP
 * envelope as it stands, and libcurl sends CR LF and angle brackets through unchecked: this is the gate.
 * Callers: signup (ask, rules), page (sign-up, find), mail (message, smtp). Pure. Any thread. */
#include "signup/address.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sodium.h>
#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/utf8.h>

#include "base/arena.h"
#include "base/text.h"

#define ADDRESS_MAX 254 /* RFC 5321 section 4.5.3.1.3: a path of 256 octets with its brackets */
#define LOCAL_MAX 64    /* section 4.5.3.1.1 */
#define DOMAIN_MAX 253  /* RFC 1035 section 2.3.4: 255 octets on the wire */
#define LABEL_MAX 63

static bool is_letter_or_digit(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Nothing outside ASCII that cannot be seen: no space of any kind, no filler. The two joiners are left to IDNA. */
static bool all_visible(const char *address)
{
    const uint8_t *bytes = (const uint8_t *)address;
    const int32_t size = (int32_t)strlen(address);

    for (int32_t i = 0; i < size;) {
        UChar32 c;
        U8_NEXT(bytes, i, size, c);
        if (c < 0 || u_isUWhiteSpace(c))
            return false;
        if (c >= 0x80 && c != 0x200c && c != 0x200d && u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT))
            return false;
    }
    return true;
}

/* dot-string of RFC 5321; bytes of UTF-8 as RFC 6531 adds them */
static bool is_dot_string(const char *local, size_t size)
{
    bool dot = true; /* as if one stood before */

    for (size_t i = 0; i < size; i++) {
        char c = local[i];
        if (c == '.') {
            if (dot)
                return false;
            dot = true;
        } else if (is_letter_or_digit(c) || (unsigned char)c >= 0x80 || strchr("!#$%&'*+-/=?^_`{|}~", c)) {
            dot = false;
        } else {
            return false;
        }
    }
    return !dot;
}

/* quoted-string of RFC 5321, without what would need an escape or make others split the address in the wrong place. */
static bool is_quoted(const char *local, size_t size)
{
    if (size < 3 || local[0] != '"' || local[size - 1] != '"')
        return false;
    for (size_t i = 1; i < size - 1; i++) {
        char c = local[i];
        if ((unsigned char)c < 0x80 && (c <= ' ' || c == 0x7f || strchr("\"\\<>@", c)))
            return false;
    }
    return true;
}

/* Letter-digit-hyphen labels, two at least, the last not all digits: no name server has such a top level (RFC 3696
 * section 2). */
static bool is_host_name(const char *domain, size_t size)
{
    size_t labels = 0, start = 0;
    bool digits = true;

    if (size == 0 || size > DOMAIN_MAX)
        return false;
    for (size_t i = 0; i <= size; i++) {
        if (i < size && domain[i] != '.') {
            if (!is_letter_or_digit(domain[i]) && domain[i] != '-')
                return false;
            continue;
        }
        size_t length = i - start;
        if (length == 0 || length > LABEL_MAX || domain[start] == '-' || domain[i - 1] == '-')
            return false;
        digits = true;
        for (size_t k = start; k < i; k++)
            digits = digits && domain[k] >= '0' && domain[k] <= '9';
        labels++;
        start = i + 1;
    }
    return labels >= 2 && !digits;
}

static bool has_a_label(const char *domain)
{
    for (const char *p = domain; p; p = strchr(p, '.')) {
        if (*p == '.')
            p++;
        if (strncasecmp(p, "xn--", 4) == 0)
            return true;
    }
    return false;
}

/* DOMAIN as A-labels (UTS #46, not transitional). -EINVAL: it has none. */
static int domain_to_ascii(const char *domain, char *ret_ascii, size_t room, size_t *ret_size)
{
    UErrorCode code = U_ZERO_ERROR;
    UIDNA *idna = uidna_openUTS46(UIDNA_USE_STD3_RULES | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ |
                                  UIDNA_NONTRANSITIONAL_TO_ASCII, &code);
    if (U_FAILURE(code))
        return -ENOMEM;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    int32_t size = uidna_nameToASCII_UTF8(idna, domain, -1, ret_ascii, (int32_t)room, &info, &code);
    uidna_close(idna);
    if (code == U_MEMORY_ALLOCATION_ERROR)
        return -ENOMEM;
    /* Names like r3---sn.example exist: two hyphens in places 3 and 4 are no fault by themselves. */
    if (U_FAILURE(code) || size < 0 || (size_t)size >= room || (info.errors & ~(uint32_t)UIDNA_ERROR_HYPHEN_3_4))
        return -EINVAL;
    *ret_size = (size_t)size;
    return 0;
}

int address_host_check(const char *host, size_t *ret_size)
{
    char ascii[DOMAIN_MAX + 2];
    size_t size = strlen(host);

    if (!text_is_ascii(host, size) || has_a_label(host)) {
        int r = domain_to_ascii(host, ascii, sizeof(ascii), &size);
        if (r < 0)
            return r;
        host = ascii;
    }
    if (!is_host_name(host, size))
        return -EINVAL;
    *ret_size = size;
    return 0;
}

int address_check(const char *address)
{
    const size_t size = strlen(address);
    const char *at = strrchr(address, '@');

    /* In UTF-8 an address may be longer than its A-labels are, but not by that much. */
    if (!at || size > (size_t)ADDRESS_MAX * 4 || text_has_control(address, size) || !all_visible(address))
        return -EINVAL;

    const size_t local_size = (size_t)(at - address);
    if (local_size == 0 || local_size > LOCAL_MAX ||
        !(is_dot_string(address, local_size) || is_quoted(address, local_size)))
        return -EINVAL;

    size_t domain_size;
    int r = address_host_check(at + 1, &domain_size);
    if (r < 0)
        return r;
    if (local_size + 1 + domain_size > ADDRESS_MAX)
        return -EINVAL;
    return text_is_ascii(address, local_size) ? 0 : -EAFNOSUPPORT;
}

int address_wire(const char *address, char ret_wire[static ADDRESS_WIRE_SIZE])
{
    char ascii[DOMAIN_MAX + 2];
    const char *at = strrchr(address, '@');
    size_t size;

    if (!at || (size_t)(at - address) > LOCAL_MAX || strlen(at + 1) > (size_t)ADDRESS_MAX * 4)
        return -EINVAL;
    const char *domain = at + 1;
    if (!text_is_ascii(domain, strlen(domain))) {
        int r = domain_to_ascii(domain, ascii, sizeof(ascii) - 1, &size);
        if (r < 0)
            return r;
        ascii[size] = '\0';
        domain = ascii;
    }
    if (strlen(domain) > DOMAIN_MAX)
        return -EINVAL;
    (void)snprintf(ret_wire, ADDRESS_WIRE_SIZE, "%.*s@%s", (int)(at - address), address, domain);
    return 0;
}

/* The bytes of LOCAL that tell mailboxes apart, moved to its front; how many there are. */
static size_t shorten_local(char *local, size_t size, bool dots_matter)
{
    size_t kept = 0;
    for (size_t i = 0; i < size; i++) {
        if (local[i] == '+' && kept > 0)
            break;
        if (local[i] == '"' || (local[i] == '.' && !dots_matter))
            continue;
        local[kept++] = local[i];
    }
    return kept;
}

/* DOMAIN in lower case as A-labels; straße.de and strasse.de are two (UTS #46, not transitional). */
static int shorten_domain(struct arena *arena, const char *domain, const char **ret_domain)
{
    char ascii[DOMAIN_MAX + 2];
    size_t size = strlen(domain);

    if (!text_is_ascii(domain, size) || has_a_label(domain)) {
        int r = domain_to_ascii(domain, ascii, sizeof(ascii) - 1, &size);
        if (r == -ENOMEM)
            return r;
        if (r == 0) {
            ascii[size] = '\0';
            domain = ascii;
        }
    }
    char *copy = arena_copy(arena, domain);
    if (!copy)
        return -ENOMEM;
    for (char *c = copy; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c - 'A' + 'a');
    *ret_domain = strcmp(copy, "googlemail.com") == 0 ? "gmail.com" : copy;
    return 0;
}

int address_domain(struct arena *arena, const char *address, const char **ret_domain)
{
    const char *at = strrchr(address, '@');
    return shorten_domain(arena, at ? at + 1 : "", ret_domain);
}

int address_mailbox(struct arena *arena, const char *address, const char **ret_mailbox)
{
    const char *at = strrchr(address, '@'), *domain;
    size_t size = at ? (size_t)(at - address) : strlen(address);
    char *local = arena_copy_n(arena, address, size), *folded;

    if (!local)
        return -ENOMEM;
    int r = text_casefold(arena, local, &folded);
    if (r == 0)
        r = address_domain(arena, address, &domain);
    if (r < 0)
        return r;
    size = shorten_local(folded, strlen(folded), strcmp(domain, "gmail.com") != 0);
    const char *mailbox = arena_format(arena, "%.*s@%s", (int)size, folded, domain);
    if (!mailbox)
        return -ENOMEM;
    *ret_mailbox = mailbox;
    return 0;
}

int address_key(struct arena *arena, const char *address, char ret_key[static ADDRESS_KEY_SIZE])
{
    unsigned char hash[(ADDRESS_KEY_SIZE - 1) / 2];
    const char *mailbox;
    int r = address_mailbox(arena, address, &mailbox);
    if (r < 0)
        return r;
    (void)crypto_generichash(hash, sizeof(hash), (const unsigned char *)mailbox, strlen(mailbox), NULL, 0);
    (void)sodium_bin2hex(ret_key, ADDRESS_KEY_SIZE, hash, sizeof(hash));
    return 0;
}
