PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now'))
	);
INSERT INTO goose_db_version VALUES(1,0,1,'2026-11-21 21:57:07');
INSERT INTO goose_db_version VALUES(2,1,1,'2026-11-21 21:57:07');
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
INSERT INTO accounts VALUES('f93e3b40-2b7d-49c3-bf1b-a86727dc38dc','Änne','ÄNNE','$argon2id$anna','send manage',0,1795271528000,4,2);
INSERT INTO accounts VALUES('f46d4eb1-639b-463f-beab-088e9d9e16a4','bob','BOB','$argon2id$bob','',1,1795271528000,0,0);
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
INSERT INTO sessions VALUES('e42ec422-1a1e-4dbf-ab85-5d3a8fa97b71','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc','Desk-12',X'afe8fc8cc516091e68be2e336d61f300ae3d51db09d1c95405b2e0f187377b9f',X'5bbbae139366af3664073005b576f80aacea0d21647da9068a4486c0ae3549ed',X'37b40d468947a24d07e401031a51ae3aaf00a5797ff5043e5e2722ea8353b952',X'858284a0bc413d373e62a1597f38412d0e99748d5353b19577cb20d56379c629c09cf3c23b1094420ecb29e77efe94cc2bddc70b182c46f55398db0e4b03fb9e25258cb5508f48ac5990ffa22bd2caa7a5f41e3381d4a05c0d9f41c97aa89018c3',1795271528000,1795271588000,1803047528000);
CREATE TABLE access_tokens (
    hash    BLOB    NOT NULL PRIMARY KEY, -- SHA-256
    session TEXT    NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO access_tokens VALUES(X'75b0fee1f174cc1a71f89aa251728f000cad7b0963545118ed033fd59d99b0a6','e42ec422-1a1e-4dbf-ab85-5d3a8fa97b71',1795272428000);
INSERT INTO access_tokens VALUES(X'798b1b9db2b13eead8c0dbb1a9f552bbb9e7bec06b36aa5b56460579cba09ea9','e42ec422-1a1e-4dbf-ab85-5d3a8fa97b71',1795272488000);
CREATE TABLE sender_keys (
    id      TEXT    NOT NULL PRIMARY KEY,
    name    TEXT    NOT NULL,
    folded  TEXT    NOT NULL UNIQUE,
    hash    BLOB    NOT NULL UNIQUE, -- SHA-256
    claims  TEXT    NOT NULL,
    created INTEGER NOT NULL
) STRICT;
INSERT INTO sender_keys VALUES('b4fa9a72-aff9-4831-a7ad-fcb3cafdbee1','Lab','LAB',X'af4a8cbe36cf3d008c5152c61045ff2f8d33d561897e8ab11688fd173440eaa9','send',1795271588000);
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
INSERT INTO notifications VALUES('ULaPxYQKRTAxkU0e84OlNw','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc',1,1795271588000,1826807588000,0,0,'alarm','high','A','Lab','https://lab.example/1','K 4.1 mmol/l');
INSERT INTO notifications VALUES('-penvL524AZnxG9oDMucgg','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc',2,1795271588000,0,1,0,'','normal','B','','','x');
INSERT INTO notifications VALUES('R0OpKJJzNIqNYwJ7rVY_Qg','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc',3,1795271588000,0,0,1795271588000,'','normal','','','','');
INSERT INTO notifications VALUES('x3HMdqv9aQjxy74Y72dDcg','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc',4,1795271588000,1795271618000,0,0,'','normal','D','','','x');
CREATE TABLE idempotency (
    sender  TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    hash    BLOB    NOT NULL,
    items   TEXT    NOT NULL, -- JSON: [["account","id"], …]
    created INTEGER NOT NULL,
    PRIMARY KEY (sender, key)
) STRICT, WITHOUT ROWID;
INSERT INTO idempotency VALUES('lab','k1',X'0100000000000000000000000000000000000000000000000000000000000000','[["f93e3b40-2b7d-49c3-bf1b-a86727dc38dc","ULaPxYQKRTAxkU0e84OlNw"]]',1795271588000);
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
INSERT INTO installations VALUES('d0','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc','browser','https://push.example/1','BLx','k3','Desk-12','["username:änne","ward:7"]',0,1795271588000);
INSERT INTO installations VALUES('d1','f93e3b40-2b7d-49c3-bf1b-a86727dc38dc','browser','https://push.example/2','BLx','k3','Desk-12','["username:änne","ward:7"]',1795271588000,1795271588000);
CREATE TABLE installation_tags (
    tag          TEXT NOT NULL,
    installation TEXT NOT NULL REFERENCES installations (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, installation)
) STRICT, WITHOUT ROWID;
INSERT INTO installation_tags VALUES('USERNAME:ÄNNE','d0');
INSERT INTO installation_tags VALUES('WARD:7','d0');
INSERT INTO installation_tags VALUES('USERNAME:ÄNNE','d1');
INSERT INTO installation_tags VALUES('WARD:7','d1');
CREATE TABLE secrets (
    name  TEXT NOT NULL PRIMARY KEY,
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO secrets VALUES('refresh-successor',X'0df11e1266ca2e9214fa9a04692ca57d4f7cddecd79b9ebe802102ed461fa4c7');
INSERT INTO secrets VALUES('vapid',X'010203');
DELETE FROM sqlite_sequence;
INSERT INTO sqlite_sequence VALUES('goose_db_version',2);
CREATE INDEX sessions_account ON sessions (account);
CREATE INDEX access_tokens_session ON access_tokens (session);
CREATE INDEX access_tokens_expires ON access_tokens (expires);
CREATE INDEX notifications_arrival ON notifications (account, seq) WHERE gone = 0;
CREATE INDEX notifications_unread ON notifications (account, seq) WHERE gone = 0 AND read = 0;
CREATE UNIQUE INDEX notifications_topic ON notifications (account, topic) WHERE gone = 0 AND topic <> '';
CREATE INDEX notifications_expires ON notifications (expires) WHERE gone = 0 AND expires <> 0;
CREATE INDEX notifications_unread_expires ON notifications (account, expires) WHERE gone = 0 AND read = 0 AND expires <> 0;
CREATE INDEX notifications_gone ON notifications (gone) WHERE gone <> 0;
CREATE TRIGGER notifications_count AFTER UPDATE OF read, gone ON notifications
WHEN (old.read = 0 AND old.gone = 0) <> (new.read = 0 AND new.gone = 0)
BEGIN
    UPDATE accounts SET unread = unread + CASE WHEN new.read = 0 AND new.gone = 0 THEN 1 ELSE -1 END
    WHERE id = new.account;
END;
CREATE INDEX idempotency_created ON idempotency (created);
CREATE INDEX installations_account ON installations (account);
CREATE INDEX installations_gone ON installations (gone) WHERE gone <> 0;
CREATE INDEX installation_tags_installation ON installation_tags (installation);
COMMIT;
