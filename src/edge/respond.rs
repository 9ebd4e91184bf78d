use js_sys::Promise;
use wasm_bindgen::JsValue;
use worker::worker_sys::web_sys::{Headers, Response, ResponseInit};

use super::log;
use crate::config::Config;
use crate::gateway::{Record, Rejection};
use crate::http;

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
    let body = http::problem(
        rejection.status(),
        rejection.wire_code(),
        rejection.title(),
        &record.id,
        rejection.detail(),
    );
    let response = response(rejection.status(), "application/problem+json", &body)?;
    let headers = response.headers();
    headers.set("x-request-id", record.id.as_str())?;
    if let Some(challenge) = rejection.challenge() {
        headers.set("www-authenticate", &challenge.header(realm))?;
    }
    if let Some(seconds) = rejection.retry_after() {
        headers.set("retry-after", &seconds.to_string())?;
    }
    if let Some(origin) = &record.reader {
        // Nothing in a refusal is anybody's secret, so any page may read it.
        headers.set("access-control-allow-origin", origin)?;
        headers.set("access-control-allow-credentials", "true")?;
        headers
            .set("access-control-expose-headers", "retry-after, www-authenticate, x-request-id")?;
        headers.set("vary", "origin")?;
    }
    if let Rejection::MethodNotAllowed(allowed) = rejection {
        headers.set("allow", allowed)?;
    }
    Ok(response)
}

/// A JSON answer of the gateway itself.
pub(super) fn json(status: u16, body: &serde_json::Value) -> Result<Response, JsValue> {
    response(status, "application/json", &body.to_string())
}

/// A promise of `response`; a runtime that cannot even make one has nothing better to say.
pub(super) fn resolved(response: Result<Response, JsValue>) -> Promise {
    match response {
        Ok(response) => Promise::resolve(&JsValue::from(response)),
        Err(error) => Promise::reject(&error),
    }
}

fn response(status: u16, media_type: &str, body: &str) -> Result<Response, JsValue> {
    let init = ResponseInit::new();
    init.set_status(status);
    let headers = Headers::new()?;
    headers.set("content-type", media_type)?;
    // What one caller may not do is nobody else's answer.
    headers.set("cache-control", "no-store")?;
    init.set_headers(&headers);
    Response::new_with_opt_str_and_init(Some(body), &init)
}
