-- When what failed of a job is to be tried again; 0: it was not tried yet.
ALTER TABLE archive ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
-- However many wait for another try, as while the store is away, the archiver looks at those alone whose time has come.
DROP INDEX archive_wanted;
CREATE INDEX archive_wanted ON archive (asked, again, wanted, job) WHERE step = 'wanted';
-- How long the first of them has waited.
CREATE INDEX archive_oldest ON archive (wanted) WHERE step = 'wanted';
