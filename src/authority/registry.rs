//! Statements of the registry for its database, in JSON: `{ "sql": …, "values": [ … ] }`.

use serde_json::json;
use wasm_bindgen::prelude::*;

use super::rows::not_understood;
use crate::http;
use crate::json::parse_object;
use crate::registry::{self, Extent, ListError, RegistryEvent, Scope, Statement, TokenQuery};
use crate::revocation::{RevocationKind, RevocationName};

/// The statements that carry an event out, a list.
///
/// # Errors
///
/// An event that is not understood.
#[wasm_bindgen]
pub fn registry_write(event: &str) -> Result<String, JsValue> {
    let event: RegistryEvent = read(event)?;
    Ok(json!(registry::statements(&event)).to_string())
}

/// The statement for a page of tokens, with its `limit`; or `error`, what was expected in the query. `scope` is a
/// list of groups, or `null` for all; `now` in seconds.
///
/// # Errors
///
/// A scope that is not understood.
#[wasm_bindgen]
pub fn registry_list(query: &str, scope: &str, now: f64) -> Result<String, JsValue> {
    let scope: Option<Vec<Scope>> = read(scope)?;
    Ok(list_answer(query, |parameters| {
        let query = TokenQuery::read(parameters, seconds(now))?;
        Ok((query.statement(scope.as_deref()), query.limit()))
    }))
}

/// A statement with its limit; or `error`, what was expected in the query.
pub(super) fn list_answer(
    query: &str,
    list: impl FnOnce(&[(String, String)]) -> Result<(Statement, u32), ListError>,
) -> String {
    let Some(parameters) = http::parameters(query) else {
        return json!({ "error": "expected each parameter once, and well-formed" }).to_string();
    };
    match list(&parameters) {
        Ok((statement, limit)) => json!({ "statement": statement, "limit": limit }).to_string(),
        Err(error) => json!({ "error": error.0 }).to_string(),
    }
}

/// The statement that selects what is expired with a token; `extent` is a word of [`Extent`].
///
/// # Errors
///
/// An extent that is none.
#[wasm_bindgen]
pub fn registry_members(extent: &str, hash: &str, now: f64) -> Result<String, JsValue> {
    Ok(written(&registry::members(extent_of(extent)?, hash, seconds(now))))
}

/// The statement that selects the family of some tokens; `hashes` is a list.
///
/// # Errors
///
/// A list that is not understood.
#[wasm_bindgen]
pub fn registry_family_of(hashes: &str) -> Result<String, JsValue> {
    let hashes: Vec<String> = read(hashes)?;
    Ok(written(&registry::family_of(&hashes)))
}

/// The statement that expires the same tokens.
///
/// # Errors
///
/// An extent that is none.
#[wasm_bindgen]
pub fn registry_expire(extent: &str, hash: &str, now: f64) -> Result<String, JsValue> {
    Ok(written(&registry::expire(extent_of(extent)?, hash, seconds(now))))
}

/// The statement that selects a subject's sessions.
///
/// # Errors
///
/// A subject that is not understood.
#[wasm_bindgen]
pub fn registry_own_sessions(owner: &str, current: &str, now: f64) -> Result<String, JsValue> {
    Ok(written(&registry::own_sessions(&read(owner)?, current, seconds(now))))
}

/// The statement that selects one token of a subject's session.
///
/// # Errors
///
/// A subject that is not understood.
#[wasm_bindgen]
pub fn registry_own_session(owner: &str, id: &str, now: f64) -> Result<String, JsValue> {
    Ok(written(&registry::own_session(&read(owner)?, id, seconds(now))))
}

/// The statement that selects the subject behind a reference; `scope` as for [`registry_list`].
///
/// # Errors
///
/// A scope that is not understood.
#[wasm_bindgen]
pub fn registry_subject(reference: &str, scope: &str) -> Result<String, JsValue> {
    let scope: Option<Vec<Scope>> = read(scope)?;
    Ok(written(&registry::subject(reference, scope.as_deref())))
}

/// The name of the revocation of all tokens of a subject.
#[must_use]
#[wasm_bindgen]
pub fn registry_subject_name(iss: &str, subject: &str) -> String {
    RevocationName::new(RevocationKind::Subject, iss, subject).to_string()
}

/// The statement that selects a token of each session of a subject.
#[must_use]
#[wasm_bindgen]
pub fn registry_sessions_of(reference: &str, now: f64) -> String {
    written(&registry::sessions_of(reference, seconds(now)))
}

/// The statements that delete a subject, a list.
///
/// # Errors
///
/// A subject that is not understood.
#[wasm_bindgen]
pub fn registry_delete_subject(owner: &str, now: f64) -> Result<String, JsValue> {
    Ok(json!(registry::delete_subject(&read(owner)?, seconds(now))).to_string())
}

/// The statements that remove what expired before a time, in seconds.
#[must_use]
#[wasm_bindgen]
pub fn registry_archive(before: f64) -> String {
    json!(registry::archive(seconds(before))).to_string()
}

/// The statement that removes the ends of families before a time, of which no token is left.
#[must_use]
#[wasm_bindgen]
pub fn registry_archive_ends(before: f64) -> String {
    written(&registry::archive_ends(seconds(before)))
}

/// The statement that counts what they would remove.
#[must_use]
#[wasm_bindgen]
pub fn registry_archivable(before: f64) -> String {
    written(&registry::archivable(seconds(before)))
}

pub(super) fn written(statement: &Statement) -> String {
    json!(statement).to_string()
}

/// A JSON object as it was sent, if it is one, and no member of any object in it occurs twice: then all read the same in it.
#[must_use]
#[wasm_bindgen]
pub fn registry_body(bytes: &[u8]) -> Option<String> {
    parse_object(bytes).ok().map(|object| json!(object).to_string())
}

fn extent_of(word: &str) -> Result<Extent, JsValue> {
    serde_json::from_value(json!(word)).map_err(|_| not_understood())
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "saturates")]
pub(super) fn seconds(now: f64) -> i64 {
    now as i64
}

pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|_| not_understood())
}
