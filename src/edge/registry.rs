//! The resources that the registry answers: the authority serves them, for a caller whom the gate has judged.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::json;
use wasm_bindgen::prelude::*;

use super::bridge;
use super::in_flight::{InFlight, VerifyPresented};
use super::{revocation_log, session};
use crate::gateway::{OwnRequest, Record};
use crate::json::object;
use crate::platform::{clock, future};
use crate::route::OwnResource;

/// Has the authority answer a request about registered tokens.
#[cold]
#[inline(never)]
pub(super) fn serve(
    exchange: &Rc<InFlight>,
    request: &OwnRequest,
    record: &Record,
    verify: VerifyPresented,
) -> Promise {
    let gateway = &exchange.gateway;
    let caller = request.admission.caller();
    let resource = match request.resource {
        OwnResource::Sessions => "sessions",
        OwnResource::TokenExpiry => "expire",
        OwnResource::Archive => "archive",
        OwnResource::Subject => "subject",
        OwnResource::Audit => "audit",
        OwnResource::AuditSeals => "seals",
        OwnResource::Metrics => "metrics",
        _ => "tokens",
    };
    let scope = gateway.admin_scope(caller, clock::now());
    let order = object([
        ("resource", json!(resource)),
        ("method", json!(request.method)),
        ("path", json!(request.path())),
        ("query", json!(request.query())),
        ("id", json!(record.id.as_str())),
        ("caller", json!(caller.and_then(|caller| session::description(gateway, caller)))),
        // An administrator of everything has no filter; anyone else is limited to theirs.
        ("scope", json!(scope.filter(gateway))),
        ("location", json!(gateway.config().revocation.location)),
        ("realm", json!(gateway.config().realm)),
    ]);
    let gate = RegistryGate { exchange: Rc::clone(exchange), verify };
    bridge::serve_registry(exchange.request_context(), &order.to_string(), &gate.into())
}

/// The questions about tokens that the registry may ask the gate during one request.
#[derive(Debug)]
#[wasm_bindgen]
pub struct RegistryGate {
    exchange: Rc<InFlight>,
    verify: VerifyPresented,
}

#[wasm_bindgen]
impl RegistryGate {
    /// Verifies a token's signature and issuer, and describes it as
    /// [`SessionGate::verify`](super::SessionGate::verify) does.
    pub fn verify(&self, text: String) -> Promise {
        let (exchange, verify) = (Rc::clone(&self.exchange), self.verify);
        future::promise(async move {
            let known = session::describe_verified(&exchange, verify, text, None).await;
            Ok(JsValue::from_str(&known.to_string()))
        })
    }

    /// Asks the revocation log, so that this isolate refuses at once what was ended before.
    pub fn refresh_log(&self) -> Promise {
        revocation_log::refreshed(&self.exchange)
    }
}
