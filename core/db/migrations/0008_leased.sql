-- When a factory first took it to make a machine for it. When the machine was asked for and came is in the worker.
ALTER TABLE attempt ADD COLUMN time_leased INTEGER;
