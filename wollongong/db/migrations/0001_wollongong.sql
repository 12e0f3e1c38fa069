-- Times are milliseconds since the epoch, UTC. Our own ids are ULIDs; integers are GitHub's.

-- One webhook. Without AUTOINCREMENT a number could be used twice when the newest rows are archived.
CREATE TABLE delivery (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid        TEXT NOT NULL UNIQUE,
    event       TEXT NOT NULL,
    headers     TEXT NOT NULL, -- JSON object
    payload     TEXT NOT NULL, -- JSON, as it came
    recvtime    INTEGER NOT NULL,
    ack         INTEGER, -- version of the processing that was done; NULL: to do
    note        TEXT, -- what was done, or why nothing
    error       TEXT, -- of the last try
    tries       INTEGER NOT NULL DEFAULT 0, -- that failed
    due         INTEGER NOT NULL, -- when it is tried next
    quarantined INTEGER NOT NULL DEFAULT 0 CHECK (quarantined IN (0, 1))
) STRICT;
CREATE INDEX delivery_open ON delivery (due) WHERE ack IS NULL AND quarantined = 0;

CREATE TABLE user (
    id       INTEGER PRIMARY KEY,
    login    TEXT NOT NULL,
    usertype TEXT NOT NULL CHECK (usertype IN ('user', 'bot', 'org')),
    name     TEXT,
    email    TEXT
) STRICT;
CREATE INDEX user_login ON user (login);

CREATE TABLE install (
    id    INTEGER PRIMARY KEY,
    owner INTEGER NOT NULL REFERENCES user (id),
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'deleted'))
) STRICT;
CREATE INDEX install_owner ON install (owner);

CREATE TABLE repository (
    id         INTEGER PRIMARY KEY,
    owner      TEXT NOT NULL,
    name       TEXT NOT NULL,
    visibility TEXT CHECK (visibility IN ('public', 'private', 'internal')),
    deleted    INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1))
) STRICT;
CREATE INDEX repository_owner_name ON repository (owner, name);

CREATE TABLE check_suite (
    id           TEXT PRIMARY KEY,
    repo         INTEGER NOT NULL REFERENCES repository (id),
    install      INTEGER NOT NULL REFERENCES install (id),
    github_id    INTEGER, -- NULL until GitHub's suite is known
    head_sha     TEXT NOT NULL,
    head_branch  TEXT,
    base_sha     TEXT, -- what the change is measured against, where known
    pr           INTEGER, -- number of the pull request that came first
    merge_group  INTEGER NOT NULL DEFAULT 0 CHECK (merge_group IN (0, 1)),
    state        TEXT NOT NULL CHECK (state IN ('created', 'parked', 'planned', 'running', 'complete', 'retired')),
    plan         TEXT, -- JSON
    plan_sha     TEXT,
    url_key      TEXT NOT NULL,
    pr_by        INTEGER REFERENCES user (id),
    requested_by INTEGER REFERENCES user (id),
    approved_by  INTEGER REFERENCES user (id),
    asked_by     INTEGER REFERENCES user (id), -- who pressed Authorise and is not looked up yet
    due          INTEGER, -- when there is work for it; NULL: nothing to do
    tries        INTEGER NOT NULL DEFAULT 0, -- that failed, since the last that did not
    error        TEXT, -- of the last try
    time_create  INTEGER NOT NULL,
    UNIQUE (repo, head_sha)
) STRICT;
CREATE INDEX check_suite_due ON check_suite (due) WHERE due IS NOT NULL;
CREATE INDEX check_suite_open ON check_suite (id) WHERE state IN ('created', 'planned', 'running');
CREATE UNIQUE INDEX check_suite_github ON check_suite (repo, github_id) WHERE github_id IS NOT NULL;

CREATE TABLE check_run (
    id            TEXT PRIMARY KEY,
    check_suite   TEXT NOT NULL REFERENCES check_suite (id),
    name          TEXT NOT NULL,
    variety       TEXT NOT NULL CHECK (variety IN ('control', 'basic')),
    path          TEXT, -- of the job file
    content       TEXT, -- the job file, whole
    active        INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    state         TEXT NOT NULL CHECK (state IN ('waiting', 'submitting', 'submitted', 'over')),
    conclusion    TEXT CHECK (conclusion IN ('success', 'failure', 'cancelled', 'action_required', 'timed_out', 'skipped', 'neutral')),
    story         TEXT, -- why it is where it is, in words (Markdown)
    note          TEXT, -- what else is worth saying
    action        TEXT CHECK (action IN ('auth')), -- button that is offered when it is over
    time_create   INTEGER NOT NULL,
    -- Of a job:
    submission    TEXT, -- JSON, kept before it is sent, so that a repeated call is the same one
    job           TEXT, -- the core's
    job_state     TEXT,
    time_assigned INTEGER,
    time_complete INTEGER,
    cancelled_by  TEXT, -- login, or why it was cancelled by itself
    cancelled     INTEGER NOT NULL DEFAULT 0 CHECK (cancelled IN (0, 1)), -- whether the core knows
    extra_repos   TEXT NOT NULL DEFAULT '[]', -- JSON: ids of further repositories that its token may read
    next_event    INTEGER NOT NULL DEFAULT 1,
    tail          TEXT NOT NULL DEFAULT '{"headers":[],"lines":[]}', -- JSON, end of its log
    outputs       TEXT NOT NULL DEFAULT '{"files":[],"more":0}', -- JSON
    report        TEXT, -- JSON: summary and annotations of its tests
    -- What GitHub knows:
    github_id     INTEGER,
    announced     INTEGER NOT NULL DEFAULT 0 CHECK (announced IN (0, 1)), -- a creating call was begun
    version       INTEGER NOT NULL DEFAULT 1, -- counts the changes that people see
    flushed       INTEGER NOT NULL DEFAULT 0, -- the version that GitHub has
    shown         TEXT, -- hash of what it has, so that nothing is told twice
    annotated     INTEGER NOT NULL DEFAULT 0 CHECK (annotated IN (0, 1)), -- GitHub would add the same annotations again
    flush_error   TEXT,
    CHECK ((state = 'over') = (conclusion IS NOT NULL))
) STRICT;
CREATE INDEX check_run_suite ON check_run (check_suite);
CREATE UNIQUE INDEX check_run_active ON check_run (check_suite, name) WHERE active = 1;
CREATE INDEX check_run_github ON check_run (github_id) WHERE github_id IS NOT NULL;
CREATE INDEX check_run_live ON check_run (id) WHERE state IN ('submitting', 'submitted');

-- What happened to a suite and its runs, in sentences, for whoever has to explain it.
CREATE TABLE chronicle (
    id    INTEGER PRIMARY KEY,
    suite TEXT NOT NULL REFERENCES check_suite (id),
    run   TEXT REFERENCES check_run (id),
    time  INTEGER NOT NULL,
    text  TEXT NOT NULL
) STRICT;
CREATE INDEX chronicle_suite ON chronicle (suite);

-- Encrypted under the key of the server; of a repository, or of all of an owner's.
CREATE TABLE secret (
    owner INTEGER NOT NULL, -- account
    repo  INTEGER NOT NULL, -- 0: all of the owner's
    name  TEXT NOT NULL,
    value TEXT NOT NULL, -- base64 of nonce, ciphertext and tag (AES-256-GCM)
    time  INTEGER NOT NULL,
    PRIMARY KEY (owner, repo, name)
) STRICT, WITHOUT ROWID;
