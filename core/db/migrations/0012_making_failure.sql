-- Why a queued job has no machine yet: what a factory said last, and what its log was told last.
CREATE TABLE making_failure (
    job       TEXT PRIMARY KEY REFERENCES job (id),
    factory   TEXT NOT NULL REFERENCES factory (id),
    reason    TEXT NOT NULL,
    time      INTEGER NOT NULL,
    told      TEXT NOT NULL,
    time_told INTEGER NOT NULL
) STRICT;
CREATE INDEX making_failure_of_factory ON making_failure (factory);
