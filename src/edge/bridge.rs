//! The Rust side of `bridge.js` and `forward.js`, which say what each of these does.

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;
use web_sys::{Request, Response};

use crate::platform::bindings::Context;
use crate::webcrypto::CryptoKey;

#[wasm_bindgen(raw_module = "./bridge.js")]
extern "C" {
    /// A request, the environment and the context of its call.
    #[derive(Clone, Debug)]
    pub(super) type RequestContext;
    pub(super) fn current() -> RequestContext;
    #[wasm_bindgen(method, getter)]
    pub(super) fn request(this: &RequestContext) -> Request;
    #[wasm_bindgen(method, getter)]
    pub(super) fn env(this: &RequestContext) -> JsValue;
    #[wasm_bindgen(method, getter)]
    pub(super) fn context(this: &RequestContext) -> Context;

    pub(super) fn lines(text: &str) -> Array;

    pub(super) fn refusal(status: u16, head: &str, before: &str, after: Option<&str>) -> JsValue;

    #[wasm_bindgen(catch)]
    pub(super) fn refuse(refusal: &JsValue, id: Option<&str>) -> Result<Response, JsValue>;

    #[wasm_bindgen(catch)]
    pub(super) fn respond(status: u16, head: &str, body: &str) -> Result<Response, JsValue>;

    #[wasm_bindgen(js_name = keepHeadBuffer)]
    pub(super) fn keep_head_buffer(text: &mut [u8], lengths: &mut [u32]);

    fn utf8(text: &JsValue) -> Vec<u8>;

    #[wasm_bindgen(js_name = freshId)]
    pub(super) fn fresh_id() -> String;

    #[wasm_bindgen(js_name = forgetLists)]
    pub(super) fn forget_lists();

    pub(super) fn verify(
        algorithm: &JsValue,
        key: &CryptoKey,
        signature: &[u8],
        message: &[u8],
        ticket: u32,
    ) -> Promise;

    #[wasm_bindgen(js_name = importSigner)]
    pub(super) fn import_signer(x: &str, d: &str) -> Promise;

    pub(super) fn sign(key: &CryptoKey, message: &[u8], ticket: u32) -> Promise;

    pub(super) fn signature(key: &CryptoKey, message: &[u8]) -> Promise;

    #[wasm_bindgen(js_name = askLog)]
    pub(super) fn ask_log(
        namespace: &JsValue,
        location: Option<&str>,
        message: &[u8],
        timeout: f64,
        ticket: u32,
    ) -> Promise;

    #[wasm_bindgen(js_name = callLog)]
    pub(super) fn call_log(
        namespace: &JsValue,
        location: Option<&str>,
        method: &str,
        message: &[u8],
        timeout: f64,
    ) -> Promise;

    #[wasm_bindgen(js_name = observeAudit)]
    pub(super) fn observe_audit(is_on: bool);

    pub(super) fn audit(event: &str);

    #[wasm_bindgen(js_name = reportMetrics)]
    pub(super) fn report_metrics(is_on: bool, location: Option<&str>);

    #[wasm_bindgen(js_name = hasSessions)]
    pub(super) fn has_sessions() -> bool;

    #[wasm_bindgen(js_name = seeSession)]
    pub(super) fn see_session(
        given: &JsValue,
        object: &str,
        hash: &str,
        location: Option<&str>,
    ) -> bool;

    #[wasm_bindgen(js_name = renewSession)]
    pub(super) fn renew_session(
        given: &RequestContext,
        path: &str,
        names: &str,
        slides: bool,
        renewal: &JsValue,
    ) -> Promise;

    #[wasm_bindgen(js_name = endSession)]
    pub(super) fn end_session(
        given: &RequestContext,
        id: &str,
        gate: &JsValue,
        settings: &str,
        text: &str,
    ) -> Promise;

    #[wasm_bindgen(js_name = serveRegistry)]
    pub(super) fn serve_registry(given: &RequestContext, order: &str, gate: &JsValue) -> Promise;

    #[wasm_bindgen(js_name = registryAnswers)]
    pub(super) fn registry_answers(env: &JsValue) -> Promise;

    #[wasm_bindgen(catch, js_name = lookUp)]
    pub(super) fn look_up(
        namespace: &JsValue,
        names: &str,
        cache_ttl: f64,
        timeout: f64,
        ticket: u32,
    ) -> Result<Promise, JsValue>;
}

#[wasm_bindgen(raw_module = "./forward.js")]
extern "C" {
    pub(super) fn origin(base: &str, binding: &str, timeout: f64) -> JsValue;

    pub(super) fn forward(
        given: &JsValue,
        origin: &JsValue,
        kept_from: u32,
        rewritten: &JsValue,
        removed: &Array,
        removed_besides: &JsValue,
        set: &Array,
        forwarded: &JsValue,
        uses_zone_cache: bool,
        drops_body: bool,
        has_own_id: bool,
        is_in_session: bool,
        route: i32,
        tenant: i32,
        issuer: i32,
        started_at: f64,
    ) -> Promise;

    #[wasm_bindgen(js_name = serveSession)]
    pub(super) fn serve_session(
        given: &RequestContext,
        origin: &JsValue,
        kept_from: u32,
        rewritten: &JsValue,
        removed: &Array,
        removed_besides: &Array,
        set: &Array,
        forwarded: &JsValue,
        has_own_id: bool,
        gate: &JsValue,
        settings: &str,
    ) -> Promise;
}

/// A text that may be large. `as_string` goes through it letter by letter in JavaScript: 3 ms for a
/// megabyte in a fresh isolate.
pub(super) fn text(text: &JsValue) -> String {
    String::from_utf8(utf8(text)).unwrap_or_default()
}
