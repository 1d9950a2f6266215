-- SPDX-License-Identifier: EUPL-1.2
-- Version 2. How many mails a mailbox was given within the hour that began at window_at, so that nobody fills it through
-- the forms. key is a hash (signup/address): no address stands here. Old hours go as new ones are written.

CREATE TABLE mailbox (
    key TEXT PRIMARY KEY,
    window_at INTEGER NOT NULL,
    count INTEGER NOT NULL CHECK (count > 0)
) STRICT, WITHOUT ROWID;
CREATE INDEX mailbox_window ON mailbox (window_at);
