//! `SessionFamily`: presents refresh tokens, and registers those of logins.

use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

use super::family_cutoff;
use super::family_rows::{self as rows, Kept, exact, hash_of, last_id};
use super::family_tokens as tokens;
use super::log::time;
use super::rows::{Rows, not_understood};
use crate::session::{
    Family, NewToken, Presentation, Presented, RefreshMessage, TokenRefusal, UnknownToken, Windows,
};
use crate::time::NumericDate;

/// Makes the tables when the object starts.
///
/// # Errors
///
/// Those of the storage.
#[wasm_bindgen]
pub fn family_open(object: DurableObjectState) -> Result<(), JsValue> {
    rows::open(&Rows::of(object))
}

/// Presents a refresh token at `now` (ms). `held` are the calls under way in this object, as
/// `family:attempt`, a line each. The answer is JSON: the outcome, the family and the attempt.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn family_present(
    object: DurableObjectState,
    message: &str,
    held: &str,
    now: f64,
) -> Result<String, JsValue> {
    let message: RefreshMessage = read(message)?;
    let rows = Rows::of(object);
    let now = time(now);
    let Some((mut kept, generation)) = find(&rows, &message, now)? else {
        let reason = if is_cut_off(&rows, &message)? { "ended" } else { "unknown" };
        return Ok(json!({ "outcome": "refuse", "reason": reason }).to_string());
    };
    let key = format!("{}:{}", kept.id, kept.family.attempt);
    let presented = Presented {
        generation,
        request: hash_of(&message.request).ok_or_else(not_understood)?,
        is_call_held: held.lines().any(|held| held == key),
    };
    let windows = windows(&message);
    let presentation = match kept.family.present(presented, windows, now) {
        // Nobody can tell whether the successor of an opaque token was seen, or which came after it:
        // its windows are over, and the auth server decides.
        Presentation::End(_) if message.is_opaque => {
            kept.family = Family::default();
            kept.answer_until = None;
            kept.family.present(Presented { generation: 0, ..presented }, windows, now)
        }
        presentation => presentation,
    };
    if let Presentation::End(_) = presentation {
        kept.is_logged = false;
    }
    // Nothing is stored for an opaque token that the auth server has not accepted.
    if !message.is_opaque || kept.id != 0 {
        rows::store(&rows, &kept)?;
    }
    Ok(told(&presentation, kept.id).to_string())
}

fn told(presentation: &Presentation, family: i64) -> Value {
    match presentation {
        Presentation::Call(attempt) => {
            json!({ "outcome": "call", "family": family, "attempt": attempt })
        }
        Presentation::Share(attempt) => {
            json!({ "outcome": "share", "family": family, "attempt": attempt })
        }
        Presentation::Replay(replays) => {
            json!({ "outcome": "replay", "family": family, "replays": replays })
        }
        Presentation::Refuse(refusal) => {
            let reason = match refusal {
                TokenRefusal::Ended(reason) => reason.as_str(),
                TokenRefusal::OtherRequest => "other_request",
                TokenRefusal::Unknown => "unknown",
            };
            json!({ "outcome": "refuse", "family": family, "reason": reason })
        }
        Presentation::End(reason) => {
            json!({ "outcome": "end", "family": family, "reason": reason.as_str() })
        }
    }
}

pub(super) fn windows(message: &RefreshMessage) -> Windows {
    let seconds = std::time::Duration::from_secs;
    Windows { grace: seconds(message.grace), unused: seconds(message.unused) }
}

/// The family of a token and the token's generation. A verified token that no family knows starts
/// one, unless it may not.
fn find(
    rows: &Rows,
    message: &RefreshMessage,
    now: NumericDate,
) -> Result<Option<(Kept, u64)>, JsValue> {
    if let Some((family, generation)) = tokens::token(rows, &message.hash)? {
        return Ok(rows::family(rows, family)?.map(|kept| (kept, generation)));
    }
    if message.is_opaque {
        return Ok(Some((rows::new(message, now), 0)));
    }
    let is_older = message.session.is_some() && knows_newer(rows, message)?;
    if message.unknown == UnknownToken::Refuse || is_older || is_cut_off(rows, message)? {
        return Ok(None);
    }
    adopt(rows, message, None, now).map(|kept| Some((kept, 0)))
}

/// Whether a token that no family knows was issued before the cut-off; one of unknown age counts as such.
fn is_cut_off(rows: &Rows, message: &RefreshMessage) -> Result<bool, JsValue> {
    let before = family_cutoff::before(rows)?;
    Ok(before.is_some_and(|before| message.issued_at.is_none_or(|issued| issued < before)))
}

/// Whether the session of a token has ended, or has a token that was issued later.
fn knows_newer(rows: &Rows, message: &RefreshMessage) -> Result<bool, JsValue> {
    let families = rows::families(rows)?;
    // One that was adopted, and never accepted by the auth server, knows nothing: anybody may present
    // a token of the session that is no refresh token.
    let is_known = |kept: &&Kept| {
        let family = &kept.family;
        family.ended.is_some() || family.generation > 0 || family.attempt == 0
    };
    Ok(families.iter().filter(is_known).any(|kept| {
        kept.family.ended.is_some()
            || match (kept.issued_at, message.issued_at) {
                (Some(known), Some(own)) => known > own,
                _ => kept.family.generation > 0,
            }
    }))
}

pub(super) fn adopt(
    rows: &Rows,
    message: &RefreshMessage,
    access: Option<&NewToken>,
    now: NumericDate,
) -> Result<Kept, JsValue> {
    let mut kept = rows::new(message, now);
    rows::store(rows, &kept)?;
    kept.id = last_id(rows)?;
    let name = message.names.first().map_or("", String::as_str);
    tokens::store_token(rows, (&message.hash, name), (kept.id, 0), message.kept_until(now))?;
    if let Some(access) = access {
        tokens::store_access(rows, access, (kept.id, 0), access.kept_until(message.leeway, now))?;
    }
    Ok(kept)
}

/// Registers the tokens of a login at `now` (ms); returns the number of their family. It is 0 for a token that
/// was registered before, and for one that was issued before the cut-off: it was noticed too late. One that does
/// not say when it was issued counts as new.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn family_login(
    object: DurableObjectState,
    message: &str,
    access: Option<String>,
    now: f64,
) -> Result<f64, JsValue> {
    let message: RefreshMessage = read(message)?;
    let rows = Rows::of(object);
    let is_late = message.issued_at.is_some() && is_cut_off(&rows, &message)?;
    if is_late || tokens::token(&rows, &message.hash)?.is_some() {
        return Ok(0.0);
    }
    let access = access.map(|access| read::<NewToken>(&access)).transpose()?;
    adopt(&rows, &message, access.as_ref(), time(now)).map(|kept| exact(kept.id))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(message: &str) -> Result<T, JsValue> {
    serde_json::from_str(message).map_err(|_| not_understood())
}
