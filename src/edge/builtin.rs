//! The gateway's own resources.

use std::rc::Rc;

use js_sys::Promise;
use serde_json::{Value, json};
use wasm_bindgen::JsValue;
use web_sys::Response;

use super::in_flight::{InFlight, VerifyPresented};
use super::{admin, audit, decided, log, pages, ready, registry, respond, token_revocation};
use crate::config::Issuer;
use crate::gateway::{Admission, Caller, OwnRequest, Record, Rejection};
use crate::identity::AssertionRules;
use crate::json::object;
use crate::platform::{clock, future};
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
        OwnResource::Ready => Ok(ready::answer(exchange, &request.admission).await),
        OwnResource::Page => pages::file(exchange, &request).await,
        OwnResource::TokenRevocation => token_revocation::revoke(exchange, &record, verify).await,
        OwnResource::RevocationImport => {
            let caller = request.admission.caller();
            let body = admin::import(exchange, caller, &request.method).await;
            if request.method == "POST" && body.is_ok() {
                audit::import(exchange.gateway.config(), (&record, caller));
            }
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
    let config = exchange.gateway.config();
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
                let of = (lifted.issuer.as_deref(), lifted.tenant.as_deref());
                audit::revocation(config, "revocation_lifted", entry, of, (record, caller));
            }
            Ok(respond::json(200, &lifted.body))
        }
        _ => {
            let revoked = admin::revoke(exchange, caller, (verify, record)).await?;
            if revoked.is_changed {
                let entry = (&revoked.name, revoked.reason);
                log::revoked(entry.0, entry.1, record);
                let of = (revoked.issuer.as_deref(), revoked.tenant.as_deref());
                audit::revocation(config, "revoked", entry, of, (record, caller));
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
