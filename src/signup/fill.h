/* SPDX-License-Identifier: EUPL-1.2 */
/* Stored answers as the controls of a form would say them again: what rules_apply makes the same answers of. Used by
 * the page of a change and by convenectl. One thread a filling. */
#pragma once

#include <jansson.h>
#include <stddef.h>

#include "base/form.h"

struct arena;
struct event_field;

/* A form that grows in an arena. */
struct fill {
    struct arena *arena;
    const char *language; /* for numbers */
    struct form form;
    size_t room;
};

/* NAME and VALUE must live as long as the form; NULL is lack of memory. -ENOMEM. */
int fill_add(struct fill *fill, const char *name, const char *value) __attribute__((warn_unused_result));

/* ANSWER as answers_json wrote it; NULL or of another type than the field's: nothing. Everything is copied. -ENOMEM. */
int fill_answer(struct fill *fill, const struct event_field *field, const json_t *answer)
    __attribute__((warn_unused_result));

/* A special need and its consent. -ENOMEM. */
int fill_need(struct fill *fill, const struct event_field *field, const char *text) __attribute__((warn_unused_result));
