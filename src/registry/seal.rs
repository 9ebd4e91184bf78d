use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::Statement;
use super::audit::COLUMNS;
use crate::jose::base64url;

/// The most rows under one seal.
pub const SEALED_ROWS: u32 = 1000;

/// A seal of the audit trail: a hash over an interval of rows and over the seal before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::exhaustive_structs, reason = "a row has all of it")]
pub struct Seal {
    /// The id of the first row under it.
    pub first: i64,
    /// The id of the last row under it.
    pub last: i64,
    /// The hash of the seal before; empty for none.
    pub previous: String,
    /// The hash, in base64url.
    pub hash: String,
    /// When it was made, in seconds.
    pub sealed_at: i64,
}

/// A fault of an audit trail.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// The rows under a seal are not those that were sealed.
    #[error(
        "rows {0} to {1} are not as they were sealed: a row was changed, added or removed, or the files lack some of them"
    )]
    RowsChanged(i64, i64),
    /// A seal does not follow the one before it.
    #[error(
        "the seal of rows {0} to {1} does not follow the seal before it: a seal was changed, added or removed"
    )]
    Unchained(i64, i64),
    /// A row stands between seals.
    #[error("row {0} is under no seal, although later rows are sealed")]
    Unsealed(i64),
}

/// The last seal, as `hash` and `last`; no row where there is none.
#[must_use]
pub fn last_seal() -> Statement {
    Statement::new("SELECT hash, last FROM audit_seals ORDER BY last DESC LIMIT 1", vec![])
}

/// The rows after `last`, in the order of their insertion, at most [`SEALED_ROWS`]. Rows with a lower id never come
/// later: a database has one writer.
#[must_use]
pub fn unsealed(last: i64) -> Statement {
    let columns = COLUMNS.join(", ");
    let sql = format!("SELECT {columns} FROM audit WHERE id > ? ORDER BY id LIMIT ?");
    Statement::new(sql, vec![json!(last), json!(SEALED_ROWS)])
}

/// The statement that stores a seal, if no other has come between.
#[must_use]
pub fn add_seal(seal: &Seal) -> Statement {
    let values = [json!(seal.last), json!(seal.first), json!(seal.previous), json!(seal.hash)];
    let mut values = Vec::from(values);
    values.extend([json!(seal.sealed_at), json!(seal.previous)]);
    Statement::new(
        "INSERT INTO audit_seals(last, first, previous, hash, sealed_at) SELECT ?, ?, ?, ?, ? \
         WHERE coalesce((SELECT hash FROM audit_seals ORDER BY last DESC LIMIT 1), '') = ?",
        values,
    )
}

/// The seals after `last`, the oldest first, one more than `limit`.
#[must_use]
pub fn seals(last: i64, limit: u32) -> Statement {
    Statement::new(
        "SELECT first, last, previous, hash, sealed_at FROM audit_seals WHERE last > ? ORDER BY last LIMIT ?",
        vec![json!(last), json!(limit.saturating_add(1))],
    )
}

/// Seals rows that follow the seal with the hash `previous`; `None` for no rows, and for rows without an id.
#[must_use]
pub fn seal(previous: &str, rows: &[Map<String, Value>], now: i64) -> Option<Seal> {
    let id = |row: &Map<String, Value>| row.get("id").and_then(Value::as_i64);
    Some(Seal {
        first: id(rows.first()?)?,
        last: id(rows.last()?)?,
        previous: previous.to_owned(),
        hash: hash(previous, rows.iter()),
        sealed_at: now,
    })
}

/// Checks seals and rows, given in any order and each as often as may be; how many of the rows are sealed.
///
/// This shows that no sealed row was changed, added or removed. That all seals were replaced, or the newest removed,
/// it shows only to those who compare the last hash with the one in the log.
///
/// # Errors
///
/// [`SealError`], the first.
pub fn verify(rows: &[Map<String, Value>], seals: &[Seal]) -> Result<usize, SealError> {
    let id = |row: &Map<String, Value>| row.get("id").and_then(Value::as_i64).unwrap_or_default();
    let rows = unambiguous(rows, id, |one, other| columns(one) == columns(other))
        .map_err(|id| SealError::RowsChanged(id, id))?;
    let seals = unambiguous(seals, |seal| seal.last, |one, other| one == other)
        .map_err(|last| SealError::Unchained(last, last))?;
    let (mut previous, mut end, mut sealed) = (String::new(), i64::MIN, 0_usize);
    for seal in seals.values() {
        let Seal { first, last, .. } = **seal;
        if seal.previous != previous || first > last || first <= end {
            return Err(SealError::Unchained(first, last));
        }
        if let Some((row, _)) = rows.range(end.saturating_add(1)..first).next() {
            return Err(SealError::Unsealed(*row));
        }
        let own = rows.range(first..=last).map(|(_, row)| *row);
        if hash(&previous, own.clone()) != seal.hash {
            return Err(SealError::RowsChanged(first, last));
        }
        sealed = sealed.saturating_add(own.count());
        previous.clone_from(&seal.hash);
        end = last;
    }
    Ok(sealed)
}

/// Items by their id; an error for two that differ and have the same.
fn unambiguous<T>(
    items: &[T],
    id: impl Fn(&T) -> i64,
    is_same: impl Fn(&T, &T) -> bool,
) -> Result<BTreeMap<i64, &T>, i64> {
    let mut all = BTreeMap::new();
    for item in items {
        if all.insert(id(item), item).is_some_and(|other| !is_same(item, other)) {
            return Err(id(item));
        }
    }
    Ok(all)
}

fn columns(row: &Map<String, Value>) -> [Value; COLUMNS.len()] {
    COLUMNS.map(|column| row.get(column).cloned().unwrap_or_default())
}

/// SHA-256 over the seal before and each row, a JSON array of its columns on a line of its own.
fn hash<'r>(previous: &str, rows: impl Iterator<Item = &'r Map<String, Value>>) -> String {
    let mut hash = Sha256::new();
    hash.update(format!("edgeward audit 1\n{previous}\n"));
    for row in rows {
        hash.update(format!("{}\n", json!(columns(row))));
    }
    base64url(&hash.finalize())
}
