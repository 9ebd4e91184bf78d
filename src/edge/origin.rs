//! Carries a [`ForwardPlan`] out.

use js_sys::{JsString, Promise};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::Request;

use super::bindings::{self, HeaderMap, Service};
use super::exchange::Exchange;
use super::upload::Upload;
use super::{respond, settled};
use crate::config::{Address, Origin};
use crate::gateway::{ForwardPlan, Record, Rejection};

/// Sends the request to its origin and hands the origin's response on, untouched.
pub(super) fn forward(exchange: &Exchange, plan: &ForwardPlan, record: &Record) -> Promise {
    let config = exchange.gateway.config();
    let Some(origin) = plan.origin(config) else {
        return respond::refuse(config, &Rejection::Internal, record);
    };
    let id = JsString::from(plan.id().as_str());
    let sent = upload(exchange, plan, &id).and_then(|upload| {
        let answer = send(exchange, origin, &upload.request)?;
        Ok(upload.answer_within(origin.timeout, &answer))
    });
    match sent {
        Ok(answer) => bindings::then(&answer, &settled::function(&id, record)),
        Err(_) => respond::refuse(config, &Rejection::OriginUnreachable, record),
    }
}

/// The same method and the same body stream, to the origin's URL, with our headers.
fn upload(exchange: &Exchange, plan: &ForwardPlan, id: &JsString) -> Result<Upload, JsValue> {
    let upload = Upload::new(&exchange.request, plan.url())?;
    let headers: HeaderMap = upload.request.headers().unchecked_into();
    // First everything goes that could pass for ours, then ours comes: no name that the client
    // sent can take one of ours away again.
    for name in plan.removed() {
        headers.delete(&JsString::from(name.as_str()))?;
    }
    if let Some(identity) = plan.passage().caller().and_then(|caller| caller.prepared(js_headers)) {
        for (name, value) in identity.iter() {
            headers.set(name, value)?;
        }
    }
    REQUEST_ID.with(|name| headers.set(name, id))?;
    Ok(upload)
}

thread_local! {
    static REQUEST_ID: JsString = JsString::from("x-request-id");
}

/// Made once for a token: text crosses to JavaScript slowly, a reference to it at once.
fn js_headers(headers: &[(String, String)]) -> Vec<(JsString, JsString)> {
    let text = |text: &String| JsString::from(text.as_str());
    headers.iter().map(|(name, value)| (text(name), text(value))).collect()
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
