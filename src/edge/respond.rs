use js_sys::Promise;
use wasm_bindgen::JsValue;
use worker::worker_sys::web_sys::Response;

use super::{crossing, log};
use crate::config::Config;
use crate::gateway::{Record, Rejection};
use crate::limits;

/// The answer to a refused request, and its line in the log.
pub(super) fn refuse(config: &Config, rejection: &Rejection, record: &Record) -> Promise {
    log::refused(Some(config), rejection, record);
    resolved(refusal(&config.realm, rejection, record))
}

/// The response alone.
pub(super) fn refusal(
    realm: &str,
    rejection: &Rejection,
    record: &Record,
) -> Result<Response, JsValue> {
    let answer = rejection.answer(realm, record);
    let lines: Vec<_> =
        answer.headers.iter().flat_map(|(name, value)| [*name, value.as_str()]).collect();
    // No value holds a line break: they are ours, but for an `Origin`, which is a line of a head.
    crossing::respond(answer.status, &lines.join("\n"), &answer.body)
}

/// A JSON answer of the gateway itself. What one caller may see is nobody else's answer.
pub(super) fn json(status: u16, body: &serde_json::Value) -> Result<Response, JsValue> {
    document(status, "application/json", "no-store", body)
}

/// The gateway's own JWK Set (RFC 7517 §8.5.2), for everybody and for a while.
pub(super) fn key_set(keys: &serde_json::Value) -> Result<Response, JsValue> {
    let max_age = limits::KEY_SET_MAX_AGE.as_secs();
    document(200, "application/jwk-set+json", &format!("public, max-age={max_age}"), keys)
}

fn document(
    status: u16,
    content_type: &str,
    cache_control: &str,
    body: &serde_json::Value,
) -> Result<Response, JsValue> {
    let head = ["content-type", content_type, "cache-control", cache_control].join("\n");
    crossing::respond(status, &head, &body.to_string())
}

/// A promise of `response`; a runtime that cannot even make one has nothing better to say.
pub(super) fn resolved(response: Result<Response, JsValue>) -> Promise {
    match response {
        Ok(response) => Promise::resolve(&JsValue::from(response)),
        Err(error) => Promise::reject(&error),
    }
}
