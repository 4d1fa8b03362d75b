-- Findings about a theme and nobody in particular are counted apart. `database.py` fills the counts
-- from the blocks: no source is read again. Of earlier sweeps the number is not known.
ALTER TABLE tally ADD COLUMN topical INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sweep_tally ADD COLUMN topical INTEGER;
