-- SPDX-License-Identifier: EUPL-1.2
-- Version 5: mail that is planned, paced, paused, stopped and returned.

-- As in versions 2 to 4: each definition is taken anew, for it plans its reminders when it is taken.
UPDATE event_revision SET hash = '';

-- One sending to everybody of an event who is concerned when it is due: a reminder, a join link, thanks, a digest. Rows
-- of `mail` are born of it, 200 a transaction, in the order of the registrations; `cursor` is the last one looked at.
-- `instance` is that of the mails. A plan whose event has moved gets a new due_at, or is dropped.
CREATE TABLE mail_plan (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    kind TEXT NOT NULL,
    instance INTEGER NOT NULL,
    data TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(data)),
    due_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('planned', 'running', 'done', 'dropped')),
    cursor INTEGER NOT NULL DEFAULT 0,
    UNIQUE (event_id, kind, instance)
) STRICT;
CREATE INDEX mail_plan_due ON mail_plan (due_at) WHERE state IN ('planned', 'running');
CREATE VIEW mail_plans AS
SELECT e.slug AS event, p.kind AS kind, strftime('%Y-%m-%dT%H:%M:%SZ', p.due_at, 'unixepoch') AS due_at,
    p.state AS state
FROM mail_plan AS p JOIN event AS e ON e.id = p.event_id;

-- A mail that organisers write to some of an event's people. It is sent by a plan of kind `bulk`, whose instance is its
-- id and which finds by `filter` whom it is for; mail.batch_id names it in turn. `filter`: {"status":[STATE…], "mode":ID,
-- "session":ID, "language":CODE, "country":CODE, "answers":{FIELD:VALUE…}}, all but status where asked. `texts`:
-- {LANGUAGE:{"subject":TEXT, "text":MARKDOWN}…}. news: people may stop it.
CREATE TABLE mail_batch (
    id INTEGER PRIMARY KEY,
    event_id INTEGER NOT NULL REFERENCES event (id),
    filter TEXT NOT NULL CHECK (json_valid(filter)),
    texts TEXT NOT NULL CHECK (json_valid(texts)),
    news INTEGER NOT NULL CHECK (news IN (0, 1)),
    author TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    sent_at INTEGER,
    recalled_at INTEGER
) STRICT;
CREATE INDEX mail_of_batch ON mail (batch_id) WHERE batch_id IS NOT NULL;

-- What is held back by hand: scope 0 is the whole queue, else the id of an event. The row of an event goes when it is
-- resumed and the last of its parked mails has been let go.
CREATE TABLE mail_pause (
    scope INTEGER PRIMARY KEY,
    paused_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    ended_at INTEGER
) STRICT;

-- A due mail of a paused event is put aside once: a million of them cost the look for the next due mail nothing.
ALTER TABLE mail ADD COLUMN parked_at INTEGER;
DROP INDEX mail_due;
CREATE INDEX mail_due ON mail (priority, due_at) WHERE state IN ('queued', 'deferred') AND parked_at IS NULL;
CREATE INDEX mail_parked ON mail (event_id) WHERE state IN ('queued', 'deferred') AND parked_at IS NOT NULL;

-- How many mails are in each state, so that nobody has to count them.
CREATE TABLE mail_count (
    state TEXT PRIMARY KEY,
    n INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO mail_count (state, n) VALUES ('queued', 0), ('leased', 0), ('sent', 0), ('deferred', 0), ('failed', 0),
    ('expired', 0), ('superseded', 0), ('cancelled', 0);
UPDATE mail_count SET n = (SELECT count(*) FROM mail WHERE mail.state = mail_count.state);
CREATE TRIGGER mail_born AFTER INSERT ON mail BEGIN
    UPDATE mail_count SET n = n + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER mail_moved AFTER UPDATE OF state ON mail WHEN OLD.state <> NEW.state BEGIN
    UPDATE mail_count SET n = n - 1 WHERE state = OLD.state;
    UPDATE mail_count SET n = n + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER mail_gone AFTER DELETE ON mail BEGIN
    UPDATE mail_count SET n = n - 1 WHERE state = OLD.state;
END;

-- No reminders, surveys and news for this registration, by its owner's word.
ALTER TABLE registration ADD COLUMN stopped_at INTEGER;

-- What came back. The address of a registration is undeliverable until it is changed; nothing is sent to it any more.
ALTER TABLE registration ADD COLUMN undeliverable_at INTEGER;
ALTER TABLE registration ADD COLUMN undeliverable_why TEXT;
CREATE TABLE bounce (
    id INTEGER PRIMARY KEY,
    mail_id INTEGER NOT NULL REFERENCES mail (id),
    at INTEGER NOT NULL,
    sort TEXT NOT NULL CHECK (sort IN ('permanent', 'transient', 'policy', 'delayed')),
    status TEXT,
    reply TEXT,
    cleared_at INTEGER, -- it does not count any more: the address was said to be good
    UNIQUE (mail_id, sort, status)
) STRICT;

-- What calendars answer to an invitation: kept, never acted on.
CREATE TABLE calendar_reply (
    id INTEGER PRIMARY KEY,
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    at INTEGER NOT NULL,
    answer TEXT NOT NULL CHECK (answer IN ('accepted', 'declined', 'tentative'))
) STRICT;
CREATE INDEX calendar_reply_of ON calendar_reply (registration_id, id);

-- Who cannot be reached, and since when.
CREATE VIEW undeliverable AS
SELECT r.id AS registration, r.reference AS reference, e.slug AS event, r.status AS status, r.name AS name,
    r.email AS email, strftime('%Y-%m-%dT%H:%M:%SZ', r.undeliverable_at, 'unixepoch') AS since,
    r.undeliverable_why AS why
FROM registration AS r JOIN event AS e ON e.id = r.event_id
WHERE r.undeliverable_at IS NOT NULL AND r.email IS NOT NULL;

-- What came back, mail by mail.
CREATE VIEW bounces AS
SELECT m.id AS mail, e.slug AS event, CASE WHEN m.subject_kind = 'registration' THEN m.subject_id END AS registration,
    m.kind AS kind, strftime('%Y-%m-%dT%H:%M:%SZ', b.at, 'unixepoch') AS at, b.sort AS sort, b.status AS status,
    b.reply AS reply
FROM bounce AS b JOIN mail AS m ON m.id = b.mail_id LEFT JOIN event AS e ON e.id = m.event_id;

-- How many messages arrived where mail comes back, by what they were.
CREATE VIEW returned AS
SELECT substr(key, 10) AS sort, CAST(value AS INTEGER) AS messages FROM meta WHERE substr(key, 1, 9) = 'returned:';

-- The mail that says that somebody's data is erased is the last place where the address stands: it goes with the last
-- result, whatever brought that.
CREATE TRIGGER mail_forget AFTER UPDATE OF state ON mail
WHEN NEW.kind = 'erased' AND NEW.state NOT IN ('queued', 'leased', 'deferred') AND NEW.recipient <> ''
BEGIN
    UPDATE mail SET recipient = '', data = '{}', last_reply = NULL WHERE id = NEW.id;
END;

CREATE VIEW mail_batches AS
SELECT b.id AS batch, e.slug AS event, b.author AS author,
    strftime('%Y-%m-%dT%H:%M:%SZ', b.made_at, 'unixepoch') AS made_at,
    strftime('%Y-%m-%dT%H:%M:%SZ', p.due_at, 'unixepoch') AS due_at,
    CASE WHEN b.recalled_at IS NOT NULL THEN 'recalled' WHEN p.id IS NULL THEN 'draft' ELSE p.state END AS state,
    b.news AS news, b.filter AS filter, b.texts AS texts,
    (SELECT count(*) FROM mail AS m WHERE m.batch_id = b.id) AS mails,
    (SELECT count(*) FROM mail AS m WHERE m.batch_id = b.id AND m.state = 'sent') AS sent,
    (SELECT count(*) FROM mail AS m WHERE m.batch_id = b.id AND m.state IN ('queued', 'leased', 'deferred')) AS waiting,
    (SELECT count(*) FROM mail AS m WHERE m.batch_id = b.id AND m.state = 'failed') AS failed
FROM mail_batch AS b JOIN event AS e ON e.id = b.event_id
    LEFT JOIN mail_plan AS p ON p.kind = 'bulk' AND p.event_id = b.event_id AND p.instance = b.id;
