/* SPDX-License-Identifier: EUPL-1.2 */
/* The links that letters of one kind alone have: the meeting, the survey, one's data, no more of these. Sender's
 * thread. */
#pragma once

#include <stdbool.h>

#include <jansson.h>

struct letter;
struct making;

/* `joining`, `survey`, `data`: {button: {url, label}}; `said`: the organisers' own words of thanks; `stop`: where these
 * mails end. Each only in the letters that have it. */
void letter_way_put(struct making *making, json_t *model);

/* Where the person says that no more of these mails are wanted, in the letter's arena. NULL: they cannot be stopped.
 * *ret_failed is set where memory ran out. */
const char *letter_way_stop(const struct letter *letter, bool *ret_failed);
