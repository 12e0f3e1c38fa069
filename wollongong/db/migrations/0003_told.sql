-- How many of its annotations GitHub has; NULL while a call that brings some is under way.
ALTER TABLE check_run ADD COLUMN told INTEGER DEFAULT 0;
UPDATE check_run SET told = json_array_length(report, '$.annotations') WHERE annotated = 1;
ALTER TABLE check_run DROP COLUMN annotated;
ALTER TABLE check_run RENAME COLUMN told TO annotated;

-- Which of the secrets that its job file names the job was not given, and why (Markdown).
ALTER TABLE check_run ADD COLUMN ungiven TEXT;
