use serde_json::json;

use super::subject_row::Subject;
use super::{Scope, Statement};

/// Selects `issuer`, `iss`, `tenant` and `subject` behind a reference, if the administrator may see them; `None` for an
/// administrator of everything.
#[must_use]
pub fn subject(reference: &str, scope: Option<&[Scope]>) -> Statement {
    let mut values = vec![json!(reference)];
    let own = super::list::limited("subjects", scope, &mut values);
    let sql =
        format!("SELECT issuer, iss, tenant, subject FROM subjects WHERE reference = ? AND {own}");
    Statement::new(sql, values)
}

/// Selects the `hash` of one active token of each session of a subject.
#[must_use]
pub fn sessions_of(reference: &str, now: i64) -> Statement {
    Statement::new(
        "SELECT min(hash) AS hash FROM tokens WHERE subject = ? AND expires_at > ? GROUP BY family",
        vec![json!(reference), json!(now)],
    )
}

/// Removes a subject and all rows that are about it, and remembers its hash, so that no event of before `at`
/// restores it.
#[must_use]
pub fn delete_subject(owner: &Subject, at: i64) -> Vec<Statement> {
    let of = |sql: &str| Statement::new(sql, vec![json!(owner.reference)]);
    vec![
        Statement::new(
            "INSERT INTO deleted_subjects(hash, deleted_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET \
             deleted_at = max(deleted_at, excluded.deleted_at)",
            vec![json!(owner.hash()), json!(at)],
        ),
        of("DELETE FROM connections WHERE device IN (SELECT id FROM devices WHERE subject = ?)"),
        of("DELETE FROM devices WHERE subject = ?"),
        of("DELETE FROM tokens WHERE subject = ?"),
        of("DELETE FROM subjects WHERE reference = ?"),
    ]
}
