//! `/.edgeward/ready`: whether the gateway can decide, and what is wrong if it cannot.

use std::rc::Rc;

use serde_json::{Map, Value};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::Response;

use super::in_flight::InFlight;
use super::{bridge, document, jwks, respond, revocation_log, signer};
use crate::config::KeySource;
use crate::gateway::{Admission, BreakerState, EndpointId, Gateway};
use crate::json::object;
use crate::platform::{clock, kv};

/// Ready when every issuer has keys or an auth server that is called, the stores answer, and
/// assertions can be signed. What is wrong is for administrators.
pub(super) async fn answer(
    exchange: &Rc<InFlight>,
    admission: &Admission,
) -> Result<Response, JsValue> {
    let gateway = &exchange.gateway;
    let mut checks = Map::new();
    let mut is_ready = true;
    for (index, issuer) in gateway.config().issuers.iter().enumerate() {
        let has_keys = !matches!(issuer.keys, KeySource::Absent);
        if has_keys {
            let state = keys_state(exchange, index).await;
            is_ready &= state != "missing";
            checks.insert(format!("keys:{}", issuer.name), state.into());
        }
        let state = gateway.remote().state(EndpointId::Issuer(index), clock::now());
        if let Some(state) = state {
            is_ready &= state != BreakerState::Open || issuer.verifies_tokens();
            checks.insert(format!("auth_server:{}", issuer.name), breaker(state).into());
        }
    }
    // One origin that cannot be reached is no reason to take the gateway out of service.
    for (index, origin) in gateway.config().origins.iter().enumerate() {
        let state = gateway.remote().state(EndpointId::Origin(index), clock::now());
        if let Some(state) = state {
            checks.insert(format!("exchange:{}", origin.name), breaker(state).into());
        }
    }
    if kv::is_bound(&exchange.env()) {
        let answers = kv::get(&exchange.env(), "ready").await.is_ok();
        is_ready &= answers;
        checks.insert("store".to_owned(), if answers { "ok" } else { "unavailable" }.into());
    }
    if gateway.config().revocation.has_log {
        let answers = revocation_log::answers(exchange).await;
        is_ready &= answers;
        checks.insert("revocation_log".to_owned(), log_state(gateway, answers));
    }
    if let Some(rules) = &gateway.config().assertion {
        let signs = signer::import(&rules.key).await;
        is_ready &= signs;
        checks.insert("assertion".to_owned(), if signs { "ok" } else { "unusable" }.into());
    }
    let mut body = object([("status", (if is_ready { "ready" } else { "not ready" }).into())]);
    if is_admin(gateway, admission)
        && let Some(body) = body.as_object_mut()
    {
        // No request waits for the registry: it takes no part in the status.
        if gateway.config().uses_registry().is_some() {
            checks.insert("registry".to_owned(), registry_state(exchange).await.into());
        }
        if let Some((from, errors)) = document::report() {
            checks.insert("configuration".to_owned(), from.into());
            body.insert("configuration_errors".to_owned(), errors.into());
        }
        body.insert("checks".to_owned(), checks.into());
    }
    respond::json(if is_ready { 200 } else { 503 }, &body)
}

/// Whether the database answers, and has the tables that the registry writes.
async fn registry_state(exchange: &InFlight) -> &'static str {
    let answers = JsFuture::from(bridge::registry_answers(&exchange.env())).await;
    if answers.is_ok_and(|answers| answers.is_truthy()) { "ok" } else { "unavailable" }
}

/// Whether the log answers, and how old the copy of it is that this isolate has.
fn log_state(gateway: &Gateway, answers: bool) -> Value {
    let copy = gateway.log_copy();
    let age = copy.age(clock::now()).map(|age| age.as_millis());
    let mut state = object([
        ("state", if answers { "ok" } else { "unavailable" }.into()),
        ("copy_age_ms", age.and_then(|age| u64::try_from(age).ok()).into()),
        ("copy_entries", copy.entries().into()),
    ]);
    if gateway.config().revocation.has_kv
        && let Some(state) = state.as_object_mut()
    {
        let blacklist = if copy.is_imported() { "imported" } else { "read" };
        state.insert("kv_blacklist".to_owned(), blacklist.into());
    }
    state
}

fn breaker(state: BreakerState) -> &'static str {
    match state {
        BreakerState::Closed => "closed",
        BreakerState::HalfOpen => "half-open",
        BreakerState::Open => "open",
    }
}

async fn keys_state(exchange: &Rc<InFlight>, index: usize) -> &'static str {
    let keys = exchange.gateway.keys();
    if keys.state(index, clock::now()).is_none() {
        jwks::obtain(exchange, index, keys.attempts(index), false).await;
    }
    match keys.state(index, clock::now()) {
        None => "missing",
        Some(state) if state.is_stale => "stale",
        Some(_) => "fresh",
    }
}

/// Whether the caller administers everything, which is what the checks are about.
fn is_admin(gateway: &Gateway, admission: &Admission) -> bool {
    gateway.admin_scope(admission.caller(), clock::now()).check_everything().is_ok()
}
