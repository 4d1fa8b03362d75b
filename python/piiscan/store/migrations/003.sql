-- A part names the channels of its messages. What is stored without names has the channel of its object.
ALTER TABLE block ADD COLUMN channels TEXT NOT NULL DEFAULT '[]';
