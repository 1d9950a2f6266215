-- SPDX-License-Identifier: EUPL-1.2
-- Version 1. Times are UTC seconds; flags are 0 or 1; json is TEXT. Ids grow in order of arrival. Rows that a link
-- names are never deleted, only emptied. Claims are the truth behind every counter of a place.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

-- every consent that was ever shown, by the hash of its language and words
CREATE TABLE text (hash TEXT PRIMARY KEY, language TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    host TEXT,
    revision_id INTEGER NOT NULL REFERENCES event_revision (id) DEFERRABLE INITIALLY DEFERRED,
    state TEXT NOT NULL CHECK (state IN ('live', 'draft', 'withdrawn', 'off')),
    ical_sequence INTEGER NOT NULL DEFAULT 0
) STRICT;

-- immutable: what a registration's owner saw stays provable
CREATE TABLE event_revision (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    number INTEGER NOT NULL,
    hash TEXT NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    source TEXT NOT NULL,
    file TEXT,
    created_at INTEGER NOT NULL,
    UNIQUE (event_id, number)
) STRICT;

-- the union of the fields of all revisions, for the flat view
CREATE TABLE event_field (
    event_id INTEGER NOT NULL REFERENCES event (id),
    field TEXT NOT NULL,
    type TEXT NOT NULL,
    role TEXT NOT NULL,
    label TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    secret INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (event_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE place (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    kind TEXT NOT NULL CHECK (kind IN ('mode', 'session', 'slot', 'reserve', 'cap')),
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    parent_id INTEGER REFERENCES place (id),
    capacity INTEGER,
    taken INTEGER NOT NULL DEFAULT 0 CHECK (taken >= 0),
    reserved_open INTEGER NOT NULL DEFAULT 0,
    waiting INTEGER NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    release_at INTEGER,
    released_at INTEGER,
    starts_at INTEGER,
    ends_at INTEGER,
    resource TEXT,
    round TEXT,
    retired_at INTEGER,
    UNIQUE (event_id, kind, key)
) STRICT;

-- one row, one person, one place. party_id: the booker's row, the own one if alone
CREATE TABLE registration (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    revision_id INTEGER NOT NULL REFERENCES event_revision (id),
    party_id INTEGER NOT NULL REFERENCES registration (id),
    role TEXT NOT NULL DEFAULT 'participant',
    status TEXT NOT NULL CHECK (status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered',
        'rejected', 'declined', 'expired', 'cancelled', 'erased', 'submitted')),
    status_at INTEGER NOT NULL,
    reason TEXT,
    actor TEXT NOT NULL,
    reference TEXT NOT NULL,
    host_ref TEXT,
    language TEXT NOT NULL,
    name TEXT,
    email TEXT,
    dedupe TEXT,
    organisation_id INTEGER,
    organisation TEXT,
    registry_number TEXT,
    country TEXT,
    stakeholder TEXT,
    mode TEXT,
    answers TEXT NOT NULL CHECK (json_valid(answers)),
    search TEXT NOT NULL,
    notes TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    link_version INTEGER NOT NULL,
    ical_sequence INTEGER NOT NULL DEFAULT 0,
    waiting_since INTEGER,
    expires_at INTEGER,
    restricted_at INTEGER,
    erased_at INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE UNIQUE INDEX registration_dedupe ON registration (event_id, dedupe)
    WHERE status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted');
CREATE INDEX registration_event ON registration (event_id);
CREATE INDEX registration_expires ON registration (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX registration_waiting ON registration (event_id, waiting_since) WHERE status = 'waitlisted';
CREATE INDEX registration_party ON registration (party_id) WHERE party_id <> id;

CREATE TABLE claim (
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    place_id INTEGER NOT NULL REFERENCES place (id),
    state TEXT NOT NULL CHECK (state IN ('taken', 'held')),
    PRIMARY KEY (registration_id, place_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_place ON claim (place_id);

-- every accepted form, new address or known: the reference that its page showed
CREATE TABLE submission (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    event_id INTEGER NOT NULL REFERENCES event (id),
    registration_id INTEGER REFERENCES registration (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('confirmed', 'waitlisted')),
    language TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;

CREATE TABLE consent (
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    purpose TEXT NOT NULL,
    n INTEGER NOT NULL,
    text_hash TEXT NOT NULL REFERENCES text (hash),
    language TEXT NOT NULL,
    given_at INTEGER,
    refused_at INTEGER,
    withdrawn_at INTEGER,
    how TEXT NOT NULL,
    PRIMARY KEY (registration_id, purpose, n)
) STRICT, WITHOUT ROWID;

-- the outbox: born in the transaction that causes it, sent once per (subject, kind, instance)
CREATE TABLE mail (
    id INTEGER PRIMARY KEY,
    subject_kind TEXT NOT NULL,
    subject_id INTEGER NOT NULL,
    event_id INTEGER REFERENCES event (id),
    kind TEXT NOT NULL,
    instance INTEGER NOT NULL,
    batch_id INTEGER,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL,
    revision_id INTEGER REFERENCES event_revision (id),
    data TEXT NOT NULL CHECK (json_valid(data)),
    priority INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('queued', 'leased', 'sent', 'deferred', 'failed', 'expired', 'superseded',
        'cancelled')),
    due_at INTEGER NOT NULL,
    expires_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    leased_until INTEGER,
    leased_by INTEGER,
    message_id TEXT NOT NULL,
    born_at INTEGER NOT NULL,
    sent_at INTEGER,
    last_at INTEGER,
    last_code INTEGER,
    last_reply TEXT,
    body_hash TEXT,
    UNIQUE (subject_kind, subject_id, kind, instance)
) STRICT;
CREATE INDEX mail_due ON mail (priority, due_at) WHERE state IN ('queued', 'deferred');
CREATE INDEX mail_leased ON mail (id) WHERE state = 'leased';

-- who did what: ids and field names, never values
CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    event_id INTEGER REFERENCES event (id),
    registration_id INTEGER REFERENCES registration (id),
    from_status TEXT,
    to_status TEXT,
    data TEXT CHECK (data IS NULL OR json_valid(data))
) STRICT;

-- The views below are a contract: organisers and auditors read them with any tool. They change only with a NEWS entry.

CREATE VIEW registrations AS
SELECT r.id AS registration, r.reference AS reference, e.slug AS event, r.party_id AS party, r.status AS status,
    r.reason AS status_reason, strftime('%Y-%m-%dT%H:%M:%SZ', r.created_at, 'unixepoch') AS registered_at,
    r.name AS name, r.email AS email, r.organisation AS organisation, r.registry_number AS registry_number,
    r.country AS country, r.stakeholder AS stakeholder, r.mode AS mode, r.language AS language,
    strftime('%Y-%m-%dT%H:%M:%SZ', r.updated_at, 'unixepoch') AS updated_at
FROM registration AS r JOIN event AS e ON e.id = r.event_id
WHERE r.status <> 'erased';

CREATE VIEW places AS
SELECT e.slug AS event, p.kind AS kind, p.key AS place, p.title AS title, p.capacity AS capacity, p.taken AS taken,
    (SELECT count(*) FROM claim AS c WHERE c.place_id = p.id AND c.state = 'held') AS held,
    p.reserved_open AS reserved, p.waiting AS waiting, max(p.capacity - p.taken - p.reserved_open, 0) AS free
FROM place AS p JOIN event AS e ON e.id = p.event_id
WHERE p.retired_at IS NULL;

CREATE VIEW mail_log AS
SELECT m.id AS mail, e.slug AS event, CASE WHEN m.subject_kind = 'registration' THEN m.subject_id END AS registration,
    m.kind AS kind, m.language AS language, m.recipient AS recipient, m.state AS state, m.attempts AS attempts,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.due_at, 'unixepoch') AS due_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.sent_at, 'unixepoch') AS sent_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', m.last_at, 'unixepoch') AS last_at,
    m.last_code AS last_code, m.last_reply AS last_reply, m.message_id AS message_id
FROM mail AS m LEFT JOIN event AS e ON e.id = m.event_id;

CREATE VIEW consents AS
SELECT c.registration_id AS registration, e.slug AS event, c.purpose AS purpose, t.body AS text, c.language AS language,
    strftime('%Y-%m-%dT%H:%M:%SZ', c.given_at, 'unixepoch') AS given_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', c.withdrawn_at, 'unixepoch') AS withdrawn_at
FROM consent AS c JOIN registration AS r ON r.id = c.registration_id JOIN event AS e ON e.id = r.event_id
    JOIN text AS t ON t.hash = c.text_hash
WHERE r.status <> 'erased';
