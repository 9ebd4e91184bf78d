-- A subject is one of its `iss`: those of an issuer template share the issuer's name, and each gives out subjects of its own.
CREATE TABLE subjects_by_iss (
  reference TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  iss TEXT NOT NULL,                 -- as names of revocations have it
  tenant TEXT NOT NULL,              -- empty for none
  subject TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (issuer, iss, subject, tenant)
) STRICT;
INSERT INTO subjects_by_iss SELECT reference, issuer, iss, tenant, subject, created_at FROM subjects;
DROP TABLE subjects;
ALTER TABLE subjects_by_iss RENAME TO subjects;
CREATE INDEX subjects_subject ON subjects (subject);
