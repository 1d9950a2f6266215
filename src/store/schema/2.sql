-- SPDX-License-Identifier: EUPL-1.2
-- Version 2: when an event begins, approval, offers from the waiting list, and the mails of a mailbox.

-- 9999-12-31: shortens no term, until the event's definition is taken anew and tells
ALTER TABLE event ADD COLUMN starts_at INTEGER NOT NULL DEFAULT 253402300799;

-- 1: an organiser approves; and whether an application that waits for it holds its place
ALTER TABLE place ADD COLUMN approval INTEGER NOT NULL DEFAULT 0;
ALTER TABLE place ADD COLUMN approval_holds INTEGER NOT NULL DEFAULT 1;

-- No definition has this hash: the next start takes each as a new revision, and the columns above are filled from it.
UPDATE event_revision SET hash = '';

-- a place that is held for somebody from the waiting list until he answers
CREATE TABLE offer (
    id INTEGER PRIMARY KEY,
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    places TEXT NOT NULL CHECK (json_valid(places)),
    made_at INTEGER NOT NULL,
    accept_by INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT CHECK (outcome IN ('accepted', 'declined', 'lapsed', 'cancelled'))
) STRICT;
CREATE UNIQUE INDEX offer_open ON offer (registration_id) WHERE ended_at IS NULL;

-- The same table, and two outcomes more. SQLite changes no CHECK in place.
CREATE TABLE submission_2 (
    id INTEGER PRIMARY KEY,
    reference TEXT NOT NULL,
    event_id INTEGER NOT NULL REFERENCES event (id),
    registration_id INTEGER REFERENCES registration (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('pending_email', 'awaiting_approval', 'confirmed', 'waitlisted')),
    language TEXT NOT NULL,
    at INTEGER NOT NULL
) STRICT;
INSERT INTO submission_2 SELECT * FROM submission;
DROP TABLE submission;
ALTER TABLE submission_2 RENAME TO submission;

-- How many mails a mailbox was given within the hour that began at window_at, so that nobody fills it through the forms.
-- key is a hash (signup/address): no address stands here. Old hours go as new ones are written.
CREATE TABLE mailbox (
    key TEXT PRIMARY KEY,
    window_at INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_window ON mailbox (window_at);
