use serde_json::json;

use super::Statement;
use super::subject_row::{REFERENCE, Subject};

/// Selects the sessions of a subject that are active at `now`, the latest first, at most 200: `id`, `first_seen`,
/// `last_seen`, `expires_at`, `is_current` (of the token with the hash `current`, or of one that it came from), and
/// what is known of the device.
#[must_use]
pub fn own_sessions(owner: &Subject, current: &str, now: i64) -> Statement {
    let [issuer, iss, subject, tenant] = owner.key();
    Statement::new(
        format!(
            "SELECT tokens.family AS id, min(tokens.issued_at) AS first_seen, max(tokens.last_seen) AS last_seen, \
         max(tokens.expires_at) AS expires_at, \
         tokens.family IN (WITH RECURSIVE own(hash) AS (SELECT ? UNION SELECT t.parent FROM tokens AS t \
         JOIN own ON t.hash = own.hash WHERE t.parent IS NOT NULL) \
         SELECT t.family FROM tokens AS t JOIN own ON t.hash = own.hash) AS is_current, \
         devices.browser, devices.system, devices.platform, \
         (SELECT country FROM connections WHERE family = tokens.family ORDER BY last_seen DESC LIMIT 1) AS country \
         FROM tokens LEFT JOIN devices ON devices.id = tokens.device \
         WHERE tokens.subject = {REFERENCE} GROUP BY tokens.family HAVING max(tokens.expires_at) > ? ORDER BY last_seen DESC LIMIT 200"
        ),
        vec![json!(current), issuer, iss, subject, tenant, json!(now)],
    )
}

/// Selects the `hash` of one active token of a session, if the session is the subject's own.
#[must_use]
pub fn own_session(owner: &Subject, id: &str, now: i64) -> Statement {
    let [issuer, iss, subject, tenant] = owner.key();
    Statement::new(
        format!(
            "SELECT hash FROM tokens WHERE family = ? AND expires_at > ? AND subject = {REFERENCE} LIMIT 1"
        ),
        vec![json!(id), json!(now), issuer, iss, subject, tenant],
    )
}
