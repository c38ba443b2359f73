-- Level 2. Refresh tokens are numbered, so that one that was spent can be told from one that a restored backup does not know.

ALTER TABLE devices ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
