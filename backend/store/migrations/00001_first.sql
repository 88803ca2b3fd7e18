-- +goose Up
-- Times are milliseconds of Unix time; 0 stands for "never".

CREATE TABLE accounts (
    id       TEXT    NOT NULL PRIMARY KEY,
    name     TEXT    NOT NULL,
    folded   TEXT    NOT NULL UNIQUE, -- the name without case
    password TEXT    NOT NULL,
    claims   TEXT    NOT NULL,        -- separated by spaces
    disabled INTEGER NOT NULL DEFAULT 0,
    created  INTEGER NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0, -- of the newest notification ever
    unread   INTEGER NOT NULL DEFAULT 0  -- live and unread, expired ones included until they are wiped
) STRICT;

-- A sign-in. selector, current and previous are SHA-256; sealed is the current refresh token, to be opened with the previous.
CREATE TABLE sessions (
    id       TEXT    NOT NULL PRIMARY KEY,
    account  TEXT    NOT NULL REFERENCES accounts (id),
    device   TEXT    NOT NULL,
    selector BLOB    NOT NULL UNIQUE,
    current  BLOB    NOT NULL,
    previous BLOB,
    sealed   BLOB,
    created  INTEGER NOT NULL,
    used     INTEGER NOT NULL,
    ends     INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_account ON sessions (account);

CREATE TABLE access_tokens (
    hash    BLOB    NOT NULL PRIMARY KEY, -- SHA-256
    session TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX access_tokens_session ON access_tokens (session);
CREATE INDEX access_tokens_expires ON access_tokens (expires);

CREATE TABLE sender_keys (
    id      TEXT    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    folded  TEXT    NOT NULL UNIQUE,
    hash    BLOB    NOT NULL UNIQUE, -- SHA-256
    claims  TEXT    NOT NULL,
    created INTEGER NOT NULL
) STRICT;

-- seq counts per account, so that a cursor says nothing about what others receive and order of seq is order of commit.
CREATE TABLE notifications (
    id       TEXT    NOT NULL PRIMARY KEY,
    account  TEXT    NOT NULL REFERENCES accounts (id),
    seq      INTEGER NOT NULL,
    created  INTEGER NOT NULL,
    expires  INTEGER NOT NULL DEFAULT 0,
    read     INTEGER NOT NULL DEFAULT 0, -- 0 or 1
    gone     INTEGER NOT NULL DEFAULT 0, -- since when it is a tombstone: the row stays, its content is wiped
    topic    TEXT    NOT NULL,           -- the sender's key, by which a later one replaces it
    priority TEXT    NOT NULL,
    title    TEXT    NOT NULL,
    sender   TEXT    NOT NULL,
    url      TEXT    NOT NULL,
    payload  TEXT    NOT NULL
) STRICT;
CREATE INDEX notifications_arrival ON notifications (account, seq) WHERE gone = 0;
CREATE INDEX notifications_unread ON notifications (account, seq) WHERE gone = 0 AND read = 0;
CREATE UNIQUE INDEX notifications_topic ON notifications (account, topic) WHERE gone = 0 AND topic <> '';
CREATE INDEX notifications_expires ON notifications (expires) WHERE gone = 0 AND expires <> 0;
CREATE INDEX notifications_unread_expires ON notifications (account, expires) WHERE gone = 0 AND read = 0 AND expires <> 0;
CREATE INDEX notifications_gone ON notifications (gone) WHERE gone <> 0;

-- +goose StatementBegin
CREATE TRIGGER notifications_count AFTER UPDATE OF read, gone ON notifications
WHEN (old.read = 0 AND old.gone = 0) <> (new.read = 0 AND new.gone = 0)
BEGIN
    UPDATE accounts SET unread = unread + CASE WHEN new.read = 0 AND new.gone = 0 THEN 1 ELSE -1 END
    WHERE id = new.account;
END;
-- +goose StatementEnd

CREATE TABLE idempotency (
    sender  TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    hash    BLOB    NOT NULL,
    items   TEXT    NOT NULL, -- JSON: [["account","id"], …]
    created INTEGER NOT NULL,
    PRIMARY KEY (sender, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency (created);

CREATE TABLE installations (
    id       TEXT    NOT NULL PRIMARY KEY,
    account  TEXT    NOT NULL REFERENCES accounts (id),
    platform TEXT    NOT NULL,
    endpoint TEXT    NOT NULL,
    p256dh   TEXT    NOT NULL,
    auth     TEXT    NOT NULL,
    name     TEXT    NOT NULL,
    tags     TEXT    NOT NULL, -- JSON, in the order given
    gone     INTEGER NOT NULL DEFAULT 0,
    updated  INTEGER NOT NULL
) STRICT;
CREATE INDEX installations_account ON installations (account);
CREATE INDEX installations_gone ON installations (gone) WHERE gone <> 0;

CREATE TABLE installation_tags (
    tag          TEXT NOT NULL,
    installation TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, installation)
) STRICT, WITHOUT ROWID;
CREATE INDEX installation_tags_installation ON installation_tags (installation);

CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
