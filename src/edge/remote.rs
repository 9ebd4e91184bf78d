//! Asks an auth server about a token: who asks, who waits, what is kept.

use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::web_sys::{Request, RequestInit, RequestRedirect, Response};

use super::exchange::Exchange;
use super::{bindings, body, clock, issuer, keys, log, store};
use crate::gateway::{
    Gateway, Lease, RemoteCall, RemoteCopy, RemoteQuestion, RemoteReport, RemoteStep,
};
use crate::time::NumericDate;
use crate::token::{RemoteFailure, RemoteReply};
use crate::{limits, webcrypto};

/// Sees to it that an attempt to get an answer ends after the need arose.
///
/// One request asks under a lease; others with the same token look at the outcome from timers of
/// their own, because none may await what another request started.
pub(super) async fn obtain(
    exchange: &Rc<Exchange>,
    question: &Rc<RemoteQuestion>,
    lease: &dyn Fn(&Gateway, NumericDate) -> Lease,
) {
    loop {
        match lease(&exchange.gateway, clock::now()) {
            Lease::Settled => return,
            Lease::Taken => {
                // Under `waitUntil` the call goes on when this client hangs up: others wait for it.
                let attempt = attempt(Rc::clone(exchange), Rc::clone(question));
                let _ = JsFuture::from(exchange.during(attempt)).await;
                return;
            }
            Lease::Held => {
                // A wait that fails has waited, too.
                let _ = JsFuture::from(bindings::wait(limits::REMOTE_POLL)).await;
            }
        }
    }
}

async fn attempt(exchange: Rc<Exchange>, question: Rc<RemoteQuestion>) {
    let gateway = &exchange.gateway;
    if let Some(name) = question.copy_name(gateway)
        && let Ok(Some(copy)) = store::get(&exchange.env(), &name).await
        && question.recall(gateway, &copy, clock::now())
    {
        return;
    }
    // The answer is as old as the call, not as its end.
    let asked_at = clock::now();
    let Some(call) = question.call(gateway, asked_at) else {
        return;
    };
    let reply = send(&exchange.env(), &call).await;
    let report = settle(&exchange, &question, asked_at, reply).await;
    log::asked(gateway.config(), question.place(), &report);
    if let Some(copy) = report.copy {
        // Nobody waits for the store: the answer is in use already.
        exchange.after(save(exchange.env(), copy));
    }
}

/// Settles a reply; a signed one when its signature has been verified.
async fn settle(
    exchange: &Rc<Exchange>,
    question: &RemoteQuestion,
    asked_at: NumericDate,
    reply: Result<RemoteReply, RemoteFailure>,
) -> Box<RemoteReport> {
    let gateway = &exchange.gateway;
    let mut step = question.settle(gateway, asked_at, reply, clock::now());
    loop {
        step = match step {
            RemoteStep::Done(report) => return report,
            RemoteStep::NeedKeys(need) => {
                let unknown = need.is_for_unknown_kid();
                issuer::obtain(exchange, need.issuer(), need.attempts(), unknown).await;
                need.resume(question, gateway, clock::now())
            }
            RemoteStep::NeedSignature(need) => {
                let holds = webcrypto::holds(need.signature()).await;
                need.resume(question, gateway, holds, clock::now())
            }
        }
    }
}

/// Stores a copy; a failure costs other isolates a call and nothing else.
async fn save(env: JsValue, copy: RemoteCopy) {
    let _ = store::put(&env, &copy.name, &copy.text.into(), Some(copy.ttl)).await;
}

async fn send(env: &JsValue, call: &RemoteCall) -> Result<RemoteReply, RemoteFailure> {
    let sent = request(call).and_then(|request| keys::send(env, call.service.as_deref(), &request));
    let sent = sent.map_err(|_| RemoteFailure::Unreachable)?;
    let response = JsFuture::from(sent).await.map_err(|error| failure(&error))?;
    let response: Response = response.dyn_into().map_err(|_| RemoteFailure::Unreachable)?;
    let status = response.status();
    let header = |name| response.headers().get(name).ok().flatten();
    let retry_after = header("retry-after").and_then(|value| pause(&value));
    let is_signed = header("content-type").is_some_and(|value| is_signed(&value));
    let is_read = status == 200 || (call.reads_refusals && (400..500).contains(&status));
    let body = if is_read {
        let read = body::read(response.body(), limits::REMOTE_BODY_BYTES).await;
        read.map_err(|error| failure(&error))?.ok_or(RemoteFailure::TooLarge)?
    } else {
        // What else it says is nobody's business; cancelling may fail and changes nothing.
        let _ = response.body().map(|body| body.cancel());
        Vec::new()
    };
    Ok(RemoteReply { status, body, is_signed, retry_after })
}

fn request(call: &RemoteCall) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_method(call.method);
    // A redirect would hand the token, or the client's secret, to whoever it names.
    init.set_redirect(RequestRedirect::Manual);
    // A shared cache that overlooks `Authorization` would give one caller another's answer.
    bindings::set(&init, "cache", &JsValue::from_str("no-store"));
    bindings::set_deadline(&init, call.timeout);
    if let Some(body) = &call.body {
        init.set_body(&JsValue::from_str(body));
    }
    let request = Request::new_with_str_and_init(&call.url, &init)?;
    request.headers().set("user-agent", limits::USER_AGENT)?;
    for (name, value) in &call.headers {
        request.headers().set(name, value)?;
    }
    Ok(request)
}

fn failure(error: &JsValue) -> RemoteFailure {
    let name = bindings::member(error, "name").as_string();
    if name.as_deref() == Some("TimeoutError") {
        RemoteFailure::Timeout
    } else {
        RemoteFailure::Unreachable
    }
}

fn is_signed(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case("application/token-introspection+jwt")
}

/// `Retry-After`: seconds or a date ([RFC 9110 §10.2.3]).
///
/// [RFC 9110 §10.2.3]: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
fn pause(value: &str) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::MAX)));
    }
    clock::date(value).map(|date| date.since(clock::now()))
}
