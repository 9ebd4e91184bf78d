//! The list of what is revoked, newest first, page by page.

use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;
use worker::SqlStorageValue;
use worker::worker_sys::DurableObjectState;

use super::log::time;
use super::rows::{ENTRY, Row, Rows, entry, not_understood, number, signed};
use crate::revocation::{RevocationKind, from_message, to_message};
use crate::time::NumericDate;

/// Most entries of a page.
const MOST: u64 = 1000;

/// Lists what was in force at `now` (ms). The message has `before` (the cursor: the number of the
/// last entry of the page before), `limit`, `kind`, `reason`, `since` (seconds), and lists `issuers`
/// and `tenants`; each is optional.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn log_list(object: DurableObjectState, message: &[u8], now: f64) -> Result<Vec<u8>, JsValue> {
    let wanted = from_message(message).ok_or_else(not_understood)?;
    let limit = wanted.get("limit").and_then(Value::as_u64).unwrap_or(MOST).clamp(1, MOST);
    let (conditions, mut values) = conditions(&wanted, time(now)).ok_or_else(not_understood)?;
    let query = format!(
        "SELECT {ENTRY}, created_at, seq FROM entry WHERE {} ORDER BY seq DESC LIMIT ?",
        conditions.join(" AND ")
    );
    values.push(SqlStorageValue::Integer(signed(limit.saturating_add(1))));
    let mut rows = Rows::of(object).select(&query, values)?;
    let has_more = u64::try_from(rows.len()).is_ok_and(|count| count > limit);
    if has_more {
        rows.pop();
    }
    let cursor = rows.last().and_then(|row| number(row.last()?)).filter(|_| has_more);
    let entries = rows.iter().map(describe).collect::<Result<Vec<_>, _>>()?;
    Ok(to_message(&json!({ "entries": entries, "cursor": cursor })))
}

fn describe(row: &Row) -> Result<Value, JsValue> {
    let entry = entry(row)?;
    let [.., created_at, _] = row.as_slice() else { return Err(not_understood()) };
    let seconds = |millis: i64| NumericDate::from_millis(millis).seconds();
    Ok(json!({
        "entry": entry.name.to_string(),
        "kind": entry.name.kind().as_str(),
        "reason": entry.reason.as_str(),
        "before": entry.before,
        "expires_at": entry.expires_at.map(NumericDate::seconds),
        "issuer": Some(entry.issuer).filter(|issuer| !issuer.is_empty()),
        "tenant": entry.tenant,
        "actor": entry.actor,
        "revoked_at": number(created_at).map(seconds),
    }))
}

/// The conditions of the query with their values; `None` for a filter that is not understood, which
/// would show more than was asked for.
fn conditions(wanted: &Map<String, Value>, now: NumericDate) -> Option<(Vec<String>, Row)> {
    let mut conditions = vec!["lifted = 0 AND (expires_at IS NULL OR expires_at > ?)".to_owned()];
    let mut values = vec![SqlStorageValue::Integer(now.seconds())];
    let mut add = |condition: String, more: Row| {
        conditions.push(condition);
        values.extend(more);
    };
    for (name, value) in wanted {
        match name.as_str() {
            "limit" => {}
            "before" => add("seq < ?".to_owned(), vec![SqlStorageValue::Integer(value.as_i64()?)]),
            "since" => {
                let millis = NumericDate::from_seconds(value.as_i64()?).millis();
                add("created_at >= ?".to_owned(), vec![SqlStorageValue::Integer(millis)]);
            }
            "reason" => add("reason = ?".to_owned(), vec![value.as_str()?.into()]),
            "kind" => {
                let byte = RevocationKind::parse(value.as_str()?)?.to_byte();
                let first = SqlStorageValue::Blob(vec![byte]);
                let next = SqlStorageValue::Blob(vec![byte.saturating_add(1)]);
                add("name >= ? AND name < ?".to_owned(), vec![first, next]);
            }
            "issuers" => add(one_of("issuer", value)?, texts(value)?),
            "tenants" => add(one_of("tenant", value)?, texts(value)?),
            "scopes" => {
                let (condition, more) = scopes(value.as_array()?)?;
                add(condition, more);
            }
            _ => return None,
        }
    }
    Some((conditions, values))
}

/// The condition that an entry lies in one of an administrator's scopes, each of which is limited to
/// issuers, tenants, or both.
fn scopes(scopes: &[Value]) -> Option<(String, Row)> {
    let (mut any, mut values) = (Vec::new(), Vec::new());
    for scope in scopes {
        let mut all = vec!["1 = 1".to_owned()];
        for (member, column) in [("issuers", "issuer"), ("tenants", "tenant")] {
            match scope.get(member)? {
                Value::Null => {}
                own => {
                    all.push(one_of(column, own)?);
                    values.extend(texts(own)?);
                }
            }
        }
        any.push(format!("({})", all.join(" AND ")));
    }
    // Nobody's scope shows nothing.
    any.push("1 = 0".to_owned());
    Some((format!("({})", any.join(" OR ")), values))
}

fn one_of(column: &str, values: &Value) -> Option<String> {
    values.as_array()?;
    Some(format!("{column} IN (SELECT value FROM json_each(?))"))
}

/// The value for [`one_of`]: a query of an object has a hundred at most, and an administrator may have more tenants.
fn texts(values: &Value) -> Option<Row> {
    let are_texts = values.as_array()?.iter().all(Value::is_string);
    are_texts.then(|| vec![values.to_string().into()])
}
