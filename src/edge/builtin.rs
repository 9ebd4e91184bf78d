//! The gateway's own resources.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use web_sys::Response;

use super::in_flight::{InFlight, VerifyPresented};
use super::{
    admin, audit, decided, document, jwks, log, pages, registry, respond, revocation_log, signer,
    token_revocation,
};
use crate::config::{Issuer, KeySource};
use crate::gateway::{
    Admission, BreakerState, Caller, EndpointId, Gateway, OwnRequest, Record, Rejection,
};
use crate::identity::AssertionRules;
use crate::json::object;
use crate::platform::{clock, future, kv};
use crate::route::OwnResource;
use crate::time::NumericDate;

/// Answers a request that the machine has admitted.
pub(super) fn serve(
    exchange: &Rc<InFlight>,
    request: OwnRequest,
    record: Record,
    verify: VerifyPresented,
) -> Promise {
    if let Some(rejection) = refusal(exchange, &request) {
        return respond::refuse(exchange.gateway.config(), &rejection, &record);
    }
    match request.resource {
        OwnResource::Health => {
            let alive = object([("status", "alive".into())]);
            answered(exchange, &record, respond::json(200, &alive))
        }
        OwnResource::Me => answered(exchange, &record, me(exchange, &request.admission)),
        OwnResource::KeySet => answered(exchange, &record, key_set(exchange)),
        OwnResource::Sessions
        | OwnResource::Tokens
        | OwnResource::TokenExpiry
        | OwnResource::Subject
        | OwnResource::Archive
        | OwnResource::Audit
        | OwnResource::AuditSeals
        | OwnResource::Metrics => {
            decided::answered(exchange.gateway.config(), &record);
            registry::serve(exchange, &request, &record, verify)
        }
        OwnResource::Ready
        | OwnResource::Revocations
        | OwnResource::RevocationImport
        | OwnResource::TokenRevocation
        | OwnResource::Page
        | OwnResource::Unknown => {
            let exchange = Rc::clone(exchange);
            future::promise(
                async move { Ok(later(&exchange, request, record, verify).await?.into()) },
            )
        }
    }
}

fn answered(exchange: &InFlight, record: &Record, response: Result<Response, JsValue>) -> Promise {
    decided::answered(exchange.gateway.config(), record);
    respond::resolved(response.and_then(|response| identified(response, record)))
}

/// The answer with the id of its request.
fn identified(response: Response, record: &Record) -> Result<Response, JsValue> {
    response.headers().set("x-request-id", record.id.as_str())?;
    Ok(response)
}

/// A deployment without the files of the pages has none, whatever the method; one without a
/// revocation log has no list.
fn refusal(exchange: &InFlight, request: &OwnRequest) -> Option<Rejection> {
    let revocation = &exchange.gateway.config().revocation;
    let has_log = revocation.has_log;
    if request.resource == OwnResource::RevocationImport && !(has_log && revocation.has_kv) {
        return Some(Rejection::RouteNotFound);
    }
    let changes = ["POST", "DELETE"].contains(&request.method.as_str());
    if request.resource == OwnResource::Revocations && !has_log && !changes {
        return Some(Rejection::MethodNotAllowed("POST, DELETE".into()));
    }
    if request.resource == OwnResource::Page && !pages::are_bound(&exchange.env()) {
        return Some(Rejection::RouteNotFound);
    }
    request.refusal().or_else(|| is_for_others(exchange, request))
}

/// The resources that are about everything are for administrators of everything.
fn is_for_others(exchange: &InFlight, request: &OwnRequest) -> Option<Rejection> {
    if ![OwnResource::Archive, OwnResource::AuditSeals].contains(&request.resource) {
        return None;
    }
    let caller = request.admission.caller();
    exchange.gateway.admin_scope(caller, clock::now()).check_everything().err()
}

async fn later(
    exchange: &Rc<InFlight>,
    request: OwnRequest,
    record: Record,
    verify: VerifyPresented,
) -> Result<Response, JsValue> {
    let is_page = request.resource == OwnResource::Page;
    let answer = match request.resource {
        OwnResource::Ready => Ok(ready(exchange, &request.admission).await),
        OwnResource::Page => pages::file(exchange, &request).await,
        OwnResource::TokenRevocation => token_revocation::revoke(exchange, &record, verify).await,
        OwnResource::RevocationImport => {
            let caller = request.admission.caller();
            let body = admin::import(exchange, caller, &request.method).await;
            body.map(|body| respond::json(200, &body))
        }
        _ => revocations(exchange, &request, &record, verify).await,
    };
    let config = exchange.gateway.config();
    match answer {
        Ok(answer) => {
            decided::answered(config, &record);
            // A page's file says itself how long it may be kept: no request is part of it.
            if is_page { answer } else { identified(answer?, &record) }
        }
        Err(rejection) => {
            decided::refused(Some(config), &rejection, &record);
            respond::refusal(&config.realm, &rejection, &record)
        }
    }
}

async fn revocations(
    exchange: &Rc<InFlight>,
    request: &OwnRequest,
    record: &Record,
    verify: VerifyPresented,
) -> Result<Result<Response, JsValue>, Rejection> {
    let caller = request.admission.caller();
    match request.method.as_str() {
        "GET" => {
            let body = admin::list(exchange, caller, request.query()).await?;
            Ok(respond::json(200, &body))
        }
        "DELETE" => {
            let lifted = admin::lift(exchange, caller, (verify, record)).await?;
            if lifted.is_changed {
                let entry = (&lifted.name, lifted.reason);
                log::revocation_lifted(entry.0, entry.1, record);
                audit::revocation(
                    exchange.gateway.config(),
                    "revocation_lifted",
                    entry,
                    (record, caller),
                );
            }
            Ok(respond::json(200, &lifted.body))
        }
        _ => {
            let revoked = admin::revoke(exchange, caller, (verify, record)).await?;
            if revoked.is_changed {
                let entry = (&revoked.name, revoked.reason);
                log::revoked(entry.0, entry.1, record);
                audit::revocation(exchange.gateway.config(), "revoked", entry, (record, caller));
            }
            Ok(respond::json(201, &revoked.body))
        }
    }
}

/// The public keys that verify the gateway's assertions.
fn key_set(exchange: &InFlight) -> Result<Response, JsValue> {
    let rules = exchange.gateway.config().assertion.as_ref();
    respond::key_set(&rules.map_or(Value::Null, AssertionRules::jwks))
}

/// The caller as the gateway sees them.
fn me(exchange: &InFlight, admission: &Admission) -> Result<Response, JsValue> {
    let issuers = &exchange.gateway.config().issuers;
    let body = admission.caller().map_or(Value::Null, |caller| describe(caller, issuers));
    respond::json(200, &body)
}

fn describe(caller: &Caller, issuers: &[Issuer]) -> Value {
    let claims = caller.token().claims();
    let issuer = issuers.get(caller.issuer());
    let identity = caller.identity();
    object([
        ("issuer", json!(issuer.map(|issuer| issuer.name.as_str()))),
        ("subject", json!(identity.subject)),
        ("email", json!(identity.email)),
        ("roles", json!(identity.roles)),
        ("scope", json!(identity.scope)),
        ("tenant", json!(identity.tenant)),
        ("session", json!(identity.session)),
        ("expires_at", json!(claims.expires_at.map(NumericDate::seconds))),
        ("claims", json!(claims.all)),
    ])
}

/// Ready when every issuer has keys or an auth server that is not left alone, the store answers, and
/// assertions can be signed. What is wrong is for administrators.
async fn ready(exchange: &Rc<InFlight>, admission: &Admission) -> Result<Response, JsValue> {
    let gateway = &exchange.gateway;
    let mut checks = serde_json::Map::new();
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
        if let Some((from, errors)) = document::report() {
            checks.insert("configuration".to_owned(), from.into());
            body.insert("configuration_errors".to_owned(), errors.into());
        }
        body.insert("checks".to_owned(), checks.into());
    }
    respond::json(if is_ready { 200 } else { 503 }, &body)
}

/// Whether the log answers, and how old the copy of it is that this isolate has.
fn log_state(gateway: &Gateway, answers: bool) -> Value {
    let copy = gateway.log_copy();
    let age = copy.age(clock::now()).map(|age| age.as_millis());
    object([
        ("state", if answers { "ok" } else { "unavailable" }.into()),
        ("copy_age_ms", age.and_then(|age| u64::try_from(age).ok()).into()),
        ("copy_entries", copy.entries().into()),
        ("kv_blacklist", if copy.is_imported() { "imported" } else { "read" }.into()),
    ])
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

fn is_admin(gateway: &Gateway, admission: &Admission) -> bool {
    !gateway.admin_scope(admission.caller(), clock::now()).is_empty()
}
