/* SPDX-License-Identifier: EUPL-1.2 */
/* What must hold of the store, as statements that find what does not: one sentence a row, with numbers and references,
 * never a person. Read by verify. */
#include "ctl/verify_checks.h"

#define LIVE "('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted')"
/* Has asked for a place and has none yet, unless one is held meanwhile. */
#define UNDECIDED "('waitlisted', 'pending_email', 'awaiting_approval')"
#define MODE_PLACE                                                                                                     \
    "FROM registration AS r "                                                                                          \
    "LEFT JOIN place AS p ON p.event_id = r.event_id AND p.kind = 'mode' AND p.key = r.mode "
#define PLACE "e.slug || ' ' || p.kind || ' ' || p.key || ': "
/* What the reserves of a mode keep of it for those they are for. */
#define RESERVED                                                                                                       \
    "(SELECT coalesce(sum(s.capacity - s.taken), 0) FROM place AS s WHERE s.parent_id = p.id AND s.kind = 'reserve' "  \
    "AND s.retired_at IS NULL AND s.released_at IS NULL)"
#define REGISTRATION "r.reference || ' (registration ' || r.id || '): "
#define NO_CLAIM "NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id AND c.place_id = p.id "
/* Live, of an event that is off: the mail that says so is what it is owed, and no other. */
#define IS_OFF                                                                                                         \
    "(r.status IN " LIVE " AND EXISTS (SELECT 1 FROM event AS o WHERE o.id = r.event_id AND o.state = 'off')) "

/* Somewhere beside the row an address is left, but for the last mail while it is on its way. */
#define ADDRESS_LEFT                                                                                                   \
    "OR EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "                \
    "AND m.recipient <> '' AND (m.kind <> 'erased' OR m.state NOT IN ('queued', 'leased', 'deferred'))) "              \
    "OR EXISTS (SELECT 1 FROM address_change AS a WHERE a.registration_id = r.id AND a.email IS NOT NULL)"
/* Servers repeat addresses in what they say. */
#define WORDS_LEFT                                                                                                     \
    " OR r.undeliverable_why IS NOT NULL "                                                                             \
    "OR EXISTS (SELECT 1 FROM calendar_reply AS a WHERE a.registration_id = r.id) "                                    \
    "OR EXISTS (SELECT 1 FROM mail AS m LEFT JOIN bounce AS b ON b.mail_id = m.id AND b.reply IS NOT NULL "            \
    "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id AND (b.id IS NOT NULL "                             \
    "OR (m.last_reply IS NOT NULL AND m.recipient = '')))"
#define PRIVATE_LEFT "OR EXISTS (SELECT 1 FROM private_answer AS x WHERE x.registration_id = r.id) "
#define NO_MAIL "NOT EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "

/* The mail that says how a registration stands. */
#define MAIL_KIND                                                                                                      \
    "CASE r.status WHEN 'pending_email' THEN 'confirm' WHEN 'offered' THEN 'offer' "                                   \
    "WHEN 'expired' THEN 'offer_lapsed' ELSE r.status END "
/* An address that nobody confirmed is told nothing when it ends: whoever typed it may not have been its owner. */
#define NEVER_CONFIRMED                                                                                                \
    "(r.status IN ('expired', 'cancelled') AND EXISTS (SELECT 1 FROM mail AS m WHERE m.subject_kind = 'registration' " \
    "AND m.subject_id = r.id AND m.kind = 'confirm') AND NOT EXISTS (SELECT 1 FROM mail AS m "                         \
    "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id "                                                   \
    "AND m.kind IN ('confirmed', 'waitlisted', 'awaiting_approval'))) "

/* A guest without an address; or one who is told nothing of what only who booked can do. */
#define NOT_ASKED                                                                                                      \
    "(r.party_id <> r.id AND (r.email IS NULL OR r.status IN ('pending_email', 'offered', 'declined', 'expired') " \
    "OR (r.status = 'cancelled' AND NOT EXISTS (SELECT 1 FROM mail AS m "                                \
    "WHERE m.subject_kind = 'registration' AND m.subject_id = r.id)))) "

static const struct verify_check checks[] = {
    { "foreign keys",
      "SELECT \"table\" || ' row ' || coalesce(rowid, '?') || ': no such ' || parent FROM pragma_foreign_key_check" },
    { "places taken",
      "SELECT " PLACE "taken is ' || p.taken || ', its claims are ' || count(c.place_id) "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id LEFT JOIN claim AS c ON c.place_id = p.id "
      "GROUP BY p.id HAVING p.taken <> count(c.place_id) ORDER BY p.id" },
    { "places waiting",
      "SELECT " PLACE "waiting is ' || p.waiting || ', on its list are ' || count(r.id) "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id LEFT JOIN ask AS a ON a.place_id = p.id AND a.lacks = 1 "
      "LEFT JOIN registration AS r ON r.id = a.registration_id AND r.status = 'waitlisted' "
      "GROUP BY p.id HAVING p.waiting <> count(r.id) ORDER BY p.id" },
    { "places reserved",
      "SELECT " PLACE "reserved is ' || p.reserved_open || ', its reserves keep ' || " RESERVED " "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id WHERE p.reserved_open <> " RESERVED " ORDER BY p.id" },
    { "places never oversold",
      "SELECT " PLACE "taken is ' || p.taken || ' of ' || p.capacity "
      "FROM place AS p JOIN event AS e ON e.id = p.event_id WHERE p.capacity IS NOT NULL AND p.retired_at IS NULL AND "
      "p.taken > p.capacity ORDER BY p.id" },
    { "claims of who takes part",
      "SELECT " REGISTRATION "confirmed without a claim on its mode' " MODE_PLACE
      "WHERE r.status = 'confirmed' AND " NO_CLAIM "AND c.state = 'taken') ORDER BY r.id" },
    /* Who is to confirm the address or waits for approval may have no place; if one is kept it is held, not taken. */
    { "claims held",
      "SELECT " REGISTRATION "' || CASE WHEN r.status = 'offered' AND " NO_CLAIM "AND c.state = 'held') "
      "THEN 'offered without a held claim on its mode' ELSE r.status || ' with a claim that is taken' END " MODE_PLACE
      "WHERE (r.status = 'offered' AND " NO_CLAIM "AND c.state = 'held')) OR "
      "(r.status IN ('pending_email', 'awaiting_approval', 'offered') AND EXISTS (SELECT 1 FROM claim AS c "
      "WHERE c.registration_id = r.id AND c.state = 'taken')) ORDER BY r.id" },
    { "claims taken",
      "SELECT " REGISTRATION "confirmed with a claim that is only held, on place ' || c.place_id FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id WHERE r.status = 'confirmed' AND c.state = 'held' "
      "ORDER BY r.id" },
    { "claims of nobody else",
      "SELECT " REGISTRATION "' || r.status || ' with a claim on place ' || c.place_id "
      "FROM claim AS c JOIN registration AS r ON r.id = c.registration_id "
      "WHERE r.status NOT IN ('pending_email', 'awaiting_approval', 'confirmed', 'offered') ORDER BY r.id" },
    /* Sessions, slots, reserves and limits are for people who take part. */
    { "claims with their mode",
      "SELECT " REGISTRATION "a claim on ' || p.kind || ' ' || p.key || ' without one on ' || CASE p.kind "
      "WHEN 'reserve' THEN 'its mode' ELSE 'a mode' END FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id JOIN place AS p ON p.id = c.place_id WHERE p.kind <> 'mode' "
      "AND NOT EXISTS (SELECT 1 FROM claim AS o JOIN place AS m ON m.id = o.place_id WHERE o.registration_id = r.id "
      "AND m.kind = 'mode' AND (p.kind <> 'reserve' OR m.id = p.parent_id)) ORDER BY r.id, p.id" },
    { "claims on one mode",
      "SELECT " REGISTRATION "claims on ' || count(*) || ' modes' FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id JOIN place AS p ON p.id = c.place_id WHERE p.kind = 'mode' "
      "GROUP BY r.id HAVING count(*) > 1 ORDER BY r.id" },
    { "claims within their event",
      "SELECT " REGISTRATION "has a claim on place ' || p.id || ' of another event' FROM claim AS c "
      "JOIN registration AS r ON r.id = c.registration_id JOIN place AS p ON p.id = c.place_id "
      "WHERE p.event_id <> r.event_id ORDER BY r.id" },
    { "asks of nobody else",
      "SELECT " REGISTRATION "' || r.status || CASE WHEN r.status IN " UNDECIDED " THEN ' with claims' ELSE '' END "
      "|| ', and asks for place ' || a.place_id FROM ask AS a JOIN registration AS r ON r.id = a.registration_id "
      "WHERE r.status NOT IN " UNDECIDED " OR EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id) "
      "ORDER BY r.id, a.place_id" },
    { "asks of who waits",
      "SELECT " REGISTRATION "' || r.status || ' without claims, and does not ask for its mode' " MODE_PLACE
      "WHERE r.status IN " UNDECIDED " AND NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id) "
      "AND NOT EXISTS (SELECT 1 FROM ask AS a WHERE a.registration_id = r.id AND a.place_id = p.id) ORDER BY r.id" },
    { "asks within their event",
      "SELECT " REGISTRATION "asks for place ' || p.id || ' of another event' FROM ask AS a "
      "JOIN registration AS r ON r.id = a.registration_id JOIN place AS p ON p.id = a.place_id "
      "WHERE p.event_id <> r.event_id ORDER BY r.id" },
    /* A guest stands as who booked does, until one of them has left. */
    { "parties",
      "SELECT " REGISTRATION "' || r.status || ', but ' || b.reference || ', who booked, is ' || b.status || CASE WHEN "
      "b.party_id <> b.id THEN ' and a guest' ELSE '' END FROM registration AS r JOIN registration AS b ON b.id = "
      "r.party_id WHERE r.party_id <> r.id AND (b.party_id <> b.id OR b.event_id <> r.event_id OR (r.status IN " LIVE
      " AND b.status NOT IN (r.status, 'erased'))) ORDER BY r.id" },
    { "places of parties",
      "SELECT " REGISTRATION "not with ' || b.reference || ', who booked, in ' || p.kind || ' ' || p.key FROM "
      "registration AS r JOIN registration AS b ON b.id = r.party_id JOIN claim AS c ON c.registration_id = b.id "
      "JOIN place AS p ON p.id = c.place_id AND p.kind = 'mode' WHERE r.party_id <> r.id AND r.status IN " LIVE " "
      "AND NOT EXISTS (SELECT 1 FROM claim AS o WHERE o.registration_id = r.id AND o.place_id = p.id) ORDER BY r.id" },
    { "keys of guests",
      "SELECT " REGISTRATION "a guest with a key of its own' FROM registration AS r WHERE r.party_id <> r.id "
      "AND r.dedupe IS NOT NULL ORDER BY r.id" },
    { "wishes",
      "SELECT " REGISTRATION "wish ' || w.rank || ' of round ' || w.round || ' is for ' || p.kind || ' ' || p.key || "
      "CASE WHEN p.event_id <> r.event_id THEN ' of another event' ELSE '' END FROM wish AS w "
      "JOIN registration AS r ON r.id = w.registration_id JOIN place AS p ON p.id = w.place_id "
      "WHERE p.event_id <> r.event_id OR p.kind <> 'session' OR p.round IS NOT w.round ORDER BY r.id, w.round, "
      "w.rank" },
    { "allocations",
      "SELECT e.slug || ' round ' || a.round || ': ' || CASE WHEN a.placed > a.people THEN 'more placed than people' "
      "ELSE 'allocated, but none of its sessions' END FROM allocation AS a JOIN event AS e ON e.id = a.event_id "
      "WHERE a.placed > a.people OR NOT EXISTS (SELECT 1 FROM place AS p WHERE p.event_id = a.event_id "
      "AND p.kind = 'session' AND p.round = a.round AND p.allocated_at IS NOT NULL) ORDER BY a.id" },
    { "places allocated",
      "SELECT " PLACE "allocated, but not its round' FROM place AS p JOIN event AS e ON e.id = p.event_id "
      "WHERE p.allocated_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM allocation AS a WHERE a.event_id = p.event_id "
      "AND a.round = p.round) ORDER BY p.id" },
    { "invitations",
      "SELECT " PLACE "' || CASE WHEN i.id IS NULL THEN 'no such invitation' ELSE 'capacity is ' || "
      "coalesce(p.capacity, 'without limit') || ', its uses are ' || i.uses END FROM place AS p "
      "JOIN event AS e ON e.id = p.event_id LEFT JOIN invitation AS i ON p.key = 'invite:' || i.id "
      "AND i.event_id = p.event_id WHERE p.kind = 'cap' AND p.key LIKE 'invite:%' AND p.capacity IS NOT i.uses "
      "ORDER BY p.id" },
    { "invitations used",
      "SELECT " REGISTRATION "invited by ' || coalesce(r.invitation_id, 'nobody') || ', but counted for ' || "
      "coalesce(group_concat(p.key), 'no invitation') FROM registration AS r "
      "LEFT JOIN claim AS c ON c.registration_id = r.id AND c.place_id IN (SELECT id FROM place WHERE kind = 'cap' "
      "AND key LIKE 'invite:%') LEFT JOIN place AS p ON p.id = c.place_id "
      "WHERE EXISTS (SELECT 1 FROM claim AS o WHERE o.registration_id = r.id) GROUP BY r.id "
      "HAVING 'invite:' || r.invitation_id IS NOT group_concat(p.key) ORDER BY r.id" },
    /* What is kept for somebody's answer must end by itself, and the timer must find nothing that it cannot end. */
    { "deadlines",
      "SELECT " REGISTRATION "' || r.status || CASE WHEN r.expires_at IS NULL THEN ' without a deadline' "
      "ELSE ' with a deadline' END FROM registration AS r WHERE (r.status IN ('pending_email', 'offered') "
      "AND r.expires_at IS NULL) OR (r.status NOT IN ('pending_email', 'offered', 'expired') "
      "AND (r.expires_at IS NOT NULL) <> (r.restricted_at IS NOT NULL AND r.status <> 'erased')) ORDER BY r.id" },
    { "offers",
      "SELECT " REGISTRATION "' || CASE WHEN o.id IS NULL THEN 'offered without an open offer' "
      "WHEN r.status <> 'offered' THEN r.status || ' with the open offer ' || o.id "
      "ELSE 'the offer ' || o.id || ' has another deadline' END FROM registration AS r "
      "LEFT JOIN offer AS o ON o.registration_id = r.id AND o.ended_at IS NULL "
      "WHERE (r.status = 'offered') <> (o.id IS NOT NULL) OR o.accept_by <> r.expires_at ORDER BY r.id" },
    { "offers ended",
      "SELECT " REGISTRATION "the offer ' || o.id || ' has ended without an outcome, or the other way round' "
      "FROM offer AS o JOIN registration AS r ON r.id = o.registration_id "
      "WHERE (o.ended_at IS NULL) <> (o.outcome IS NULL) ORDER BY o.id" },
    { "nothing of the erased",
      "SELECT " REGISTRATION "erased, but something of the person is there' FROM registration AS r "
      "WHERE r.status = 'erased' AND (r.name IS NOT NULL OR r.email IS NOT NULL OR r.dedupe IS NOT NULL "
      "OR r.answers <> '{}' OR r.search <> '' OR r.proposal IS NOT NULL OR r.invitation_id IS NOT NULL "
      "OR EXISTS (SELECT 1 FROM wish AS w WHERE w.registration_id = r.id) " PRIVATE_LEFT ADDRESS_LEFT WORDS_LEFT ") "
      "ORDER BY r.id" },
    { "only evidence of the restricted",
      "SELECT " REGISTRATION "restricted, but more than evidence is there' FROM registration AS r "
      "WHERE r.restricted_at IS NOT NULL AND (r.email IS NOT NULL OR r.dedupe IS NOT NULL OR r.search <> '' "
      "OR r.proposal IS NOT NULL OR EXISTS (SELECT 1 FROM wish AS w WHERE w.registration_id = r.id) "
      PRIVATE_LEFT ADDRESS_LEFT WORDS_LEFT ") ORDER BY r.id" },
    { "addresses once",
      "SELECT e.slug || ': ' || count(*) || ' live registrations hold one key, the first is ' || min(r.id) "
      "FROM registration AS r JOIN event AS e ON e.id = r.event_id WHERE r.dedupe IS NOT NULL AND r.status IN " LIVE " "
      "GROUP BY r.event_id, r.dedupe HAVING count(*) > 1 ORDER BY min(r.id)" },
    { "references",
      "SELECT " REGISTRATION "no submission with this reference' FROM registration AS r "
      "LEFT JOIN submission AS s ON s.registration_id = r.id AND s.reference = r.reference "
      "WHERE s.id IS NULL AND r.party_id = r.id ORDER BY r.id" },
    { "mails owed",
      "SELECT " REGISTRATION "' || r.status || ' without the mail that says so' FROM registration AS r "
      "WHERE r.status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'rejected', "
      "'declined', 'expired', 'cancelled') AND " NO_MAIL "AND m.kind = " MAIL_KIND
      "AND (r.status <> 'offered' OR m.instance = (SELECT max(o.id) FROM offer AS o WHERE o.registration_id = r.id)) "
      "AND (r.status NOT IN " LIVE " OR m.state <> 'superseded')) " /* cancelled is somebody's word, in the history */
      "AND NOT " NEVER_CONFIRMED "AND NOT " IS_OFF "AND NOT " NOT_ASKED "ORDER BY r.id" },
    { "events off told",
      "SELECT " REGISTRATION "not told that its event is off; event cancel goes on' FROM registration AS r "
      "WHERE " IS_OFF "AND r.email IS NOT NULL AND r.party_id = r.id AND " NO_MAIL "AND m.kind = 'event_off') "
      "ORDER BY r.id" },
    { "mails sent",
      "SELECT 'mail ' || id || ': ' || CASE state WHEN 'sent' THEN 'sent, but not when' "
      "ELSE state || ', but sent at some time' END FROM mail WHERE (state = 'sent') <> (sent_at IS NOT NULL) ORDER BY "
      "id" },
    { "mails counted",
      "SELECT c.n || ' mails are counted as ' || c.state || ', but ' || count(m.id) || ' are' FROM mail_count AS c "
      "LEFT JOIN mail AS m ON m.state = c.state GROUP BY c.state HAVING c.n <> count(m.id) ORDER BY c.state" },
    { "mails of somebody",
      "SELECT 'mail ' || m.id || ': no registration ' || m.subject_id FROM mail AS m "
      "LEFT JOIN registration AS r ON r.id = m.subject_id WHERE m.subject_kind = 'registration' AND r.id IS NULL ORDER "
      "BY m.id" },
    { "mails of mailings",
      "SELECT 'mail ' || m.id || ': ' || m.kind || CASE WHEN m.batch_id IS NULL THEN ' of no mailing' "
      "ELSE ' of mailing ' || m.batch_id || ', which is not its own' END FROM mail AS m LEFT JOIN mail_batch AS b "
      "ON b.id = m.batch_id WHERE (m.kind = 'bulk' AND m.batch_id IS NULL) OR (m.batch_id IS NOT NULL "
      "AND (b.id IS NULL OR b.event_id IS NOT m.event_id OR b.id <> m.instance)) ORDER BY m.id" },
    { "mailings",
      "SELECT 'mailing ' || b.id || ': ' || CASE WHEN b.sent_at IS NULL THEN 'not sent, but planned' "
      "WHEN p.id IS NULL THEN 'sent, but not planned' ELSE 'recalled, but ' || p.state END FROM mail_batch AS b "
      "LEFT JOIN mail_plan AS p ON p.event_id = b.event_id AND p.kind = 'bulk' AND p.instance = b.id "
      "WHERE (b.sent_at IS NULL) <> (p.id IS NULL) OR (b.recalled_at IS NOT NULL "
      "AND p.state IN ('planned', 'running')) ORDER BY b.id" },
    { "plans",
      "SELECT e.slug || ' ' || p.kind || ' ' || p.instance || ': ' || CASE p.kind WHEN 'bulk' THEN 'of no mailing' "
      "ELSE p.state || ', but the event is off' END FROM mail_plan AS p JOIN event AS e ON e.id = p.event_id WHERE "
      "CASE p.kind WHEN 'bulk' THEN NOT EXISTS (SELECT 1 FROM mail_batch AS b WHERE b.id = p.instance "
      "AND b.event_id = p.event_id) ELSE e.state = 'off' AND p.state IN ('planned', 'running') END ORDER BY p.id" },
    { "undeliverable",
      "SELECT " REGISTRATION "undeliverable without a reason, or the other way round' FROM registration AS r "
      "WHERE (r.undeliverable_at IS NULL) <> (r.undeliverable_why IS NULL) ORDER BY r.id" },
    { "consents",
      "SELECT " REGISTRATION "the consent ' || c.purpose || ' is neither given nor refused' FROM consent AS c "
      "JOIN registration AS r ON r.id = c.registration_id WHERE c.given_at IS NULL AND c.refused_at IS NULL ORDER BY "
      "r.id" },
    { "special needs",
      "SELECT " REGISTRATION "the special need ' || x.field || ' is kept without a consent' FROM private_answer AS x "
      "JOIN registration AS r ON r.id = x.registration_id WHERE NOT EXISTS (SELECT 1 FROM consent AS c "
      "WHERE c.registration_id = r.id AND c.purpose = x.field AND c.given_at IS NOT NULL AND c.withdrawn_at IS NULL) "
      "ORDER BY r.id, x.field" },
};

const struct verify_check *verify_checks(size_t *ret_count)
{
    *ret_count = sizeof(checks) / sizeof(checks[0]);
    return checks;
}
