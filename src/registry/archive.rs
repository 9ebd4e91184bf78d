use serde_json::json;

use super::Statement;

/// The most rows that one statement removes.
const BATCH: u32 = 1000;

/// The tokens that one call removes.
const EXPIRED: &str =
    "SELECT id FROM tokens WHERE true_expires_at < ?1 ORDER BY true_expires_at, id LIMIT ?2";

/// Removes tokens that have expired by themselves before `before` (seconds), at most 1,000, the oldest first, by
/// the last of the statements; those before it remove the devices and connections that no token is left of. Children of a
/// token keep their family. Repeated until nothing is removed, it removes all.
#[must_use]
pub fn archive(before: i64) -> Vec<Statement> {
    let limited = |sql: String| Statement::new(sql, vec![json!(before), json!(BATCH)]);
    let is_left =
        |column: &str| format!("SELECT 1 FROM tokens WHERE {column} AND id NOT IN ({EXPIRED})");
    let families = format!("SELECT family FROM tokens WHERE id IN ({EXPIRED})");
    vec![
        // A token that was registered again with another device has only a connection with that.
        limited(format!(
            "DELETE FROM devices WHERE id IN (SELECT device FROM tokens WHERE id IN ({EXPIRED}) \
             UNION SELECT device FROM connections WHERE family IN ({families})) \
             AND NOT EXISTS ({})",
            is_left("tokens.device = devices.id")
        )),
        limited(format!(
            "DELETE FROM connections WHERE family IN ({families}) AND NOT EXISTS ({})",
            is_left("tokens.family = connections.family")
        )),
        limited(format!("DELETE FROM tokens WHERE id IN ({EXPIRED})")),
    ]
}

/// Removes the ends of families of which no token is left, at most 1,000: events about them are too old to come.
#[must_use]
pub fn archive_ends(before: i64) -> Statement {
    Statement::new(
        "DELETE FROM ended_families WHERE family IN (SELECT family FROM ended_families WHERE ended_at < ? \
         AND NOT EXISTS (SELECT 1 FROM tokens WHERE tokens.family = ended_families.family) ORDER BY ended_at LIMIT ?)",
        vec![json!(before), json!(BATCH)],
    )
}

/// Counts the tokens that [`archive`] would remove.
#[must_use]
pub fn archivable(before: i64) -> Statement {
    Statement::new(
        "SELECT count(*) AS tokens FROM tokens WHERE true_expires_at < ?",
        vec![json!(before)],
    )
}
