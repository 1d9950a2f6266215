/* SPDX-License-Identifier: EUPL-1.2 */
/* A form as it came: pairs of name and value in order of arrival. Made by http/decode, read by signup/rules and the
 * pages. Lives in a request's arena. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct form_value {
    const char *name, *value;
    size_t size;
    bool bad; /* not UTF-8, or a zero byte inside */
};
struct form {
    size_t count;
    struct form_value *values;
};

/* The first value of NAME; NULL if there is none or it is bad. */
const char *form_value(const struct form *form, const char *name);
/* True if some value of NAME equals VALUE. */
bool form_has(const struct form *form, const char *name, const char *value);
/* How often NAME came. */
size_t form_times(const struct form *form, const char *name);
