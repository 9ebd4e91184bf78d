use js_sys::Promise;
use wasm_bindgen::JsValue;
use worker::worker_sys::web_sys::{Headers, Response, ResponseInit};

use super::log;
use crate::config::Config;
use crate::gateway::{Record, Rejection};

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
    let headers = Headers::new()?;
    headers.set("content-type", "application/json")?;
    // What one caller may see is nobody else's answer.
    headers.set("cache-control", "no-store")?;
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
