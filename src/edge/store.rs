//! The KV namespace `EDGEWARD_KV`.

use std::time::Duration;

use js_sys::{Array, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::bindings::{self, KvNamespace};
use super::crossing;
use crate::limits;
use crate::revocation::{RevocationAnswer, RevocationEntry, RevocationName};

const BINDING: &str = "EDGEWARD_KV";

/// Whether the namespace is bound.
pub(super) fn is_bound(env: &JsValue) -> bool {
    bindings::member(env, BINDING).is_object()
}

/// Starts to read all of `names` at once for whoever waits under `ticket`.
pub(super) fn look_up(
    env: &JsValue,
    names: &[RevocationName],
    ticket: u32,
) -> Result<Promise, JsValue> {
    let names: Vec<_> = names.iter().map(RevocationName::as_str).collect();
    let cache_ttl = limits::KV_CACHE_TTL.as_secs_f64();
    let timeout = bindings::millis(limits::STORE_TIMEOUT);
    crossing::look_up(&namespace(env), &names.join("\n"), cache_ttl, timeout, ticket)
}

/// What a reading came to: a text or null for each name, in order. Anything else is no answer.
pub(super) fn answer(names: &[RevocationName], found: &JsValue) -> RevocationAnswer {
    let Some(found) = found.dyn_ref::<Array>() else {
        return RevocationAnswer::Unavailable;
    };
    let value = |value: JsValue| match value.as_string() {
        Some(text) => Some(Some(text)),
        None if value.is_null() => Some(None),
        None => None,
    };
    let values: Option<Vec<_>> = found.iter().map(value).collect();
    let complete = values.filter(|values| values.len() == names.len());
    complete.map_or(RevocationAnswer::Unavailable, RevocationAnswer::Entries)
}

/// Stores a revocation.
pub(super) async fn revoke(
    env: &JsValue,
    entry: &RevocationEntry,
    ttl: Option<Duration>,
) -> Result<(), JsValue> {
    put(env, entry.name.as_str(), &entry.value().into(), ttl).await
}

/// One value, `None` when there is none.
pub(super) async fn get(env: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    Ok(get_text(env, name).await?.and_then(|text| text.as_string()))
}

/// The same as the platform has it: a text may be large, and crosses only when it is needed.
pub(super) async fn get_text(env: &JsValue, name: &str) -> Result<Option<JsValue>, JsValue> {
    let reading = namespace(env).get(name, &read_options())?;
    let value = JsFuture::from(bindings::within(limits::STORE_TIMEOUT, &reading)).await?;
    // What was not answered, or is no text, is not nothing.
    if value.is_null() {
        return Ok(None);
    }
    if value.is_string() { Ok(Some(value)) } else { Err(value) }
}

/// Deletes one value.
pub(super) async fn delete(env: &JsValue, name: &str) -> Result<(), JsValue> {
    JsFuture::from(namespace(env).delete(name)?).await.map(|_| ())
}

/// Writes one value, a text.
pub(super) async fn put(
    env: &JsValue,
    name: &str,
    value: &JsValue,
    ttl: Option<Duration>,
) -> Result<(), JsValue> {
    let options = Object::new();
    if let Some(ttl) = ttl {
        bindings::set(&options, "expirationTtl", &seconds(ttl));
    }
    JsFuture::from(namespace(env).put(name, value, &options)?).await.map(|_| ())
}

fn namespace(env: &JsValue) -> KvNamespace {
    bindings::member(env, BINDING).unchecked_into()
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
