-- Level 13. How often the roles that people made have changed: clients that hold them learn by it that theirs are old.

ALTER TABLE workspaces ADD COLUMN roles_version INTEGER NOT NULL DEFAULT 0;
UPDATE workspaces SET roles_version = 1 WHERE EXISTS (SELECT 1 FROM roles r WHERE r.workspace = workspaces.workspace);
