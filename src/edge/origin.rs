//! Executes a [`ForwardPlan`].

use std::rc::Rc;

use js_sys::{Array, Promise};
use wasm_bindgen::JsValue;

use super::in_flight::{InFlight, VerifyPresented};
use super::session::{self, SessionGate};
use super::{bridge, decided, origin_failure, respond, sync};
use crate::config::{Address, Config, Origin};
use crate::gateway::{ForwardPlan, Forwarded, Gateway, Record, Rejection};
use crate::platform::{bindings, clock};
use crate::route::Handler;

/// Sends a request to its origin and returns the origin's response unchanged. `given` is the
/// request with its environment and context, or `undefined` for the current one.
pub(super) fn forward(
    gateway: &Gateway,
    given: &JsValue,
    plan: &ForwardPlan,
    record: &Record,
) -> Promise {
    let config = gateway.config();
    match plan.admission().would_refuse() {
        Some(rejection) => decided::shadow(config, rejection, record),
        None => decided::passed(config, record),
    }
    let Some(origin) = gateway.origin_of(plan, js_origin) else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let identity = plan.prepared(js_lines);
    // A caller whose headers could not be made does not go on as an anonymous one.
    if identity.is_none() && plan.admission().caller().is_some() {
        return respond::refuse(config, &Rejection::Internal, record);
    }
    let removed = plan.removed_by_name();
    let Some(removed) = removed.prepared.get_or(|| js_list(&removed.names)) else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let replaced = (!plan.replaced().is_empty()).then(|| js_pairs(plan.replaced()));
    let exchanged = plan
        .prepared_exchange(|token| js_lines(&["authorization", &token.authorization()].join("\n")));
    if exchanged.is_none() && plan.exchanged().is_some() {
        return respond::refuse(config, &Rejection::Internal, record);
    }
    let (kept_from, rewritten) = target(plan);
    let besides = js_besides(plan.removed_besides());
    let [route, tenant, issuer] = origin_failure::numbers(record);
    NO_IDENTITY.with(|none| {
        let identity = identity.as_deref().unwrap_or(none);
        let more = replaced.map(|replaced| identity.concat(&replaced));
        let more = exchanged.map(|own| more.as_ref().unwrap_or(identity).concat(&own)).or(more);
        let bearer = plan.prepared_bearer(js_bearer);
        let more = bearer.map(|own| more.as_ref().unwrap_or(identity).concat(&own)).or(more);
        let set = more.as_ref().unwrap_or(identity);
        let forwarded = plan.prepared_forwarded(js_forwarded);
        let untold = JsValue::UNDEFINED;
        let forwarded = forwarded.as_deref().map_or(&untold, AsRef::as_ref);
        if plan.is_unsighted() {
            see(gateway, given, plan);
        }
        #[rustfmt::skip]
        let answer = bridge::forward(
            given, &origin, kept_from, &rewritten, &removed, &besides, set, forwarded,
            plan.uses_zone_cache(), plan.drops_body(), plan.id().is_sent(), plan.is_in_session(),
            route, tenant, issuer, origin_failure::millis_to_js(record.started_at),
        );
        if plan.sync().is_some() { follow(config, given, plan, record, answer) } else { answer }
    })
}

/// The same, unless the route has a handler: then that serves the request.
pub(super) fn carry_out(
    exchange: &Rc<InFlight>,
    plan: &ForwardPlan,
    record: &Record,
    verify: VerifyPresented,
) -> Promise {
    let Some(handler) = plan.handler() else {
        return forward(&exchange.gateway, exchange.request_context(), plan, record);
    };
    let gate = SessionGate::new(
        exchange,
        handler,
        (plan.admission().caller(), record.reader.clone()),
        verify,
    );
    serve(exchange, plan, (handler, gate), record)
}

/// Has the authority serve a request to a route with a handler.
#[cold]
#[inline(never)]
fn serve(
    exchange: &InFlight,
    plan: &ForwardPlan,
    (handler, gate): (&Handler, SessionGate),
    record: &Record,
) -> Promise {
    let config = exchange.gateway.config();
    decided::passed(config, record);
    let identity = plan.prepared(js_lines);
    let is_incomplete =
        (identity.is_none() && plan.admission().caller().is_some()) || plan.exchanged().is_some();
    let Some(origin) = exchange.gateway.origin_of(plan, js_origin).filter(|_| !is_incomplete)
    else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let removed = plan.removed_by_name();
    let (kept_from, rewritten) = target(plan);
    let forwarded = plan.prepared_forwarded(js_forwarded);
    let untold = JsValue::UNDEFINED;
    let forwarded = forwarded.as_deref().map_or(&untold, AsRef::as_ref);
    NO_IDENTITY.with(|none| {
        bridge::serve_session(
            exchange.request_context(),
            &origin,
            kept_from,
            &rewritten,
            &js_list(&removed.names),
            &js_list(plan.removed_besides()),
            &identity.as_deref().unwrap_or(none).concat(&js_pairs(&replaced(plan))),
            forwarded,
            plan.id().is_sent(),
            &gate.into(),
            &handler.settings,
        )
    })
}

/// Tells the family of a token that it was used, where that matters.
#[cold]
#[inline(never)]
fn see(gateway: &Gateway, given: &JsValue, plan: &ForwardPlan) {
    // The gateway's own use of a token says nothing about whether the client has received it.
    let is_noted = match gateway.sighting(plan, clock::now()) {
        Some(sighting) => session::see(gateway.config(), given, &sighting),
        None => true,
    };
    if is_noted {
        Gateway::note_sighting(plan);
    }
}

/// Returns the answer, and has the tenant's origin told of it. That origin does not get the
/// assertion, which is for the origin that answered and no other.
#[cold]
#[inline(never)]
fn follow(
    config: &Config,
    given: &JsValue,
    plan: &ForwardPlan,
    record: &Record,
    answer: Promise,
) -> Promise {
    let order = sync::order(config, plan, record)
        .and_then(|order| Some((order, js_lines(plan.sync_identity(config)?.lines()))));
    match order {
        Some((order, told)) => sync::follow(given, &answer, &order, &told),
        None => answer,
    }
}

thread_local! {
    static NO_IDENTITY: Array = Array::new();
    static COOKIE: JsValue = bridge::lines("cookie").into();
}

/// A caller's own token, for an origin that gets no cookie.
fn js_bearer(token: &str) -> Array {
    js_lines(&["authorization\nBearer ", token].concat())
}

/// The headers in the place of the client's, with the caller's own token where the origin gets it.
fn replaced(plan: &ForwardPlan) -> Vec<(String, String)> {
    let bearer =
        plan.bearer().map(|token| ("authorization".to_owned(), ["Bearer ", token].concat()));
    plan.replaced().iter().cloned().chain(bearer).collect()
}

/// Names of further headers that are removed. Of a request with cookies of a session alone it is
/// `cookie`.
fn js_besides(names: &[String]) -> JsValue {
    match names {
        [] => JsValue::UNDEFINED,
        [name] if name == "cookie" => COOKIE.with(JsValue::clone),
        names => js_list(names).into(),
    }
}

/// The offset in the received URL of the part that is forwarded unchanged, or else the whole URL.
fn target(plan: &ForwardPlan) -> (u32, JsValue) {
    match plan.kept_from().map(u32::try_from) {
        Some(Ok(kept_from)) => (kept_from, JsValue::UNDEFINED),
        _ => (0, JsValue::from_str(plan.url())),
    }
}

/// The properties of an origin that `forward` needs: its base URL or its binding, and its timeout
/// in milliseconds, 0 for none.
fn js_origin(origin: &Origin) -> JsValue {
    let (base, binding) = match &origin.address {
        Address::Url(base) => (base.as_str(), ""),
        Address::Service(binding) => ("", binding.as_str()),
    };
    bridge::origin(base, binding, origin.timeout.map_or(0.0, bindings::millis))
}

/// Makes a JavaScript list of the lines of a text. The list of an identity is made once for a
/// token: passing text to JavaScript is slow, passing a reference is not.
fn js_lines(lines: &str) -> Array {
    if lines.is_empty() { Array::new() } else { bridge::lines(lines) }
}

/// The forwarding headers as a list: neither host nor scheme holds a line break, which is no part
/// of a URL's authority.
fn js_forwarded(forwarded: &Forwarded) -> Array {
    let fields = forwarded.fields();
    let lines: Vec<_> = fields.iter().flat_map(|(name, value)| [*name, value]).collect();
    js_lines(&lines.join("\n"))
}

/// Names and values of headers as a list. They come from the client or the configuration, and none
/// holds a line break.
fn js_pairs(headers: &[(String, String)]) -> Array {
    let lines: Vec<_> = headers.iter().flat_map(|(name, value)| [name.as_str(), value]).collect();
    js_lines(&lines.join("\n"))
}

/// Names as a list. None holds a line break: each comes from a header line.
fn js_list(names: &[String]) -> Array {
    js_lines(&names.join("\n"))
}
