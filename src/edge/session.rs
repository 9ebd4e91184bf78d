//! Routes with a handler: the authority serves them, and asks here about tokens.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;

use super::in_flight::{InFlight, VerifyPresented};
use super::{bridge, ids};
use crate::config::Config;
use crate::gateway::{Record, Rejection, SessionToken};
use crate::json::object;
use crate::platform::bindings::member;
use crate::platform::{clock, future};
use crate::route::Handler;
use crate::time::NumericDate;

/// Whether the objects are bound and the authority is there.
pub(super) fn are_bound(env: &JsValue) -> bool {
    member(&member(env, "EDGEWARD_SESSIONS"), "idFromName").is_function() && bridge::has_sessions()
}

/// The questions about tokens that the authority may ask the gate during one request.
#[derive(Debug)]
#[wasm_bindgen]
pub struct SessionGate {
    request: Rc<InFlight>,
    handler: Rc<Handler>,
    verify: VerifyPresented,
}

#[wasm_bindgen]
impl SessionGate {
    /// Verifies a token's signature and issuer, and describes it in JSON: its `status` is `verified`,
    /// `unknown` if the gate cannot verify it, or `unavailable`. Neither revocation nor, but for
    /// refresh, time is checked.
    pub fn verify(&self, text: String, is_opaque: bool) -> Promise {
        let (request, handler, verify) =
            (Rc::clone(&self.request), Rc::clone(&self.handler), self.verify);
        future::promise(async move {
            let described = describe(&request, &handler, verify, text, is_opaque).await;
            Ok(JsValue::from_str(&described.to_string()))
        })
    }
}

async fn describe(
    request: &Rc<InFlight>,
    handler: &Handler,
    verify: VerifyPresented,
    text: String,
    is_opaque: bool,
) -> Value {
    let gateway = &request.gateway;
    let Some(issuer) = gateway.config().issuers.get(handler.issuer) else {
        return status("unavailable", Rejection::Internal.code());
    };
    let known = if is_opaque || !issuer.verifies_tokens() {
        gateway.opaque_token(handler.issuer, &text)
    } else {
        let record = Record::new(ids::request_id(), clock::now());
        match verify(Rc::clone(request), text, record).await {
            Ok(caller) if caller.issuer() == handler.issuer => gateway.session_token(&caller),
            Ok(_) => return status("unknown", "issuer_unknown"),
            // Nobody knows whether the token is good.
            Err(rejection) if rejection.status() >= 500 => {
                return status("unavailable", rejection.code());
            }
            Err(rejection) => return status("unknown", rejection.code()),
        }
    };
    let Some(token) = known else { return status("unavailable", Rejection::Internal.code()) };
    let leeway = issuer.policy.leeway;
    let is_over = token.expires_at.is_some_and(|at| at.plus(leeway) <= clock::now());
    write(&token, &issuer.name, leeway.as_secs(), is_over)
}

fn status(status: &str, code: &str) -> Value {
    object([("status", json!(status)), ("code", json!(code))])
}

fn write(token: &SessionToken, issuer: &str, leeway: u64, is_over: bool) -> Value {
    let seconds = |date: Option<NumericDate>| json!(date.map(NumericDate::seconds));
    object([
        ("status", json!("verified")),
        ("object", json!(token.object)),
        ("hash", json!(token.hash)),
        ("names", json!(token.names)),
        ("iss", json!(token.iss)),
        ("issuer", json!(issuer)),
        ("tenant", json!(token.tenant)),
        ("session", json!(token.session)),
        ("issued_at", seconds(token.issued_at)),
        ("expires_at", seconds(token.expires_at)),
        ("leeway", json!(leeway)),
        ("type", json!(token.kind)),
        ("is_opaque", json!(token.is_opaque)),
        ("is_over", json!(is_over)),
    ])
}

impl SessionGate {
    pub(super) fn new(
        request: &Rc<InFlight>,
        handler: &Rc<Handler>,
        verify: VerifyPresented,
    ) -> Self {
        Self { request: Rc::clone(request), handler: Rc::clone(handler), verify }
    }
}

/// Tells a token's family that it was used, after the response.
pub(super) fn see(config: &Config, given: &JsValue, (object, hash): &(String, String)) {
    bridge::see_session(given, object, hash, config.revocation.location.as_deref());
}
