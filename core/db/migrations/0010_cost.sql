-- What machines cost: how long they were there, and what an hour of it cost by the configuration of that day.
ALTER TABLE worker ADD COLUMN time_destroyed INTEGER; -- null too where it was destroyed before this was noted
ALTER TABLE worker ADD COLUMN hour_price REAL CHECK (hour_price >= 0); -- null: not known
ALTER TABLE worker ADD COLUMN currency TEXT CHECK ((currency IS NULL) = (hour_price IS NULL));
