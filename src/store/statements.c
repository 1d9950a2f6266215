/* SPDX-License-Identifier: EUPL-1.2 */
/* The named statements of SQLite, prepared when a connection opens, so that a wrong text stops the start. Sorted by
 * name. Parameters are bound by name; times are always parameters, SQL never asks for them. */
#include "store/statements.h"

#include "store/statements_parts.h"

static const struct statement table[] = {
    { "address_by_id",
      "SELECT registration_id, email, link_version, expires_at, ended_at IS NOT NULL FROM address_change "
      "WHERE id = :id" },
    { "address_insert",
      "INSERT INTO address_change (id, registration_id, email, link_version, asked_at, expires_at) "
      "VALUES (:id, :registration, :email, :link_version, :at, :expires)" },
    { "address_open",
      "SELECT id, email, link_version, expires_at FROM address_change WHERE registration_id = :registration "
      "AND ended_at IS NULL" },
    { "addresses_due", "SELECT EXISTS (SELECT 1 FROM address_change WHERE ended_at IS NULL AND expires_at <= :now)" },
    { "addresses_end",
      "UPDATE address_change SET email = NULL, ended_at = coalesce(ended_at, :at) "
      "WHERE registration_id = :registration" },
    { "addresses_expire",
      "UPDATE address_change SET email = NULL, ended_at = :at WHERE ended_at IS NULL AND expires_at <= :at" },
    { "allocation_claims",
      "SELECT c.registration_id, c.place_id, p.round IS :round FROM claim AS c JOIN place AS p ON p.id = c.place_id "
      "WHERE p.event_id = :event AND p.kind = 'session' ORDER BY c.registration_id, c.place_id" },
    { "allocation_insert",
      "INSERT INTO allocation (id, event_id, round, seed, people, placed, rank_sum, at, actor) "
      "VALUES (:id, :event, :round, :seed, :people, :placed, :rank_sum, :at, :actor)" },
    { "allocation_of",
      "SELECT coalesce(max(id), 0) + 1, coalesce(max(event_id = :event AND round = :round), 0) FROM allocation" },
    { "allocation_place", "UPDATE place SET allocated_at = :at WHERE id = :id" },
    { "allocation_registration",
      "UPDATE registration SET version = version + 1, updated_at = :at WHERE id = :id" },
    { "allocation_sessions",
      "SELECT id, key, title FROM place WHERE event_id = :event AND kind = 'session' AND round = :round "
      "AND retired_at IS NULL ORDER BY id" },
    { "allocation_wishes",
      "SELECT r.id, r.revision_id, r.email, r.language, w.rank, w.place_id, r.mode FROM registration AS r "
      "JOIN wish AS w ON w.registration_id = r.id WHERE r.event_id = :event AND r.status = 'confirmed' "
      "AND w.round = :round ORDER BY r.id, w.rank" },
    { "ask_insert",
      "INSERT INTO ask (place_id, since, registration_id, lacks) VALUES (:place, :since, :registration, :lacks)" },
    { "asks_delete", "DELETE FROM ask WHERE registration_id = :registration" },
    { "asks_of", "SELECT place_id, lacks FROM ask WHERE registration_id = :registration ORDER BY place_id" },
    { "audit_insert",
      "INSERT INTO audit (at, actor, action, event_id, registration_id, from_status, to_status, data) "
      "VALUES (:at, :actor, :action, :event, :registration, :from, :to, :data)" },
    { "bounce_insert", /* whoever has a mail may send any number of reports about it */
      "INSERT INTO bounce (mail_id, at, sort, status, reply) SELECT :mail, :at, :sort, :status, :reply "
      "WHERE (SELECT count(*) FROM bounce WHERE mail_id = :mail) < 20 "
      "ON CONFLICT (mail_id, sort, status) DO NOTHING" },
    { "bounces_clear",
      "UPDATE bounce SET cleared_at = :at WHERE cleared_at IS NULL AND mail_id IN (SELECT id FROM mail "
      "WHERE subject_kind = 'registration' AND subject_id = :registration)" },
    { "bounces_empty",
      "UPDATE bounce SET reply = NULL WHERE mail_id IN (SELECT id FROM mail WHERE subject_kind = 'registration' "
      "AND subject_id = :registration)" },
    { "bounces_transient",
      /* of mails of one subject to one address */
      "SELECT count(DISTINCT m.id) FROM mail AS m JOIN bounce AS b ON b.mail_id = m.id AND b.sort = 'transient' "
      "AND b.cleared_at IS NULL WHERE m.subject_kind = :subject_kind AND m.subject_id = :subject "
      "AND m.recipient = :recipient COLLATE NOCASE AND m.id <> :mail" },
    { "calendar_replies_delete",
      "DELETE FROM calendar_reply WHERE registration_id = :registration" },
    { "calendar_reply_insert",
      /* what is said again is no news, and nobody fills the store with changes of mind */
      "INSERT INTO calendar_reply (registration_id, at, answer) SELECT :registration, :at, :answer "
      "WHERE :answer IS NOT (SELECT answer FROM calendar_reply WHERE registration_id = :registration "
      "ORDER BY id DESC LIMIT 1) "
      "AND (SELECT count(*) FROM calendar_reply WHERE registration_id = :registration) < 50" },
    { "cap_forget",
      "DELETE FROM place WHERE id = :id AND kind = 'cap' AND NOT EXISTS (SELECT 1 FROM claim WHERE place_id = :id) "
      "AND NOT EXISTS (SELECT 1 FROM ask WHERE place_id = :id)" },
    { "claim_delete", "DELETE FROM claim WHERE registration_id = :registration AND place_id = :place" },
    { "claim_insert", "INSERT INTO claim (registration_id, place_id, state) VALUES (:registration, :place, :state)" },
    { "claims_count", "SELECT count(*) FROM claim WHERE place_id = :place" },
    { "claims_delete", "DELETE FROM claim WHERE registration_id = :registration" },
    { "claims_hold", "UPDATE claim SET state = :state WHERE registration_id = :registration" },
    { "claims_of", "SELECT place_id, state FROM claim WHERE registration_id = :registration ORDER BY place_id" },
    { "consent_by_purpose",
      "SELECT n, given_at IS NOT NULL AND withdrawn_at IS NULL FROM consent WHERE registration_id = :registration "
      "AND purpose = :purpose ORDER BY n DESC LIMIT 1" },
    { "consent_insert",
      "INSERT INTO consent (registration_id, purpose, n, text_hash, language, given_at, refused_at, how) "
      "VALUES (:registration, :purpose, :n, :hash, :language, :given, :refused, :how)" },
    { "consent_renew",
      "INSERT INTO consent (registration_id, purpose, n, text_hash, language, given_at, how) SELECT :registration, "
      ":purpose, (SELECT coalesce(max(n), 0) + 1 FROM consent WHERE registration_id = :registration "
      "AND purpose = :purpose), :hash, :language, :at, 'form' WHERE NOT EXISTS (SELECT 1 FROM consent "
      "WHERE registration_id = :registration AND purpose = :purpose AND text_hash = :hash AND given_at IS NOT NULL "
      "AND withdrawn_at IS NULL)" },
    { "consent_withdraw",
      "UPDATE consent SET withdrawn_at = :at WHERE registration_id = :registration AND purpose = :purpose AND "
      "given_at IS NOT NULL AND withdrawn_at IS NULL" },
    { "consents_of",
      "SELECT c.purpose, t.body, c.language, coalesce(c.given_at, 0), coalesce(c.withdrawn_at, 0) FROM consent AS "
      "c JOIN text AS t ON t.hash = c.text_hash WHERE c.registration_id = :registration ORDER BY c.purpose, c.n" },
    { "event_all",
      "SELECT e.id, e.slug, e.state, e.revision_id, e.ical_sequence, r.hash, r.file, r.number "
      "FROM event AS e JOIN event_revision AS r ON r.id = e.revision_id ORDER BY e.id" },
    { "event_field_answers",
      "SELECT count(*) FROM registration WHERE event_id = :event AND json_extract(answers, :path) IS NOT NULL" },
    { "event_field_put",
      "INSERT INTO event_field (event_id, field, type, role, label, ordinal, secret) "
      "VALUES (:event, :field, :type, :role, :label, :ordinal, :secret) "
      "ON CONFLICT (event_id, field) DO UPDATE SET type = excluded.type, role = excluded.role, "
      "label = excluded.label, ordinal = excluded.ordinal, secret = max(secret, excluded.secret)" },
    { "event_fields",
      "SELECT field, type, role, ordinal, secret FROM event_field WHERE event_id = :event ORDER BY ordinal, field" },
    { "event_fields_behind",
      "UPDATE event_field SET ordinal = ordinal + 1000 WHERE event_id = :event AND ordinal < 1000" },
    { "event_insert",
      "INSERT INTO event (id, slug, host, revision_id, state, starts_at) "
      "VALUES (:id, :slug, :host, :revision, :state, :starts)" },
    { "event_mode_people",
      "SELECT count(*) FROM registration WHERE event_id = :event AND mode = :mode AND status IN " LIVE },
    { "event_off",
      "UPDATE event SET state = 'off', off_reason = :reason, ical_sequence = ical_sequence + 1 WHERE id = :id" },
    { "event_off_count", "SELECT count(*) FROM event WHERE state = 'off'" },
    { "event_options_used",
      /* of an array each member, of one answer that answer */
      "SELECT j.value, count(*) FROM registration AS r, json_each(r.answers, :path) AS j WHERE r.event_id = :event "
      "AND r.status IN " LIVE " AND j.value IS NOT NULL GROUP BY 1 ORDER BY 1" },
    { "event_ranks_used",
      "SELECT coalesce(max(json_array_length(answers, :path)), 0) FROM registration WHERE event_id = :event" },
    { "event_state", "UPDATE event SET state = :state WHERE id = :id" },
    { "event_take",
      "UPDATE event SET revision_id = :revision, state = :state, host = :host, starts_at = :starts, "
      "ical_sequence = :sequence WHERE id = :id" },
    { "invitation_by_id",
      "SELECT event_id, email, expires_at, revoked_at, link_version FROM invitation WHERE id = :id" },
    { "invitation_empty",
      /* one that was for an address is not to become everybody's */
      "UPDATE invitation SET revoked_at = CASE WHEN email IS NULL THEN revoked_at ELSE coalesce(revoked_at, :at) END, "
      "email = NULL, note = NULL WHERE id = (SELECT invitation_id FROM registration WHERE "
      "id = :registration) AND (uses = 1 OR email = (SELECT email FROM registration WHERE id = :registration) "
      "COLLATE NOCASE)" },
    { "invitation_insert",
      "INSERT INTO invitation (id, event_id, email, reserve, note, uses, expires_at, link_version, created_at, actor) "
      "VALUES (:id, :event, :email, :reserve, :note, :uses, :expires, :link_version, :at, :actor)" },
    { "invitation_of",
      "SELECT i.id, i.uses, i.reserve FROM registration AS r JOIN invitation AS i ON i.id = r.invitation_id "
      "WHERE r.id = :registration" },
    { "invitation_revoke", "UPDATE invitation SET revoked_at = :at WHERE id = :id" },
    { "invitation_uses",
      "SELECT event_id, email, reserve, uses, expires_at, revoked_at, link_version, "
      "coalesce((SELECT p.taken FROM place AS p WHERE p.event_id = invitation.event_id AND p.kind = 'cap' "
      "AND p.key = 'invite:' || invitation.id), 0) FROM invitation WHERE id = :id" },
    { "lease_mail",
      "UPDATE mail SET state = 'leased', leased_until = :until, leased_by = :process WHERE id = :id" },
    { "leases_void",
      "UPDATE mail SET state = " UNLEASED ", leased_until = NULL, leased_by = NULL WHERE state = 'leased'" },
    { "mail_by_id", MAIL_FACT "WHERE m.id = :id" },
    { "mail_cancel", "UPDATE mail SET state = 'cancelled', last_at = :at WHERE id = :id" },
    { "mail_due",
      MAIL_FACT "WHERE m.priority = :priority AND " MAIL_WAITS "AND m.due_at <= :now "
      "AND " FIRST_OF_SUBJECT "ORDER BY m.due_at, m.id LIMIT :limit" },
    { "mail_expire", "UPDATE mail SET state = 'expired', last_at = :at WHERE id = :id" },
    { "mail_first_id",
      "SELECT message_id FROM mail WHERE subject_kind = 'registration' AND subject_id = :registration "
      "ORDER BY id LIMIT 1" },
    { "mail_insert",
      "INSERT INTO mail (id, subject_kind, subject_id, event_id, kind, instance, batch_id, recipient, language, "
      "revision_id, data, priority, state, due_at, expires_at, message_id, born_at) "
      "VALUES (:id, :subject_kind, :subject, :event, :kind, :instance, :batch, :recipient, :language, :revision, "
      ":data, :priority, 'queued', :due, :expires, :message_id, :born) "
      "ON CONFLICT (subject_kind, subject_id, kind, instance) DO NOTHING" },
    { "mail_newest", /* the latest instant of what came last */
      "SELECT max(max(born_at, coalesce(last_at, 0))) FROM (SELECT born_at, last_at FROM mail ORDER BY id DESC "
      "LIMIT 200)" },
    { "mail_next_due",
      "SELECT m.due_at FROM mail AS m WHERE m.priority = :priority AND " MAIL_WAITS
      "AND " FIRST_OF_SUBJECT "ORDER BY m.due_at LIMIT 1" },
    { "mail_pace", "UPDATE mail SET state = 'deferred', due_at = :due WHERE id = :id" },
    { "mail_park", "UPDATE mail SET parked_at = :at WHERE id = :id" },
    { "mail_pause_end",
      "DELETE FROM mail_pause WHERE scope = :scope AND ended_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM mail "
      "WHERE state IN ('queued', 'deferred') AND parked_at IS NOT NULL AND event_id = :scope)" },
    { "mail_pause_put",
      "INSERT INTO mail_pause (scope, paused_at, actor) VALUES (:scope, :at, :actor) "
      "ON CONFLICT (scope) DO UPDATE SET paused_at = excluded.paused_at, actor = excluded.actor, ended_at = NULL" },
    { "mail_pauses", "SELECT scope, ended_at IS NOT NULL FROM mail_pause ORDER BY scope" },
    { "mail_pauses_in_force",
      "SELECT coalesce(max(scope = 0), 0), coalesce(max(ended_at IS NOT NULL), 0), "
      "coalesce(sum(ended_at IS NULL), 0) FROM mail_pause" },
    { "mail_plan_due",
      "SELECT p.id, p.event_id, p.kind, p.instance, p.data, p.due_at, p.expires_at, p.cursor, e.revision_id, "
      /* a reminder of the same date that is due later is due too: two at once would say the same */
      "EXISTS (SELECT 1 FROM mail_plan AS n WHERE p.kind = 'reminder' AND n.event_id = p.event_id AND n.kind = p.kind "
      "AND n.instance BETWEEN p.instance / 10000 * 10000 AND p.instance / 10000 * 10000 + 9999 "
      "AND n.due_at > p.due_at AND n.due_at <= :now AND n.state <> 'dropped'), "
      "p.kind = 'bulk' AND (SELECT b.news FROM mail_batch AS b WHERE b.id = p.instance) "
      "FROM mail_plan AS p JOIN event AS e ON e.id = p.event_id WHERE p.state IN ('planned', 'running') "
      "AND p.due_at <= :now AND " PLAN_RUNS "ORDER BY p.due_at, p.id LIMIT 1" },
    { "mail_plan_next",
      "SELECT p.due_at FROM mail_plan AS p JOIN event AS e ON e.id = p.event_id "
      "WHERE p.state IN ('planned', 'running') AND " PLAN_RUNS "ORDER BY p.due_at LIMIT 1" },
    { "mail_plan_put",
      "INSERT INTO mail_plan (event_id, kind, instance, data, due_at, expires_at, state) "
      "VALUES (:event, :kind, :instance, :data, :due, :expires, 'planned') "
      "ON CONFLICT (event_id, kind, instance) DO UPDATE SET due_at = excluded.due_at, "
      "expires_at = excluded.expires_at, state = 'planned', cursor = 0, "
      /* a digest goes on from where the last one ended */
      "data = CASE kind WHEN 'digest' THEN data ELSE excluded.data END WHERE state <> 'done' OR kind = 'digest'" },
    { "mail_plan_step",
      "UPDATE mail_plan SET state = :state, cursor = :cursor, due_at = :due, data = :data WHERE id = :id" },
    { "mail_plans_drop",
      "UPDATE mail_plan SET state = 'dropped' WHERE event_id = :event AND state IN ('planned', 'running') "
      "AND (kind <> 'bulk' OR :bulk)" },
    { "mail_result", /* what has ended went to the address that it was leased with; of the erased nothing is kept */
      "UPDATE mail SET state = CASE WHEN :state = 'deferred' AND overtaken_at IS NOT NULL THEN 'superseded' "
      "ELSE :state END, due_at = coalesce(:due, due_at), attempts = :attempts, "
      "leased_until = NULL, leased_by = NULL, sent_at = :sent, last_at = :at, "
      "recipient = CASE WHEN recipient <> '' AND :due IS NULL THEN coalesce(:recipient, recipient) ELSE recipient END, "
      "message_id = CASE WHEN :due IS NULL THEN coalesce(:message_id, message_id) ELSE message_id END, "
      "last_code = :code, last_reply = CASE WHEN recipient <> '' THEN :reply END, body_hash = :hash WHERE id = :id" },
    { "mail_resume", "UPDATE mail_pause SET ended_at = :at WHERE scope = :scope" },
    { "mail_resume_all", "DELETE FROM mail_pause WHERE scope = 0" },
    { "mail_retry",
      "UPDATE mail SET state = 'queued', attempts = 0, due_at = :at, retried_at = :at, overtaken_at = NULL, "
      "parked_at = NULL WHERE id = :id" },
    { "mail_return",
      "UPDATE mail SET state = " UNLEASED ", leased_until = NULL, leased_by = NULL WHERE id = :id" },
    { "mail_unpark",
      "UPDATE mail SET parked_at = NULL WHERE id IN (SELECT id FROM mail WHERE state IN ('queued', 'deferred') "
      "AND parked_at IS NOT NULL AND event_id = :scope LIMIT :limit)" },
    { "mail_waiting", "SELECT sum(n) FROM mail_count WHERE state IN ('queued', 'leased', 'deferred')" },
    { "mailbox_by_key", "SELECT window_at, count FROM mailbox WHERE key = :key" },
    { "mailbox_expire",
      "DELETE FROM mailbox WHERE key IN (SELECT key FROM mailbox WHERE window_at <= :old ORDER BY window_at LIMIT 2)" },
    { "mailbox_put",
      "INSERT INTO mailbox (key, window_at, count) VALUES (:key, :window, :count) "
      "ON CONFLICT (key) DO UPDATE SET window_at = excluded.window_at, count = excluded.count" },
    { "mailing_by_id",
      "SELECT event_id, filter, texts, news, sent_at IS NOT NULL, recalled_at IS NOT NULL, overtaken_at IS NOT NULL "
      "FROM mail_batch WHERE id = :id" },
    { "mailing_count", /* who would get it now */
      "SELECT count(*) FROM mail_batch AS b JOIN registration AS r ON r.event_id = b.event_id WHERE b.id = :id "
      "AND r.email IS NOT NULL AND r.undeliverable_at IS NULL AND NOT (b.news AND r.stopped_at IS NOT NULL) "
      "AND " MAILING_IS_FOR },
    { "mailing_insert",
      "INSERT INTO mail_batch (id, event_id, filter, texts, news, author, made_at) "
      "VALUES (:id, :event, :filter, :texts, :news, :author, :at)" },
    { "mailing_people", /* all, or one step would look at everybody where it is for few */
      "SELECT r.id, r.revision_id, r.status, r.status_at, r.email, r.language, r.mode, r.stopped_at IS NOT NULL, "
      "r.undeliverable_at IS NOT NULL, NULL, NULL, " MAILING_IS_FOR "FROM mail_batch AS b JOIN registration AS r "
      "ON r.event_id = b.event_id WHERE b.id = :mailing AND r.id > :after ORDER BY r.id LIMIT :limit" },
    { "mailing_plan_drop",
      "UPDATE mail_plan SET state = 'dropped' WHERE event_id = :event AND kind = 'bulk' AND instance = :id "
      "AND state IN ('planned', 'running')" },
    { "mailing_recall", "UPDATE mail_batch SET recalled_at = :at WHERE id = :id" },
    { "mailing_sent", "UPDATE mail_batch SET sent_at = :at WHERE id = :id" },
    { "mailings_overtake",
      "UPDATE mail_batch SET overtaken_at = :at WHERE event_id = :event AND sent_at IS NOT NULL" },
    { "mails_cancel_batch", /* what is under way is not tried again: it would hold up the one that is right */
      "UPDATE mail SET last_at = CASE state WHEN 'leased' THEN last_at ELSE :at END, overtaken_at = :at, "
      "state = CASE state WHEN 'leased' THEN state ELSE 'cancelled' END "
      "WHERE batch_id = :id AND state IN ('queued', 'deferred', 'leased')" },
    { "mails_cancel_to",
      "UPDATE mail SET state = 'cancelled', last_at = :at, last_reply = :why WHERE subject_kind = 'registration' "
      "AND subject_id = :registration AND recipient = :recipient COLLATE NOCASE AND state IN ('queued', 'deferred')" },
    { "mails_empty",
      "UPDATE mail SET recipient = '', last_reply = NULL, data = '{}' WHERE subject_kind = 'registration' "
      "AND subject_id = :registration" },
    { "mails_of_address", /* whether any went to it, or is under way there, and whether one of KIND is still to go */
      "SELECT coalesce(max(state IN ('sent', 'leased') AND recipient = :recipient COLLATE NOCASE), 0), "
      "coalesce(max(state IN ('queued', 'deferred') AND kind = :kind), 0) FROM mail "
      "WHERE subject_kind = 'registration' AND subject_id = :registration" },
    { "mails_readdress",
      /* what is under way too: it may come back. To another address it is another message: what comes back of the
       * former address is not about it any more. */
      "UPDATE mail SET recipient = :recipient, message_id = id || '.' || lower(hex(randomblob(8))) || "
      "substr(message_id, instr(message_id, '@')) WHERE subject_kind = 'registration' AND subject_id = :registration "
      "AND state IN ('queued', 'deferred', 'leased') AND kind NOT IN ('new_address', 'address_changed')" },
    { "mails_redate", /* those that are due by a clock that was ahead; what was planned for a date before stays so */
      "UPDATE mail SET due_at = :now + due_at - " LAST_SEEN ", born_at = min(born_at, :now), "
      "retried_at = min(retried_at, :now), last_at = min(last_at, :now) WHERE " LAST_SEEN " > :now AND id IN "
      "(SELECT m.id FROM mail AS m WHERE m.priority IN (0, 1, 2) AND " MAIL_WAITS "AND m.due_at > :now UNION ALL "
      "SELECT id FROM mail WHERE state IN ('queued', 'deferred') AND parked_at IS NOT NULL AND due_at > :now)" },
    { "mails_supersede", /* what does not rest on the state alone is judged when it goes; all: of who is erased */
      SUPERSEDE "AND (:all OR kind NOT IN ('address_changed', 'data_ready', 'bulk'))" },
    { "mails_supersede_kind", SUPERSEDE "AND kind = :kind" },
    { "mails_supersede_off", /* who lost an address has to hear it all the same, and data is a right */
      SUPERSEDE "AND kind NOT IN ('event_off', 'address_changed', 'data_ready')" },
    { "mails_supersede_stopped", /* bulk mail that is no news goes on */
      SUPERSEDE "AND kind = :kind AND (kind <> 'bulk' OR json_extract(data, '$.news'))" },
    { "max_address", "SELECT max(id) FROM address_change" },
    { "max_event", "SELECT max(id) FROM event" },
    { "max_invitation", "SELECT max(id) FROM invitation" },
    { "max_mail", "SELECT max(id) FROM mail" },
    { "max_mailing", "SELECT max(id) FROM mail_batch" },
    { "max_offer", "SELECT max(id) FROM offer" },
    { "max_place", "SELECT max(id) FROM place" },
    { "max_registration", "SELECT max(id) FROM registration" },
    { "max_revision", "SELECT max(id) FROM event_revision" },
    { "max_submission", "SELECT max(id) FROM submission" },
    { "offer_end", "UPDATE offer SET ended_at = :at, outcome = :outcome WHERE id = :id" },
    { "offer_insert",
      "INSERT INTO offer (id, registration_id, places, made_at, accept_by) "
      "VALUES (:id, :registration, :places, :at, :accept_by)" },
    { "offer_places",
      "UPDATE offer SET places = (SELECT json_group_array(place_id) FROM claim WHERE registration_id = :registration) "
      "WHERE registration_id = :registration AND ended_at IS NULL" },
    { "party_guests", "SELECT id FROM registration WHERE party_id = :party AND party_id <> id ORDER BY id" },
    { "person_addresses",
      "SELECT email, strftime('%Y-%m-%dT%H:%M:%SZ', asked_at, 'unixepoch') AS asked_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', expires_at, 'unixepoch') AS expires_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, 'unixepoch') AS ended_at FROM address_change "
      "WHERE registration_id = :registration ORDER BY id" },
    { "person_bounces",
      "SELECT m.kind, strftime('%Y-%m-%dT%H:%M:%SZ', b.at, 'unixepoch') AS at, b.sort, b.status, b.reply "
      "FROM mail AS m JOIN bounce AS b ON b.mail_id = m.id WHERE m.subject_kind = 'registration' "
      "AND m.subject_id = :registration "
      "ORDER BY b.id" },
    { "person_calendar_replies",
      "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, answer FROM calendar_reply "
      "WHERE registration_id = :registration ORDER BY id" },
    { "person_consents",
      "SELECT c.purpose, t.body AS text, c.language, c.how, strftime('%Y-%m-%dT%H:%M:%SZ', c.given_at, "
      "'unixepoch') AS given_at, strftime('%Y-%m-%dT%H:%M:%SZ', c.refused_at, 'unixepoch') AS refused_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', c.withdrawn_at, 'unixepoch') AS withdrawn_at FROM consent AS c JOIN text AS "
      "t ON t.hash = c.text_hash WHERE c.registration_id = :registration ORDER BY c.purpose, c.n" },
    { "person_history",
      "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at, actor, action, from_status, to_status, data "
      "FROM audit WHERE registration_id = :registration ORDER BY id" },
    { "person_invitation",
      /* one that many use is nobody's own */
      "SELECT CASE i.uses WHEN 1 THEN i.email END AS email, CASE i.uses WHEN 1 THEN i.note END AS note, i.reserve, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', i.expires_at, 'unixepoch') AS expires_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', i.created_at, 'unixepoch') AS created_at FROM invitation AS i "
      "JOIN registration AS r ON r.invitation_id = i.id WHERE r.id = :registration" },
    { "person_mails",
      "SELECT kind, language, recipient, state, attempts, strftime('%Y-%m-%dT%H:%M:%SZ', born_at, 'unixepoch') AS "
      "born_at, strftime('%Y-%m-%dT%H:%M:%SZ', due_at, 'unixepoch') AS due_at, strftime('%Y-%m-%dT%H:%M:%SZ', "
      "sent_at, 'unixepoch') AS sent_at, strftime('%Y-%m-%dT%H:%M:%SZ', last_at, 'unixepoch') AS last_at, "
      "last_code, last_reply, message_id FROM mail WHERE subject_kind = 'registration' AND subject_id = "
      ":registration ORDER BY id" },
    { "person_offers",
      "SELECT strftime('%Y-%m-%dT%H:%M:%SZ', made_at, 'unixepoch') AS made_at, strftime('%Y-%m-%dT%H:%M:%SZ', "
      "accept_by, 'unixepoch') AS accept_by, strftime('%Y-%m-%dT%H:%M:%SZ', ended_at, 'unixepoch') AS ended_at, "
      "outcome FROM offer WHERE registration_id = :registration ORDER BY id" },
    { "person_places",
      "SELECT p.kind, p.key AS place, p.title, h.state FROM "
      "(SELECT place_id, state FROM claim WHERE registration_id = :registration UNION ALL "
      "SELECT place_id, 'asked' FROM ask WHERE registration_id = :registration) AS h "
      "JOIN place AS p ON p.id = h.place_id ORDER BY p.id" },
    { "person_privates",
      "SELECT field, value, class, strftime('%Y-%m-%dT%H:%M:%SZ', erase_at, 'unixepoch') AS kept_until FROM "
      "private_answer WHERE registration_id = :registration ORDER BY field" },
    { "person_row",
      "SELECT r.id AS registration, r.reference, e.slug AS event, v.number AS revision, r.party_id AS party, "
      "r.role, r.status, strftime('%Y-%m-%dT%H:%M:%SZ', r.status_at, 'unixepoch') AS status_at, r.reason AS "
      "status_reason, r.actor, r.host_ref, r.language, r.name, r.email, r.organisation, r.registry_number, "
      "r.country, r.stakeholder, r.mode, r.proposal, r.notes, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.waiting_since, 'unixepoch') AS waiting_since, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.expires_at, 'unixepoch') AS expires_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.undeliverable_at, 'unixepoch') AS undeliverable_at, r.undeliverable_why, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.stopped_at, 'unixepoch') AS stopped_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.own_at, 'unixepoch') AS own_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.restricted_at, 'unixepoch') AS restricted_at, "
      "strftime('%Y-%m-%dT%H:%M:%SZ', r.created_at, 'unixepoch') AS registered_at, strftime('%Y-%m-%dT%H:%M:%SZ', "
      "r.updated_at, 'unixepoch') AS updated_at FROM registration AS r JOIN event AS e ON e.id = r.event_id JOIN "
      "event_revision AS v ON v.id = r.revision_id WHERE r.id = :registration" },
    { "person_submissions",
      "SELECT reference, outcome, language, strftime('%Y-%m-%dT%H:%M:%SZ', at, 'unixepoch') AS at FROM submission "
      "WHERE registration_id = :registration ORDER BY id" },
    { "person_wishes",
      "SELECT w.round, w.rank, p.key AS place, p.title FROM wish AS w JOIN place AS p ON p.id = w.place_id "
      "WHERE w.registration_id = :registration ORDER BY w.round, w.rank" },
    { "place_all",
      PLACE "ORDER BY id" },
    { "place_born",
      "INSERT INTO place (id, event_id, kind, key, title, capacity) VALUES (:id, :event, :kind, :key, :title, "
      ":capacity)" },
    { "place_by_id",
      PLACE "WHERE id = :id" },
    { "place_define",
      "UPDATE place SET title = :title, capacity = :capacity, approval = :approval, approval_holds = :holds, "
      "parent_id = :parent, release_at = :release, starts_at = :starts, ends_at = :ends, resource = :resource, "
      "round = :round, retired_at = :retired WHERE id = :id" },
    { "place_id_of", "SELECT id FROM place WHERE event_id = :event AND kind = :kind AND key = :key" },
    { "place_insert",
      "INSERT INTO place (id, event_id, kind, key, title, capacity, approval, approval_holds, parent_id, release_at, "
      "starts_at, ends_at, resource, round) VALUES (:id, :event, :kind, :key, :title, :capacity, :approval, :holds, "
      ":parent, :release, :starts, :ends, :resource, :round)" },
    { "place_limit", "UPDATE place SET capacity = :capacity WHERE id = :id" },
    { "place_next_release",
      "SELECT min(release_at) FROM place WHERE release_at IS NOT NULL AND released_at IS NULL" },
    { "place_releases",
      "SELECT id FROM place WHERE release_at IS NOT NULL AND released_at IS NULL AND release_at <= :now "
      "ORDER BY release_at, id LIMIT :limit" },
    { "place_update",
      "UPDATE place SET taken = :taken, reserved_open = :reserved_open, waiting = :waiting, "
      "released_at = coalesce(released_at, :released) WHERE id = :id" },
    { "places_of_event",
      "SELECT id, kind, key, capacity, taken, waiting, retired_at, title, "
      "(SELECT count(*) FROM ask AS a JOIN registration AS r ON r.id = a.registration_id WHERE a.place_id = place.id "
      "AND r.status IN " LIVE ") + (SELECT count(*) FROM wish AS w JOIN registration AS r ON r.id = w.registration_id "
      "WHERE w.place_id = place.id AND r.status IN " LIVE ") FROM place WHERE event_id = :event ORDER BY id" },
    { "plan_changed",
      "SELECT EXISTS (SELECT 1 FROM registration WHERE event_id = :event AND updated_at >= :since)" },
    { "plan_people",
      "SELECT r.id, r.revision_id, r.status, r.status_at, r.email, r.language, r.mode, r.stopped_at IS NOT NULL, "
      "r.undeliverable_at IS NOT NULL, s.starts_at, s.ends_at, 1 FROM registration AS r LEFT JOIN place AS s ON s.id = "
      "(SELECT c.place_id FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE c.registration_id = r.id "
      "AND p.kind = 'slot' LIMIT 1) WHERE r.event_id = :event AND r.id > :after ORDER BY r.id LIMIT :limit" },
    { "preview_revoke",
      "INSERT INTO meta (key, value) VALUES ('preview:' || :event, '1') "
      "ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1" },
    { "preview_version", "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'preview:' || :event" },
    { "private_delete",
      "DELETE FROM private_answer WHERE registration_id = :registration AND (:field IS NULL OR field = :field)" },
    { "private_due", "SELECT count(*) FROM private_answer WHERE erase_at <= :now" },
    { "private_due_delete", "DELETE FROM private_answer WHERE erase_at <= :now" },
    { "private_insert",
      "INSERT INTO private_answer (registration_id, field, value, class, erase_at) "
      "VALUES (:registration, :field, :value, :class, :erase_at)" },
    { "private_next", "SELECT min(erase_at) FROM private_answer" },
    { "private_postpone",
      "UPDATE private_answer SET erase_at = :erase_at WHERE erase_at <> :erase_at AND registration_id IN "
      "(SELECT id FROM registration WHERE event_id = :event)" },
    { "privates_of",
      "SELECT field, value FROM private_answer WHERE registration_id = :registration ORDER BY field" },
    { "record_by_id",
      "SELECT r.id, r.event_id, r.revision_id, r.link_version, r.ical_sequence, r.created_at, r.version, r.status, "
      "r.reason, r.reference, r.language, r.name, r.email, r.organisation, r.registry_number, r.country, "
      "r.stakeholder, r.mode, r.answers, e.slug, coalesce(r.expires_at, 0), "
      "EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id), r.proposal, r.restricted_at IS NOT NULL, "
      "r.party_id, CASE WHEN r.party_id <> r.id THEN (SELECT b.name FROM registration AS b WHERE b.id = r.party_id) "
      "END, r.stopped_at IS NOT NULL, coalesce(r.undeliverable_at, 0), r.undeliverable_why, "
      "r.party_id <> r.id AND r.email = (SELECT b.email FROM registration AS b WHERE b.id = r.party_id), "
      "r.actor = 'convenectl' AND r.version = 1 "
      "FROM registration AS r JOIN event AS e ON e.id = r.event_id "
      "WHERE r.id = :id AND r.status <> 'erased'" },
    { "record_guests",
      "SELECT id, reference, name, status, link_version, email, answers, restricted_at IS NOT NULL, "
      "own_at IS NOT NULL, undeliverable_at IS NOT NULL FROM registration WHERE party_id = :party AND party_id <> id "
      "AND status <> 'erased' ORDER BY id" },
    { "record_places",
      "SELECT CASE c.state WHEN 'taken' THEN 2 ELSE 1 END, p.kind, p.key, p.title, p.resource, p.round, "
      "coalesce(p.starts_at, 0) AS starts, coalesce(p.ends_at, 0), p.allocated_at IS NOT NULL, "
      "CASE p.kind WHEN 'mode' THEN 0 WHEN 'session' THEN 1 WHEN 'slot' THEN 2 ELSE 3 END AS rank, p.id "
      "FROM claim AS c JOIN place AS p ON p.id = c.place_id WHERE c.registration_id = :registration UNION ALL "
      "SELECT 0, p.kind, p.key, p.title, p.resource, p.round, coalesce(p.starts_at, 0), coalesce(p.ends_at, 0), "
      "p.allocated_at IS NOT NULL, CASE p.kind WHEN 'mode' THEN 0 WHEN 'session' THEN 1 WHEN 'slot' THEN 2 ELSE 3 END, "
      "p.id FROM ask AS a JOIN place AS p ON p.id = a.place_id WHERE a.registration_id = :registration "
      "ORDER BY rank, starts, 11" },
    { "record_wishes",
      "SELECT w.round, p.key, w.rank FROM wish AS w JOIN place AS p ON p.id = w.place_id "
      "WHERE w.registration_id = :registration AND p.allocated_at IS NULL ORDER BY w.round, w.rank" },
    { "registration_addressees",
      /* CROSS: event by event, as the index has it */
      "SELECT r.id, r.event_id, r.revision_id, r.undeliverable_at IS NOT NULL, e.host, coalesce(e.starts_at, 0) "
      "FROM event AS e CROSS JOIN registration AS r ON r.event_id = e.id AND r.email = :email COLLATE NOCASE "
      "AND r.status IN " LIVE " ORDER BY r.id" },
    { "registration_answer",
      "UPDATE registration SET revision_id = :revision, name = :name, organisation = :organisation, "
      "registry_number = :registry_number, country = :country, stakeholder = :stakeholder, answers = :answers, "
      "search = :search WHERE id = :id" },
    /* Ahead on the list: who has waited longer for one of the places that were full for this one. */
    { "registration_before",
      "SELECT count(DISTINCT b.registration_id) FROM ask AS a JOIN ask AS b ON b.place_id = a.place_id "
      "AND (b.since, b.registration_id) < (a.since, a.registration_id) JOIN registration AS r ON r.id = "
      "b.registration_id AND r.status = 'waitlisted' AND r.party_id <> (SELECT party_id FROM registration WHERE id = "
      ":id) WHERE a.registration_id = :id AND (a.lacks = 1 OR "
      /* nothing was full, others only came first */
      "(" LACKS_NOTHING("a") " AND (b.lacks = 1 OR " LACKS_NOTHING("b") ")))" },
    /* Two look-ups by index: for an OR the planner would go through the whole event. */
    { "registration_by_address",
      REGISTRATION_FACT "WHERE id IN (SELECT id FROM registration WHERE event_id = :event "
      "AND email = :email COLLATE NOCASE AND status IN " LIVE " UNION SELECT id FROM registration "
      "WHERE event_id = :event AND dedupe = :folded AND status IN " LIVE ") ORDER BY id LIMIT :limit" },
    { "registration_by_id", REGISTRATION_FACT "WHERE id = :id" },
    { "registration_by_key", REGISTRATION_FACT "WHERE event_id = :event AND dedupe = :dedupe AND status IN " LIVE },
    { "registration_deliverable",
      "UPDATE registration SET undeliverable_at = NULL, undeliverable_why = NULL, updated_at = :at WHERE id = :id" },
    { "registration_deny",
      "UPDATE registration SET answers = CASE WHEN json_extract(answers, :path) = 1 THEN json_set(answers, :path, "
      "json('false')) ELSE answers END, version = version + 1, updated_at = :at WHERE id = :id" },
    { "registration_empty",
      "UPDATE registration SET status = 'erased', status_at = :at, actor = :actor, name = NULL, email = NULL, "
      "dedupe = NULL, organisation = NULL, registry_number = NULL, country = NULL, stakeholder = NULL, reason = NULL, "
      "notes = NULL, answers = '{}', search = '', version = version + 1, link_version = :link_version, "
      "waiting_since = NULL, expires_at = NULL, undeliverable_at = NULL, undeliverable_why = NULL, erased_at = :at, "
      "updated_at = :at WHERE id = :id" },
    { "registration_expired",
      REGISTRATION_FACT "WHERE expires_at IS NOT NULL AND expires_at <= :now ORDER BY expires_at, id LIMIT :limit" },
    { "registration_forget", "UPDATE registration SET proposal = NULL, invitation_id = NULL WHERE id = :registration" },
    { "registration_insert",
      "INSERT INTO registration (id, event_id, revision_id, party_id, status, status_at, reason, actor, reference, "
      "language, name, email, dedupe, organisation, registry_number, country, stakeholder, mode, answers, search, "
      "link_version, waiting_since, expires_at, proposal, invitation_id, created_at, updated_at) "
      "VALUES (:id, :event, :revision, :party, :status, :at, :reason, :actor, :reference, :language, :name, :email, "
      ":dedupe, :organisation, :registry_number, :country, :stakeholder, :mode, :answers, :search, :link_version, "
      ":waiting_since, :expires, :proposal, :invitation, :at, :at)" },
    { "registration_move",
      /* why an organiser offered a place out of turn stays with the place that was taken */
      "UPDATE registration SET status = :status, status_at = :at, "
      "reason = CASE :status WHEN 'confirmed' THEN coalesce(:reason, reason) ELSE :reason END, actor = :actor, "
      "version = version + 1, ical_sequence = :sequence, waiting_since = :waiting_since, expires_at = :expires, "
      "updated_at = :at WHERE id = :id" },
    { "registration_next_expiry",
      "SELECT min(at) FROM (SELECT min(expires_at) AS at FROM registration WHERE expires_at IS NOT NULL UNION ALL "
      "SELECT min(expires_at) FROM address_change WHERE ended_at IS NULL)" },
    { "registration_own",
      "UPDATE registration SET own_at = coalesce(own_at, :at) WHERE id = :id AND party_id <> id" },
    { "registration_place",
      "UPDATE registration SET mode = :mode, proposal = :proposal, ical_sequence = :sequence, version = version + 1, "
      "reason = coalesce(:reason, reason), updated_at = :at WHERE id = :id" },
    { "registration_reach", "UPDATE registration SET email = :email WHERE id = :id AND email IS NULL" },
    { "registration_readdress",
      "UPDATE registration SET email = :email, dedupe = :dedupe, link_version = :link_version, version = version + 1, "
      "undeliverable_at = NULL, undeliverable_why = NULL, updated_at = :at WHERE id = :id" },
    { "registration_rekey", "UPDATE registration SET dedupe = :dedupe WHERE id = :id" },
    { "registration_release", "UPDATE registration SET dedupe = NULL WHERE id = :id" },
    { "registration_resequence", "UPDATE registration SET ical_sequence = ical_sequence + 1 WHERE id = :id" },
    { "registration_restrict",
      "UPDATE registration SET email = NULL, dedupe = NULL, search = '', notes = NULL, reason = NULL, answers = "
      "(SELECT json_group_object(a.key, registration.answers -> a.fullkey) FROM json_each(registration.answers) AS a "
      "WHERE a.type <> 'null' AND a.key IN (SELECT k.value FROM json_each(:kept) AS k)), version = version + 1, "
      "restricted_at = :at, undeliverable_at = NULL, undeliverable_why = NULL, expires_at = :until, updated_at = :at "
      "WHERE id = :id" },
    { "registration_stop", "UPDATE registration SET stopped_at = :at WHERE id = :id" },
    { "registration_undeliverable",
      /* the address may have changed in this very transaction */
      "UPDATE registration SET undeliverable_at = :at, undeliverable_why = :why WHERE id = :id "
      "AND email = :email COLLATE NOCASE AND undeliverable_at IS NULL" },
    { "returned_count",
      "INSERT INTO meta (key, value) VALUES ('returned:' || :sort, '1') "
      "ON CONFLICT (key) DO UPDATE SET value = CAST(value AS INTEGER) + 1" },
    { "revision_insert",
      "INSERT INTO event_revision (id, event_id, number, hash, text, author, source, file, created_at) "
      "VALUES (:id, :event, :number, :hash, :text, :author, :source, :file, :at)" },
    { "revision_notice",
      "SELECT id, number, created_at FROM event_revision WHERE event_id = :event AND "
      "CASE WHEN :number > 0 THEN number = :number ELSE id = :current END" },
    { "revision_text", "SELECT text FROM event_revision WHERE id = :id" },
    { "submission_by_id",
      "SELECT reference, event_id, outcome, language, at FROM submission WHERE id = :id" },
    { "submission_insert",
      "INSERT INTO submission (id, reference, event_id, registration_id, outcome, language, at) "
      "VALUES (:id, :reference, :event, :registration, :outcome, :language, :at)" },
    { "tally_modes",
      "SELECT key, taken, capacity FROM place WHERE event_id = :event AND kind = 'mode' AND retired_at IS NULL "
      "ORDER BY id" },
    { "tally_states",
      "SELECT status, count(*), sum(created_at >= :since), sum(status_at >= :since), "
      "sum(undeliverable_at IS NOT NULL) FROM registration WHERE event_id = :event GROUP BY status" },
    { "text_insert",
      "INSERT INTO text (hash, language, body) VALUES (:hash, :language, :body) ON CONFLICT (hash) DO NOTHING" },
    { "waiters_of",
      "SELECT a.registration_id, a.since, r.party_id FROM ask AS a JOIN registration AS r ON r.id = a.registration_id "
      "WHERE a.place_id = :place AND (a.since, a.registration_id) > (:since, :after) AND r.status = 'waitlisted' "
      "AND NOT EXISTS (SELECT 1 FROM ask AS b JOIN place AS p ON p.id = b.place_id WHERE b.registration_id = "
      "a.registration_id AND p.id NOT IN (SELECT value FROM json_each(:open)) "
      "AND ((p.kind = 'mode' AND p.approval = 1 AND :approval = 0) OR (p.kind <> 'reserve' "
      "AND p.taken + p.reserved_open >= p.capacity "
      /* full for others, but a reserve of it may be for him */
      "AND NOT (p.kind = 'mode' AND EXISTS (SELECT 1 FROM ask AS c JOIN place AS v ON v.id = c.place_id WHERE "
      "c.registration_id = a.registration_id AND v.kind = 'reserve'))))) "
      "ORDER BY a.since, a.registration_id LIMIT :limit" },
    { "wish_insert",
      "INSERT INTO wish (registration_id, round, rank, place_id) VALUES (:registration, :round, :rank, :place)" },
    { "wishes_delete", "DELETE FROM wish WHERE registration_id = :registration" },
    { "wishes_of",
      "SELECT round, rank, place_id FROM wish WHERE registration_id = :registration ORDER BY round, rank" },
};

const struct statement *statements(size_t *ret_count)
{
    *ret_count = sizeof(table) / sizeof(table[0]);
    return table;
}
