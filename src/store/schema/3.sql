-- SPDX-License-Identifier: EUPL-1.2
-- Version 3: sessions, slots, reserves and caps; wishes and their allocation; invitations; a new address; erasure.

-- a session of a round whose wishes have become places: from then on it is chosen like any other
ALTER TABLE place ADD COLUMN allocated_at INTEGER;
CREATE INDEX place_release ON place (release_at) WHERE release_at IS NOT NULL AND released_at IS NULL;

-- a time that was proposed because no slot suited, and by which invitation somebody came
ALTER TABLE registration ADD COLUMN proposal TEXT;
ALTER TABLE registration ADD COLUMN invitation_id INTEGER REFERENCES invitation (id);

-- who has lost the link is found by the address
CREATE INDEX registration_email ON registration (event_id, email COLLATE NOCASE)
    WHERE status IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted', 'offered', 'submitted');

-- What a live registration without claims asks for: the places it needs, and the reserves that are for it. A waiting
-- list is in the order of the key. lacks: it was full when the registration joined the list; place.waiting counts these.
CREATE TABLE ask (
    place_id INTEGER NOT NULL REFERENCES place (id),
    since INTEGER NOT NULL,
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    lacks INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (place_id, since, registration_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ask_registration ON ask (registration_id);
INSERT INTO ask (place_id, since, registration_id, lacks)
    SELECT p.id, coalesce(r.waiting_since, r.created_at), r.id, r.status = 'waitlisted'
    FROM registration AS r JOIN place AS p ON p.event_id = r.event_id AND p.kind = 'mode' AND p.key = r.mode
    WHERE r.status IN ('waitlisted', 'pending_email', 'awaiting_approval')
        AND NOT EXISTS (SELECT 1 FROM claim AS c WHERE c.registration_id = r.id);
DROP INDEX registration_waiting;

-- As in version 2: each definition is taken anew, for sessions and slots that were not served before get their places.
UPDATE event_revision SET hash = '';

-- ranked wishes, until the round is allocated and afterwards as its proof
CREATE TABLE wish (
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    round TEXT NOT NULL,
    rank INTEGER NOT NULL CHECK (rank > 0),
    place_id INTEGER NOT NULL REFERENCES place (id),
    PRIMARY KEY (registration_id, round, rank),
    UNIQUE (registration_id, round, place_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX wish_place ON wish (place_id);

-- how a round was allocated: with the seed anybody can repeat it
CREATE TABLE allocation (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    round TEXT NOT NULL,
    seed TEXT NOT NULL,
    people INTEGER NOT NULL,
    placed INTEGER NOT NULL,
    rank_sum INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    UNIQUE (event_id, round)
) STRICT;

-- A link that lets somebody in without approval, or to a reserve. Its uses are counted by the place invite:ID.
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    email TEXT,
    reserve TEXT,
    note TEXT,
    uses INTEGER NOT NULL CHECK (uses > 0),
    expires_at INTEGER,
    revoked_at INTEGER,
    link_version INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    actor TEXT NOT NULL
) STRICT;

-- an address that is to be confirmed before it takes the old one's place
CREATE TABLE address_change (
    id INTEGER PRIMARY KEY,
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    email TEXT,
    link_version INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER
) STRICT;
CREATE UNIQUE INDEX address_change_open ON address_change (registration_id) WHERE ended_at IS NULL;
CREATE INDEX address_change_expires ON address_change (expires_at) WHERE ended_at IS NULL;

-- What people have of the programme, for organisers: taken, held, asked (on a list or undecided) or wished for.
CREATE VIEW choices AS
SELECT r.id AS registration, r.reference AS reference, e.slug AS event, r.status AS status, p.kind AS kind,
    p.key AS place, p.title AS title, c.state AS state, NULL AS rank
FROM claim AS c JOIN registration AS r ON r.id = c.registration_id JOIN place AS p ON p.id = c.place_id
    JOIN event AS e ON e.id = r.event_id
UNION ALL
SELECT r.id, r.reference, e.slug, r.status, p.kind, p.key, p.title, 'asked', NULL
FROM ask AS a JOIN registration AS r ON r.id = a.registration_id JOIN place AS p ON p.id = a.place_id
    JOIN event AS e ON e.id = r.event_id
WHERE p.kind <> 'reserve'
UNION ALL
SELECT r.id, r.reference, e.slug, r.status, p.kind, p.key, p.title, 'wished', w.rank
FROM wish AS w JOIN registration AS r ON r.id = w.registration_id JOIN place AS p ON p.id = w.place_id
    JOIN event AS e ON e.id = r.event_id
WHERE r.status <> 'erased';
