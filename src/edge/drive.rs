//! Answers the machine's needs and carries its decision out.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use super::exchange::Exchange;
use super::{bindings, clock, issuer, log, origin, own, remote, respond, store};
use crate::gateway::{
    Decision, Gateway, NeedKeys, NeedRemoteClaims, NeedRevocation, NeedSignature, Outcome, Step,
};
use crate::webcrypto;

/// Goes from `step` to a promise of the response.
pub(super) fn drive(exchange: &Rc<Exchange>, step: Step) -> Promise {
    match step {
        Step::Done(decision) => conclude(exchange, *decision),
        Step::NeedSignature(need) => signature(exchange, need),
        Step::NeedRevocation(need) => revocation(exchange, need),
        Step::NeedKeys(need) => keys(exchange, need),
        Step::NeedRemoteClaims(need) => remote_claims(exchange, need),
    }
}

fn conclude(exchange: &Rc<Exchange>, decision: Decision) -> Promise {
    if let Some(index) = decision.revalidate {
        exchange.after(issuer::refresh(Rc::clone(exchange), index));
    }
    match decision.outcome {
        Outcome::Forward(plan) => {
            log::passed(exchange.gateway.config(), &decision.record);
            origin::forward(exchange, &plan, &decision.record)
        }
        Outcome::Serve(request) => own::serve(exchange, request, decision.record),
        Outcome::Refuse(rejection) => {
            respond::refuse(exchange.gateway.config(), &rejection, &decision.record)
        }
    }
}

/// One verification, one `then`: no Rust future on a path that every new token takes.
fn signature(exchange: &Rc<Exchange>, need: Box<NeedSignature>) -> Promise {
    let verifying =
        webcrypto::verify(need.signature()).unwrap_or_else(|_| Promise::resolve(&JsValue::FALSE));
    settle(exchange, &verifying, move |gateway, outcome| {
        // Anything but a plain `true`, an error included, means that the signature does not hold.
        need.resume(gateway, outcome == JsValue::TRUE, clock::now())
    })
}

fn revocation(exchange: &Rc<Exchange>, need: Box<NeedRevocation>) -> Promise {
    let reading = store::read(&exchange.env, need.names());
    settle(exchange, &reading, move |gateway, found| {
        let answer = store::answer(need.names(), &found);
        need.resume(gateway, &answer, clock::now())
    })
}

/// Rare, so it may cost a future.
fn keys(exchange: &Rc<Exchange>, need: Box<NeedKeys>) -> Promise {
    let exchange = Rc::clone(exchange);
    future_to_promise(async move {
        issuer::obtain(&exchange, need.issuer(), need.attempts(), need.is_for_unknown_kid()).await;
        let step = need.resume(&exchange.gateway, clock::now());
        JsFuture::from(drive(&exchange, step)).await
    })
}

/// Once a minute for each token.
fn remote_claims(exchange: &Rc<Exchange>, need: Box<NeedRemoteClaims>) -> Promise {
    let exchange = Rc::clone(exchange);
    future_to_promise(async move {
        remote::obtain(&exchange, &need).await;
        let step = need.resume(&exchange.gateway, clock::now());
        JsFuture::from(drive(&exchange, step)).await
    })
}

/// Resumes with whatever `promise` comes to, value or error.
fn settle(
    exchange: &Rc<Exchange>,
    promise: &Promise,
    resume: impl FnOnce(&Gateway, JsValue) -> Step + 'static,
) -> Promise {
    let exchange = Rc::clone(exchange);
    let settled = Closure::once_into_js(move |outcome: JsValue| -> Promise {
        let step = resume(&exchange.gateway, outcome);
        drive(&exchange, step)
    });
    bindings::then(promise, settled.unchecked_ref::<Function>())
}
