//! The platform's functions, as far as the request path needs them and without wrappers around.

use std::time::Duration;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use worker::worker_sys::web_sys::{Request, RequestInit};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    pub(super) fn fetch_request(request: &Request) -> Promise;

    /// A service binding.
    pub(super) type Service;
    #[wasm_bindgen(method, catch, js_name = fetch)]
    pub(super) fn fetch_request(this: &Service, request: &Request) -> Result<Promise, JsValue>;

    /// A rate limiting binding.
    pub(super) type Limiter;
    #[wasm_bindgen(method, catch, js_name = limit)]
    pub(super) fn limit(this: &Limiter, options: &Object) -> Result<Promise, JsValue>;

    /// A KV namespace.
    pub(super) type KvNamespace;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(super) fn get(this: &KvNamespace, name: &str, options: &Object)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = delete)]
    pub(super) fn delete(this: &KvNamespace, name: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    pub(super) fn put(
        this: &KvNamespace,
        name: &str,
        value: &JsValue,
        options: &Object,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = scheduler, js_name = wait)]
    fn scheduler_wait(millis: f64) -> Promise;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout)]
    fn abort_after(millis: f64) -> JsValue;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(super) fn console_log(line: &str);
}

/// A promise that resolves to `undefined` after `span`. It needs no clearing: an answered request
/// ends its timers.
pub(super) fn wait(span: Duration) -> Promise {
    scheduler_wait(millis(span))
}

/// Whatever comes first: `promise`, or `undefined` after `span`.
pub(super) fn within(span: Duration, promise: &Promise) -> Promise {
    Promise::race(&Array::of2(promise, &wait(span)))
}

/// Aborts the fetch, its body included, after `span`.
pub(super) fn set_deadline(init: &RequestInit, span: Duration) {
    set(init, "signal", &abort_after(millis(span)));
}

/// A member of the environment, `undefined` when there is none.
pub(super) fn member(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a plain object of our own cannot fail.
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}

pub(super) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
