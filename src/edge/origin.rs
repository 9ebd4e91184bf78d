//! Carries a [`ForwardPlan`] out.

use std::rc::Rc;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::{Request, Response};

use super::bindings::{self, Service};
use super::exchange::Exchange;
use super::respond;
use super::upload::Upload;
use crate::config::{Address, Origin};
use crate::gateway::{ForwardPlan, Record, Rejection};

/// Sends the request to its origin and hands the origin's response on, untouched.
pub(super) fn forward(exchange: &Rc<Exchange>, plan: &ForwardPlan, record: &Record) -> Promise {
    let Some(origin) = plan.origin(exchange.gateway.config()) else {
        return respond::refuse(exchange, &Rejection::Internal, record);
    };
    let sent = upload(exchange, plan).and_then(|upload| {
        let answer = send(exchange, origin, &upload.request)?;
        Ok(upload.answer_within(origin.timeout, &answer))
    });
    match sent {
        Ok(answer) => bindings::then(&answer, &settled(exchange, record)),
        Err(_) => respond::refuse(exchange, &Rejection::OriginUnreachable, record),
    }
}

/// The same method and the same body stream, to the origin's URL, with our headers.
fn upload(exchange: &Exchange, plan: &ForwardPlan) -> Result<Upload, JsValue> {
    let upload = Upload::new(&exchange.request, plan.url())?;
    let headers = upload.request.headers();
    // First everything goes that could pass for ours, then ours comes: no name that the client
    // sent can take one of ours away again.
    for name in plan.removed() {
        headers.delete(name)?;
    }
    for (name, value) in plan.identity() {
        headers.set(name, value)?;
    }
    headers.set("x-request-id", plan.id().as_str())?;
    Ok(upload)
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
        let rejection =
            if timed_out { Rejection::OriginTimeout } else { Rejection::OriginUnreachable };
        respond::refuse(&exchange, &rejection, &record).into()
    });
    settled.unchecked_into()
}
