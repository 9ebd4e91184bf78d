//! The last good key set of each issuer in KV, for isolates that start while the issuer is away.

use std::time::Duration;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;

use super::fetch::Fetched;
use crate::config::{Issuer, KeySource};
use crate::gateway::KeyUpdate;
use crate::jose::{JwkSet, base64url};
use crate::platform::kv;
use crate::time::NumericDate;
use crate::{json, limits};

/// The copy, when there is one that may still be used.
pub(super) async fn load(env: &JsValue, issuer: &Issuer, now: NumericDate) -> Option<KeyUpdate> {
    if !kv::is_bound(env) {
        return None;
    }
    let text = kv::get(env, &name(issuer)).await.ok()??;
    let copy = json::parse_object(text.as_bytes()).ok()?;
    let fetched_at = NumericDate::from_seconds(copy.get("fetched_at")?.as_i64()?);
    let fresh_for = Duration::from_secs(copy.get("fresh_seconds")?.as_u64()?);
    let fresh_for = fresh_for.min(limits::JWKS_FRESH_MAX);
    // A copy from the future would stay fresh for as long as whoever wrote it likes.
    if fetched_at > now || fetched_at.plus(fresh_for).plus(limits::JWKS_STALE) <= now {
        return None;
    }
    let document = copy.get("document").and_then(Value::as_str)?;
    let set = JwkSet::published(document).ok()?;
    let text_hash = Sha256::digest(document).into();
    Some(KeyUpdate { set, text_hash, fetched_at, fresh_for })
}

/// A copy as it is stored: name, value, life.
pub(super) type Entry = (String, String, Duration);

/// The copy of what was fetched.
pub(super) fn entry(issuer: &Issuer, fetched: &Fetched) -> Entry {
    let copy = json!({
        "fetched_at": fetched.update.fetched_at.seconds(),
        "fresh_seconds": fetched.update.fresh_for.as_secs(),
        "document": fetched.document,
    });
    let ttl = fetched.update.fresh_for.saturating_add(limits::JWKS_STALE);
    (name(issuer), copy.to_string(), ttl)
}

/// Stores a copy; a failure costs other isolates a fetch and nothing else.
pub(super) async fn save(env: JsValue, (name, text, ttl): Entry) {
    if kv::is_bound(&env) {
        let _ = kv::put(&env, &name, &text.into(), Some(ttl)).await;
    }
}

/// By issuer and source: a copy from a URL, or through a service, that is no longer configured is not found.
fn name(issuer: &Issuer) -> String {
    let (url, service) = match &issuer.keys {
        KeySource::Jwks { url, service } | KeySource::Discovery { url, service } => {
            (url.as_str(), service.as_deref())
        }
        KeySource::Given(_) | KeySource::Absent => ("", None),
    };
    let mut hash =
        Sha256::new().chain_update(&issuer.policy.issuer).chain_update([0]).chain_update(url);
    if let Some(service) = service {
        hash = hash.chain_update([0]).chain_update(service);
    }
    format!("jwks:{}", base64url(&hash.finalize()))
}
