-- SPDX-License-Identifier: EUPL-1.2
-- Version 4: special needs apart from the answers.

-- As in versions 2 and 3: each definition is taken anew, for fields that were not served before get their columns.
UPDATE event_revision SET hash = '';

-- What somebody wrote about special needs: not among the answers, in no search, in no flat view. It goes at erase_at,
-- when its consent is withdrawn, or with the registration.
CREATE TABLE private_answer (
    registration_id INTEGER NOT NULL REFERENCES registration (id),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    class TEXT NOT NULL CHECK (class = 'special'),
    erase_at INTEGER NOT NULL,
    PRIMARY KEY (registration_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX private_answer_erase ON private_answer (erase_at);

-- why an event is off, as everybody was told
ALTER TABLE event ADD COLUMN off_reason TEXT;
