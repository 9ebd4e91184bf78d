-- The audit trail: append only, which the triggers hold. Subjects are in it by reference alone.

CREATE TABLE audit (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,          -- random: an event that comes twice is one row
  at INTEGER NOT NULL,
  event TEXT NOT NULL,
  outcome TEXT,
  request_id TEXT,
  issuer TEXT,
  tenant TEXT,
  actor TEXT,                        -- the reference of the subject who did it
  subject TEXT,                      -- the reference of the subject whom it concerns
  device TEXT,
  route TEXT,
  duration_ms INTEGER,
  count INTEGER NOT NULL,            -- how many events the row stands for
  detail TEXT
) STRICT;
CREATE INDEX audit_event ON audit (event, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_request_id ON audit (request_id);

-- Each seals the rows from `first` to `last`: a hash over them and over the seal before.
CREATE TABLE audit_seals (
  last INTEGER PRIMARY KEY,
  first INTEGER NOT NULL,
  previous TEXT NOT NULL UNIQUE,     -- empty for the first seal
  hash TEXT NOT NULL,
  sealed_at INTEGER NOT NULL
) STRICT;

CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_seals_unchanged BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
CREATE TRIGGER audit_seals_kept BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the audit trail is append only'); END;
