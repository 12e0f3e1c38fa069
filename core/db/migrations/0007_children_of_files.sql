-- Before a file is deleted, whatever refers to it is looked for.
CREATE INDEX input_of_file ON input (other_job, file) WHERE other_job IS NOT NULL;
CREATE INDEX published_of_file ON published_file (job, file);
