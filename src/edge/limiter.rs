//! Rate limiting bindings.

use js_sys::Object;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::gateway::{LimitAnswer, NeedLimit};
use crate::limits;
use crate::platform::bindings::{self, Limiter, member};

/// Whether there is such a binding.
pub(super) fn is_bound(env: &JsValue, binding: &str) -> bool {
    member(&member(env, binding), "limit").is_function()
}

/// Counts the request; whatever is no clear answer is none.
pub(super) async fn ask(env: &JsValue, need: &NeedLimit) -> LimitAnswer {
    let limiter: Limiter = member(env, need.binding()).unchecked_into();
    let options = Object::new();
    bindings::set(&options, "key", &JsValue::from_str(need.key()));
    let Ok(asking) = limiter.limit(&options) else { return LimitAnswer::Unavailable };
    let outcome = JsFuture::from(bindings::within(limits::LIMITER_TIMEOUT, &asking)).await;
    match outcome.ok().and_then(|outcome| member(&outcome, "success").as_bool()) {
        Some(true) => LimitAnswer::Within,
        Some(false) => LimitAnswer::Exceeded,
        None => LimitAnswer::Unavailable,
    }
}
