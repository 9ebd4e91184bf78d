//! Carries a [`ForwardPlan`] out.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::{Request, RequestInit, Response};

use super::bindings::{self, Service};
use super::exchange::Exchange;
use super::respond;
use crate::config::{Address, Origin};
use crate::gateway::{ForwardPlan, Record, Rejection};

/// Sends the request to its origin and hands the origin's response on, untouched.
pub(super) fn forward(exchange: &Rc<Exchange>, plan: &ForwardPlan, record: &Record) -> Promise {
    let Some(origin) = plan.origin(exchange.gateway.config()) else {
        return respond::refuse(exchange, &Rejection::Internal, record);
    };
    let sent = request(exchange, plan).and_then(|request| send(exchange, origin, &request));
    match sent {
        Ok(answer) => {
            let answer = bindings::within(origin.timeout, &answer);
            bindings::then(&answer, &settled(exchange, record))
        }
        Err(_) => respond::refuse(exchange, &Rejection::OriginUnreachable, record),
    }
}

/// The same method and the same body stream, to the origin's URL, with our headers.
fn request(exchange: &Exchange, plan: &ForwardPlan) -> Result<Request, JsValue> {
    let incoming: &RequestInit = exchange.request.unchecked_ref();
    let request = Request::new_with_str_and_init(plan.url(), incoming)?;
    let headers = request.headers();
    // First everything goes that could pass for ours, then ours comes: no name that the client
    // sent can take one of ours away again.
    for name in plan.removed() {
        headers.delete(name)?;
    }
    for (name, value) in plan.identity() {
        headers.set(name, value)?;
    }
    headers.set("x-request-id", plan.id().as_str())?;
    Ok(request)
}

fn send(exchange: &Exchange, origin: &Origin, request: &Request) -> Result<Promise, JsValue> {
    match &origin.address {
        Address::Url(_) => Ok(bindings::fetch_request(request)),
        Address::Service(binding) => {
            let service = bindings::member(&exchange.env, binding);
            service.unchecked_ref::<Service>().fetch_request(request)
        }
    }
}

/// Hands a response on as it is; `undefined` is the timeout, anything else a failure.
fn settled(exchange: &Rc<Exchange>, record: &Record) -> Function {
    let (exchange, record) = (Rc::clone(exchange), record.clone());
    let settled = Closure::once_into_js(move |outcome: JsValue| -> JsValue {
        if outcome.is_instance_of::<Response>() {
            return outcome;
        }
        let timed_out = outcome.is_undefined();
        let rejection = if timed_out {
            Rejection::OriginTimeout
        } else {
            Rejection::OriginUnreachable
        };
        respond::refuse(&exchange, &rejection, &record).into()
    });
    settled.unchecked_into()
}
