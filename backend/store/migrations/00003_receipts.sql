-- +goose Up
-- How far a notification has come. Times are milliseconds of Unix time; 0 stands for "never" or "not known".

-- sent_by is the account or sender key that sent it, empty for the server itself and for what was sent before; read_at and
-- read_on are when and on which installation it was read.
ALTER TABLE notifications ADD COLUMN sent_by TEXT NOT NULL DEFAULT '';
ALTER TABLE notifications ADD COLUMN read_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE notifications ADD COLUMN read_on TEXT NOT NULL DEFAULT '';
CREATE INDEX notifications_sent ON notifications (sent_by, created, id) WHERE sent_by <> '';

-- What a device has had. It outlives the device, whose name goes with the installation.
CREATE TABLE receipts (
    notification TEXT    NOT NULL REFERENCES notifications (id) ON DELETE CASCADE,
    installation TEXT    NOT NULL,
    delivered    INTEGER NOT NULL,
    shown        INTEGER NOT NULL,
    PRIMARY KEY (notification, installation)
) STRICT, WITHOUT ROWID;

-- The device that a sign-in has registered last.
ALTER TABLE sessions ADD COLUMN installation TEXT NOT NULL DEFAULT '';
