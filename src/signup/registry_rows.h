/* SPDX-License-Identifier: EUPL-1.2 */
/* What registry.c, its rules and its table share. Of no use to others. Constant; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* One form of number that a country uses. SHAPE says what a number may look like once blanks, dots and the like are
 * gone and letters are capitals:
 *     d    a digit                    l    a letter               c    a digit or a letter
 *     n    one to six digits          m    two to ten digits
 *     [..] one of these               capitals and digits stand for themselves
 * FORMAT writes it as the register does: `#` is what the next of these found, `_` the same in small letters, `~` leaves
 * it out, all else is copied. CHECK looks at what was found, joined (so without what stood for itself). */
struct registry_row {
    char country[3];
    const char *shape, *format;
    bool (*check)(const char *found); /* NULL: no rule is public, the form is enough */
};

/* By country; the forms of one country in the order in which they are tried. */
const struct registry_row *registry_rows(size_t *ret_count);

/* What people write in front of a number, with `?` for a letter outside of ASCII: "IČO 12345678" begins with I?O. */
struct registry_country {
    char code[3];
    const char *example; /* well-formed, as the register writes it */
    const char *labels;  /* separated by blanks; may be NULL */
};
const struct registry_country *registry_country(const char *code); /* NULL: nothing is known of it */

/* The rules, each over the digits and letters that its shape guarantees. */
bool registry_at_firmenbuch(const char *found);
bool registry_at_vat(const char *found);
bool registry_be(const char *found);
bool registry_bg(const char *found);
bool registry_bg_branch(const char *found);
bool registry_ch(const char *found);
bool registry_cy_vat(const char *found);
bool registry_cz(const char *found);
bool registry_dk(const char *found);
bool registry_ee(const char *found);
bool registry_ee_vat(const char *found);
bool registry_es_company(const char *found);
bool registry_es_person(const char *found);
bool registry_fi(const char *found);
bool registry_fr_siren(const char *found);
bool registry_fr_siret(const char *found);
bool registry_fr_vat(const char *found);
bool registry_gb_vat(const char *found);
bool registry_gr(const char *found);
bool registry_hu(const char *found);
bool registry_ie_vat(const char *found);
bool registry_ie_vat_old(const char *found);
bool registry_is(const char *found);
bool registry_iso_7064(const char *found); /* MOD 11,10: DE (VAT), HR */
bool registry_lt(const char *found);       /* the code of nine digits, the VAT number of nine or twelve */
bool registry_lu_vat(const char *found);
bool registry_luhn(const char *found); /* IT, SE */
bool registry_lv(const char *found);
bool registry_mt_vat(const char *found);
bool registry_nl_vat(const char *found);
bool registry_no(const char *found);
bool registry_pl_nip(const char *found);
bool registry_pl_regon(const char *found); /* of nine or fourteen digits */
bool registry_pt(const char *found);
bool registry_ro(const char *found);
bool registry_si_number(const char *found);
bool registry_si_tax(const char *found);
bool registry_sk_vat(const char *found);
bool registry_ua(const char *found);

/* Registers whose numbers are words: NUMBER as the register writes it into WRITTEN (SIZE bytes), or false. */
bool registry_german(const char *number, char *written, size_t size);
bool registry_romanian(const char *number, char *written, size_t size);
