//! The revocation log, a Durable Object: what is asked of it, and what came of that.

use std::rc::Rc;
use std::time::Duration;

use js_sys::{Promise, Uint8Array};
use serde_json::{Map, Value};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::in_flight::InFlight;
use super::{bridge, log, metrics};
use crate::config::Config;
use crate::gateway::{Gateway, NeedRevocation};
use crate::limits;
use crate::platform::{bindings, clock, future};
use crate::revocation::{Ask, AskReply, RevocationAnswer, from_message};

const BINDING: &str = "EDGEWARD_REVOCATION_LOG";

/// Whether the log is bound.
pub(super) fn is_bound(env: &JsValue) -> bool {
    bindings::member(&bindings::member(env, BINDING), "idFromName").is_function()
}

/// Asks the log for the request that waits under `ticket`.
pub(super) fn ask(exchange: &InFlight, ask: &Ask, ticket: u32) -> Promise {
    let location = location(exchange.gateway.config());
    let timeout = bindings::millis(limits::LOG_TIMEOUT);
    bridge::ask_log(&namespace(&exchange.env()), location, &ask.to_bytes(), timeout, ticket)
}

/// The log's answer to the question of `need`, from some bytes. Anything else is none, and so is an
/// answer about another number of names.
pub(super) fn answer(
    gateway: &Gateway,
    need: &NeedRevocation,
    found: &JsValue,
) -> RevocationAnswer {
    let bytes = found.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
    let reply = bytes.and_then(|bytes| AskReply::parse(&bytes));
    let reply = reply.filter(|reply| reply.verdicts.len() == need.names().len());
    metrics::followed(gateway, reply.as_ref());
    reply.map_or(RevocationAnswer::Unavailable, RevocationAnswer::Log)
}

/// Brings the copy of the log up to date, page by page, for no request in particular.
pub(super) async fn follow(exchange: Rc<InFlight>) {
    let ask = exchange.gateway.follow_log(clock::now());
    follow_from(exchange, ask).await;
}

/// The same for a request that waits: returns after the first page, and goes on with the others when
/// the request is answered.
pub(super) async fn follow_first(exchange: Rc<InFlight>) {
    let Some(ask) = exchange.gateway.follow_log(clock::now()) else { return };
    if put(&exchange, &ask, limits::LOG_TIMEOUT).await {
        let next = exchange.gateway.follow_on(clock::now());
        exchange.after(follow_from(Rc::clone(&exchange), next));
    }
}

async fn follow_from(exchange: Rc<InFlight>, mut ask: Option<Ask>) {
    while let Some(page) = ask {
        // Nobody waits for it: a slow answer brings the copy further, too.
        let answers = put(&exchange, &page, limits::STORE_TIMEOUT).await;
        ask = if answers { exchange.gateway.follow_on(clock::now()) } else { None };
    }
}

/// Asks the log now, until the copy has all of it, or the wait is over.
pub(super) async fn refresh(exchange: &InFlight) {
    let until = clock::now().plus(limits::LOG_TIMEOUT);
    let mut ask = Some(exchange.gateway.ask_log());
    while let Some(page) = ask {
        let answers = put(exchange, &page, until.since(clock::now())).await;
        let goes_on = answers && clock::now() < until;
        ask = if goes_on { exchange.gateway.follow_on(clock::now()) } else { None };
    }
}

/// The same as a promise, for the request that made it.
pub(super) fn refreshed(exchange: &Rc<InFlight>) -> Promise {
    let exchange = Rc::clone(exchange);
    future::promise(async move {
        refresh(&exchange).await;
        Ok(JsValue::UNDEFINED)
    })
}

/// Whether the log answers. It is asked at most once a second, because anybody may ask for readiness.
pub(super) async fn answers(exchange: &InFlight) -> bool {
    let now = clock::now();
    let (is_failing, is_answering) = {
        let copy = exchange.gateway.log_copy();
        (copy.is_failing(now), copy.is_answering(now))
    };
    if is_failing || is_answering {
        return !is_failing;
    }
    put(exchange, &exchange.gateway.ask_log(), limits::LOG_TIMEOUT).await
}

/// Puts a question to the log, and takes its answer over; whether there was one.
async fn put(exchange: &InFlight, ask: &Ask, timeout: Duration) -> bool {
    let sent_at = clock::now();
    let bytes = call(exchange, "ask", &ask.to_bytes(), timeout).await;
    let reply = bytes.and_then(|bytes| AskReply::parse(&bytes));
    if reply.is_none() {
        log::revocation_log_unavailable();
    }
    metrics::followed(&exchange.gateway, reply.as_ref());
    exchange.gateway.log_answered(ask, (sent_at, clock::now()), reply.as_ref());
    reply.is_some()
}

/// Calls a method of the log, and returns the JSON of its answer; `None` for no usable one.
pub(super) async fn command(
    exchange: &InFlight,
    method: &str,
    message: &[u8],
) -> Option<Map<String, Value>> {
    from_message(&call(exchange, method, message, limits::STORE_TIMEOUT).await?)
}

async fn call(
    exchange: &InFlight,
    method: &str,
    message: &[u8],
    timeout: Duration,
) -> Option<Vec<u8>> {
    let location = location(exchange.gateway.config());
    let namespace = namespace(&exchange.env());
    let timeout = bindings::millis(timeout);
    let answer = bridge::call_log(&namespace, location, method, message, timeout);
    JsFuture::from(answer).await.ok()?.dyn_into::<Uint8Array>().ok().map(|bytes| bytes.to_vec())
}

fn namespace(env: &JsValue) -> JsValue {
    bindings::member(env, BINDING)
}

fn location(config: &Config) -> Option<&str> {
    config.revocation.location.as_deref()
}
