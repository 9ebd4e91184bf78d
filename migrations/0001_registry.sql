-- The registry of tokens, devices and sessions: `npx wrangler d1 migrations apply EDGEWARD_DB`. No token, key or secret is in it; tokens are
-- known by SHA-256. Times are in seconds.

-- A subject's claims, under a random reference: who deletes the row deletes the mapping.
CREATE TABLE subjects (
  reference TEXT PRIMARY KEY,
  issuer TEXT NOT NULL,
  iss TEXT NOT NULL,                 -- as names of revocations have it
  tenant TEXT NOT NULL,              -- empty for none
  subject TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (issuer, subject, tenant)
) STRICT;

CREATE INDEX subjects_subject ON subjects (subject);

-- Subjects that were deleted, by a hash, so that late events do not restore them.
CREATE TABLE deleted_subjects (
  hash TEXT PRIMARY KEY,
  deleted_at INTEGER NOT NULL
) STRICT;

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  subject TEXT NOT NULL,
  browser TEXT,
  system TEXT,
  platform TEXT,                     -- desktop, mobile, tablet, tv, bot
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL
) STRICT;
CREATE INDEX devices_subject ON devices (subject);

-- From where a session was used with a device.
CREATE TABLE connections (
  family TEXT NOT NULL,
  device TEXT NOT NULL,
  country TEXT NOT NULL,             -- empty where the platform says none
  asn INTEGER NOT NULL,              -- 0 where the platform says none
  address TEXT NOT NULL,             -- empty unless the configuration wants it
  first_seen INTEGER NOT NULL,
  last_seen INTEGER NOT NULL,
  PRIMARY KEY (family, device, country, asn, address)
) STRICT;
CREATE INDEX connections_device ON connections (device);

CREATE TABLE tokens (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  hash TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,                -- of its revocation
  kind TEXT NOT NULL,                -- access, refresh
  issuer TEXT NOT NULL,
  tenant TEXT NOT NULL,
  object TEXT NOT NULL,              -- of its session; empty where no login or refresh was seen
  session TEXT,                      -- the name of its session in revocations
  subject TEXT,
  parent TEXT,                       -- the hash of the refresh token that it came from
  family TEXT NOT NULL,              -- all tokens that came from one login
  device TEXT,
  issued_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,       -- moved when it is expired by hand
  true_expires_at INTEGER NOT NULL,  -- its own `exp`
  last_seen INTEGER NOT NULL
) STRICT;
CREATE INDEX tokens_subject ON tokens (subject);
CREATE INDEX tokens_family ON tokens (family);
CREATE INDEX tokens_parent ON tokens (parent);
CREATE INDEX tokens_device ON tokens (device);
CREATE INDEX tokens_session ON tokens (session);
CREATE INDEX tokens_true_expires_at ON tokens (true_expires_at);

-- Sessions that have ended, so that late events do not bring their tokens back.
CREATE TABLE ended_families (
  family TEXT PRIMARY KEY,
  ended_at INTEGER NOT NULL
) STRICT;
CREATE INDEX ended_families_ended_at ON ended_families (ended_at);
