//! The gateway on Cloudflare Workers: what the core decides is carried out here, and nothing is
//! decided.

mod admin;
mod bindings;
mod body;
mod clock;
#[cfg(feature = "conformance")]
mod conformance;
mod crossing;
mod drive;
mod exchange;
mod head;
mod isolate;
mod issuer;
mod keys;
mod keystore;
mod limiter;
mod log;
mod origin;
mod own;
mod random;
mod respond;
mod store;
mod unanswered;
mod waiting;

pub use drive::{resume_revocation, resume_signature};
pub use unanswered::unanswered;

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use crate::gateway::{Record, Rejection};
use crate::time::NumericDate;

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
    let Some(gateway) = isolate::gateway() else {
        return refuse_all(head, now);
    };
    if let Some(step) = head::read(head, |head| gateway.begin(head, now)) {
        return drive::begin(gateway, step);
    }
    let record = Record::new(random::request_id(), now);
    respond::refuse(gateway.config(), &Rejection::RequestAmbiguous, &record)
}

/// An invalid configuration decides nothing: every path answers 503, and the log says why.
#[cold]
#[inline(never)]
fn refuse_all(head: &str, now: NumericDate) -> Promise {
    let id = head::read(head, |head| head.id.clone()).unwrap_or_else(random::request_id);
    let record = Record::new(id, now);
    log::refused(None, &Rejection::ConfigurationInvalid, &record);
    respond::resolved(respond::refusal("edgeward", &Rejection::ConfigurationInvalid, &record))
}
