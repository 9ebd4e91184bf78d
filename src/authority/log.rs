//! `RevocationLog`: ask, append, lift, and the removal of what has expired.

use js_sys::Error;
use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::SqlStorageValue;
use worker::worker_sys::DurableObjectState;

use super::rows::{ENTRY, Row, Rows, entry, fingerprint, not_understood, number, signed, state};
use crate::revocation::{
    self, Ask, AskReply, EPOCH_BYTES, Epoch, Fingerprint, LogEntry, LogOrder, PAGE, Reason,
    RevocationName, RevocationState, to_message,
};
use crate::time::NumericDate;

/// Most rows that are removed in one transaction.
const REMOVED: i64 = 1000;

/// Opens the log when its object starts, and returns whether it is new. `random` are 24 bytes: the epoch of a new log, and the id of
/// this start.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn log_open(object: DurableObjectState, random: &[u8]) -> Result<bool, JsValue> {
    let (epoch, id) = random.split_first_chunk::<EPOCH_BYTES>().ok_or_else(not_understood)?;
    let id = u64::from_be_bytes(id.try_into().map_err(|_| not_understood())?);
    Rows::of(object).open(Epoch::new(*epoch), id)
}

/// Answers an [`Ask`] from the storage, as of `now` (ms).
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn log_ask(object: DurableObjectState, message: &[u8], now: f64) -> Result<Vec<u8>, JsValue> {
    let ask = Ask::parse(message).ok_or_else(not_understood)?;
    answer(&Rows::of(object), &ask, time(now)).map(|reply| reply.to_bytes())
}

/// Carries out a [`LogOrder`], as of `now` (ms); the answer says of each entry whether its name is
/// revoked for this reason before and after, and what else revokes it.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn log_order(object: DurableObjectState, message: &[u8], now: f64) -> Result<Vec<u8>, JsValue> {
    let order = LogOrder::parse(message).ok_or_else(not_understood)?;
    if LogOrder::is_late(message, time(now)) {
        return Err(Error::new("expected an order that is still waited for").into());
    }
    let rows = Rows::of(object);
    let outcome = carry_out(&rows, &order, time(now))?;
    Ok(to_message(&json!({ "entries": outcome })))
}

/// Removes what had expired at `now` (ms), in batches; returns whether there may be more of it, and
/// −1 if nothing is left that will expire.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn log_remove_expired(object: DurableObjectState, now: f64) -> Result<i32, JsValue> {
    let rows = Rows::of(object);
    let now = SqlStorageValue::Integer(time(now).seconds());
    let expired = "SELECT seq FROM entry WHERE expires_at <= ? LIMIT ?";
    let removed = format!("DELETE FROM entry WHERE seq IN ({expired}) RETURNING 1");
    let removed = rows.select(&removed, vec![now, SqlStorageValue::Integer(REMOVED)])?;
    if i64::try_from(removed.len()).is_ok_and(|removed| removed >= REMOVED) {
        return Ok(1);
    }
    let rest = rows.select("SELECT 1 FROM entry WHERE expires_at IS NOT NULL LIMIT 1", vec![])?;
    Ok(if rest.is_empty() { -1 } else { 0 })
}

/// A time as JavaScript gives it.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "whole milliseconds")]
pub(super) fn time(millis: f64) -> NumericDate {
    NumericDate::from_millis(millis as i64)
}

fn answer(rows: &Rows, ask: &Ask, now: NumericDate) -> Result<AskReply, JsValue> {
    let log = rows.state()?;
    let starts = rows.starts(ask.start)?;
    let since = revocation::since(ask, log.epoch, log.head, &starts);
    let from = since.unwrap_or(0);
    let seq = end_of_page(rows, from, ask.page.min(PAGE))?.unwrap_or(log.head);
    let verdicts = ask.names.iter().map(|name| state_of(rows, name, now));
    Ok(AskReply {
        epoch: log.epoch,
        start: rows.start()?,
        since,
        seq,
        head: log.head,
        has_more: seq < log.head,
        is_imported: log.is_imported(),
        states: states(rows, (from, seq), now)?,
        verdicts: verdicts.collect::<Result<_, _>>()?,
        oldest_change: oldest_change(rows, since, seq)?,
    })
}

/// The last of so many changes after `from`; `None` if there are fewer.
fn end_of_page(rows: &Rows, from: u64, page: u32) -> Result<Option<u64>, JsValue> {
    let Some(before_last) = page.checked_sub(1) else { return Ok(Some(from)) };
    let found = rows.select(
        "SELECT seq FROM entry WHERE seq > ? ORDER BY seq LIMIT 1 OFFSET ?",
        vec![
            SqlStorageValue::Integer(signed(from)),
            SqlStorageValue::Integer(i64::from(before_last)),
        ],
    )?;
    let last = found.first().and_then(|row| number(row.first()?));
    Ok(last.and_then(|last| u64::try_from(last).ok()))
}

/// The states of all fingerprints with a change between `since` and `seq`, over all entries that
/// share them.
fn states(
    rows: &Rows,
    (since, seq): (u64, u64),
    now: NumericDate,
) -> Result<Vec<(Fingerprint, RevocationState)>, JsValue> {
    if since >= seq {
        return Ok(Vec::new());
    }
    let range = [since, seq].map(|seq| SqlStorageValue::Integer(signed(seq)));
    let found = rows.select(
        "SELECT lifted, before, expires_at, fingerprint FROM entry WHERE fingerprint IN \
         (SELECT fingerprint FROM entry WHERE seq > ? AND seq <= ?)",
        range.to_vec(),
    )?;
    let state = |row: &Row| {
        let of = fingerprint(row.last().unwrap_or(&SqlStorageValue::Null))?;
        Ok((of, state(row, now)?))
    };
    Ok(revocation::fold(found.iter().map(state).collect::<Result<Vec<_>, JsValue>>()?))
}

/// When the first change after `since` was entered; `None` for a copy that is loaded anew, and without a change.
fn oldest_change(
    rows: &Rows,
    since: Option<u64>,
    seq: u64,
) -> Result<Option<NumericDate>, JsValue> {
    let Some(since) = since.filter(|since| *since < seq) else { return Ok(None) };
    let query = "SELECT created_at FROM entry WHERE seq > ? ORDER BY seq LIMIT 1";
    let found = rows.select(query, vec![SqlStorageValue::Integer(signed(since))])?;
    Ok(found.first().and_then(|row| number(row.first()?)).map(NumericDate::from_millis))
}

fn state_of(
    rows: &Rows,
    name: &RevocationName,
    now: NumericDate,
) -> Result<RevocationState, JsValue> {
    // Whatever the reason: another release may have one that this one does not know.
    let query = "SELECT lifted, before, expires_at FROM entry WHERE name = ?";
    let found = rows.select(query, vec![SqlStorageValue::Blob(name.to_bytes().to_vec())])?;
    let states = found.iter().map(|row| state(row, now)).collect::<Result<Vec<_>, _>>()?;
    Ok(states.into_iter().max().unwrap_or(RevocationState::Absent))
}

/// The entries of a name, one for each reason.
fn entries_of(rows: &Rows, name: &RevocationName) -> Result<Vec<LogEntry>, JsValue> {
    let name = SqlStorageValue::Blob(name.to_bytes().to_vec());
    let query = format!("SELECT {ENTRY} FROM entry WHERE name = ?");
    rows.select(&query, vec![name])?.iter().map(|row: &Row| entry(row)).collect()
}

/// Carries an order out; for each entry what came of it, as JSON.
pub(super) fn carry_out(
    rows: &Rows,
    order: &LogOrder,
    now: NumericDate,
) -> Result<Vec<serde_json::Value>, JsValue> {
    let log = rows.state()?;
    let mut head = log.head;
    let mut outcomes = Vec::with_capacity(order.entries.len());
    for new in &order.entries {
        let all = entries_of(rows, &new.name)?;
        let own = all.iter().find(|entry| entry.reason == new.reason);
        let changed = order.command.apply(own, new, now);
        if let Some(changed) = &changed {
            head = head.saturating_add(1);
            rows.replace((head, &log.epoch), changed, now)?;
        }
        let is_live = |entry: &LogEntry| entry.state(now) != RevocationState::Absent;
        let others = all.iter().filter(|entry| entry.reason != new.reason && is_live(entry));
        let result = changed.as_ref().or(own);
        outcomes.push(json!({
            "was_revoked": own.is_some_and(is_live),
            "is_changed": changed.is_some(),
            "before": result.and_then(|entry| entry.before),
            "expires_at": result.and_then(|entry| entry.expires_at).map(NumericDate::seconds),
            "other_reasons": others.map(|entry| entry.reason.as_str()).collect::<Vec<_>>(),
        }));
    }
    if head != log.head {
        let head = SqlStorageValue::Integer(signed(head));
        rows.run("UPDATE log SET head = ?", vec![head])?;
    }
    Ok(outcomes)
}

/// The reason of an entry that was imported from KV: there is no other way into it.
pub(super) const IMPORTED: Reason = Reason::Admin;
