//! The tokens in a family object, and the entries by which they are revoked.

use wasm_bindgen::JsValue;
use worker::SqlStorageValue;

use super::family_rows::Kept;
use super::rows::{Row, Rows, broken, number, text};
use crate::revocation::{LogCommand, LogEntry, LogOrder, Reason, RevocationName};
use crate::session::NewToken;
use crate::time::NumericDate;

/// The family and the generation of a refresh token.
pub(super) fn token(rows: &Rows, hash: &str) -> Result<Option<(i64, u64)>, JsValue> {
    place(rows, "SELECT family, generation FROM token WHERE hash = ?", hash)
}

/// The family and the generation of an access token.
pub(super) fn access(rows: &Rows, hash: &str) -> Result<Option<(i64, u64)>, JsValue> {
    place(rows, "SELECT family, generation FROM access WHERE hash = ?", hash)
}

fn place(rows: &Rows, query: &str, hash: &str) -> Result<Option<(i64, u64)>, JsValue> {
    let found = rows.select(query, vec![hash.into()])?;
    let place =
        |row: &Row| Some((number(row.first()?)?, u64::try_from(number(row.get(1)?)?).ok()?));
    found.first().map(|row| place(row).ok_or_else(|| broken("token"))).transpose()
}

pub(super) fn store_token(
    rows: &Rows,
    (hash, name): (&str, &str),
    (family, generation): (i64, u64),
    until: NumericDate,
) -> Result<(), JsValue> {
    rows.run(
        "INSERT OR REPLACE INTO token(hash, name, family, generation, expires_at) VALUES (?, ?, ?, ?, ?)",
        vec![
            hash.into(),
            name.into(),
            SqlStorageValue::Integer(family),
            SqlStorageValue::Integer(i64::try_from(generation).unwrap_or(i64::MAX)),
            SqlStorageValue::Integer(until.millis()),
        ],
    )
}

pub(super) fn store_access(
    rows: &Rows,
    access: &NewToken,
    (family, generation): (i64, u64),
    until: NumericDate,
) -> Result<(), JsValue> {
    rows.run(
        "INSERT OR REPLACE INTO access(hash, name, family, generation, expires_at, is_ended) VALUES (?, ?, ?, ?, ?, 0)",
        vec![
            access.hash.as_str().into(),
            access.name.as_str().into(),
            SqlStorageValue::Integer(family),
            SqlStorageValue::Integer(i64::try_from(generation).unwrap_or(i64::MAX)),
            SqlStorageValue::Integer(until.millis()),
        ],
    )
}

/// Ends the access tokens of a family; the log is to be told of them.
pub(super) fn end_access_tokens(rows: &Rows, family: i64) -> Result<(), JsValue> {
    rows.run(
        "UPDATE access SET is_ended = 1 WHERE family = ?",
        vec![SqlStorageValue::Integer(family)],
    )
}

/// Forgets all but the last `most` access tokens of a family.
pub(super) fn forget_access_tokens(rows: &Rows, family: i64, most: i64) -> Result<(), JsValue> {
    let family = SqlStorageValue::Integer(family);
    rows.run(
        "DELETE FROM access WHERE family = ? AND is_ended = 0 AND hash NOT IN \
         (SELECT hash FROM access WHERE family = ? AND is_ended = 0 ORDER BY rowid DESC LIMIT ?)",
        vec![family.clone(), family, SqlStorageValue::Integer(most)],
    )
}

/// The entries for access tokens that have ended while their family lives.
pub(super) fn unlogged_access(rows: &Rows) -> Result<Vec<LogEntry>, JsValue> {
    let query = "SELECT access.name, access.expires_at, family.issuer, family.tenant FROM access \
                 JOIN family ON family.id = access.family WHERE access.is_ended = 1";
    let found = rows.select(query, vec![])?;
    let entry = |row: &Row| {
        let [name, until, issuer, tenant] = row.as_slice() else { return None };
        Some(LogEntry {
            name: RevocationName::parse(&text(name)?)?,
            reason: Reason::Logout,
            is_lifted: false,
            before: None,
            expires_at: number(until).map(NumericDate::from_millis),
            issuer: text(issuer)?,
            tenant: text(tenant),
            actor: None,
        })
    };
    found.iter().map(|row| entry(row).ok_or_else(|| broken("access"))).collect()
}

/// The entries by which all tokens of a family are refused everywhere: that of its session, and those
/// of its tokens.
pub(super) fn entries_of(
    rows: &Rows,
    kept: &Kept,
    reason: Reason,
) -> Result<Vec<LogEntry>, JsValue> {
    let query = "SELECT name, expires_at FROM access WHERE family = ?1 UNION ALL \
                 SELECT name, expires_at FROM token WHERE family = ?1 AND generation >= ?2";
    let generation = i64::try_from(kept.family.generation).unwrap_or(i64::MAX);
    let values = vec![SqlStorageValue::Integer(kept.id), SqlStorageValue::Integer(generation)];
    let mut named = rows
        .select(query, values)?
        .iter()
        .map(|row| Some((text(row.first()?)?, number(row.get(1)?)?)))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(|| broken("token"))?;
    named.extend(kept.session.clone().map(|session| (session, kept.expires_at.millis())));
    let entry = |(name, until): &(String, i64)| {
        Some(LogEntry {
            name: RevocationName::parse(name)?,
            reason,
            is_lifted: false,
            before: None,
            expires_at: Some(NumericDate::from_millis(*until)),
            issuer: kept.issuer.clone(),
            tenant: kept.tenant.clone(),
            actor: None,
        })
    };
    Ok(named.iter().filter_map(entry).collect())
}

/// The message that appends entries to the log.
pub(super) fn append(entries: Vec<LogEntry>) -> Vec<u8> {
    LogOrder { command: LogCommand::Append, entries }.to_bytes()
}
