-- `INSERT OR REPLACE` removes rows without the triggers on removal. An event that comes twice is left out, as its statement wants.
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_not_repeated BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE key = NEW.key)
BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER audit_seals_not_replaced BEFORE INSERT ON audit_seals
WHEN EXISTS (SELECT 1 FROM audit_seals WHERE last = NEW.last OR previous = NEW.previous)
BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;

-- Where a device was used is known of it alone: an address must not outlive the device, nor the subject by that.
CREATE TRIGGER devices_connections AFTER DELETE ON devices BEGIN DELETE FROM connections WHERE device = OLD.id; END;
DELETE FROM connections WHERE device NOT IN (SELECT id FROM devices);
