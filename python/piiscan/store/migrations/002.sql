-- Alerts are counted. Objects whose findings carry some are read again by the next sweep.
CREATE TABLE alert_tally(
  object INTEGER NOT NULL REFERENCES object ON DELETE CASCADE, alert TEXT NOT NULL,
  n INTEGER NOT NULL, high INTEGER NOT NULL, medium INTEGER NOT NULL,
  PRIMARY KEY(object, alert)
) WITHOUT ROWID;
WITH RECURSIVE holding(id) AS (
  SELECT object FROM block WHERE n > 0 AND instr(attribute_sets, '"alert":')
  UNION SELECT object.parent FROM object JOIN holding ON object.id = holding.id WHERE object.parent IS NOT NULL
)
UPDATE object SET engine_digest = '' WHERE id IN (SELECT id FROM holding);
