//! Fetches a key set from its issuer.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use wasm_bindgen::JsValue;
use web_sys::Response;

use crate::config::{self, Issuer, KeySource};
use crate::gateway::KeyUpdate;
use crate::jose::{JwkSet, NoKeys};
use crate::platform::clock;
use crate::platform::fetch::{self, FetchError, Outgoing};
use crate::token::ClaimsPolicy;
use crate::{json, limits};

/// A fetched key set, and the document that it was read from.
pub(super) struct Fetched {
    pub(super) update: KeyUpdate,
    pub(super) document: String,
}

/// Why a document could not be had: a stable name for the log.
type Failure = &'static str;

/// Fetches the keys of an issuer whose keys are fetched at all.
pub(super) async fn fetch(env: &JsValue, issuer: &Issuer) -> Result<Fetched, NoKeys> {
    let (url, service) = match &issuer.keys {
        KeySource::Jwks { url, service } => (url.clone(), service.as_deref()),
        KeySource::Discovery { url, service } => {
            let url = discover(env, url, service.as_deref(), &issuer.policy).await?;
            (url, service.as_deref())
        }
        KeySource::Given(_) | KeySource::Absent => return Err(NoKeys::from("keys_not_fetched")),
    };
    let (document, fresh_for) = get(env, &url, service).await?;
    let document = String::from_utf8(document).map_err(|_| "jwks_malformed")?;
    let set = JwkSet::published(&document)?;
    let text_hash = Sha256::digest(&document).into();
    let update = KeyUpdate { set, text_hash, fetched_at: clock::now(), fresh_for };
    Ok(Fetched { update, document })
}

/// The `jwks_uri` of an issuer's metadata, when its `issuer` is to the letter the one that was
/// asked for, or the same template ([OpenID Connect Discovery 1.0 §4.3]).
///
/// [OpenID Connect Discovery 1.0 §4.3]: https://openid.net/specs/openid-connect-discovery-1_0.html
async fn discover(
    env: &JsValue,
    url: &str,
    service: Option<&str>,
    policy: &ClaimsPolicy,
) -> Result<String, Failure> {
    let (metadata, _) = get(env, url, service).await?;
    let metadata = json::parse_object(&metadata).map_err(|_| "discovery_malformed")?;
    let text = |name| metadata.get(name).and_then(Value::as_str);
    let is_its = |issuer: &str| match &policy.template {
        Some(template) => template.is_written(issuer),
        None => issuer == policy.issuer,
    };
    if !text("issuer").is_some_and(is_its) {
        return Err("discovery_issuer_mismatch");
    }
    let jwks_uri = text("jwks_uri").ok_or("discovery_malformed")?;
    config::document_url(jwks_uri).map_err(|_| "discovery_jwks_uri_refused")
}

/// A document and how long its `Cache-Control` lets it be used.
async fn get(
    env: &JsValue,
    url: &str,
    service: Option<&str>,
) -> Result<(Vec<u8>, Duration), Failure> {
    let headers = [("accept", "application/json".to_owned())];
    let request = Outgoing {
        method: "GET",
        url,
        service,
        headers: &headers,
        body: None,
        timeout: limits::JWKS_TIMEOUT,
        is_uncached: false,
    };
    let response = request.send(env).await.map_err(failure)?;
    match response.status() {
        200 => {}
        300..=399 => return Err("issuer_redirects"),
        _ => return Err("issuer_status"),
    }
    let fresh_for = max_age(&response).clamp(limits::JWKS_FRESH_MIN, limits::JWKS_FRESH_MAX);
    let document = fetch::read(&response, limits::JWKS_BYTES).await.map_err(failure)?;
    Ok((json::without_byte_order_mark(&document).to_vec(), fresh_for))
}

fn failure(error: FetchError) -> Failure {
    match error {
        FetchError::Unreachable => "issuer_unreachable",
        FetchError::Timeout => "issuer_timeout",
        FetchError::TooLarge => "document_too_large",
    }
}

/// `max-age` in seconds ([RFC 9111 §5.2.2.1]); `no-store` and `no-cache` count as 0, which is then
/// raised to the least that is allowed.
///
/// [RFC 9111 §5.2.2.1]: https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1
fn max_age(response: &Response) -> Duration {
    let header = fetch::header(response, "cache-control").unwrap_or_default();
    let header = header.to_ascii_lowercase();
    let mut directives = header.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-store" || directive == "no-cache") {
        return Duration::ZERO;
    }
    let max_age = directives.find_map(|directive| directive.strip_prefix("max-age="));
    let digits = max_age.filter(|age| !age.is_empty() && age.bytes().all(|b| b.is_ascii_digit()));
    // More than a number can hold is still a number (RFC 9111 §1.2.2).
    let seconds = digits.map(|digits| digits.parse().unwrap_or(u64::MAX));
    seconds.map_or(limits::JWKS_FRESH, Duration::from_secs)
}
