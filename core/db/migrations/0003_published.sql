-- Outputs that their owner has given a lasting public name.
CREATE TABLE published_file (
    owner   TEXT NOT NULL REFERENCES user (id),
    series  TEXT NOT NULL,
    version TEXT NOT NULL,
    name    TEXT NOT NULL,
    job     TEXT NOT NULL,
    file    TEXT NOT NULL,
    PRIMARY KEY (owner, series, version, name),
    FOREIGN KEY (job, file) REFERENCES file (job, id)
) STRICT, WITHOUT ROWID;
