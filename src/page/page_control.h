/* SPDX-License-Identifier: EUPL-1.2 */
/* What the form's controls are made of, whatever they ask for. A worker's thread. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct page;

/* {id, label, help, hint, when, required, error, described}, and the kinds of control, all false until one is put.
 * LABEL and HELP are {text, lang}, or false. ERROR: the sentence that says what is wrong; NULL. */
json_t *page_control(struct page *page, const char *id, json_t *label, json_t *help, bool required, const char *error);

/* A sentence of ours about what can be answered, behind the help. */
void page_control_put_hint(struct page *page, json_t *control, const char *words);
/* CONTROL is asked only of some, of whom in WORDS; RULE: the class by which a sheet hides it, NULL: none does. The last
 * thing that is put. */
void page_control_put_when(struct page *page, json_t *control, const char *words, const char *rule);

/* A row of a group: {value, label, help, checked, disabled, left, anchor}. */
json_t *page_control_row(struct page *page, const char *value, json_t *label, json_t *help, bool checked);

/* ROWS as the kind `rows` of CONTROL: radio buttons, or check boxes if MANY. The error summary jumps to the first that
 * can be chosen. */
void page_control_put_rows(struct page *page, json_t *control, json_t *rows, bool many);

/* The kind `select` of CONTROL, still without options; EMPTY is its first line. Its `options` are an array of entries,
 * its `groups` of {title: {text, lang}, entries}; `last` may be an entry below them. `meanings`, if `has_meanings`, are
 * {label, help} of what a line cannot explain. */
json_t *page_control_put_select(struct page *page, json_t *control, const char *empty);

/* {value, label, checked}: one line of a select. LABEL is {text, lang}. */
json_t *page_control_entry(struct page *page, const char *value, json_t *label, bool checked);

/* The kind `input` of CONTROL, a line of text: {type, value, plain, autocomplete, inputmode, width, most, min, max}. */
json_t *page_control_put_line(struct page *page, json_t *control, const char *value);
