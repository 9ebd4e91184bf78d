use js_sys::Promise;
use wasm_bindgen::JsValue;
use worker::worker_sys::web_sys::{Headers, Response, ResponseInit};

use super::log;
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
    let headers = Headers::new()?;
    for (name, value) in &answer.headers {
        headers.set(name, value)?;
    }
    response(answer.status, &headers, &answer.body)
}

/// A JSON answer of the gateway itself.
pub(super) fn json(status: u16, body: &serde_json::Value) -> Result<Response, JsValue> {
    // What one caller may see is nobody else's answer.
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
    let headers = Headers::new()?;
    headers.set("content-type", content_type)?;
    headers.set("cache-control", cache_control)?;
    response(status, &headers, &body.to_string())
}

/// A promise of `response`; a runtime that cannot even make one has nothing better to say.
pub(super) fn resolved(response: Result<Response, JsValue>) -> Promise {
    match response {
        Ok(response) => Promise::resolve(&JsValue::from(response)),
        Err(error) => Promise::reject(&error),
    }
}

fn response(status: u16, headers: &Headers, body: &str) -> Result<Response, JsValue> {
    let init = ResponseInit::new();
    init.set_status(status);
    init.set_headers(headers);
    Response::new_with_opt_str_and_init(Some(body), &init)
}
