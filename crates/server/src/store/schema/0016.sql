-- Level 16. Devices that push notifications go to, by what carries them.

CREATE INDEX devices_by_carrier ON devices (workspace, push_kind, sid) WHERE push_token IS NOT NULL;
