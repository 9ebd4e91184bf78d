//! The gateway on Cloudflare Workers: what the core decides is carried out here, and nothing is
//! decided.

mod admin;
mod bindings;
mod body;
mod clock;
#[cfg(feature = "conformance")]
mod conformance;
mod drive;
mod exchange;
mod head;
mod isolate;
mod issuer;
mod keys;
mod keystore;
mod log;
mod origin;
mod own;
mod random;
mod remote;
mod respond;
mod settled;
mod store;
mod upload;

use std::rc::Rc;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use worker::worker_sys::Context;
use worker::worker_sys::web_sys::Request;

use crate::gateway::{Record, Rejection};
use crate::time::NumericDate;
use exchange::Exchange;

/// The Worker's entry point: one request in, one promise of a response out.
///
/// A plain function and no `async fn`: for a token that was seen before it hands the origin's own
/// promise on, and no Rust future is ever polled.
#[wasm_bindgen]
pub fn fetch(request: Request, env: JsValue, context: Context) -> Promise {
    #[cfg(feature = "conformance")]
    if let Some(answer) = conformance::answer(&request) {
        return answer;
    }
    let now = clock::now();
    let Some(gateway) = isolate::gateway(&env) else {
        return refuse_all(&request, now);
    };
    let step = head::with(&request, |head| gateway.begin(head, now));
    drive::drive(&Rc::new(Exchange { request, env, context, gateway }), step)
}

/// An invalid configuration decides nothing: every path answers 503, and the log says why.
fn refuse_all(request: &Request, now: NumericDate) -> Promise {
    let record = head::with(request, |head| Record::new(head.id.clone(), now));
    log::refused(None, &Rejection::ConfigurationInvalid, &record);
    respond::resolved(respond::refusal("edgeward", &Rejection::ConfigurationInvalid, &record))
}
