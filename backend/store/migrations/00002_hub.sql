-- +goose Up
-- The notification hub. Times are milliseconds of Unix time; 0 stands for "never". Texts named folded or tag are without case.

-- The keys are in clear: who signs a token with a key does not send it, so checking takes the text itself. Who can read this
-- file can sign; it is its owner's alone (0600).
CREATE TABLE hub_rules (
    folded        TEXT    NOT NULL PRIMARY KEY,
    name          TEXT    NOT NULL,
    rights        TEXT    NOT NULL, -- names, separated by spaces
    primary_key   TEXT    NOT NULL,
    secondary_key TEXT    NOT NULL,
    created       INTEGER NOT NULL,
    modified      INTEGER NOT NULL
) STRICT;
-- The rules of a new hub. Whoever opens the database draws the keys that are still empty.
INSERT INTO hub_rules (folded, name, rights, primary_key, secondary_key, created, modified) VALUES
    ('DEFAULTLISTENSHAREDACCESSSIGNATURE', 'DefaultListenSharedAccessSignature', 'Listen', '', '', 0, 0),
    ('DEFAULTFULLSHAREDACCESSSIGNATURE', 'DefaultFullSharedAccessSignature', 'Listen Manage Send', '', '', 0, 0);

CREATE TABLE hub_installations (
    id       TEXT    NOT NULL PRIMARY KEY,
    document BLOB    NOT NULL, -- JSON
    expired  INTEGER NOT NULL, -- 0 or 1: its push channel is dead
    version  INTEGER NOT NULL,
    expires  INTEGER NOT NULL,
    updated  INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_installations_expires ON hub_installations (expires) WHERE expires <> 0;

CREATE TABLE hub_registrations (
    id           TEXT    NOT NULL PRIMARY KEY,
    platform     TEXT    NOT NULL,
    template     INTEGER NOT NULL, -- 0 or 1
    expires      INTEGER NOT NULL, -- the installation's, if it follows from one
    handle       TEXT    NOT NULL,
    handle_key   TEXT    NOT NULL, -- its SHA-256, as a handle may have thousands of characters
    p256dh       TEXT    NOT NULL,
    auth         TEXT    NOT NULL,
    baidu_user   TEXT    NOT NULL,
    tile         TEXT    NOT NULL,
    tags         TEXT    NOT NULL, -- JSON, in the order given
    variables    TEXT    NOT NULL, -- JSON
    form         TEXT    NOT NULL, -- of a template, JSON; else empty
    installation TEXT REFERENCES hub_installations (id) ON DELETE CASCADE,
    slot         TEXT    NOT NULL, -- which of the installation's
    etag         INTEGER NOT NULL,
    created      INTEGER NOT NULL,
    updated      INTEGER NOT NULL,
    UNIQUE (installation, slot)
) STRICT;
CREATE INDEX hub_registrations_platform ON hub_registrations (platform, template, id);
CREATE INDEX hub_registrations_template ON hub_registrations (template, id);
CREATE INDEX hub_registrations_handle ON hub_registrations (handle_key, platform);
CREATE INDEX hub_registrations_expires ON hub_registrations (expires) WHERE expires <> 0;

-- Platform and template are the registration's, so that one walk along the key finds whom a send concerns.
CREATE TABLE hub_tags (
    tag          TEXT    NOT NULL,
    platform     TEXT    NOT NULL,
    template     INTEGER NOT NULL,
    registration TEXT    NOT NULL REFERENCES hub_registrations (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, platform, template, registration)
) STRICT, WITHOUT ROWID;
CREATE INDEX hub_tags_template ON hub_tags (tag, template, registration);
CREATE INDEX hub_tags_registration ON hub_tags (registration);

-- Registrations that the hub itself has removed, so that their client learns of it.
CREATE TABLE hub_tombstones (
    id   TEXT    NOT NULL PRIMARY KEY,
    gone INTEGER NOT NULL -- since when
) STRICT, WITHOUT ROWID;
CREATE INDEX hub_tombstones_gone ON hub_tombstones (gone);

CREATE TABLE hub_scheduled (
    id       TEXT    NOT NULL PRIMARY KEY,
    due      INTEGER NOT NULL,
    format   TEXT    NOT NULL,
    tags     TEXT    NOT NULL, -- an expression
    body     BLOB    NOT NULL,
    headers  TEXT    NOT NULL, -- JSON: [["name","value"], …]
    handles  TEXT    NOT NULL, -- JSON: [["handle","p256dh","auth"], …]
    direct   INTEGER NOT NULL, -- 0 or 1
    enqueued INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_scheduled_due ON hub_scheduled (due, id);

CREATE TABLE hub_feedback (
    seq          INTEGER NOT NULL PRIMARY KEY,
    day          INTEGER NOT NULL, -- of time, counted from 1970 in UTC
    time         INTEGER NOT NULL,
    platform     TEXT    NOT NULL,
    handle       TEXT    NOT NULL,
    registration TEXT    NOT NULL,
    installation TEXT    NOT NULL,
    notification TEXT    NOT NULL,
    error        TEXT    NOT NULL
) STRICT;
CREATE INDEX hub_feedback_day ON hub_feedback (day, seq);

CREATE TABLE hub_jobs (
    id        TEXT    NOT NULL PRIMARY KEY,
    type      TEXT    NOT NULL,
    status    TEXT    NOT NULL,
    progress  REAL    NOT NULL,
    container TEXT    NOT NULL, -- URL
    file      TEXT    NOT NULL, -- URL
    failure   TEXT    NOT NULL,
    output    TEXT    NOT NULL, -- JSON
    created   INTEGER NOT NULL,
    updated   INTEGER NOT NULL
) STRICT;
CREATE INDEX hub_jobs_created ON hub_jobs (created, id);
CREATE INDEX hub_jobs_updated ON hub_jobs (updated);

-- What is told from one process to another and is no secret.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The back end's directory of devices. due: 0 the hub has it as it is here; 1 to be put there; 2 forgotten here and to be
-- deleted there. version counts the changes.
ALTER TABLE installations ADD COLUMN due INTEGER NOT NULL DEFAULT 1;
ALTER TABLE installations ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
CREATE INDEX installations_due ON installations (id) WHERE due <> 0;

-- +goose StatementBegin
CREATE TRIGGER installations_forgotten AFTER UPDATE OF due ON installations WHEN new.due = 2
BEGIN
    DELETE FROM installation_tags WHERE installation = new.id;
END;
-- +goose StatementEnd
