//! Fetches a key set from its issuer.

use std::time::Duration;

use js_sys::Promise;
use serde_json::Value;
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use worker::worker_sys::web_sys::{Request, RequestInit, RequestRedirect, Response};

use super::bindings::{self, Service};
use super::{body, clock};
use crate::config::{self, Issuer, KeySource};
use crate::gateway::KeyUpdate;
use crate::jose::{JwkSet, NoKeys};
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
    let sent = request(url).and_then(|request| send(env, service, &request));
    let sent = sent.map_err(|_| "issuer_unreachable")?;
    let response = JsFuture::from(sent).await.map_err(|error| failure(&error))?;
    let response: Response = response.dyn_into().map_err(|_| "issuer_unreachable")?;
    // A redirect would let whoever controls one path of the issuer's host name another issuer.
    match response.status() {
        200 => {}
        300..=399 => return Err("issuer_redirects"),
        _ => return Err("issuer_status"),
    }
    let fresh_for = max_age(&response).clamp(limits::JWKS_FRESH_MIN, limits::JWKS_FRESH_MAX);
    let read =
        body::read(response.body(), limits::JWKS_BYTES).await.map_err(|error| failure(&error))?;
    Ok((read.ok_or("document_too_large")?, fresh_for))
}

fn request(url: &str) -> Result<Request, JsValue> {
    let init = RequestInit::new();
    init.set_redirect(RequestRedirect::Manual);
    bindings::set_deadline(&init, limits::JWKS_TIMEOUT);
    let request = Request::new_with_str_and_init(url, &init)?;
    request.headers().set("accept", "application/json")?;
    request.headers().set("user-agent", limits::USER_AGENT)?;
    Ok(request)
}

pub(super) fn send(
    env: &JsValue,
    service: Option<&str>,
    request: &Request,
) -> Result<Promise, JsValue> {
    match service {
        None => Ok(bindings::fetch_request(request)),
        Some(binding) => {
            bindings::member(env, binding).unchecked_ref::<Service>().fetch_request(request)
        }
    }
}

fn failure(error: &JsValue) -> Failure {
    let name = bindings::member(error, "name").as_string();
    if name.as_deref() == Some("TimeoutError") { "issuer_timeout" } else { "issuer_unreachable" }
}

/// `max-age` in seconds ([RFC 9111 §5.2.2.1]); `no-store` and `no-cache` count as 0, which is then
/// raised to the least that is allowed.
///
/// [RFC 9111 §5.2.2.1]: https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.1
fn max_age(response: &Response) -> Duration {
    let header = response.headers().get("cache-control").ok().flatten().unwrap_or_default();
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
