/* SPDX-License-Identifier: EUPL-1.2 */
/* Reads what is written in words: texts, addresses of mail and of pages, telephone numbers. Called by rules. Pure. */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include <unicode/uchar.h>

#include "base/arena.h"
#include "base/form.h"
#include "base/pattern.h"
#include "base/text.h"
#include "event/definition.h"
#include "signup/address.h"
#include "signup/answers.h"
#include "signup/mistype.h"
#include "signup/reading.h"

#define PHONE_DIGITS_MIN 5
#define PHONE_DIGITS_MAX 20
#define PORT_DIGITS_MAX 5

static bool length_fits(struct reading *reading, const struct event_field *field, const char *text)
{
    const int64_t length = (int64_t)text_length(text);
    int64_t most = field->max_length;

    if (field->has_max && field->max < (double)most)
        most = (int64_t)field->max;
    if (length > most) {
        reading_fault(reading, field->id, RULE_TOO_LONG, most);
        return false;
    }
    if (field->has_min && (double)length < field->min) {
        reading_fault(reading, field->id, RULE_TOO_SHORT, (int64_t)field->min);
        return false;
    }
    return true;
}

/* What was typed, cleaned, of a fitting length; NULL: left empty, or a fault. */
static int read_line(struct reading *reading, const struct event_field *field, bool required, const char **ret_text)
{
    const struct form_value *value;
    const char *text = NULL;

    if (reading_value(reading, field->id, required, &value) &&
        reading_clean(reading, field->id, value, field->type == FIELD_TEXTAREA, required, &text) < 0)
        return -ENOMEM;
    *ret_text = text && length_fits(reading, field, text) ? text : NULL;
    return 0;
}

/* TEXT is the answer, if it matches the field's pattern. */
static int take(struct reading *reading, const struct event_field *field, const char *text, struct answer *answer)
{
    bool matches = true;

    /* a pattern that is no pattern was refused with the definition */
    if (field->pattern && pattern_matches(field->pattern, text, &matches) == -ENOMEM)
        return -ENOMEM;
    if (matches)
        answer->text = text;
    else
        reading_fault(reading, field->id, RULE_PATTERN, 0);
    return 0;
}

int reading_text(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *text;
    int r = read_line(reading, field, field->required, &text);

    return r < 0 || !text ? r : take(reading, field, text, answer);
}

/* Notes what TEXT may have been meant to be. What was TYPED once more as it is, is meant so. */
static bool ask_back(struct reading *reading, const struct event_field *field, const char *typed, const char *text)
{
    const char *meant = reading->moment->named || form_has(reading->form, RULES_TYPED, typed)
                            ? NULL : mistype_meant(reading->arena, text);

    if (!meant)
        return false;
    reading_fault(reading, field->id, RULE_MISTYPED, 0);
    reading->result->faults[reading->result->fault_count - 1].meant = meant;
    return true;
}

int reading_email(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    /* Without an address there is nothing to confirm to, whatever the definition says. */
    const bool required = field->required || (field->role == ROLE_EMAIL && !reading->guest);
    const struct form_value *value;
    const char *text;

    if (!reading_value(reading, field->id, required, &value))
        return 0;
    if (text_has_control(value->value, value->size)) { /* never mended: it would go to somebody else */
        reading_fault(reading, field->id, RULE_BAD_ADDRESS, 0);
        return 0;
    }
    int r = reading_clean(reading, field->id, value, false, required, &text);
    if (r < 0 || !text)
        return r;
    if (!length_fits(reading, field, text))
        return 0;
    r = address_check(text);
    if (r == -ENOMEM)
        return r;
    if (r == 0 || (r == -EAFNOSUPPORT && reading->moment->utf8_addresses))
        return ask_back(reading, field, value->value, text) ? 0 : take(reading, field, text, answer);
    reading_fault(reading, field->id, r == -EAFNOSUPPORT ? RULE_BAD_LOCAL : RULE_BAD_ADDRESS, 0);
    return 0;
}

/* Digits of any script, and what people put between them; a plus sign only before them. */
static bool is_phone(const char *text)
{
    const size_t size = strlen(text);
    size_t digits = 0;

    for (size_t at = 0; at < size;) {
        const UChar32 c = text_point(text, size, &at);
        if (c >= 0 && u_charDigitValue(c) >= 0)
            digits++;
        else if (c <= 0 || c > 0x7f || !strchr("+()-./ ", c) || (c == '+' && digits > 0))
            return false;
    }
    return digits >= PHONE_DIGITS_MIN && digits <= PHONE_DIGITS_MAX;
}

int reading_tel(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *text;
    int r = read_line(reading, field, field->required, &text);

    if (r < 0 || !text)
        return r;
    if (is_phone(text))
        return take(reading, field, text, answer);
    reading_fault(reading, field->id, RULE_BAD_PHONE, 0);
    return 0;
}

/* What stands behind `http://` or `https://`; NULL: neither does. */
static const char *behind_scheme(const char *text)
{
    if (strncasecmp(text, "https://", 8) == 0)
        return text + 8;
    return strncasecmp(text, "http://", 7) == 0 ? text + 7 : NULL;
}

/* A host with two labels at least, in any script, perhaps a port, then what may follow it. A user's name before the
 * host is part of no host's name. -EINVAL: it is none; -ENOMEM. */
static int check_site(struct arena *arena, const char *site)
{
    const size_t authority = strcspn(site, "/?#"), host_size = strcspn(site, ":/?#");
    const size_t port = authority > host_size ? authority - host_size - 1 : 0;
    const char *host = arena_copy_n(arena, site, host_size);
    size_t size;

    if (!host)
        return -ENOMEM;
    if (authority > host_size && (port == 0 || port > PORT_DIGITS_MAX ||
                                  strspn(site + host_size + 1, "0123456789") != port))
        return -EINVAL;
    if (strpbrk(site, " <>\"\\^`{|}"))
        return -EINVAL;
    return address_host_check(host, &size);
}

int reading_url(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *text;
    int r = read_line(reading, field, field->required, &text);

    if (r < 0 || !text)
        return r;
    const char *site = behind_scheme(text);
    const char *whole = site ? text : arena_format(reading->arena, "https://%s", text);
    if (!whole)
        return -ENOMEM;
    r = check_site(reading->arena, behind_scheme(whole));
    if (r == 0)
        return take(reading, field, whole, answer);
    if (r == -EINVAL)
        reading_fault(reading, field->id, RULE_BAD_URL, 0);
    return r == -EINVAL ? 0 : r;
}

/* The consent is asked for what was written, and alone it keeps nothing. */
int reading_need(struct reading *reading, const struct event_field *field, struct answer *answer)
{
    const char *consent = reading_part(reading, field, "consent"), *text;
    const struct form_value *value;

    if (!consent)
        return -ENOMEM;
    if (reading_value(reading, field->id, field->required, &value)) {
        if (reading_clean(reading, field->id, value, true, field->required, &text) < 0)
            return -ENOMEM;
        answer->text = text && length_fits(reading, field, text) ? text : NULL;
    }
    answer->given = reading_ticked(reading, consent, false);
    if (answer->text && !answer->given && !reading_noted(reading, consent))
        reading_fault(reading, consent, RULE_NEED_CONSENT, 0);
    return 0;
}
