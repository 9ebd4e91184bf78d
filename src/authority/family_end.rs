//! `SessionFamily`: what its tokens are, and how its families end.

use wasm_bindgen::prelude::*;
use worker::SqlStorageValue;
use worker::worker_sys::DurableObjectState;

use super::family::read;
use super::family_cutoff;
use super::family_rows::{self as rows, exact};
use super::family_tokens as tokens;
use super::log::time;
use super::rows::{Rows, not_understood};
use crate::revocation::Reason;
use crate::session::{EndOrder, EndReason, WhichFamilies};

/// Takes note that an access token was used.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_see(object: DurableObjectState, hash: &str) -> Result<bool, JsValue> {
    let rows = Rows::of(object);
    let Some((family, generation)) = tokens::access(&rows, hash)? else { return Ok(false) };
    let Some(mut kept) = rows::family(&rows, family)? else { return Ok(false) };
    let is_news = kept.family.see(generation);
    if is_news {
        rows::store(&rows, &kept)?;
    }
    Ok(is_news)
}

/// The state of a refresh token: `current`, `used`, `ended`, or `unknown`.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_state(object: DurableObjectState, hash: &str) -> Result<String, JsValue> {
    let rows = Rows::of(object);
    let state = match tokens::token(&rows, hash)? {
        None => "unknown",
        Some((family, generation)) => match rows::family(&rows, family)? {
            None => "unknown",
            Some(kept) if kept.family.ended.is_some() => "ended",
            Some(kept) if kept.family.generation == generation => "current",
            Some(_) => "used",
        },
    };
    Ok(state.to_owned())
}

/// Whether the object keeps nothing.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_is_empty(object: DurableObjectState) -> Result<bool, JsValue> {
    let rows = Rows::of(object);
    let kept = "SELECT 1 FROM family UNION ALL SELECT 1 FROM token UNION ALL SELECT 1 FROM access \
                UNION ALL SELECT 1 FROM request_count UNION ALL SELECT 1 FROM cutoff LIMIT 1";
    Ok(rows.select(kept, vec![])?.is_empty())
}

/// Ends families, and those that it does not know where the order says so; returns the numbers of the known.
///
/// # Errors
///
/// Those of the storage, and an order that is not understood.
#[wasm_bindgen]
pub fn family_end(object: DurableObjectState, order: &str) -> Result<Vec<f64>, JsValue> {
    let order: EndOrder = read(order)?;
    let reason = EndReason::parse(&order.reason).ok_or_else(not_understood)?;
    let rows = Rows::of(object);
    if let Some(unknown) = order.unknown {
        family_cutoff::store(&rows, unknown)?;
    }
    let of = |hash: &str| -> Result<Option<i64>, JsValue> {
        let token = tokens::token(&rows, hash)?;
        let found = if token.is_some() { token } else { tokens::access(&rows, hash)? };
        Ok(found.map(|(family, _)| family))
    };
    let (only, except) = match &order.which {
        WhichFamilies::All => (None, None),
        WhichFamilies::Of(hash) => match of(hash)? {
            None => return Ok(Vec::new()),
            own => (own, None),
        },
        WhichFamilies::Except(hash) => (None, of(hash)?),
    };
    let mut ended = Vec::new();
    for mut kept in rows::families(&rows)? {
        let is_meant = only.is_none_or(|only| only == kept.id) && except != Some(kept.id);
        if is_meant && kept.family.end(reason) {
            kept.is_logged = false;
            rows::store(&rows, &kept)?;
            ended.push(exact(kept.id));
        }
    }
    Ok(ended)
}

/// The order with which the log is to be told of what has ended, as a message for the log; `None` if
/// it knows everything.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_unlogged(object: DurableObjectState) -> Result<Option<Vec<u8>>, JsValue> {
    unlogged(&Rows::of(object))
}

fn unlogged(rows: &Rows) -> Result<Option<Vec<u8>>, JsValue> {
    let mut entries = tokens::unlogged_access(rows)?;
    for kept in rows::families(rows)?.iter().filter(|kept| !kept.is_logged) {
        let reason = match kept.family.ended {
            Some(EndReason::Reuse | EndReason::AnswerLost) => Reason::Reuse,
            Some(EndReason::Logout) => Reason::Logout,
            _ => Reason::Admin,
        };
        entries.extend(tokens::entries_of(rows, kept, reason)?);
    }
    if entries.is_empty() {
        // All its tokens have expired, or none was ever good for anything elsewhere.
        rows.run("UPDATE family SET is_logged = 1 WHERE ended IS NOT NULL", vec![])?;
        return Ok(None);
    }
    Ok(Some(tokens::append(entries)))
}

/// Takes note that the log has been told `order`; returns whether it knows everything, because more may
/// have ended meanwhile.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_logged(object: DurableObjectState, order: &[u8]) -> Result<bool, JsValue> {
    let rows = Rows::of(object);
    if unlogged(&rows)?.as_deref() != Some(order) {
        return Ok(false);
    }
    rows.run("UPDATE family SET is_logged = 1 WHERE ended IS NOT NULL", vec![])?;
    rows.run("DELETE FROM access WHERE is_ended = 1", vec![])?;
    Ok(true)
}

/// The sealed answer of a family; `None` where there is none.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_answer(object: DurableObjectState, family: i32) -> Result<Option<Vec<u8>>, JsValue> {
    Ok(rows::family(&Rows::of(object), family.into())?.and_then(|kept| kept.answer))
}

/// Counts a refresh within a window of some `seconds`, and returns how long the client has to wait;
/// 0 if it need not.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_count(
    object: DurableObjectState,
    requests: u32,
    seconds: u32,
    now: f64,
) -> Result<u32, JsValue> {
    rows::count(&Rows::of(object), requests, seconds, time(now))
}

/// Removes what is over at `now` (ms); returns when there will be more (ms), and −1 for never.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_remove_expired(object: DurableObjectState, now: f64) -> Result<f64, JsValue> {
    let rows = Rows::of(object);
    let now = SqlStorageValue::Integer(time(now).millis());
    for statement in [
        "UPDATE family SET answer = NULL, answer_until = NULL WHERE answer_until <= ?",
        "DELETE FROM token WHERE expires_at <= ?",
        "DELETE FROM access WHERE expires_at <= ?",
        "DELETE FROM family WHERE expires_at <= ? AND is_logged = 1",
        "DELETE FROM request_count WHERE until <= ?",
        "DELETE FROM cutoff WHERE until <= ?",
    ] {
        rows.run(statement, vec![now.clone()])?;
    }
    rows::next(&rows)
}
