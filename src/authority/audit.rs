//! Statements and seals of the audit trail, and the text of the metrics, for their JavaScript.

use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;

use super::registry::{list_answer, read, seconds, written};
use crate::metrics;
use crate::registry::{self, AuditQuery, SEALED_ROWS, Scope};

/// The statement for a page of the audit trail, with its `limit`; or `error`, what was expected in the query. `scope`
/// is a list of groups, or `null` for all.
///
/// # Errors
///
/// A scope that is not understood.
#[wasm_bindgen]
pub fn audit_list(query: &str, scope: &str) -> Result<String, JsValue> {
    let scope: Option<Vec<Scope>> = read(scope)?;
    Ok(list_answer(query, |parameters| {
        let query = AuditQuery::read(parameters)?;
        Ok((query.statement(scope.as_deref()), query.limit()))
    }))
}

/// The statement for the seals after `last`, one more than `limit`.
#[must_use]
#[wasm_bindgen]
pub fn audit_seals(last: f64, limit: u32) -> String {
    written(&registry::seals(seconds(last), limit))
}

/// The statement that selects the last seal.
#[must_use]
#[wasm_bindgen]
pub fn audit_last_seal() -> String {
    written(&registry::last_seal())
}

/// The statement that selects the rows after `last` that no seal is over, and the most that it selects.
#[must_use]
#[wasm_bindgen]
pub fn audit_unsealed(last: f64) -> String {
    json!({ "statement": registry::unsealed(seconds(last)), "limit": SEALED_ROWS }).to_string()
}

/// A seal over rows (a JSON list) that follow the seal with the hash `previous`, as `{ "seal", "statement" }`.
///
/// # Errors
///
/// Rows that are not understood, or none.
#[wasm_bindgen]
pub fn audit_seal(previous: &str, rows: &str, now: f64) -> Result<String, JsValue> {
    let rows: Vec<Map<String, Value>> = read(rows)?;
    let seal =
        registry::seal(previous, &rows, seconds(now)).ok_or_else(super::rows::not_understood)?;
    Ok(json!({ "seal": seal, "statement": registry::add_seal(&seal) }).to_string())
}

/// Series (a JSON object of numbers) as a text for Prometheus.
///
/// # Errors
///
/// Series that are not understood.
#[wasm_bindgen]
pub fn metrics_text(series: &str) -> Result<String, JsValue> {
    Ok(metrics::text(&read(series)?))
}
