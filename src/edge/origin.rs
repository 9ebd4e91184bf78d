//! Carries a [`ForwardPlan`] out.

use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;

use super::exchange::Exchange;
use super::{bindings, crossing, respond, unanswered};
use crate::config::Address;
use crate::gateway::{ForwardPlan, Record, Rejection};

/// Sends the request to its origin and hands the origin's response on, untouched.
pub(super) fn forward(exchange: &Exchange, plan: &ForwardPlan, record: &Record) -> Promise {
    let config = exchange.gateway.config();
    let Some(origin) = plan.origin(config) else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let service = match &origin.address {
        Address::Url(_) => JsValue::UNDEFINED,
        Address::Service(binding) => bindings::member(&exchange.env, binding),
    };
    let identity = plan.passage().caller().and_then(|caller| caller.prepared(js_identity));
    let (route, issuer, started_at) = unanswered::numbers(record);
    NO_IDENTITY.with(|none| {
        let identity = identity.as_deref().unwrap_or(none);
        let timeout = bindings::millis(origin.timeout);
        let text = text(plan);
        let request = &exchange.request;
        crossing::forward(request, &text, identity, &service, timeout, route, issuer, started_at)
    })
}

thread_local! {
    static NO_IDENTITY: Array = Array::new();
}

/// What `crossing::forward` is told in words: URL, request id, and the names that stay behind.
fn text(plan: &ForwardPlan) -> String {
    let mut text = String::with_capacity(256);
    text.push_str(plan.url());
    for line in [plan.id().as_str()].into_iter().chain(plan.removed().iter().map(String::as_str)) {
        text.push('\n');
        text.push_str(line);
    }
    text
}

/// Made once for a token: text crosses to JavaScript slowly, a reference to it at once. No
/// encoding of a value holds a line break.
fn js_identity(headers: &[(String, String)]) -> Array {
    if headers.is_empty() {
        return Array::new();
    }
    let lines: Vec<_> = headers.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    crossing::lines(&lines.join("\n"))
}
