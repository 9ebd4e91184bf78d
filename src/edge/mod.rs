//! The gateway on Cloudflare Workers: what the core decides is carried out here, and nothing is
//! decided.

mod admin;
mod bindings;
mod body;
mod clock;
#[cfg(feature = "conformance")]
mod conformance;
mod crossing;
mod document;
mod drive;
mod exchange;
mod future;
mod head;
mod isolate;
mod issuer;
mod keys;
mod keystore;
mod limiter;
mod log;
mod origin;
mod own;
mod pages;
mod random;
mod remote;
mod respond;
mod signer;
mod store;
mod sync;
mod unanswered;
mod waiting;

pub use drive::{resume_assertion, resume_revocation, resume_signature};
pub use unanswered::unanswered;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::gateway::{Gateway, Record, Rejection};
use crate::time::NumericDate;
use crossing::Given;
use exchange::Exchange;
use isolate::State;

/// Decides on the request whose head is `head` and which came at `now` (ms): a promise of the
/// response, whatever happens.
///
/// A plain function and no `async fn`: for a token that was seen before it hands the origin's own
/// promise on, and no Rust future is ever polled.
#[wasm_bindgen]
pub fn decide(head: &str, now: f64) -> Promise {
    #[cfg(feature = "conformance")]
    if let Some(answer) = conformance::answer(&crossing::current().request()) {
        return answer;
    }
    let now = clock::from_js(now);
    match isolate::gateway(now) {
        Some(gateway) => begin(gateway, head, now),
        None => begin_without(head, now),
    }
}

fn begin(gateway: Rc<Gateway>, head: &str, now: NumericDate) -> Promise {
    if let Some(step) = head::read(head, |head| gateway.begin(head, now)) {
        return drive::begin(gateway, step);
    }
    let record = Record::new(random::request_id(), now);
    respond::refuse(gateway.config(), &Rejection::RequestAmbiguous, &record)
}

#[cold]
#[inline(never)]
fn begin_without(head: &str, now: NumericDate) -> Promise {
    match isolate::state() {
        State::Serving(gateway) => begin(gateway, head, now),
        State::Unread => begin_later(crossing::current(), head.to_owned()),
        State::New | State::Invalid => refuse_all(head, &Rejection::ConfigurationInvalid, now),
    }
}

/// Waits for the configuration in the store: what was deployed beside it may let more pass.
fn begin_later(given: Given, head: String) -> Promise {
    future::promise(async move {
        document::obtain(&given).await;
        // The time of now: a token may have expired while this waited.
        let now = clock::now();
        let answer = match isolate::state() {
            State::Serving(gateway) => begin_held(given, gateway, &head, now),
            State::Unread => refuse_all(&head, &Rejection::ConfigurationUnavailable, now),
            State::New | State::Invalid => refuse_all(&head, &Rejection::ConfigurationInvalid, now),
        };
        JsFuture::from(answer).await
    })
}

fn begin_held(given: Given, gateway: Rc<Gateway>, head: &str, now: NumericDate) -> Promise {
    match head::read(head, |head| gateway.begin(head, now)) {
        Some(step) => drive::drive(&Rc::new(Exchange::of(given, gateway)), step),
        None => refuse_all(head, &Rejection::RequestAmbiguous, now),
    }
}

/// Without a configuration nothing is decided: every path answers 503, and the log says why.
#[cold]
#[inline(never)]
fn refuse_all(head: &str, rejection: &Rejection, now: NumericDate) -> Promise {
    let id = head::read(head, |head| head.id.clone()).unwrap_or_else(random::request_id);
    let record = Record::new(id, now);
    log::refused(None, rejection, &record);
    respond::resolved(respond::refusal("edgeward", rejection, &record))
}
