/* SPDX-License-Identifier: EUPL-1.2 */
/* The day that a reminder or a join link is about: of the event, or of the time that the person has booked. Sender's
 * thread. */
#pragma once

struct letter;
struct letter_words;

/* Finds it in today's definition by the date that the mail's data names, and sets LETTER's `day`; there is none if the
 * event is no longer held on that date, or not for this person. */
void letter_day_find(struct letter *letter);

/* The words of a reminder: it is today, tomorrow, or later. */
const struct letter_words *letter_day_words(const struct letter *letter);
