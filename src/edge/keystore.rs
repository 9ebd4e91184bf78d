//! The last good key set of each issuer in KV, for isolates that start while the issuer is away.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;

use super::keys::Fetched;
use super::{keys, store};
use crate::config::{Issuer, KeySource};
use crate::gateway::KeyUpdate;
use crate::jose::base64url;
use crate::limits;
use crate::time::NumericDate;

/// What is stored under `jwks:<hash>`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    fetched_at: i64,
    fresh_seconds: u64,
    document: String,
}

/// The copy, when there is one that may still be used.
pub(super) async fn load(env: &JsValue, issuer: &Issuer, now: NumericDate) -> Option<KeyUpdate> {
    if !store::is_bound(env) {
        return None;
    }
    let text = store::get(env, &name(issuer)).await.ok()??;
    let copy: Copy = serde_json::from_str(&text).ok()?;
    let fetched_at = NumericDate::from_seconds(copy.fetched_at);
    let fresh_for = Duration::from_secs(copy.fresh_seconds).min(limits::JWKS_FRESH_MAX);
    // A copy from the future would stay fresh for as long as whoever wrote it likes.
    if fetched_at > now || fetched_at.plus(fresh_for).plus(limits::JWKS_STALE) <= now {
        return None;
    }
    let set = keys::read_set(&copy.document).ok()?;
    let text_hash = Sha256::digest(&copy.document).into();
    Some(KeyUpdate { set, text_hash, fetched_at, fresh_for })
}

/// A copy as it is stored: name, value, life.
pub(super) type Entry = (String, String, Duration);

/// The copy of what was fetched.
pub(super) fn entry(issuer: &Issuer, fetched: &Fetched) -> Option<Entry> {
    let copy = Copy {
        fetched_at: fetched.update.fetched_at.seconds(),
        fresh_seconds: fetched.update.fresh_for.as_secs(),
        document: fetched.document.clone(),
    };
    let ttl = fetched.update.fresh_for.saturating_add(limits::JWKS_STALE);
    Some((name(issuer), serde_json::to_string(&copy).ok()?, ttl))
}

/// Stores a copy; a failure costs other isolates a fetch and nothing else.
pub(super) async fn save(env: JsValue, entry: Option<Entry>) {
    if let Some((name, text, ttl)) = entry.filter(|_| store::is_bound(&env)) {
        let _ = store::put(&env, &name, &text, Some(ttl)).await;
    }
}

/// By issuer and source: a copy from a URL that is no longer configured is not found.
fn name(issuer: &Issuer) -> String {
    let source = match &issuer.keys {
        KeySource::Jwks { url, .. } | KeySource::Discovery { url, .. } => url.as_str(),
        KeySource::Given(_) | KeySource::Absent => "",
    };
    let hash =
        Sha256::new().chain_update(&issuer.policy.issuer).chain_update([0]).chain_update(source);
    format!("jwks:{}", base64url(&hash.finalize()))
}
