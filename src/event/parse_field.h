/* SPDX-License-Identifier: EUPL-1.2 */
/* What the files that read one field share. Private to event: called by parse_field. */
#pragma once

#include "event/parse.h"

/* What `min` and `max` of a type measure. */
enum range {
    NO_RANGE,
    RANGE_LENGTH,  /* characters */
    RANGE_CHOICES, /* how many options */
    RANGE_NUMBER,  /* the number itself */
    RANGE_DATE,    /* the date itself */
};
enum options { NO_OPTIONS, MAY_OPTIONS, MUST_OPTIONS };

struct field_kind {
    const char *name;
    int64_t length;    /* default of max_length */
    bool takes_length; /* max_length may be said */
    enum range range;
    enum options options;
    enum field_role role; /* its role, unsaid */
    bool takes_pattern, takes_default;
};

/* A fault at the member KEY of GROUP, if it is there. */
void parse_meaningless(struct parse *parse, const config_setting_t *group, const char *key,
                       const struct event_field *field);
/* In parse_field.c. */
const struct field_kind *parse_field_kind(enum field_type type);

/* max_length, min, max, decimals, low, high, pattern, pattern_message. LENGTH: the default of max_length. */
void parse_field_bounds(struct parse *parse, const config_setting_t *group, struct event_field *field, int64_t length);
/* options, first, parts, required_parts. */
void parse_field_options(struct parse *parse, const config_setting_t *group, struct event_field *field);
/* default; behind both of them, by which it is measured. In parse_field_default.c. */
void parse_field_default(struct parse *parse, const config_setting_t *group, struct event_field *field);
