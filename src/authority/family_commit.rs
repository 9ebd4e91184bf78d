//! `SessionFamily`: commits what auth servers answer.

use serde_json::json;
use wasm_bindgen::prelude::*;
use worker::worker_sys::DurableObjectState;

use super::family::{adopt, read, windows};
use super::family_rows::{self as rows, Kept, hash_of};
use super::family_tokens as tokens;
use super::log::time;
use super::rows::{Rows, not_understood};
use crate::session::{
    Answered, Commit, EndReason, NewToken, Presentation, Presented, RefreshMessage,
};
use crate::time::NumericDate;

/// Most access tokens that are remembered of a family.
const ACCESS_TOKENS: i64 = 64;

/// The tokens of an answer and what became of it, for [`family_commit`].
#[derive(serde::Deserialize)]
struct Outcome {
    message: RefreshMessage,
    family: i64,
    attempt: u64,
    /// `rotated`, `kept`, `refused`, `released` or `unknown`.
    kind: String,
    access: Option<NewToken>,
    refresh: Option<NewToken>,
    /// Whether the presented token was revoked while the auth server was called.
    is_revoked: bool,
    /// Whether the other access tokens of the family end.
    ends_others: bool,
}

/// Commits the answer of an auth server at `now` (ms), with the sealed answer; JSON with what became
/// of it, and whether the log is to be told something.
///
/// # Errors
///
/// Those of the storage, and a message that is not understood.
#[wasm_bindgen]
pub fn family_commit(
    object: DurableObjectState,
    outcome: &str,
    sealed: &[u8],
    now: f64,
) -> Result<String, JsValue> {
    let outcome: Outcome = read(outcome)?;
    let (rows, now) = (Rows::of(object), time(now));
    let message = &outcome.message;
    let answered = answered(&outcome.kind).ok_or_else(not_understood)?;
    let mut kept = match rows::family(&rows, outcome.family)? {
        Some(kept) => kept,
        // An opaque token has a row only once it was accepted.
        None if answered == Answered::Rotated => {
            return commit_opaque(&rows, &outcome, sealed, now);
        }
        None => return Ok(json!({ "outcome": "accepted" }).to_string()),
    };
    if outcome.is_revoked && kept.family.end(EndReason::Revoked) {
        kept.is_logged = false;
    }
    let commit = kept.family.commit(outcome.attempt, answered, now);
    match commit {
        Commit::Superseded => {}
        Commit::Accepted => {
            if answered == Answered::Rotated {
                store_successor(&rows, &mut kept, &outcome, sealed, now)?;
            }
            store_access(&rows, &kept, &outcome, now)?;
        }
        // The log revokes the new tokens with the rest of the family.
        Commit::Ended(_) => {
            if let Some(new) = &outcome.refresh {
                let until = new.kept_until(message.leeway, now);
                let generation = kept.family.generation.saturating_add(1);
                tokens::store_token(&rows, (&new.hash, &new.name), (kept.id, generation), until)?;
            }
            store_access(&rows, &kept, &outcome, now)?;
            kept.is_logged = false;
        }
    }
    rows::store(&rows, &kept)?;
    let word = match commit {
        Commit::Accepted => "accepted",
        Commit::Superseded => "superseded",
        Commit::Ended(_) => "ended",
    };
    let reason = kept.family.ended.map(EndReason::as_str);
    Ok(json!({ "outcome": word, "reason": reason }).to_string())
}

fn answered(kind: &str) -> Option<Answered> {
    Some(match kind {
        "rotated" => Answered::Rotated,
        "kept" => Answered::Kept,
        "refused" => Answered::Refused,
        "released" => Answered::NotSent,
        "unknown" => Answered::Unknown,
        _ => return None,
    })
}

/// The first answer to an opaque token: its family begins with the rotation.
fn commit_opaque(
    rows: &Rows,
    outcome: &Outcome,
    sealed: &[u8],
    now: NumericDate,
) -> Result<String, JsValue> {
    let message = &outcome.message;
    let mut kept = adopt(rows, message, None, now)?;
    let presented = Presented {
        generation: 0,
        request: hash_of(&message.request).ok_or_else(not_understood)?,
        is_call_held: false,
    };
    if let Presentation::Call(attempt) = kept.family.present(presented, windows(message), now) {
        kept.family.commit(attempt, Answered::Rotated, now);
    }
    store_successor(rows, &mut kept, outcome, sealed, now)?;
    rows::store(rows, &kept)?;
    Ok(json!({ "outcome": "accepted" }).to_string())
}

fn store_successor(
    rows: &Rows,
    kept: &mut Kept,
    outcome: &Outcome,
    sealed: &[u8],
    now: NumericDate,
) -> Result<(), JsValue> {
    let message = &outcome.message;
    kept.answer = Some(sealed.to_vec());
    kept.answer_until = Some(windows(message).close_at(now));
    let Some(new) = &outcome.refresh else { return Ok(()) };
    // Without a time in the token, that of the commit: what is presented later and is unknown was
    // issued before.
    kept.issued_at = Some(new.issued_at.unwrap_or_else(|| now.seconds()));
    if message.is_opaque {
        // The successor has an object of its own. Nothing tells how long the token lives: afterwards the
        // auth server decides.
        kept.expires_at = windows(message).close_at(now);
        let name = message.names.first().map_or("", String::as_str);
        return tokens::store_token(rows, (&message.hash, name), (kept.id, 0), kept.expires_at);
    }
    let until = new.kept_until(message.leeway, now);
    kept.expires_at = kept.expires_at.max(until);
    let place = (kept.id, kept.family.generation);
    tokens::store_token(rows, (&new.hash, &new.name), place, until)
}

fn store_access(
    rows: &Rows,
    kept: &Kept,
    outcome: &Outcome,
    now: NumericDate,
) -> Result<(), JsValue> {
    let Some(access) = &outcome.access else { return Ok(()) };
    let until = access.kept_until(outcome.message.leeway, now);
    if outcome.ends_others && kept.family.ended.is_none() {
        tokens::end_access_tokens(rows, kept.id)?;
    }
    tokens::store_access(rows, access, (kept.id, kept.family.generation), until)?;
    tokens::forget_access_tokens(rows, kept.id, ACCESS_TOKENS)
}
