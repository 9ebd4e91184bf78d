//! The platform's functions, as far as the request path needs them and without wrappers around.

use std::time::Duration;

use js_sys::{Array, Function, JsString, Object, Promise};
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

    /// Headers, set with texts that are in JavaScript already.
    pub(super) type HeaderMap;
    #[wasm_bindgen(method, catch)]
    pub(super) fn set(this: &HeaderMap, name: &JsString, value: &JsString) -> Result<(), JsValue>;
    #[wasm_bindgen(method, catch)]
    pub(super) fn delete(this: &HeaderMap, name: &JsString) -> Result<(), JsValue>;

    /// A KV namespace.
    pub(super) type KvNamespace;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(super) fn get_many(
        this: &KvNamespace,
        names: &Array,
        options: &Object,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = get)]
    pub(super) fn get(this: &KvNamespace, name: &str, options: &Object)
    -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = put)]
    pub(super) fn put(
        this: &KvNamespace,
        name: &str,
        value: &str,
        options: &Object,
    ) -> Result<Promise, JsValue>;

    type FixedLengthStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(length: f64) -> Result<FixedLengthStream, JsValue>;
    type IdentityTransformStream;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<IdentityTransformStream, JsValue>;

    /// A native stream that passes bytes through.
    pub(super) type ByteStream;
    #[wasm_bindgen(method, getter)]
    pub(super) fn readable(this: &ByteStream) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn writable(this: &ByteStream) -> JsValue;

    /// A readable stream.
    pub(super) type Source;
    #[wasm_bindgen(method, js_name = pipeTo)]
    pub(super) fn pipe_to(this: &Source, writable: &JsValue) -> Promise;

    /// A function whose first arguments can be fixed.
    pub(super) type Bindable;
    #[wasm_bindgen(method, js_name = bind)]
    pub(super) fn bind(
        this: &Bindable,
        context: &JsValue,
        id: &JsString,
        route: f64,
        issuer: f64,
        started_at: f64,
    ) -> Function;

    type Thenable;
    #[wasm_bindgen(method, js_name = then)]
    fn then_both(this: &Thenable, resolved: &Function, rejected: &Function) -> Promise;

    #[wasm_bindgen(js_namespace = scheduler, js_name = wait)]
    fn scheduler_wait(millis: f64) -> Promise;

    #[wasm_bindgen(js_namespace = AbortSignal, js_name = timeout)]
    fn abort_after(millis: f64) -> JsValue;

    #[wasm_bindgen(js_namespace = console, js_name = log)]
    pub(super) fn console_log(line: &str);
}

impl ByteStream {
    /// For a body of `length` bytes.
    pub(super) fn fixed(length: f64) -> Result<Self, JsValue> {
        FixedLengthStream::new(length).map(JsCast::unchecked_into)
    }

    /// For a body of unknown length.
    pub(super) fn open() -> Result<Self, JsValue> {
        IdentityTransformStream::new().map(JsCast::unchecked_into)
    }
}

/// A promise that resolves to `undefined` after `span`. It needs no clearing: an answered request
/// ends its timers.
pub(super) fn wait(span: Duration) -> Promise {
    scheduler_wait(millis(span))
}

/// Whatever comes first: `promise`, or `undefined` after `span`.
pub(super) fn within(span: Duration, promise: &Promise) -> Promise {
    first(promise, &wait(span))
}

/// Whichever of two comes first.
pub(super) fn first(one: &Promise, other: &Promise) -> Promise {
    Promise::race(&Array::of2(one, other))
}

/// Calls `settled` with the value or with the error, whichever it comes to.
pub(super) fn then(promise: &Promise, settled: &Function) -> Promise {
    promise.unchecked_ref::<Thenable>().then_both(settled, settled)
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

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}
