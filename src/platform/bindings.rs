//! The platform's functions, as far as the request path needs them and without wrappers around.

use std::time::Duration;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{Request, RequestInit};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = fetch)]
    pub(crate) fn fetch_request(request: &Request) -> Promise;

    /// The context of one call of the Worker.
    pub(crate) type Context;
    #[wasm_bindgen(method, catch, js_name = waitUntil)]
    pub(crate) fn wait_until(this: &Context, promise: &Promise) -> Result<(), JsValue>;

    /// A service binding.
    pub(crate) type Service;
    #[wasm_bindgen(method, catch, js_name = fetch)]
    pub(crate) fn fetch_request(this: &Service, request: &Request) -> Result<Promise, JsValue>;

    /// A rate limiting binding.
    pub(crate) type Limiter;
    #[wasm_bindgen(method, catch, js_name = limit)]
    pub(crate) fn limit(this: &Limiter, options: &Object) -> Result<Promise, JsValue>;

    /// A KV namespace.
    pub(crate) type KvNamespace;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(crate) fn get(this: &KvNamespace, name: &str, options: &Object)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = delete)]
    pub(crate) fn delete(this: &KvNamespace, name: &str) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    pub(crate) fn put(
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
    pub(crate) fn console_log(line: &str);
}

/// A promise that resolves to `undefined` after `span`. It needs no clearing: an answered request
/// ends its timers.
pub(crate) fn wait(span: Duration) -> Promise {
    scheduler_wait(millis(span))
}

/// Whatever comes first: `promise`, or `undefined` after `span`.
pub(crate) fn within(span: Duration, promise: &Promise) -> Promise {
    Promise::race(&Array::of2(promise, &wait(span)))
}

/// Aborts the fetch, its body included, after `span`.
pub(crate) fn set_deadline(init: &RequestInit, span: Duration) {
    set(init, "signal", &abort_after(millis(span)));
}

/// A member of the environment, `undefined` when there is none.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

pub(crate) fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a plain object of our own cannot fail.
    let _ = js_sys::Reflect::set(object, &JsValue::from_str(name), value);
}

pub(crate) fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
