//! The KV namespace `EDGEWARD_KV`.

use std::time::Duration;

use js_sys::{Array, Map, Object, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::bindings::{self, KvNamespace};
use crate::limits;
use crate::revocation::{RevocationAnswer, RevocationEntry, RevocationName};

const BINDING: &str = "EDGEWARD_KV";

/// Whether the namespace is bound.
pub(super) fn is_bound(env: &JsValue) -> bool {
    bindings::member(env, BINDING).is_object()
}

/// Starts to read all of `names` at once; rejects, or resolves to something that is no map, when
/// the store fails or takes too long.
pub(super) fn read(env: &JsValue, names: &[RevocationName]) -> Promise {
    let keys: Array = names.iter().map(|name| JsValue::from_str(name.as_str())).collect();
    match namespace(env).get_many(&keys, &read_options()) {
        Ok(reading) => bindings::within(limits::STORE_TIMEOUT, &reading),
        Err(error) => Promise::reject(&error),
    }
}

/// What a reading came to. Only a map that knows every name is an answer.
pub(super) fn answer(names: &[RevocationName], found: &JsValue) -> RevocationAnswer {
    let Some(found) = found.dyn_ref::<Map>() else {
        return RevocationAnswer::Unavailable;
    };
    let value = |name: &RevocationName| {
        let key = JsValue::from_str(name.as_str());
        let value = found.get(&key);
        match value.as_string() {
            Some(text) => Some(Some(text)),
            None if value.is_null() => Some(None),
            None => None,
        }
    };
    let values: Option<Vec<_>> = names.iter().map(value).collect();
    values.map_or(RevocationAnswer::Unavailable, RevocationAnswer::Entries)
}

/// Stores a revocation.
pub(super) async fn revoke(
    env: &JsValue,
    entry: &RevocationEntry,
    ttl: Option<Duration>,
) -> Result<(), JsValue> {
    put(env, entry.name.as_str(), &entry.value(), ttl).await
}

/// One value, `None` when there is none.
pub(super) async fn get(env: &JsValue, name: &str) -> Result<Option<String>, JsValue> {
    let reading = namespace(env).get(name, &read_options())?;
    let value = JsFuture::from(bindings::within(limits::STORE_TIMEOUT, &reading)).await?;
    if value.is_undefined() { Err(value) } else { Ok(value.as_string()) }
}

/// Writes one value.
pub(super) async fn put(
    env: &JsValue,
    name: &str,
    value: &str,
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
