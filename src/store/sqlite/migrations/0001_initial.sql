-- Objects are kept as their key and a JSON body; what one would query has
-- columns of its own. Times are milliseconds since 1970-01-01 UTC.
-- Foreign keys are checked at COMMIT: a command may name an object before it
-- puts it.

CREATE TABLE parameters (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE device_pool (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE phone (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE profile (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE profile_default (
    model TEXT PRIMARY KEY,
    body  TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE user (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE application_user (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE service (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

CREATE TABLE number (
    number TEXT PRIMARY KEY,
    body   TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- The key makes it one session a phone.
CREATE TABLE session (
    phone   INTEGER PRIMARY KEY
            REFERENCES phone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    user    INTEGER NOT NULL REFERENCES user (id) DEFERRABLE INITIALLY DEFERRED,
    profile INTEGER NOT NULL REFERENCES profile (id) DEFERRABLE INITIALLY DEFERRED,
    since   INTEGER NOT NULL,
    expires INTEGER,
    origin  TEXT NOT NULL CHECK (json_valid(origin))
) STRICT;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_profile ON session (profile);
CREATE INDEX session_expires ON session (expires) WHERE expires IS NOT NULL;

CREATE TABLE last_user (
    phone INTEGER PRIMARY KEY
          REFERENCES phone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    user  INTEGER NOT NULL
          REFERENCES user (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
) STRICT;
CREATE INDEX last_user_user ON last_user (user);

-- What a phone holds; a stamp that is NULL is not known.
CREATE TABLE held (
    phone   INTEGER PRIMARY KEY
            REFERENCES phone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    file    TEXT,
    station TEXT,
    node    TEXT NOT NULL,
    seen    INTEGER NOT NULL
) STRICT;

CREATE TABLE pending (
    phone      INTEGER PRIMARY KEY
               REFERENCES phone (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    since      INTEGER NOT NULL,
    not_before INTEGER NOT NULL,
    deadline   INTEGER NOT NULL,
    attempts   INTEGER NOT NULL,
    body       TEXT NOT NULL CHECK (json_valid(body))
) STRICT;

-- The site file as last applied, the base of the next merge.
CREATE TABLE applied (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    body TEXT NOT NULL
) STRICT;

CREATE TABLE audit (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    node   TEXT NOT NULL,
    actor  TEXT NOT NULL,
    what   TEXT NOT NULL
) STRICT;

-- Gap-free; the oldest are pruned.
CREATE TABLE change_log (
    number INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL,
    key    TEXT NOT NULL
) STRICT;
