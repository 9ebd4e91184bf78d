//! The resources that the registry answers: the authority serves them, for a caller whom the gate has judged.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::json;

use super::bridge;
use super::in_flight::InFlight;
use super::session;
use crate::gateway::{OwnRequest, Record};
use crate::json::object;
use crate::platform::clock;
use crate::route::OwnResource;

/// Has the authority answer a request about registered tokens.
#[cold]
#[inline(never)]
pub(super) fn serve(exchange: &Rc<InFlight>, request: &OwnRequest, record: &Record) -> Promise {
    let gateway = &exchange.gateway;
    let caller = request.admission.caller();
    let resource = match request.resource {
        OwnResource::Sessions => "sessions",
        OwnResource::TokenExpiry => "expire",
        OwnResource::Archive => "archive",
        OwnResource::Subject => "subject",
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
    ]);
    bridge::serve_registry(exchange.request_context(), &order.to_string())
}
