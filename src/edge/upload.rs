//! Request bodies: streamed on, never held, and known when they have been sent.

use std::time::Duration;

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::{ReadableStream, Request, RequestInit, RequestRedirect};

use super::bindings::{self, ByteStream};

/// A request to be sent on, and the promise that its body has been.
pub(super) struct Upload {
    pub(super) request: Request,
    sent: Option<Promise>,
}

impl Upload {
    /// The same method, headers and body as `incoming`, for another URL.
    pub(super) fn new(incoming: &Request, url: &str) -> Result<Self, JsValue> {
        let Some(body) = incoming.body() else {
            let same: &RequestInit = incoming.unchecked_ref();
            return Ok(Self { request: Request::new_with_str_and_init(url, same)?, sent: None });
        };
        let (stream, sent) = pass(incoming, &body)?;
        let init = RequestInit::new();
        init.set_method(&incoming.method());
        init.set_headers(&incoming.headers());
        init.set_redirect(RequestRedirect::Manual);
        init.set_body(&stream);
        Ok(Self { request: Request::new_with_str_and_init(url, &init)?, sent: Some(sent) })
    }

    /// Whatever comes first: `answer`, or `undefined` when there was none within `span` after the
    /// body had been sent. An upload may take longer than any origin should take to answer.
    pub(super) fn answer_within(&self, span: Duration, answer: &Promise) -> Promise {
        let Some(sent) = &self.sent else { return bindings::within(span, answer) };
        let wait = Closure::once_into_js(move |_: JsValue| bindings::wait(span));
        bindings::first(answer, &bindings::then(sent, wait.unchecked_ref::<Function>()))
    }
}

/// Leads a body through a native stream of the same length: no byte of it enters this memory.
fn pass(incoming: &Request, body: &ReadableStream) -> Result<(JsValue, Promise), JsValue> {
    let length = incoming.headers().get("content-length")?;
    let stream = match length.and_then(|length| length.parse().ok()) {
        // Without its length it would go out in chunks, which not every origin can read.
        Some(length) => ByteStream::fixed(length)?,
        None => ByteStream::open()?,
    };
    let sent = body.unchecked_ref::<bindings::Source>().pipe_to(&stream.writable());
    Ok((stream.readable(), sent))
}
