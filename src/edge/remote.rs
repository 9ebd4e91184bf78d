//! Asks an auth server about a token: who asks, who waits, what is kept.

use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::in_flight::InFlight;
use super::{jwks, log};
use crate::gateway::{
    Gateway, Lease, RemoteCall, RemoteCopy, RemoteQuery, RemoteReport, RemoteStep,
};
use crate::platform::fetch::{self, FetchError, Outgoing};
use crate::platform::single_flight::single_flight;
use crate::platform::{clock, kv};
use crate::time::NumericDate;
use crate::token::{RemoteFailure, RemoteReply};
use crate::{limits, webcrypto};

/// Returns once an attempt to get an answer has ended after the need arose.
pub(super) async fn obtain(
    exchange: &Rc<InFlight>,
    question: &Rc<RemoteQuery>,
    lease: &dyn Fn(&Gateway, NumericDate) -> Lease,
) {
    let lease = || lease(&exchange.gateway, clock::now());
    // Under `waitUntil` the call goes on when this client hangs up: others wait for it.
    let start = || exchange.during(attempt(Rc::clone(exchange), Rc::clone(question)));
    single_flight(limits::REMOTE_POLL, &lease, &start).await;
}

async fn attempt(exchange: Rc<InFlight>, question: Rc<RemoteQuery>) {
    let gateway = &exchange.gateway;
    if let Some(name) = question.copy_name(gateway)
        && let Ok(Some(copy)) = kv::get(&exchange.env(), &name).await
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
    exchange: &Rc<InFlight>,
    question: &RemoteQuery,
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
                jwks::obtain(exchange, need.issuer(), need.attempts(), unknown).await;
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
    let _ = kv::put(&env, &copy.name, &copy.text.into(), Some(copy.ttl)).await;
}

async fn send(env: &JsValue, call: &RemoteCall) -> Result<RemoteReply, RemoteFailure> {
    let request = Outgoing {
        method: call.method,
        url: &call.url,
        service: call.service.as_deref(),
        headers: &call.headers,
        body: call.body.as_deref(),
        timeout: call.timeout,
        // A shared cache that overlooks `Authorization` would give one caller another's answer.
        is_uncached: true,
    };
    let response = request.send(env).await.map_err(failure)?;
    let status = response.status();
    let header = |name| fetch::header(&response, name);
    let retry_after = header("retry-after").and_then(|value| pause(&value));
    let is_signed = header("content-type").is_some_and(|value| is_signed(&value));
    let is_read = status == 200 || (call.reads_refusals && (400..500).contains(&status));
    let body = if is_read {
        fetch::read(&response, limits::REMOTE_BODY_BYTES).await.map_err(failure)?
    } else {
        // What else it says is nobody's business; cancelling may fail and changes nothing.
        let _ = response.body().map(|body| body.cancel());
        Vec::new()
    };
    Ok(RemoteReply { status, body, is_signed, retry_after })
}

fn failure(error: FetchError) -> RemoteFailure {
    match error {
        FetchError::Unreachable => RemoteFailure::Unreachable,
        FetchError::Timeout => RemoteFailure::Timeout,
        FetchError::TooLarge => RemoteFailure::TooLarge,
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
