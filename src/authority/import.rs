//! The import of an existing blacklist in KV: two passes over all of it, with a pause between them.
//!
//! KV may hide an entry for a minute or more after it was written, and another isolate may have been
//! writing until the log was bound. The second pass begins after the pause, so that it sees what the
//! first could not.

use std::time::Duration;

use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;
use worker::SqlStorageValue;
use worker::worker_sys::DurableObjectState;

use super::log::{IMPORTED, carry_out, time};
use super::rows::{Rows, not_understood};
use crate::json::parse_object;
use crate::revocation::{
    Cutoff, LogCommand, LogEntry, LogOrder, RevocationName, from_message, to_message,
};
use crate::time::NumericDate;

/// The pause between the passes, unless the request says otherwise.
const PAUSE_SECONDS: u64 = 120;

/// A request for a longer pause is not understood.
const LONGEST_PAUSE_SECONDS: u64 = 3600;

/// Begins an import, unless one is running; returns its state as a message.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn log_import_begin(
    object: DurableObjectState,
    message: &[u8],
    now: f64,
) -> Result<Vec<u8>, JsValue> {
    let order = from_message(message).ok_or_else(not_understood)?;
    let pause = order.get("pause_seconds").map_or(Some(PAUSE_SECONDS), Value::as_u64);
    let pause = pause.filter(|pause| *pause <= LONGEST_PAUSE_SECONDS).ok_or_else(not_understood)?;
    let rows = Rows::of(object);
    let standing = state(&rows)?;
    let is = |word: &str| standing.get("status").is_some_and(|status| *status == word);
    if is("running") {
        return Ok(to_message(&standing.into()));
    }
    let begun = json!({
        "status": "running", "pass": 1, "cursor": null, "entries": 0, "pause_seconds": pause,
        "not_before": 0, "begun_at": time(now).seconds(), "was_complete": rows.state()?.is_imported(),
    });
    save(&rows, &begun)?;
    Ok(to_message(&begun))
}

/// The state of the import as a message.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn log_import_state(object: DurableObjectState) -> Result<Vec<u8>, JsValue> {
    Ok(to_message(&state(&Rows::of(object))?.into()))
}

/// Takes one page of KV's list into the log and returns the new state as JSON: `page` is
/// `{"entries": [[name, value, expiration or null], …], "cursor": text or null}`.
///
/// # Errors
///
/// Those of the storage, and a page that is not understood.
#[wasm_bindgen]
pub fn log_import(object: DurableObjectState, page: &str, now: f64) -> Result<String, JsValue> {
    let page = parse_object(page.as_bytes()).map_err(|_| not_understood())?;
    let rows = Rows::of(object);
    let now = time(now);
    let entries = page.get("entries").and_then(Value::as_array).ok_or_else(not_understood)?;
    let entries: Vec<_> = entries.iter().filter_map(entry).collect();
    let mut state = state(&rows)?;
    add(&mut state, entries.len());
    carry_out(&rows, &LogOrder { command: LogCommand::Import, entries }, now)?;
    match page.get("cursor").and_then(Value::as_str) {
        Some(cursor) => put(&mut state, "cursor", cursor.into()),
        None => end_pass(&mut state, now),
    }
    let state = Value::from(state);
    save(&rows, &state)?;
    Ok(state.to_string())
}

/// After the first pass comes the pause, after the second the end.
fn end_pass(state: &mut Map<String, Value>, now: NumericDate) {
    put(state, "cursor", Value::Null);
    if state.get("pass").and_then(Value::as_u64) == Some(1) {
        let pause = state.get("pause_seconds").and_then(Value::as_u64).unwrap_or(PAUSE_SECONDS);
        put(state, "pass", 2.into());
        put(state, "not_before", now.plus(Duration::from_secs(pause)).millis().into());
    } else {
        put(state, "status", "complete".into());
    }
}

fn put(state: &mut Map<String, Value>, name: &str, value: Value) {
    state.insert(name.to_owned(), value);
}

fn add(state: &mut Map<String, Value>, entries: usize) {
    // The second pass sees what the first has counted.
    let is_first = state.get("pass").and_then(Value::as_u64) == Some(1);
    let counted = state.get("entries").and_then(Value::as_u64).unwrap_or(0);
    let entries = u64::try_from(entries).unwrap_or(u64::MAX);
    if is_first {
        put(state, "entries", counted.saturating_add(entries).into());
    }
}

/// The entry for a name, a value and an expiration in KV. What has another name is not ours.
fn entry(item: &Value) -> Option<LogEntry> {
    let name = RevocationName::parse(item.get(0)?.as_str()?)?;
    let value = item.get(1)?.as_str()?;
    // A cut-off that cannot be read refuses every token, as it does in KV.
    let cutoff = Cutoff::parse(value).filter(|_| name.kind().is_cutoff());
    Some(LogEntry {
        name,
        reason: IMPORTED,
        is_lifted: false,
        before: cutoff.map(|cutoff| cutoff.before),
        expires_at: item.get(2).and_then(Value::as_i64).map(NumericDate::from_seconds),
        issuer: String::new(),
        tenant: None,
        actor: None,
    })
}

fn state(rows: &Rows) -> Result<Map<String, Value>, JsValue> {
    let stored = rows.state()?.import.and_then(|state| parse_object(state.as_bytes()).ok());
    Ok(stored.unwrap_or_else(|| Map::from_iter([("status".to_owned(), "none".into())])))
}

fn save(rows: &Rows, state: &Value) -> Result<(), JsValue> {
    rows.run("UPDATE log SET import = ?", vec![SqlStorageValue::String(state.to_string())])
}
