//! Requests that the gateway makes by itself.

use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Request, RequestInit, RequestRedirect, Response};

use super::bindings::{self, Service};
use super::body;
use crate::limits;

/// A request: no redirect is followed, because whoever controls one path of the host could name
/// another, and `User-Agent` says who asks.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    /// The service binding to send it through, if any.
    pub(crate) service: Option<&'a str>,
    pub(crate) headers: &'a [(&'static str, String)],
    pub(crate) body: Option<&'a str>,
    /// Longest wait for the whole answer.
    pub(crate) timeout: Duration,
    /// Whether the zone's cache is neither asked nor filled.
    pub(crate) is_uncached: bool,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FetchError {
    /// No connection, or it broke.
    Unreachable,
    /// No whole answer within the timeout.
    Timeout,
    /// A body of more bytes than are read.
    TooLarge,
}

impl Outgoing<'_> {
    /// Sends it.
    pub(crate) async fn send(&self, env: &JsValue) -> Result<Response, FetchError> {
        let sent = self.start(env).map_err(|_| FetchError::Unreachable)?;
        let response = JsFuture::from(sent).await.map_err(|error| failure(&error))?;
        response.dyn_into().map_err(|_| FetchError::Unreachable)
    }

    fn start(&self, env: &JsValue) -> Result<Promise, JsValue> {
        let init = RequestInit::new();
        init.set_method(self.method);
        init.set_redirect(RequestRedirect::Manual);
        if self.is_uncached {
            bindings::set(&init, "cache", &JsValue::from_str("no-store"));
        }
        bindings::set_deadline(&init, self.timeout);
        if let Some(body) = self.body {
            init.set_body(&JsValue::from_str(body));
        }
        let request = Request::new_with_str_and_init(self.url, &init)?;
        request.headers().set("user-agent", limits::USER_AGENT)?;
        for (name, value) in self.headers {
            request.headers().set(name, value)?;
        }
        match self.service {
            None => Ok(bindings::fetch_request(&request)),
            Some(binding) => {
                bindings::member(env, binding).unchecked_ref::<Service>().fetch_request(&request)
            }
        }
    }
}

/// Reads the body of an answer, at most so many bytes of it.
pub(crate) async fn read(response: &Response, most: usize) -> Result<Vec<u8>, FetchError> {
    let read = body::read(response.body(), most).await.map_err(|error| failure(&error))?;
    read.ok_or(FetchError::TooLarge)
}

/// The value of a header field.
pub(crate) fn header(response: &Response, name: &str) -> Option<String> {
    response.headers().get(name).ok().flatten()
}

fn failure(error: &JsValue) -> FetchError {
    let name = bindings::member(error, "name").as_string();
    if name.as_deref() == Some("TimeoutError") {
        FetchError::Timeout
    } else {
        FetchError::Unreachable
    }
}
