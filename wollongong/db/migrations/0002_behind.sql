-- When it was found that this database is older than what GitHub and the core have seen, as after a restore.
CREATE TABLE behind (
    time INTEGER NOT NULL
) STRICT;
