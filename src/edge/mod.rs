//! The gateway on Cloudflare Workers: what the core decides is carried out here, and nothing is
//! decided.

mod admin;
mod audit;
mod bridge;
mod builtin;
mod configuration;
#[cfg(feature = "conformance")]
mod conformance;
mod decided;
mod document;
mod drive;
mod environment;
mod head;
mod ids;
mod in_flight;
mod jwks;
mod limiter;
mod log;
mod metrics;
mod name_lists;
mod origin;
mod origin_failure;
mod pages;
mod pending;
mod ready;
mod registry;
mod remote;
mod renewal;
mod report;
mod respond;
mod revocation_log;
mod session;
mod signer;
mod state;
mod store;
mod sync;
mod token_revocation;

pub use drive::{resume_assertion, resume_revocation, resume_signature};
pub use head::{learn, show_head_buffer};
pub use ids::ids_begin_with;
pub use log::admit_line;
pub use origin_failure::origin_failure;
pub use registry::RegistryGate;
pub use renewal::Renewal;
pub use report::metrics_report;
pub use session::SessionGate;
pub use sync::sync_target;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::gateway::{Gateway, Record, Rejection};
use crate::platform::{clock, future};
use crate::time::NumericDate;
use bridge::RequestContext;
use head::Head;
use in_flight::InFlight;
use state::State;

/// Decides on the request that came at `now` (ms) with the list of header names that has this
/// `number`, and so many texts: the response or a promise of it, whatever happens.
///
/// A plain function and no `async fn`: for a token that was seen before it hands the origin's own
/// promise on, and no Rust future is ever polled.
#[must_use]
#[wasm_bindgen]
pub fn decide(number: u32, texts: u32, now: f64) -> JsValue {
    #[cfg(feature = "conformance")]
    if let Some(answer) = conformance::answer(&bridge::current().request()) {
        return answer.into();
    }
    let now = clock::from_js(now);
    let step = match (configuration::gateway(now), name_lists::list(number)) {
        (Some(gateway), Some(names)) => head::with_texts(texts, |texts| {
            let step = Head::listed(names, texts).read(|head| gateway.begin(head, now));
            (gateway, step)
        }),
        // Both sides forget their lists at the same moment.
        _ => None,
    };
    match step {
        Some((gateway, Some(step))) => drive::begin(gateway, step),
        Some((gateway, None)) => refuse_unread(&gateway, now).into(),
        None => refuse_all(None, &Rejection::Internal, now).into(),
    }
}

/// The same with the names themselves, and all values: the first request, and what is not learned.
#[must_use]
#[wasm_bindgen]
pub fn decide_unlisted(names: &str, text: &str, now: f64) -> JsValue {
    #[cfg(feature = "conformance")]
    if let Some(answer) = conformance::answer(&bridge::current().request()) {
        return answer.into();
    }
    let now = clock::from_js(now);
    match configuration::gateway(now).map_or_else(configuration::state, State::Serving) {
        State::Serving(gateway) => {
            let head = Head::unlisted(names, text, Some(&gateway));
            begin(gateway, &head, now)
        }
        State::Unread => begin_later(bridge::current(), names.to_owned(), text.to_owned()).into(),
        State::New | State::Invalid => {
            let head = Head::unlisted(names, text, None);
            refuse_all(Some(&head), &Rejection::ConfigurationInvalid, now).into()
        }
    }
}

/// Reads the configuration of `env` when the isolate starts, before its first request: that request
/// then need not, and Workers start isolates while a client still shakes hands.
#[wasm_bindgen]
pub fn prepare(env: &JsValue) {
    #[cfg(feature = "conformance")]
    conformance::trap_at_start(env);
    configuration::prepare(env);
}

fn begin(gateway: Rc<Gateway>, head: &Head<'_>, now: NumericDate) -> JsValue {
    match head.read(|head| gateway.begin(head, now)) {
        Some(step) => drive::begin(gateway, step),
        None => refuse_unread(&gateway, now).into(),
    }
}

/// A head that does not tell its fields apart.
#[cold]
fn refuse_unread(gateway: &Gateway, now: NumericDate) -> Promise {
    let record = Record::new(ids::request_id(), now);
    respond::refuse(gateway.config(), &Rejection::RequestAmbiguous, &record)
}

/// Waits for the configuration in the store: what was deployed beside it may let more pass.
fn begin_later(given: RequestContext, names: String, text: String) -> Promise {
    future::promise(async move {
        document::obtain(&given).await;
        // The time of now: a token may have expired while this waited.
        let now = clock::now();
        let state = configuration::state();
        let gateway = if let State::Serving(gateway) = &state { Some(&**gateway) } else { None };
        let head = Head::unlisted(&names, &text, gateway);
        let answer = match state {
            State::Serving(gateway) => begin_held(given, gateway, &head, now),
            State::Unread => refuse_all(Some(&head), &Rejection::ConfigurationUnavailable, now),
            State::New | State::Invalid => {
                refuse_all(Some(&head), &Rejection::ConfigurationInvalid, now)
            }
        };
        JsFuture::from(answer).await
    })
}

fn begin_held(
    given: RequestContext,
    gateway: Rc<Gateway>,
    head: &Head<'_>,
    now: NumericDate,
) -> Promise {
    match head.read(|head| gateway.begin(head, now)) {
        Some(step) => drive::drive(&Rc::new(InFlight::of(given, gateway)), step),
        None => refuse_all(Some(head), &Rejection::RequestAmbiguous, now),
    }
}

/// Without a configuration nothing is decided: every path answers 503, and the log says why.
#[cold]
#[inline(never)]
fn refuse_all(head: Option<&Head<'_>>, rejection: &Rejection, now: NumericDate) -> Promise {
    let id = head.and_then(|head| head.read(|head| head.id.clone()));
    let record = Record::new(id.unwrap_or_else(ids::request_id), now);
    decided::refused(None, rejection, &record);
    respond::resolved(respond::refusal("edgeward", rejection, &record))
}
