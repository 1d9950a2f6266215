/* SPDX-License-Identifier: EUPL-1.2 */
/* The kinds of mail. Callers: mail_row and the changes; mail/kind. */
#include "change/mail_kind.h"

#include <string.h>

/* `instance` and `data` of each kind. There is one mail of a (subject, kind, instance), whatever crashes: a second one
 * is not written, and the first is the one that is owed.
 *
 *   kind             instance                       data
 *   confirm          0                              {}
 *   confirm_reminder 0                              {}
 *   confirmed        0                              {"was":STATE, "until":INSTANT, "organiser":BOOL}, as of every kind
 *                                                   that a move of a state brings; until 0: it does not end by itself;
 *                                                   organiser: one of them did it
 *   waitlisted       0                              as confirmed
 *   awaiting_approval 0                             as confirmed
 *   offer            id of the offer                as confirmed
 *   offer_lapsed     0                              as confirmed
 *   declined         0                              as confirmed
 *   rejected         0                              as confirmed
 *   cancelled        0                              as confirmed
 *   again            hour since 1970 in which it    {}
 *                    was asked for; -id of the
 *                    address_change that it follows
 *   changed          version of the registration    {"was":STATE, "places":{"dropped":[{"kind":KIND, "key":KEY}…],
 *                    after the change               "added":[…]}, "wishes":BOOL, "fields":[ID…], "answers":{ID:[OLD,
 *                                                   NEW]…}, "guests":[{"id":ID, "added":BOOL, "fields":…,
 *                                                   "answers":…}…], "reason":TEXT}; wishes: they are others now;
 *                                                   answers: emptied when nothing is to be sent any more; reason: an
 *                                                   organiser's
 *   allocated        id of the allocation           {"round":ID, "key":KEY}, KEY null: no place
 *   new_address      id of the address_change       {"change":ID, "version":VERSION, "until":INSTANT}; the token is
 *                                                   made when the letter is, none is ever stored
 *   address_changed  id of the address_change;      {}
 *                    -version of a guest's
 *                    registration after who booked
 *                    corrected its address
 *   event_off        0                              {"reason":TEXT}
 *   event_moved      id of the revision             {"from":REVISION, "zone":ZONE, "days":[[INSTANT, INSTANT]…],
 *                                                   "place":TEXT}: as it was before; zone null: nobody can tell; place
 *                                                   null: none, else in the mail's language
 *   reminder         day × 10000 + hours of lead;   {"day":INDEX, "starts":INSTANT, "ends":INSTANT}: of that day
 *                    day: the local date of the
 *                    event's day since 1970
 *   join             day × 10000: one a date, though as reminder
 *                    its lead is changed
 *   thanks           0                              {}
 *   data_ready       hour since 1970 in which it    {}
 *                    was asked for
 *   erased           0                              {"title":TEXT, "language":LANGUAGE of it, "zone":ZONE,
 *                                                   "until":INSTANT}: of the event; until: when what had to be kept
 *                                                   goes too, 0: all is gone. Emptied with the last result, the
 *                                                   recipient too
 *   bulk             id of the mail_batch           {"news":BOOL}; news may be stopped
 *   bulk_test        id of the mail itself          {}
 *   new_registration index in `notify.to`           {}
 *   digest           day since 1970 × 100 + index   {"since":INSTANT}: what is new since then is counted apart
 *                    in `notify.to`
 *   undeliverable    id of the mail that came back  {}
 *                    × 16 + index in `notify.to`
 *   alarm            hour since 1970 × 10 + sort    {"sort":SORT, "minutes":N, "failed":N, "of":N, "since":INSTANT,
 *                                                   "answer":TEXT}: the last of the server that was no success, "" or
 *                                                   not there: none is known
 *
 * What concerns a person's own mails by subject (their order, their address, their end, what came back of them) leaves
 * a `notice` alone, which is to an organiser, though it is about a registration too.
 *
 * A mail dies at mail.expires_at where waiting longer makes no sense: reminder at the start of its day, join at the
 * end of its day, thanks 30 days after it was due, digest when the next one is due. All others are checked against the
 * facts when they go. */
static const struct mail_kind kinds[] = {
    { "confirm", "registration", MAIL_AT_ONCE, false, false },
    { "confirm_reminder", "registration", MAIL_REMINDER, false, false },
    { "confirmed", "registration", MAIL_AT_ONCE, false, false },
    { "waitlisted", "registration", MAIL_AT_ONCE, false, false },
    { "awaiting_approval", "registration", MAIL_AT_ONCE, false, false },
    { "offer", "registration", MAIL_AT_ONCE, false, false },
    { "offer_lapsed", "registration", MAIL_AT_ONCE, false, false },
    { "declined", "registration", MAIL_AT_ONCE, false, false },
    { "rejected", "registration", MAIL_AT_ONCE, false, false },
    { "cancelled", "registration", MAIL_AT_ONCE, false, false },
    { "again", "registration", MAIL_AT_ONCE, false, false },
    { "changed", "registration", MAIL_AT_ONCE, false, false },
    { "allocated", "registration", MAIL_BULK, false, false },
    { "new_address", "registration", MAIL_AT_ONCE, false, false },
    { "address_changed", "registration", MAIL_AT_ONCE, false, false },
    { "event_off", "registration", MAIL_BULK, false, false },
    { "event_moved", "registration", MAIL_BULK, false, false },
    { "reminder", "registration", MAIL_REMINDER, true, false },
    { "join", "registration", MAIL_REMINDER, false, false },
    { "thanks", "registration", MAIL_BULK, true, false },
    { "data_ready", "registration", MAIL_AT_ONCE, false, false },
    { "erased", "registration", MAIL_AT_ONCE, false, true },
    { "bulk", "registration", MAIL_BULK, true, false },
    { "bulk_test", "mailing", MAIL_AT_ONCE, false, false },
    { "new_registration", "notice", MAIL_BULK, false, false },
    { "undeliverable", "notice", MAIL_BULK, false, false },
    { "digest", "event", MAIL_BULK, false, false },
    { "alarm", "daemon", MAIL_AT_ONCE, false, false },
};

bool mail_kind_is_of_registration(const char *subject_kind)
{
    return strcmp(subject_kind, "registration") == 0 || strcmp(subject_kind, "notice") == 0;
}

const struct mail_kind *mail_kind_find(const char *name)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return &kinds[i];
    return NULL;
}

const struct mail_kind *mail_kind_at(size_t n)
{
    return n < sizeof(kinds) / sizeof(kinds[0]) ? &kinds[n] : NULL;
}
