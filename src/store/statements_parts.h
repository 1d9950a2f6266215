/* SPDX-License-Identifier: EUPL-1.2 */
/* Pieces of SQL that several statements have in common. Private to statements.c. */
#pragma once

/* Nothing is planned for an event that is not public; what organisers write goes also when it is off. */
#define PLAN_RUNS "(e.state = 'live' OR (p.kind = 'bulk' AND e.state = 'off')) "
#define LIVE "('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted')"

#define REGISTRATION_FACT                                                                                              \
    "SELECT id, event_id, revision_id, created_at, status, link_version, version, ical_sequence, dedupe, language, "  \
    "email, reference, mode, (SELECT p.id FROM place AS p WHERE p.event_id = registration.event_id "                   \
    "AND p.kind = 'mode' AND p.key = registration.mode), expires_at, waiting_since, "                                  \
    "(SELECT o.id FROM offer AS o WHERE o.registration_id = registration.id AND o.ended_at IS NULL), "                 \
    "(SELECT e.starts_at FROM event AS e WHERE e.id = registration.event_id), invitation_id, proposal IS NOT NULL, "   \
    "party_id, restricted_at IS NOT NULL, stopped_at IS NOT NULL, undeliverable_at IS NOT NULL, "                      \
    "own_at IS NOT NULL FROM registration "

/* The address of registration r was typed by whoever it was, and its owner, or who booked for him, has never confirmed
 * the own one. Who has confirmed was told what came of it. */
#define NEVER_CONFIRMED                                                                                                \
    "(r.status IN ('pending_email', 'expired', 'cancelled') AND EXISTS (SELECT 1 FROM mail AS m WHERE "                \
    "m.subject_kind = 'registration' AND m.subject_id = r.party_id AND m.kind = 'confirm') AND NOT EXISTS (SELECT 1 "  \
    "FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.party_id "                              \
    "AND m.kind IN ('confirmed', 'waitlisted', 'awaiting_approval'))) "

/* Whether registration r is among those of mailing b. What is asked of an answer is asked of each answer: a choice of
 * several has it if one of them is it. */
#define MAILING_IS_FOR                                                                                                 \
    "NOT " NEVER_CONFIRMED                                                                                             \
    "AND EXISTS (SELECT 1 FROM json_each(b.filter, '$.status') AS s WHERE s.value = r.status) "                        \
    "AND (b.filter ->> '$.mode' IS NULL OR r.mode = b.filter ->> '$.mode') "                                           \
    "AND (b.filter ->> '$.language' IS NULL OR r.language = b.filter ->> '$.language') "                               \
    "AND (b.filter ->> '$.country' IS NULL OR r.country = b.filter ->> '$.country') "                                  \
    "AND (b.filter ->> '$.session' IS NULL OR EXISTS (SELECT 1 FROM claim AS c JOIN place AS p ON p.id = c.place_id "  \
    "WHERE c.registration_id = r.id AND p.kind = 'session' AND (p.key = b.filter ->> '$.session' "                     \
    "OR substr(p.key, 1, length(b.filter ->> '$.session') + 1) = (b.filter ->> '$.session') || '@'))) "                \
    "AND NOT EXISTS (SELECT 1 FROM json_each(b.filter, '$.answers') AS f WHERE NOT EXISTS (SELECT 1 FROM "             \
    "json_each(r.answers) AS a WHERE a.key = f.key AND CASE a.type WHEN 'array' THEN EXISTS (SELECT 1 FROM "           \
    "json_each(a.value) AS i WHERE i.value = f.value) WHEN 'true' THEN f.value = 'yes' WHEN 'false' THEN f.value = "   \
    "'no' ELSE CAST(a.value AS TEXT) = f.value END)) "

#define PLACE                                                                                                          \
    "SELECT id, event_id, capacity, taken, reserved_open, waiting, retired_at, approval, approval_holds, "             \
    "(SELECT e.state IN ('withdrawn', 'off') FROM event AS e WHERE e.id = place.event_id), kind, parent_id, "          \
    "released_at, allocated_at, (SELECT e.starts_at FROM event AS e WHERE e.id = place.event_id), key FROM place "

#define MAIL_FACT                                                                                                      \
    "SELECT m.id, m.subject_id, m.event_id, m.revision_id, m.due_at, m.expires_at, m.attempts, m.leased_by, "          \
    "m.priority, m.subject_kind, m.kind, m.recipient, m.language, m.data, m.message_id, m.state, m.instance, "         \
    "m.born_at, coalesce(m.retried_at, m.born_at), m.overtaken_at IS NOT NULL, "                                       \
    "EXISTS (SELECT 1 FROM registration AS r WHERE m.subject_kind = 'registration' "                                   \
    "AND r.id = m.subject_id AND r.undeliverable_at IS NOT NULL AND r.email = m.recipient COLLATE NOCASE) "            \
    "FROM mail AS m "

/* What is no longer owed; what is under way is marked, for its result. */
#define SUPERSEDE                                                                                                      \
    "UPDATE mail SET last_at = CASE state WHEN 'leased' THEN last_at ELSE :at END, overtaken_at = :at, "               \
    "state = CASE state WHEN 'leased' THEN state ELSE 'superseded' END WHERE subject_kind = 'registration' "           \
    "AND subject_id = :registration AND state IN ('queued', 'deferred', 'leased') "

/* The state of a mail that was leased and whose sender is no more. */
#define UNLEASED                                                                                                       \
    "CASE WHEN overtaken_at IS NOT NULL THEN 'superseded' WHEN attempts = 0 THEN 'queued' ELSE 'deferred' END"

/* When a mail that waits was last touched: what it is due after. */
#define LAST_SEEN "max(born_at, coalesce(retried_at, 0), coalesce(last_at, 0))"

#define MAIL_WAITS "m.state IN ('queued', 'deferred') AND m.parked_at IS NULL "

/* A mail waits while an earlier one about the same subject to the same address is on its way: a cancellation never
 * overtakes its confirmation. One that is planned for later (a reminder) holds nothing up, nor does one that is less
 * urgent, unless it is going out just now. */
#define FIRST_OF_SUBJECT                                                                                               \
    "NOT EXISTS (SELECT 1 FROM mail AS e WHERE e.subject_kind = m.subject_kind AND e.subject_id = m.subject_id "       \
    "AND e.recipient = m.recipient AND e.id < m.id AND (e.state = 'leased' OR (e.priority <= m.priority "              \
    "AND (e.state = 'deferred' OR (e.state = 'queued' AND e.due_at <= m.due_at))))) "

/* The person of an ask row found no place full when he joined the list. */
#define LACKS_NOTHING(ask)                                                                                             \
    "NOT EXISTS (SELECT 1 FROM ask AS o WHERE o.registration_id = " ask ".registration_id AND o.lacks = 1)"
