-- What a submission may ask for beyond the original: limits in time, and another try when the machine is lost.
ALTER TABLE job ADD COLUMN retries INTEGER NOT NULL DEFAULT 0 CHECK (retries >= 0);
ALTER TABLE job ADD COLUMN timeout_seconds INTEGER CHECK (timeout_seconds > 0);
ALTER TABLE job ADD COLUMN silence_seconds INTEGER CHECK (silence_seconds > 0);
ALTER TABLE task ADD COLUMN timeout_seconds INTEGER CHECK (timeout_seconds > 0);
ALTER TABLE task_verdict ADD COLUMN reason TEXT; -- in the worker's words, where it knows more than an exit code
