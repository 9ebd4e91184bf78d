//! The KV namespace `EDGEWARD_KV`: texts by name.

use std::time::Duration;

use js_sys::{Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::bindings::{self, KvNamespace};
use super::future;
use crate::limits;

const BINDING: &str = "EDGEWARD_KV";

/// Whether the namespace is bound.
pub(crate) fn is_bound(env: &JsValue) -> bool {
    bindings::member(env, BINDING).is_object()
}

/// The namespace, which must be bound.
pub(crate) fn namespace(env: &JsValue) -> KvNamespace {
    bindings::member(env, BINDING).unchecked_into()
}

/// Reads one value; `None` if there is none.
///
/// # Errors
///
/// No answer within [`limits::STORE_TIMEOUT`], or one that is no text.
pub(crate) async fn get(env: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    Ok(get_text(env, name).await?.and_then(|text| text.as_string()))
}

/// The same as a JavaScript text: it may be large, and crosses only if it is needed.
pub(crate) async fn get_text(env: &JsValue, name: &str) -> Result<Option<JsValue>, JsValue> {
    let reading = namespace(env).get(name, &read_options())?;
    let value = JsFuture::from(bindings::within(limits::STORE_TIMEOUT, &reading)).await?;
    // A timeout and a value that is no text are errors, not an absent entry.
    if value.is_null() {
        return Ok(None);
    }
    if value.is_string() { Ok(Some(value)) } else { Err(value) }
}

/// Deletes one value.
///
/// # Errors
///
/// No answer within [`limits::STORE_TIMEOUT`].
pub(crate) async fn delete(env: &JsValue, name: &str) -> Result<(), JsValue> {
    written(namespace(env).delete(name)?).await
}

/// Writes one value, a text.
///
/// # Errors
///
/// No answer within [`limits::STORE_TIMEOUT`].
pub(crate) async fn put(
    env: &JsValue,
    name: &str,
    value: &JsValue,
    ttl: Option<Duration>,
) -> Result<(), JsValue> {
    let options = Object::new();
    if let Some(ttl) = ttl {
        bindings::set(&options, "expirationTtl", &seconds(ttl));
    }
    written(namespace(env).put(name, value, &options)?).await
}

async fn written(write: Promise) -> Result<(), JsValue> {
    let marked = future::promise(async { JsFuture::from(write).await.map(|_| JsValue::TRUE) });
    let outcome = JsFuture::from(bindings::within(limits::STORE_TIMEOUT, &marked)).await?;
    if outcome.is_truthy() { Ok(()) } else { Err(outcome) }
}

fn read_options() -> Object {
    let options = Object::new();
    bindings::set(&options, "type", &JsValue::from_str("text"));
    bindings::set(&options, "cacheTtl", &seconds(limits::KV_CACHE_TTL));
    options
}

fn seconds(span: Duration) -> JsValue {
    JsValue::from_f64(span.as_secs_f64().ceil())
}
