-- One append is one row; a sealed log has larger ones. Sequence numbers are gapless from 1.
CREATE TABLE batch (
  first INTEGER PRIMARY KEY CHECK (first > 0),
  count INTEGER NOT NULL CHECK (count > 0),
  -- When the server received it, milliseconds since the epoch.
  time INTEGER NOT NULL,
  -- Who wrote it; of a sealed log's rows, which join several sources, 'seal'.
  source TEXT NOT NULL,
  -- 'events': the JSON array that was appended. 'lines': the events as they are exported, one JSON object a line.
  form TEXT NOT NULL CHECK (form IN ('events', 'lines')),
  zstd INTEGER NOT NULL CHECK (zstd IN (0, 1)),
  body BLOB NOT NULL
) STRICT;

-- The number, in the source's own count from 1, of the event that the log wants next.
CREATE TABLE cursor (
  source TEXT PRIMARY KEY,
  next INTEGER NOT NULL CHECK (next > 0)
) STRICT, WITHOUT ROWID;

-- One row once the log is sealed.
CREATE TABLE seal (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  count INTEGER NOT NULL,
  -- Of the export: its length and its SHA-256 in hex.
  bytes INTEGER NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;
