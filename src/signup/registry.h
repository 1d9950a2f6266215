/* SPDX-License-Identifier: EUPL-1.2 */
/* Numbers of companies and other bodies in the public registers of Europe: their form, and their check digits where the
 * rule is public. Pure. Any thread. */
#pragma once

struct arena;

enum registry_verdict {
    REGISTRY_GOOD,    /* form and check digits are right, or the form where no rule is public */
    REGISTRY_FORM,    /* not of the form that this country's register uses */
    REGISTRY_DIGITS,  /* the form is right and the check digits are not: a digit is wrong */
    REGISTRY_UNKNOWN, /* nothing is known of this country: taken as typed */
};

/* Holds NUMBER, as typed, against the register (or the VAT number, if it begins with the country's VAT prefix) of
 * COUNTRY (ISO 3166 alpha-2; may be NULL). Case, blanks, dots, hyphens and words like "Reg. nr" do not matter.
 * *ret_number: as the register writes it, in ARENA, for GOOD and UNKNOWN; a VAT number that is the register's number
 * with a prefix comes back as the register's, so that a company counts once. -ENOMEM. */
int registry_check(struct arena *arena, const char *country, const char *number, enum registry_verdict *ret_verdict,
                   const char **ret_number) __attribute__((warn_unused_result));

/* A number of the right form, for a hint, as the register writes it; NULL: nothing is known of the country. */
const char *registry_example(const char *country);
