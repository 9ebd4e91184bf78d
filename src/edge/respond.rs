use std::cell::RefCell;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use web_sys::Response;

use super::{bridge, decided};
use crate::config::Config;
use crate::gateway::{Record, Rejection};
use crate::http::ErrorStyle;
use crate::limits;

/// The answer to a refused request, and its line in the log.
pub(super) fn refuse(config: &Config, rejection: &Rejection, record: &Record) -> Promise {
    decided::refused(Some(config), rejection, record);
    resolved(refusal(&config.realm, rejection, record))
}

/// The same for the current request, whose own id the other side knows.
pub(super) fn refuse_current(config: &Config, rejection: &Rejection, record: &Record) -> JsValue {
    decided::refused(Some(config), rejection, record);
    let id = record.id.is_sent().then(|| record.id.as_str());
    match written(&config.realm, rejection, record, id) {
        Ok(response) => response.into(),
        Err(error) => Promise::reject(&error).into(),
    }
}

/// The response alone.
pub(super) fn refusal(
    realm: &str,
    rejection: &Rejection,
    record: &Record,
) -> Result<Response, JsValue> {
    written(realm, rejection, record, Some(record.id.as_str()))
}

/// Texts cross once for each kind of refusal that comes in floods: whoever sends bad tokens is to
/// cost as little as can be.
fn written(
    realm: &str,
    rejection: &Rejection,
    record: &Record,
    id: Option<&str>,
) -> Result<Response, JsValue> {
    let is_problem = record.error_style == ErrorStyle::Problem;
    let is_own = record.reader.is_some() || record.login.is_some();
    if !rejection.is_answered_alike() || is_own || !is_problem {
        return bridge::refuse(&prepared(realm, rejection, record), id);
    }
    let code = rejection.wire_code();
    ALIKE.with_borrow_mut(|held| {
        let at = held.iter().position(|alike| alike.code == code && alike.realm == realm);
        let at = at.unwrap_or_else(|| {
            // Only another configuration brings another realm.
            if held.len() >= limits::REFUSALS_HELD {
                held.clear();
            }
            held.push(Alike {
                code,
                realm: realm.to_owned(),
                js: prepared(realm, rejection, record),
            });
            held.len().saturating_sub(1)
        });
        held.get(at).map_or(Err(JsValue::UNDEFINED), |alike| bridge::refuse(&alike.js, id))
    })
}

/// A refusal that many requests get, in JavaScript's form.
struct Alike {
    code: &'static str,
    realm: String,
    js: JsValue,
}

thread_local! {
    static ALIKE: RefCell<Vec<Alike>> = RefCell::default();
}

fn prepared(realm: &str, rejection: &Rejection, record: &Record) -> JsValue {
    let answer = rejection.answer(realm, record);
    let lines: Vec<_> =
        answer.headers.iter().flat_map(|(name, value)| [*name, value.as_str()]).collect();
    let (before, after) = &answer.body;
    // No value holds a line break: they are ours, but for an `Origin`, which is a line of a head.
    bridge::refusal(answer.status, &lines.join("\n"), before, after.as_deref())
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
    let at_edge = "cloudflare-cdn-cache-control";
    let head =
        ["content-type", content_type, "cache-control", cache_control, at_edge, cache_control];
    let head = head.join("\n");
    bridge::respond(status, &head, &body.to_string())
}

/// A promise of `response`; a runtime that cannot even make one has nothing better to say.
pub(super) fn resolved(response: Result<Response, JsValue>) -> Promise {
    match response {
        Ok(response) => Promise::resolve(&JsValue::from(response)),
        Err(error) => Promise::reject(&error),
    }
}
