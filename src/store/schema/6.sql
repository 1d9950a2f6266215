-- SPDX-License-Identifier: EUPL-1.2
-- Version 6: what is overtaken while it is under way, what is sent once more, and whose an address is.

-- Whether a digest has anything to tell.
CREATE INDEX registration_updated ON registration (event_id, updated_at);

-- The event was called off after the mailing was sent: it was written for one that takes place.
ALTER TABLE mail_batch ADD COLUMN overtaken_at INTEGER;

-- A mail that is under way when it ceases to be owed cannot be superseded yet; if it has not gone it is not tried again.
ALTER TABLE mail ADD COLUMN overtaken_at INTEGER;
-- Somebody said "once more": the days in which it is tried count from then on.
ALTER TABLE mail ADD COLUMN retried_at INTEGER;

-- Who came along in a group has acted on the page of the own link: the address is theirs, and who booked corrects it no
-- more.
ALTER TABLE registration ADD COLUMN own_at INTEGER;

-- The letter about a change tells answers as they were; they outlive it no longer than it may have to be sent again.
CREATE TRIGGER mail_forget_answers AFTER UPDATE OF state ON mail
WHEN NEW.kind = 'changed' AND NEW.state IN ('sent', 'superseded') AND instr(NEW.data, '"answers":') > 0
BEGIN
    UPDATE mail SET data = json_remove(data, '$.answers', '$.guests') WHERE id = NEW.id;
END;
