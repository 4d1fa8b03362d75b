-- The store: what a sweep found, without a single value. Version 4.
-- Times are RFC 3339 in UTC. A digest or fingerprint is keyed; the key is a file of its own.
CREATE TABLE meta(
  key TEXT PRIMARY KEY, value TEXT NOT NULL          -- key_id, key_check, created, audit_count, audit_head
) WITHOUT ROWID;
CREATE TABLE detector(                               -- numbers in blocks; never reused
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, category TEXT NOT NULL, class TEXT NOT NULL
);
CREATE TABLE sweep(
  id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, elapsed_s REAL, state TEXT NOT NULL, -- running complete incomplete interrupted
  roots TEXT NOT NULL, policy_digest TEXT NOT NULL, engine_digest TEXT NOT NULL, detectors TEXT NOT NULL,
  info TEXT NOT NULL,                                -- versions, digests and limits, as JSON
  scanned INTEGER NOT NULL DEFAULT 0, unchanged INTEGER NOT NULL DEFAULT 0, removed INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE object(
  id INTEGER PRIMARY KEY,
  ident BLOB,                                        -- keyed hash of the location in its root; NULL while it is being read
  parent INTEGER REFERENCES object ON DELETE CASCADE,
  root BLOB,                                         -- keyed hash of the root's path
  loc TEXT NOT NULL,                                 -- for display: odd bytes escaped, values in names masked
  size INTEGER NOT NULL DEFAULT 0, mtime_ns INTEGER NOT NULL DEFAULT 0, etag TEXT, content_hash BLOB,
  format TEXT NOT NULL DEFAULT '', profile TEXT NOT NULL DEFAULT '', channel TEXT NOT NULL DEFAULT '',
  sweep INTEGER NOT NULL REFERENCES sweep,           -- that read it
  seen INTEGER NOT NULL,                             -- the last sweep that met it
  engine_digest TEXT NOT NULL, policy_digest TEXT NOT NULL,
  status TEXT NOT NULL DEFAULT 'open', reason TEXT NOT NULL DEFAULT '',
  scanned INTEGER NOT NULL DEFAULT 0, lossy INTEGER NOT NULL DEFAULT 0, not_scanned INTEGER NOT NULL DEFAULT 0,
  messages INTEGER NOT NULL DEFAULT 0, findings INTEGER NOT NULL DEFAULT 0, checkpoint INTEGER,
  UNIQUE(root, ident)
);
CREATE INDEX object_parent ON object(parent);
CREATE TABLE problem(                                -- places in an object that are not ok
  object INTEGER NOT NULL REFERENCES object ON DELETE CASCADE, place INTEGER NOT NULL,
  raw_start INTEGER NOT NULL, raw_end INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY(object, place)
) WITHOUT ROWID;
CREATE TABLE block(                                  -- layout of the columns: blocks.py
  object INTEGER NOT NULL REFERENCES object ON DELETE CASCADE, part INTEGER NOT NULL, n INTEGER NOT NULL,
  first_record INTEGER NOT NULL, records BLOB NOT NULL, raws BLOB NOT NULL, messages BLOB NOT NULL, roles BLOB NOT NULL,
  attribute_sets TEXT NOT NULL, paths TEXT NOT NULL, keys BLOB NOT NULL,
  channels TEXT NOT NULL DEFAULT '[]',              -- what the messages say of theirs, masked; 0 in a row is the object's
  PRIMARY KEY(object, part)
);
CREATE TABLE tally(
  object INTEGER NOT NULL REFERENCES object ON DELETE CASCADE, detector INTEGER NOT NULL REFERENCES detector,
  n INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL, people INTEGER NOT NULL,
  topical INTEGER NOT NULL DEFAULT 0,                -- of high and medium: about a theme, not a person
  PRIMARY KEY(object, detector)
) WITHOUT ROWID;
CREATE TABLE alert_tally(                            -- threat, suicide, violence, protected-identity; any confidence
  object INTEGER NOT NULL REFERENCES object ON DELETE CASCADE, alert TEXT NOT NULL,
  n INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL,
  PRIMARY KEY(object, alert)
) WITHOUT ROWID;
CREATE TABLE sweep_tally(                            -- trend
  sweep INTEGER NOT NULL REFERENCES sweep, detector INTEGER NOT NULL REFERENCES detector,
  n INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL, people INTEGER NOT NULL,
  objects INTEGER NOT NULL, overdue INTEGER,
  topical INTEGER,                                   -- NULL before it was counted
  PRIMARY KEY(sweep, detector)
) WITHOUT ROWID;
CREATE TABLE hold(
  id INTEGER PRIMARY KEY, kind TEXT, scope TEXT, reason TEXT, owner TEXT, since TEXT, review TEXT, released TEXT
);
CREATE TABLE request(                                -- subject: fingerprints
  id INTEGER PRIMARY KEY, kind TEXT, case_ref TEXT UNIQUE, subject BLOB, received TEXT, due TEXT, verified TEXT, state TEXT
);
