-- Who takes, or took, the machine of a worker back, as people call it: EC2.
ALTER TABLE worker ADD COLUMN interrupted TEXT;
-- Attempts that ended so are counted by themselves, and a job may say that it must not run twice, whatever happens.
ALTER TABLE attempt ADD COLUMN interrupted INTEGER NOT NULL DEFAULT 0 CHECK (interrupted IN (0, 1));
ALTER TABLE job ADD COLUMN run_once INTEGER NOT NULL DEFAULT 0 CHECK (run_once IN (0, 1));
