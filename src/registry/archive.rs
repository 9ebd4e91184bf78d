use serde_json::json;

use super::Statement;

/// The most rows that one statement removes.
const BATCH: u32 = 1000;

/// Removes tokens that have expired by themselves before `before` (seconds), at most 1,000, the oldest first;
/// their children keep their family. Repeated until nothing is removed, it removes all.
#[must_use]
pub fn archive(before: i64) -> Vec<Statement> {
    let limited = |sql: &str| Statement::new(sql, vec![json!(before), json!(BATCH)]);
    vec![
        limited(
            "DELETE FROM tokens WHERE id IN (SELECT id FROM tokens WHERE true_expires_at < ? ORDER BY true_expires_at LIMIT ?)",
        ),
        limited(
            "DELETE FROM connections WHERE rowid IN (SELECT connections.rowid FROM connections WHERE last_seen < ? \
             AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.family = connections.family) LIMIT ?)",
        ),
        limited(
            "DELETE FROM devices WHERE id IN (SELECT id FROM devices WHERE last_seen < ? \
             AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.device = devices.id) LIMIT ?)",
        ),
        limited(
            "DELETE FROM ended_families WHERE family IN (SELECT family FROM ended_families WHERE ended_at < ? \
             AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.family = ended_families.family) ORDER BY ended_at LIMIT ?)",
        ),
    ]
}

/// Counts the tokens that [`archive`] would remove.
#[must_use]
pub fn archivable(before: i64) -> Statement {
    Statement::new(
        "SELECT count(*) AS tokens FROM tokens WHERE true_expires_at < ?",
        vec![json!(before)],
    )
}
