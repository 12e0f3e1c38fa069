-- Jobs on their way to the object store, and those that are there.
CREATE TABLE archive (
    job           TEXT PRIMARY KEY REFERENCES job (id),
    -- 'purged': read from the object store, local copies may be left; 'cleared': they are not.
    step          TEXT NOT NULL CHECK (step IN ('wanted', 'archived', 'purged', 'cleared')),
    asked         INTEGER NOT NULL CHECK (asked IN (0, 1)), -- by an operator: it goes before the others
    wanted        INTEGER NOT NULL, -- since when
    purge_at      INTEGER, -- null: its local copies stay
    log_size      INTEGER, -- of the object, as is the rest
    log_sha256    TEXT,
    record_size   INTEGER,
    record_sha256 TEXT,
    CHECK (step = 'wanted' OR (log_size IS NOT NULL AND log_sha256 IS NOT NULL
                               AND record_size IS NOT NULL AND record_sha256 IS NOT NULL))
) STRICT, WITHOUT ROWID;
-- The archiver looks at what is to be done alone, whatever the history.
CREATE INDEX archive_wanted ON archive (asked DESC, wanted, job) WHERE step = 'wanted';
CREATE INDEX archive_to_purge ON archive (purge_at, job) WHERE step = 'archived' AND purge_at IS NOT NULL;
CREATE INDEX archive_to_clear ON archive (job) WHERE step = 'purged';
-- Those that nobody has wanted so far.
CREATE INDEX job_unarchived ON job (id) WHERE state IN ('completed', 'failed') AND time_archived IS NULL;
