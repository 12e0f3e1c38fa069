-- Which call got the lease: should its answer be lost, the same call gets the same lease again.
ALTER TABLE lease ADD COLUMN call TEXT;
