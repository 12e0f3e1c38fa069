-- Times are milliseconds since the epoch, UTC. Ids are ULIDs. Tokens are kept as the hex of their SHA-256.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Answers of creating calls, for a caller that repeats one.
CREATE TABLE idempotent (
    principal TEXT NOT NULL,
    key       TEXT NOT NULL,
    request   TEXT NOT NULL,
    answer    TEXT NOT NULL,
    time      INTEGER NOT NULL,
    PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotent_by_age ON idempotent (time);

-- Control events on their way into a log, which is a file of its own.
CREATE TABLE outbox (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    log    TEXT NOT NULL,
    number INTEGER NOT NULL,
    task   INTEGER,
    text   TEXT NOT NULL
) STRICT;
CREATE TABLE outbox_count (
    log  TEXT PRIMARY KEY,
    last INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE user (
    id          TEXT PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    token_hash  TEXT NOT NULL UNIQUE,
    time_create INTEGER NOT NULL
) STRICT;
CREATE TABLE user_privilege (
    user      TEXT NOT NULL REFERENCES user (id),
    privilege TEXT NOT NULL,
    PRIMARY KEY (user, privilege)
) STRICT, WITHOUT ROWID;

CREATE TABLE target (
    id        TEXT PRIMARY KEY,
    name      TEXT NOT NULL UNIQUE,
    desc      TEXT NOT NULL,
    redirect  TEXT REFERENCES target (id),
    privilege TEXT
) STRICT;

CREATE TABLE factory (
    id           TEXT PRIMARY KEY,
    name         TEXT NOT NULL UNIQUE,
    token_hash   TEXT NOT NULL UNIQUE,
    lastping     INTEGER,
    enable       INTEGER NOT NULL DEFAULT 1 CHECK (enable IN (0, 1)),
    hold_workers INTEGER NOT NULL DEFAULT 0 CHECK (hold_workers IN (0, 1))
) STRICT;

CREATE TABLE worker (
    id               TEXT PRIMARY KEY,
    factory          TEXT NOT NULL REFERENCES factory (id),
    target           TEXT NOT NULL REFERENCES target (id),
    state            TEXT NOT NULL CHECK (state IN ('created', 'online', 'recycling', 'destroyed')),
    bootstrap        TEXT, -- the key itself until it is used: factories read it back
    bootstrap_hash   TEXT NOT NULL UNIQUE,
    token_hash       TEXT UNIQUE,
    factory_private  TEXT,
    factory_ip       TEXT,
    factory_metadata TEXT, -- JSON
    details          TEXT, -- JSON, what the factory tells of the machine
    wait_for_flush   INTEGER NOT NULL DEFAULT 0 CHECK (wait_for_flush IN (0, 1)),
    diagnostics      INTEGER NOT NULL DEFAULT 0 CHECK (diagnostics IN (0, 1)),
    hold_time        INTEGER,
    hold_reason      TEXT,
    lastping         INTEGER,
    long_polls       INTEGER NOT NULL DEFAULT 0 CHECK (long_polls IN (0, 1)),
    time_create      INTEGER NOT NULL,
    time_online      INTEGER,
    CHECK ((hold_time IS NULL) = (hold_reason IS NULL))
) STRICT;
-- The scheduler and the factories look at these alone, whatever the history.
CREATE INDEX worker_alive ON worker (factory, id) WHERE state <> 'destroyed';

CREATE TABLE job (
    id            TEXT PRIMARY KEY,
    owner         TEXT NOT NULL REFERENCES user (id),
    name          TEXT NOT NULL,
    target        TEXT NOT NULL, -- as submitted
    target_id     TEXT NOT NULL REFERENCES target (id),
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'queued', 'running', 'completed', 'failed')),
    cancelled     INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)),
    attempt       INTEGER NOT NULL DEFAULT 1, -- number of the last one
    time_archived INTEGER,
    time_purged   INTEGER,
    log_count     INTEGER, -- of the sealed log, as is the rest
    log_bytes     INTEGER,
    log_sha256    TEXT
) STRICT;
CREATE INDEX job_of_owner ON job (owner, id);
CREATE INDEX job_active ON job (state, id) WHERE state IN ('waiting', 'queued', 'running');
CREATE INDEX job_ended ON job (id) WHERE state IN ('completed', 'failed');
CREATE INDEX job_unsealed ON job (id) WHERE state IN ('completed', 'failed') AND log_sha256 IS NULL;

CREATE TABLE attempt (
    job    TEXT NOT NULL REFERENCES job (id),
    number INTEGER NOT NULL,
    worker TEXT REFERENCES worker (id),
    reason TEXT, -- why it ended, in words for the user
    PRIMARY KEY (job, number)
) STRICT, WITHOUT ROWID;
-- A machine runs one job in its life.
CREATE UNIQUE INDEX attempt_of_worker ON attempt (worker) WHERE worker IS NOT NULL;

CREATE TABLE attempt_time (
    job     TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    name    TEXT NOT NULL CHECK (name IN ('submit', 'ready', 'assigned', 'complete')),
    time    INTEGER NOT NULL,
    PRIMARY KEY (job, attempt, name),
    FOREIGN KEY (job, attempt) REFERENCES attempt (job, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE task (
    job       TEXT NOT NULL REFERENCES job (id),
    seq       INTEGER NOT NULL,
    name      TEXT NOT NULL,
    script    TEXT NOT NULL,
    env_clear INTEGER NOT NULL CHECK (env_clear IN (0, 1)),
    env       TEXT NOT NULL, -- JSON object
    uid       INTEGER,
    gid       INTEGER,
    workdir   TEXT,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE task_verdict (
    job     TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    failed  INTEGER NOT NULL CHECK (failed IN (0, 1)),
    PRIMARY KEY (job, attempt, seq),
    FOREIGN KEY (job, attempt) REFERENCES attempt (job, number),
    FOREIGN KEY (job, seq) REFERENCES task (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE output_rule (
    job            TEXT NOT NULL REFERENCES job (id),
    seq            INTEGER NOT NULL,
    rule           TEXT NOT NULL,
    ignore         INTEGER NOT NULL CHECK (ignore IN (0, 1)),
    size_change_ok INTEGER NOT NULL CHECK (size_change_ok IN (0, 1)),
    require_match  INTEGER NOT NULL CHECK (require_match IN (0, 1)),
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE file (
    job           TEXT NOT NULL REFERENCES job (id),
    id            TEXT NOT NULL UNIQUE,
    size          INTEGER NOT NULL,
    sha256        TEXT NOT NULL,
    commit_id     TEXT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('input', 'output')),
    name          TEXT NOT NULL, -- of the input, path of the output
    time_archived INTEGER,
    PRIMARY KEY (job, id),
    UNIQUE (job, commit_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE input (
    job       TEXT NOT NULL REFERENCES job (id),
    name      TEXT NOT NULL,
    file      TEXT, -- null until it has arrived
    other_job TEXT, -- whose file it is, where a dependency handed it over
    PRIMARY KEY (job, name),
    FOREIGN KEY (other_job, file) REFERENCES file (job, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE output (
    job     TEXT NOT NULL,
    path    TEXT NOT NULL,
    file    TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (job, path),
    FOREIGN KEY (job, file) REFERENCES file (job, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE depend (
    job          TEXT NOT NULL REFERENCES job (id),
    name         TEXT NOT NULL,
    prior_job    TEXT NOT NULL REFERENCES job (id),
    copy_outputs INTEGER NOT NULL CHECK (copy_outputs IN (0, 1)),
    on_failed    INTEGER NOT NULL CHECK (on_failed IN (0, 1)),
    on_completed INTEGER NOT NULL CHECK (on_completed IN (0, 1)),
    satisfied    INTEGER NOT NULL DEFAULT 0 CHECK (satisfied IN (0, 1)),
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
    job   TEXT NOT NULL REFERENCES job (id),
    name  TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX tag_search ON tag (name, value, job);

CREATE TABLE store (
    job         TEXT NOT NULL REFERENCES job (id),
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    secret      INTEGER NOT NULL CHECK (secret IN (0, 1)),
    source      TEXT NOT NULL CHECK (source IN ('user', 'worker')),
    time_update INTEGER NOT NULL,
    PRIMARY KEY (job, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
    job     TEXT PRIMARY KEY REFERENCES job (id),
    factory TEXT NOT NULL REFERENCES factory (id),
    expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
