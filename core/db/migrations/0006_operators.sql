-- What operators do with users and factories.
ALTER TABLE user ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0 CHECK (disabled IN (0, 1)); -- their token is refused
ALTER TABLE factory ADD COLUMN draining INTEGER NOT NULL DEFAULT 0 CHECK (draining IN (0, 1)); -- makes no machine; those without a job go
ALTER TABLE factory ADD COLUMN offers TEXT; -- JSON, ids of the targets that it last asked jobs for

-- How much of the server each user has. Kept by triggers, so that it is right whoever changes a job or a file.
CREATE TABLE user_usage (
    user    TEXT PRIMARY KEY REFERENCES user (id),
    active  INTEGER NOT NULL, -- jobs that have not ended
    running INTEGER NOT NULL, -- those of them that have a machine
    bytes   INTEGER NOT NULL  -- of committed inputs and outputs, without those of purged jobs
) STRICT, WITHOUT ROWID;
INSERT INTO user_usage (user, active, running, bytes)
    SELECT owner, sum(state IN ('waiting', 'queued', 'running')), sum(state = 'running'),
           coalesce(sum((SELECT sum(size) FROM file WHERE file.job = job.id AND job.time_purged IS NULL)), 0)
    FROM job GROUP BY owner;

CREATE TRIGGER usage_of_new_job AFTER INSERT ON job BEGIN
    INSERT INTO user_usage (user, active, running, bytes)
        VALUES (NEW.owner, NEW.state IN ('waiting', 'queued', 'running'), NEW.state = 'running', 0)
        ON CONFLICT (user) DO UPDATE SET active = active + excluded.active, running = running + excluded.running;
END;
CREATE TRIGGER usage_of_moved_job AFTER UPDATE OF state ON job BEGIN
    UPDATE user_usage
        SET active = active + (NEW.state IN ('waiting', 'queued', 'running')) - (OLD.state IN ('waiting', 'queued', 'running')),
            running = running + (NEW.state = 'running') - (OLD.state = 'running')
        WHERE user = NEW.owner;
END;
CREATE TRIGGER usage_of_purged_job AFTER UPDATE OF time_purged ON job WHEN OLD.time_purged IS NULL AND NEW.time_purged IS NOT NULL BEGIN
    UPDATE user_usage SET bytes = bytes - (SELECT coalesce(sum(size), 0) FROM file WHERE job = NEW.id) WHERE user = NEW.owner;
END;
CREATE TRIGGER usage_of_new_file AFTER INSERT ON file BEGIN
    UPDATE user_usage SET bytes = bytes + NEW.size WHERE user = (SELECT owner FROM job WHERE id = NEW.job AND time_purged IS NULL);
END;
CREATE TRIGGER usage_of_dropped_file AFTER DELETE ON file BEGIN
    UPDATE user_usage SET bytes = bytes - OLD.size WHERE user = (SELECT owner FROM job WHERE id = OLD.job AND time_purged IS NULL);
END;

-- How many wait before a job, counted without a look at any row.
CREATE INDEX job_queued ON job (target_id, id) WHERE state = 'queued';
