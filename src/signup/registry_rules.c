/* SPDX-License-Identifier: EUPL-1.2 */
/* The check digits of the registers and tax offices, one small rule each; where each is published is said in
 * tests/table/registry.txt. Callers: registry, through its table. Pure. Any thread. */
#include "signup/registry_rows.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static unsigned digit(char c)
{
    return (unsigned)(c - '0');
}

/* The digits times their weights. The weights belong to the last digits: leading zeros may be left out. */
static unsigned weigh(const char *digits, size_t size, const unsigned char *weights, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size && i < count; i++)
        sum += digit(digits[size - 1 - i]) * weights[count - 1 - i];
    return sum;
}

/* All digits weighed, the check digit among them. */
#define WEIGHED(found, ...) \
    weigh(found, strlen(found), (const unsigned char[]){ __VA_ARGS__ }, COUNT(((const unsigned char[]){ __VA_ARGS__ })))
/* All but the last. */
#define WEIGHED_BUT_LAST(found, ...)                                             \
    weigh(found, strlen(found) - 1, (const unsigned char[]){ __VA_ARGS__ },      \
          COUNT(((const unsigned char[]){ __VA_ARGS__ })))

static unsigned last(const char *found)
{
    return digit(found[strlen(found) - 1]);
}

static unsigned long long number(const char *digits, size_t size)
{
    unsigned long long value = 0;
    for (size_t i = 0; i < size; i++)
        value = value * 10 + digit(digits[i]);
    return value;
}

/* The sum of all digits, every second from the right doubled and its own digits added up. */
static unsigned luhn(const char *digits, size_t size)
{
    unsigned sum = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned value = digit(digits[size - 1 - i]) << (i % 2);
        sum += value / 10 + value % 10;
    }
    return sum;
}

bool registry_luhn(const char *found)
{
    return luhn(found, strlen(found)) % 10 == 0;
}

bool registry_iso_7064(const char *found)
{
    unsigned product = 10;
    for (; found[1]; found++) {
        unsigned sum = (digit(*found) + product) % 10;
        product = (sum ? sum : 10) * 2 % 11;
    }
    return (product + digit(*found)) % 10 == 1;
}

/* Weights 1, 2, 3 …; if that leaves 10, weights 3, 4, 5 …, and 10 is then 0. ROUND: behind 9 comes 1 again. */
static bool weighed_twice(const char *found, bool round)
{
    const size_t size = strlen(found) - 1;
    unsigned rest = 10;
    for (unsigned first = 1; first <= 3 && rest == 10; first += 2) {
        unsigned sum = 0;
        for (size_t i = 0; i < size; i++) {
            unsigned weight = first + (unsigned)i;
            sum += digit(found[i]) * (round ? (weight - 1) % 9 + 1 : weight);
        }
        rest = sum % 11;
    }
    return rest % 10 == digit(found[size]);
}

bool registry_at_firmenbuch(const char *found)
{
    const size_t size = strlen(found) - 1;
    static const unsigned char weights[] = { 6, 4, 14, 15, 10, 1 };
    return "ABDFGHIKMPSTVWXYZ"[weigh(found, size, weights, COUNT(weights)) % 17] == found[size];
}

bool registry_at_vat(const char *found)
{
    return (luhn(found, 7) + 4 + digit(found[7])) % 10 == 0;
}

bool registry_be(const char *found)
{
    const size_t size = strlen(found);
    return (number(found, size - 2) + number(found + size - 2, 2)) % 97 == 0;
}

bool registry_bg(const char *found)
{
    return weighed_twice(found, false);
}

bool registry_bg_branch(const char *found)
{
    char head[10] = "";
    memcpy(head, found, 9);
    const char *tail = found + 8;
    unsigned rest = WEIGHED_BUT_LAST(tail, 2, 7, 3, 5) % 11;
    if (rest == 10)
        rest = WEIGHED_BUT_LAST(tail, 4, 9, 5, 7) % 11;
    return registry_bg(head) && rest % 10 == last(found);
}

bool registry_ch(const char *found)
{
    return WEIGHED(found, 5, 4, 3, 2, 7, 6, 5, 4, 1) % 11 == 0;
}

bool registry_cy_vat(const char *found)
{
    static const unsigned char odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++)
        sum += i % 2 ? digit(found[i]) : odd[digit(found[i])];
    return (char)('A' + sum % 26) == found[8];
}

bool registry_cz(const char *found)
{
    const unsigned rest = WEIGHED_BUT_LAST(found, 8, 7, 6, 5, 4, 3, 2) % 11;
    return (rest == 0 ? 1 : (11 - rest) % 10) == last(found);
}

bool registry_dk(const char *found)
{
    return WEIGHED(found, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0;
}

bool registry_ee(const char *found)
{
    return weighed_twice(found, false);
}

bool registry_ee_vat(const char *found)
{
    return WEIGHED(found, 3, 7, 1, 3, 7, 1, 3, 7, 1) % 10 == 0;
}

bool registry_es_company(const char *found)
{
    /* As if the check digit were 0: what is missing to the next ten. */
    char digits[9] = "";
    memcpy(digits, found + 1, 7);
    digits[7] = '0';
    const unsigned check = (10 - luhn(digits, 8) % 10) % 10;
    return found[8] == (char)('0' + check) || found[8] == "JABCDEFGHI"[check];
}

bool registry_es_person(const char *found)
{
    static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";
    char digits[9] = "";
    memcpy(digits, found, 8);
    if (digits[0] >= 'X' && digits[0] <= 'Z') /* residents from abroad */
        digits[0] = (char)('0' + (digits[0] - 'X'));
    else if (digits[0] >= 'K' && digits[0] <= 'M') /* the letter is not counted */
        digits[0] = '0';
    return letters[number(digits, 8) % 23] == found[8];
}

bool registry_fi(const char *found)
{
    return WEIGHED(found, 7, 9, 10, 5, 8, 4, 2, 1) % 11 == 0;
}

bool registry_fr_siren(const char *found)
{
    return registry_luhn(found);
}

bool registry_fr_siret(const char *found)
{
    if (luhn(found, 9) % 10 != 0)
        return false;
    if (registry_luhn(found))
        return true;
    /* La Poste has more post offices than its SIREN leaves good numbers: the plain sum is a multiple of 5. */
    unsigned sum = 0;
    for (const char *c = found; *c; c++)
        sum += digit(*c);
    return strncmp(found, "356000000", 9) == 0 && sum % 5 == 0;
}

bool registry_fr_vat(const char *found)
{
    const char *siren = found + 2;
    if (strncmp(siren, "000", 3) != 0 && !registry_luhn(siren)) /* Monaco's begin with 000 and are no SIREN */
        return false;
    if (strspn(found, "0123456789") < 2)
        return true; /* of the newer keys, with letters, no rule is published */
    return (12 + 3 * (number(siren, 9) % 97)) % 97 == number(found, 2);
}

bool registry_gb_vat(const char *found)
{
    char head[10] = "";
    memcpy(head, found, 9);
    const unsigned rest = WEIGHED(head, 8, 7, 6, 5, 4, 3, 2, 10, 1) % 97;
    return rest == 0 || rest == 97 - 55;
}

bool registry_gr(const char *found)
{
    unsigned sum = 0;
    for (; found[1]; found++)
        sum = sum * 2 + digit(*found);
    return sum * 2 % 11 % 10 == digit(*found);
}

bool registry_hu(const char *found)
{
    char head[9] = "";
    memcpy(head, found, 8);
    return WEIGHED(head, 9, 7, 3, 1, 9, 7, 3, 1) % 10 == 0;
}

/* SEVEN digits, what the second letter adds, and the letter that checks them. */
static bool irish(const char *seven, char second, char check)
{
    static const unsigned char weights[] = { 8, 7, 6, 5, 4, 3, 2 };
    unsigned sum = weigh(seven, 7, weights, COUNT(weights));
    if (second && second != 'W')
        sum += 9 * (unsigned)(second - 'A' + 1);
    return "WABCDEFGHIJKLMNOPQRSTUV"[sum % 23] == check;
}

bool registry_ie_vat(const char *found)
{
    return irish(found, found[8], found[7]);
}

bool registry_ie_vat_old(const char *found)
{
    const char seven[] = { '0', found[2], found[3], found[4], found[5], found[6], found[0], '\0' };
    return irish(seven, '\0', found[7]);
}

bool registry_is(const char *found)
{
    return WEIGHED(found, 3, 2, 7, 6, 5, 4, 3, 2, 1, 0) % 11 == 0;
}

bool registry_lt(const char *found)
{
    return weighed_twice(found, true);
}

bool registry_lu_vat(const char *found)
{
    return number(found, 6) % 89 == number(found + 6, 2);
}

bool registry_lv(const char *found)
{
    return WEIGHED(found, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1) % 11 == 3;
}

bool registry_mt_vat(const char *found)
{
    return WEIGHED(found, 3, 4, 6, 7, 8, 9, 10, 1) % 37 == 0;
}

/* Those of companies hold their tax number, checked by 11; those given to persons since 2020 are checked as ISO 7064
 * MOD 97-10 over all characters, letters as 10 to 35. FOUND: nine digits and two. */
bool registry_nl_vat(const char *found)
{
    char head[10] = "";
    memcpy(head, found, 9);
    if (number(found + 9, 2) == 0)
        return false;
    if (WEIGHED(head, 9, 8, 7, 6, 5, 4, 3, 2, 10) % 11 == 0)
        return true;
    unsigned long long rest = 2321; /* NL */
    rest = (rest * 1000000000 + number(found, 9)) % 97;
    rest = (rest * 100 + 11) % 97; /* B */
    return (rest * 100 + number(found + 9, 2)) % 97 == 1;
}

bool registry_no(const char *found)
{
    return WEIGHED(found, 3, 2, 7, 6, 5, 4, 3, 2, 1) % 11 == 0;
}

bool registry_pl_nip(const char *found)
{
    return WEIGHED_BUT_LAST(found, 6, 5, 7, 2, 3, 4, 5, 6, 7) % 11 == last(found);
}

bool registry_pl_regon(const char *found)
{
    char head[10] = "";
    memcpy(head, found, 9);
    if (WEIGHED_BUT_LAST(head, 8, 9, 2, 3, 4, 5, 6, 7) % 11 % 10 != last(head))
        return false;
    return !found[9] || WEIGHED_BUT_LAST(found, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8) % 11 % 10 == last(found);
}

bool registry_pt(const char *found)
{
    const unsigned rest = WEIGHED_BUT_LAST(found, 9, 8, 7, 6, 5, 4, 3, 2) % 11;
    return (rest < 2 ? 0 : 11 - rest) == last(found);
}

bool registry_ro(const char *found)
{
    return WEIGHED_BUT_LAST(found, 7, 5, 3, 2, 1, 7, 5, 3, 2) * 10 % 11 % 10 == last(found);
}

/* What is missing to the next eleven; 10 is written as 0, and where nothing is missing no number is given out. */
static bool slovene(unsigned sum, unsigned check)
{
    const unsigned rest = sum % 11;
    return rest != 0 && (11 - rest) % 10 == check;
}

bool registry_si_number(const char *found)
{
    char head[8] = "";
    memcpy(head, found, 7);
    return slovene(WEIGHED_BUT_LAST(head, 7, 6, 5, 4, 3, 2), last(head));
}

bool registry_si_tax(const char *found)
{
    return slovene(WEIGHED_BUT_LAST(found, 8, 7, 6, 5, 4, 3, 2), last(found));
}

bool registry_sk_vat(const char *found)
{
    return number(found, strlen(found)) % 11 == 0;
}

bool registry_ua(const char *found)
{
    /* The weights were changed for the numbers from 30000000 to 59999999. */
    const bool later = found[0] >= '3' && found[0] <= '5';
    unsigned rest = later ? WEIGHED_BUT_LAST(found, 7, 1, 2, 3, 4, 5, 6) : WEIGHED_BUT_LAST(found, 1, 2, 3, 4, 5, 6, 7);
    rest %= 11;
    if (rest == 10) {
        rest = later ? WEIGHED_BUT_LAST(found, 9, 3, 4, 5, 6, 7, 8) : WEIGHED_BUT_LAST(found, 3, 4, 5, 6, 7, 8, 9);
        rest = rest % 11 % 10;
    }
    return rest == last(found);
}
