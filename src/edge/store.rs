//! Revocations in the KV namespace.

use std::time::Duration;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use super::bridge;
use crate::limits;
use crate::platform::{bindings, kv};
use crate::revocation::{RevocationAnswer, RevocationEntry, RevocationName};

/// Starts to read all of `names` at once for the request that waits under `ticket`.
pub(super) fn look_up(
    env: &JsValue,
    names: &[RevocationName],
    ticket: u32,
) -> Result<Promise, JsValue> {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let cache_ttl = limits::KV_CACHE_TTL.as_secs_f64();
    let timeout = bindings::millis(limits::STORE_TIMEOUT);
    bridge::look_up(&kv::namespace(env), &names.join("\n"), cache_ttl, timeout, ticket)
}

/// The answer of a look-up, from a text or null for each name, in order. Anything else counts as
/// [`RevocationAnswer::Unavailable`].
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
    kv::put(env, &entry.name.to_string(), &entry.value().into(), ttl).await
}
