//! Carries a [`ForwardPlan`] out.

use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;

use super::{bindings, crossing, log, respond, sync, unanswered};
use crate::config::Address;
use crate::gateway::{ForwardPlan, Gateway, Record, Rejection};

/// Sends a request to its origin and hands the origin's response on, untouched. `given` is the
/// request with its surroundings, or `undefined` for the current one.
pub(super) fn forward(
    gateway: &Gateway,
    given: &JsValue,
    plan: ForwardPlan,
    record: &Record,
) -> Promise {
    let config = gateway.config();
    match plan.passage().would_refuse() {
        Some(rejection) => log::shadow(config, rejection, record),
        None => log::passed(config, record),
    }
    let Some(origin) = plan.origin(config) else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let binding = match &origin.address {
        Address::Url(_) => "",
        Address::Service(binding) => binding,
    };
    let identity = plan.prepared(js_identity);
    // A caller's request never goes out as an anonymous one.
    if identity.is_none() && plan.passage().caller().is_some() {
        return respond::refuse(config, &Rejection::Internal, record);
    }
    let replaced = (!plan.replaced().is_empty()).then(|| js_identity(plan.replaced()));
    let exchanged = plan.prepared_exchange(|token| {
        js_identity(&[("authorization".to_owned(), token.authorization())])
    });
    if exchanged.is_none() && plan.exchanged().is_some() {
        return respond::refuse(config, &Rejection::Internal, record);
    }
    let (route, issuer, started_at) = unanswered::numbers(record);
    let timeout = bindings::millis(origin.timeout);
    // Without the assertion, which is for this origin and no other.
    let order = sync::order(config, &plan, record)
        .and_then(|order| Some((order, js_identity(&plan.sync_identity(config)?))));
    let text = plan.into_lines(binding);
    NO_IDENTITY.with(|none| {
        let identity = identity.as_deref().unwrap_or(none);
        let more = replaced.map(|replaced| identity.concat(&replaced));
        let more = exchanged.map(|own| more.as_ref().unwrap_or(identity).concat(&own)).or(more);
        let set = more.as_ref().unwrap_or(identity);
        let answer = crossing::forward(given, &text, set, timeout, route, issuer, started_at);
        match order {
            Some((order, told)) => sync::follow(given, &answer, &order, &told),
            None => answer,
        }
    })
}

thread_local! {
    static NO_IDENTITY: Array = Array::new();
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
