//! Answers the machine's needs and carries its decision out.

use std::pin::Pin;
use std::rc::Rc;

use js_sys::{Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::in_flight::{InFlight, Verified};
use super::pending::{self, Pending};
use super::{
    bridge, builtin, decided, ids, jwks, limiter, log, origin, remote, renewal, respond,
    revocation_log, signer, store,
};
use crate::gateway::{
    Decision, Gateway, LimitAnswer, NeedAssertion, NeedExchange, NeedKeys, NeedLimit,
    NeedRemoteClaims, NeedRevocation, NeedSignature, Outcome, Record, Rejection, Step,
};
use crate::platform::{clock, future};
use crate::revocation::RevocationAnswer;
use crate::webcrypto::{self, Imported};

/// Goes from `step` to a promise of the response.
#[inline(never)]
pub(super) fn drive(exchange: &Rc<InFlight>, step: Step) -> Promise {
    match step {
        Step::Done(decision) => conclude(exchange, *decision),
        Step::NeedSignature(need) => signature(exchange, need),
        Step::NeedRevocation(need) => revocation(exchange, need),
        Step::NeedAssertion(need) => assertion(exchange, need),
        Step::NeedKeys(need) => keys(exchange, need),
        Step::NeedRemoteClaims(need) => remote_claims(exchange, need),
        Step::NeedExchange(need) => token_exchange(exchange, need),
        Step::NeedLimit(need) => limit(exchange, need),
    }
}

/// The same from the first step: the response, or a promise of it. A request that is decided at once
/// is not held: nothing waits for it.
pub(super) fn begin(gateway: Rc<Gateway>, step: Step) -> JsValue {
    match step {
        Step::Done(decision) if !decision.has_more() => match &decision.outcome {
            Outcome::Forward(plan) => {
                origin::forward(&gateway, &JsValue::UNDEFINED, plan, &decision.record).into()
            }
            Outcome::Refuse(rejection) => {
                respond::refuse_current(gateway.config(), rejection, &decision.record)
            }
            Outcome::Serve(_) => conclude(&Rc::new(InFlight::current(gateway)), *decision).into(),
        },
        step => drive(&Rc::new(InFlight::current(gateway)), step).into(),
    }
}

#[inline(never)]
fn conclude(exchange: &Rc<InFlight>, mut decision: Decision) -> Promise {
    if let Some(index) = decision.revalidate {
        exchange.after(jwks::refresh(Rc::clone(exchange), index));
    }
    if decision.is_degraded() {
        log::revocation_degraded(exchange.gateway.config(), &decision.record);
    }
    if decision.follows_log {
        exchange.after(revocation_log::follow(Rc::clone(exchange)));
    }
    if exchange.is_presented() {
        exchange.decide(decision);
        return Promise::resolve(&JsValue::UNDEFINED);
    }
    if let Some(session) = decision.renewal.take() {
        return renewal::renew(exchange, &session, decision);
    }
    match decision.outcome {
        Outcome::Forward(plan) => {
            origin::carry_out(exchange, &plan, &decision.record, verify_presented)
        }
        Outcome::Serve(request) => {
            builtin::serve(exchange, request, decision.record, verify_presented)
        }
        Outcome::Refuse(rejection) => {
            respond::refuse(exchange.gateway.config(), &rejection, &decision.record)
        }
    }
}

/// One verification, one `then` on the other side: no Rust future on a path that every new token
/// takes.
fn signature(exchange: &Rc<InFlight>, need: Box<NeedSignature>) -> Promise {
    let check = need.signature();
    // No verifier is asked about a length that no verifier should accept.
    if !check.has_sound_length() {
        return drive(exchange, need.resume(&exchange.gateway, false, clock::now()));
    }
    let Some(imported) = webcrypto::imported(check) else { return import(exchange, need) };
    // Held twice for as long as WebCrypto is called: it copies what it is given, and nothing else has to.
    let need = Rc::<NeedSignature>::from(need);
    let waiter = Pending::Signature(Rc::clone(exchange), Rc::clone(&need));
    let ticket = pending::add(waiter, clock::now());
    let (check, Imported { key, parameters }) = (need.signature(), &*imported);
    let message = check.signing_input().as_bytes();
    bridge::verify(parameters, key, check.signature(), message, ticket)
}

/// A key's first use, once for each isolate.
fn import(exchange: &Rc<InFlight>, need: Box<NeedSignature>) -> Promise {
    let own = Rc::clone(exchange);
    later(exchange, async move {
        match webcrypto::import(need.signature()).await {
            Ok(_) => Step::NeedSignature(need),
            // A key that cannot be imported verifies nothing.
            Err(_) => need.resume(&own.gateway, false, clock::now()),
        }
    })
}

fn revocation(exchange: &Rc<InFlight>, need: Box<NeedRevocation>) -> Promise {
    let now = clock::now();
    if need.ask().is_some()
        && let Some(asking) = exchange.asked_log()
    {
        let own = Rc::clone(exchange);
        return later(exchange, async move {
            let _ = JsFuture::from(asking).await;
            need.resume_with_copy(&own.gateway, clock::now())
        });
    }
    if let Some(ask) = need.ask().cloned() {
        let ticket = pending::add(Pending::Revocation(Rc::clone(exchange), need), now);
        return revocation_log::ask(exchange, &ask, ticket);
    }
    let names = need.names().to_vec();
    let ticket = pending::add(Pending::Revocation(Rc::clone(exchange), need), now);
    store::look_up(&exchange.env(), &names, ticket)
        .unwrap_or_else(|_| resume_revocation(ticket, &JsValue::UNDEFINED))
}

/// One signature for a token and an origin, as seldom as half of an assertion's life allows.
#[inline(never)]
fn assertion(exchange: &Rc<InFlight>, need: Box<NeedAssertion>) -> Promise {
    let rules = exchange.gateway.config().assertion.as_ref();
    let Some(key) = rules.and_then(|rules| signer::imported(&rules.key)) else {
        return import_signer(exchange, need);
    };
    let input = need.signing_input().to_owned();
    let ticket = pending::add(Pending::Assertion(Rc::clone(exchange), need), clock::now());
    bridge::sign(&key, input.as_bytes(), ticket)
}

/// The signing key's first use, once for each isolate.
fn import_signer(exchange: &Rc<InFlight>, need: Box<NeedAssertion>) -> Promise {
    let own = Rc::clone(exchange);
    later(exchange, async move {
        let gateway = &own.gateway;
        let is_imported = match &gateway.config().assertion {
            Some(rules) => signer::import(&rules.key).await,
            None => false,
        };
        if is_imported {
            Step::NeedAssertion(need)
        } else {
            need.resume(gateway, None, clock::now())
        }
    })
}

/// Verifies a token that stands in the body of a request.
fn verify_presented(
    request: Rc<InFlight>,
    text: String,
    record: Record,
) -> Pin<Box<dyn Future<Output = Verified>>> {
    Box::pin(async move {
        let presented = Rc::new(request.for_presented());
        let step = presented.gateway.begin_presented(&text, record, clock::now());
        let driven = JsFuture::from(drive(&presented, step)).await;
        // Without a decision nothing is known of the token.
        let decision = driven.ok().and_then(|_| presented.decision()).ok_or(Rejection::Internal)?;
        match (decision.verified, decision.outcome) {
            (Some(caller), _) => Ok(caller),
            (None, Outcome::Refuse(rejection)) => Err(rejection),
            (None, _) => Err(Rejection::Internal),
        }
    })
}

/// Goes on with a verified signature; anything but `true` means that it does not hold.
#[wasm_bindgen]
pub fn resume_signature(ticket: u32, holds: bool) -> Promise {
    match pending::take(ticket) {
        Some(Pending::Signature(exchange, need)) => match Rc::into_inner(need) {
            Some(need) => drive(&exchange, need.resume(&exchange.gateway, holds, clock::now())),
            None => lost(None),
        },
        other => lost(other),
    }
}

/// Goes on with KV's values under the names, a list of texts and nulls; or with the log's answer,
/// some bytes; or with `undefined`.
#[wasm_bindgen]
pub fn resume_revocation(ticket: u32, found: &JsValue) -> Promise {
    match pending::take(ticket) {
        Some(Pending::Revocation(exchange, need)) => {
            let answer = match need.ask() {
                Some(_) => revocation_log::answer(&exchange.gateway, &need, found),
                None => store::answer(need.names(), found),
            };
            if need.ask().is_some() && answer == RevocationAnswer::Unavailable {
                log::revocation_log_unavailable();
            }
            let step = need.resume(&exchange.gateway, &answer, clock::now());
            drive(&exchange, step)
        }
        other => lost(other),
    }
}

/// Goes on with the signature of an assertion, some bytes; without one the request is refused.
#[wasm_bindgen]
pub fn resume_assertion(ticket: u32, signature: &JsValue) -> Promise {
    match pending::take(ticket) {
        Some(Pending::Assertion(exchange, need)) => {
            let signature = signature.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
            let step = need.resume(&exchange.gateway, signature.as_deref(), clock::now());
            drive(&exchange, step)
        }
        other => lost(other),
    }
}

/// Nobody waits under this ticket any more: then nothing is known, and nothing passes.
fn lost(_: Option<Pending>) -> Promise {
    let record = Record::new(ids::request_id(), clock::now());
    decided::refused(None, &Rejection::Internal, &record);
    respond::resolved(respond::refusal("edgeward", &Rejection::Internal, &record))
}

/// Goes on with what `work` comes to: for what is rare, because it costs a future.
fn later(exchange: &Rc<InFlight>, work: impl Future<Output = Step> + 'static) -> Promise {
    let exchange = Rc::clone(exchange);
    future::promise(async move {
        let step = work.await;
        JsFuture::from(drive(&exchange, step)).await
    })
}

/// Asks the log while something else is waited for.
fn ask_log(exchange: &Rc<InFlight>) {
    let asking = exchange.during(revocation_log::follow_first(Rc::clone(exchange)));
    exchange.ask_log(asking);
}

fn keys(exchange: &Rc<InFlight>, need: Box<NeedKeys>) -> Promise {
    if need.wants_log(&exchange.gateway, clock::now()) {
        ask_log(exchange);
    }
    let own = Rc::clone(exchange);
    later(exchange, async move {
        jwks::obtain(&own, need.issuer(), need.attempts(), need.is_for_unknown_kid()).await;
        need.resume(&own.gateway, clock::now())
    })
}

/// Once a minute for each token.
fn remote_claims(exchange: &Rc<InFlight>, need: Box<NeedRemoteClaims>) -> Promise {
    if need.wants_log(&exchange.gateway, clock::now()) {
        ask_log(exchange);
    }
    let own = Rc::clone(exchange);
    later(exchange, async move {
        remote::obtain(&own, need.question(), &|gateway, now| need.lease(gateway, now)).await;
        need.resume(&own.gateway, clock::now())
    })
}

/// As often as a token for an origin ends, for each of its callers.
fn token_exchange(exchange: &Rc<InFlight>, need: Box<NeedExchange>) -> Promise {
    let own = Rc::clone(exchange);
    later(exchange, async move {
        remote::obtain(&own, need.question(), &|gateway, now| need.lease(gateway, now)).await;
        need.resume(&own.gateway, clock::now())
    })
}

/// Only routes with a limit come here, and they wait for the binding anyway.
fn limit(exchange: &Rc<InFlight>, need: Box<NeedLimit>) -> Promise {
    let own = Rc::clone(exchange);
    later(exchange, async move {
        let answer = limiter::ask(&own.env(), &need).await;
        if answer == LimitAnswer::Unavailable {
            log::limit_unavailable(own.gateway.config(), need.binding(), need.record());
        }
        need.resume(answer)
    })
}
