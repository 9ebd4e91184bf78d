//! Requests, answers, refusals and messages for the log, read and written without storage.

use serde_json::json;
use sha2::{Digest, Sha256};
use wasm_bindgen::prelude::*;

use super::rows::not_understood;
use crate::http::ErrorStyle;
use crate::jose::{base64url, base64url_decode};
use crate::json::{self, Object};
use crate::oauth::{Refusal, Reply, ReplyKind, RequestError, TokenEndpoint, TokenRequest};
use crate::revocation::{Ask, AskReply, RevocationName, refuses_in_kv};
use crate::session::NewToken;
use crate::time::NumericDate;

/// The headers of a request that say how its token is read.
#[derive(serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Head {
    content_type: Option<String>,
    content_encoding: Option<String>,
    authorization: Option<String>,
    dpop: Option<String>,
    cookie: Option<String>,
    origin: Option<String>,
}

/// Reads the refresh token of a request: JSON with `token`, `rest` and `is_opaque`, with `error`, or with
/// nothing if there is no token.
///
/// # Errors
///
/// An endpoint or a head that is not understood.
#[wasm_bindgen]
pub fn session_request(endpoint: &str, head: &str, body: &[u8]) -> Result<String, JsValue> {
    let endpoint: TokenEndpoint = read(endpoint)?;
    let head: Head = read(head)?;
    let request = TokenRequest {
        body,
        content_type: head.content_type.as_deref(),
        content_encoding: head.content_encoding.as_deref(),
        authorization: head.authorization.as_deref(),
        dpop: head.dpop.as_deref(),
        cookie: head.cookie.as_deref(),
        origin: head.origin.as_deref(),
    };
    let access = request.access_cookie(&endpoint);
    let found = match request.read(&endpoint) {
        Ok(None) => {
            json!({ "access": access, "is_other_grant": request.is_other_grant(&endpoint) })
        }
        Ok(Some(found)) => json!({
            "token": found.token,
            "rest": base64url(&found.rest),
            "is_opaque": found.is_opaque,
            "is_cookie": found.is_cookie,
            "access": access,
        }),
        Err(RequestError::MediaType) => json!({ "error": "media_type" }),
        Err(RequestError::Malformed) => json!({ "error": "malformed" }),
        Err(RequestError::Token) => json!({ "error": "invalid" }),
    };
    Ok(found.to_string())
}

/// How the tokens of answers are read.
#[derive(serde::Deserialize)]
struct NewTokens {
    /// The paths of claims of access tokens.
    subject: String,
    tenant: String,
    /// The path of its session; `None` where tokens name none.
    #[serde(default)]
    session: Option<String>,
    /// Whether refresh tokens are known by their whole text, even where they look like JWTs.
    has_opaque_refresh: bool,
    /// Whether the issuer is a template: then the access token alone says who has issued it.
    #[serde(default)]
    is_template: bool,
}

/// Reads an auth server's answer to a request with the token `presented`, an empty text for a login:
/// JSON with its kind, the tokens in it, and their owner as the access token names them. `cookies` are the
/// values of `Set-Cookie`, a line each.
///
/// # Errors
///
/// An endpoint that is not understood.
#[wasm_bindgen]
pub fn session_reply(
    endpoint: &str,
    tokens: &str,
    iss: &str,
    presented: &str,
    status: u16,
    body: &[u8],
    cookies: &str,
) -> Result<String, JsValue> {
    let endpoint: TokenEndpoint = read(endpoint)?;
    let tokens: NewTokens = read(tokens)?;
    let cookies: Vec<_> = cookies.lines().map(str::to_owned).collect();
    let reply = Reply::read(&endpoint, presented, (status, body, &cookies));
    let kind = match reply.kind {
        ReplyKind::Rotated => "rotated",
        ReplyKind::Kept => "kept",
        ReplyKind::Refused => "refused",
        ReplyKind::Released => "released",
        ReplyKind::Unknown => "unknown",
    };
    let token = |text: &Option<String>, is_opaque: bool| {
        let text = text.as_deref()?;
        Some(new_token(iss, text, claims_of(text).filter(|_| !is_opaque).as_ref()))
    };
    let claims = reply.access.as_deref().and_then(claims_of);
    let texts = json!({ "access": reply.access, "refresh": reply.refresh });
    Ok(json!({
        "kind": kind,
        "access": token(&reply.access, false),
        "refresh": token(&reply.refresh, tokens.has_opaque_refresh),
        "owner": claims.map(|claims| json!({
            "iss": text_at(&claims, "iss").filter(|_| tokens.is_template),
            "subject": text_at(&claims, &tokens.subject),
            "tenant": text_at(&claims, &tokens.tenant),
            "session": tokens.session.as_ref().and_then(|path| text_at(&claims, path)),
        })),
        "texts": texts,
    })
    .to_string())
}

/// The description of a token that an auth server has just issued; without claims it is known by its whole text.
/// Its claims are believed because they came from the auth server itself.
fn new_token(iss: &str, text: &str, claims: Option<&Object>) -> NewToken {
    let input = claims.and_then(|_| text.rsplit_once('.')).map_or(text, |(input, _)| input);
    let hash: [u8; 32] = Sha256::digest(input).into();
    let number = |name: &str| claims?.get(name)?.as_f64().map(seconds);
    let own = |name: &str| claims?.get(name)?.as_str().map(str::to_owned);
    let iss = own("iss").unwrap_or_else(|| iss.to_owned());
    NewToken {
        hash: base64url(&hash),
        name: RevocationName::of_token(&iss, own("jti").as_deref(), &hash).to_string(),
        issued_at: number("iat"),
        expires_at: number("exp"),
    }
}

/// A text, or a whole number as a text, at the path of a claim: as identities are read.
fn text_at(claims: &Object, path: &str) -> Option<String> {
    match json::lookup(claims, path)? {
        serde_json::Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        serde_json::Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "saturates")]
fn seconds(number: f64) -> i64 {
    // Until the year 9999: what is stored has to be exact in JavaScript.
    (number as i64).clamp(0, 253_402_300_799)
}

fn claims_of(text: &str) -> Option<Object> {
    let [header, payload, _] = text.split('.').collect::<Vec<_>>().try_into().ok()?;
    json::parse_object(&base64url_decode(header)?).ok()?;
    json::parse_object(&base64url_decode(payload)?).ok()
}

/// The gateway's own refusal in a style: JSON with `status`, `headers` and `body`.
///
/// # Errors
///
/// A style or a cause that is not known.
#[wasm_bindgen]
pub fn session_refusal(
    style: &str,
    cause: &str,
    seconds: u32,
    id: &str,
    media_type: &str,
    realm: &str,
) -> Result<String, JsValue> {
    let style = match style {
        "simplejwt" => ErrorStyle::SimpleJwt,
        "simplejwt-5.4" => ErrorStyle::SimpleJwt54,
        "oauth2" => ErrorStyle::OAuth2,
        _ => ErrorStyle::Problem,
    };
    let refusal = match cause {
        "revoked" => Refusal::Revoked,
        "revoked_at_verify" => Refusal::RevokedAtVerify,
        "invalid" => Refusal::Invalid,
        "media_type" => Refusal::MediaType,
        "malformed" => Refusal::Malformed,
        "too_large" => Refusal::TooLarge,
        "rate_limited" => Refusal::RateLimited(seconds),
        _ => Refusal::Unavailable,
    };
    let wire = refusal.wire(style, id, media_type, realm);
    Ok(json!({ "status": wire.status, "headers": wire.headers, "body": wire.body }).to_string())
}

/// The question to the log about some names, a line each.
///
/// # Errors
///
/// A name that is none.
#[wasm_bindgen]
pub fn session_ask(names: &str) -> Result<Vec<u8>, JsValue> {
    let names = names.lines().map(|name| RevocationName::parse(name).ok_or_else(not_understood));
    let names = names.collect::<Result<Vec<_>, _>>()?;
    Ok(Ask { epoch: None, start: 0, head: 0, seq: 0, page: 0, names }.to_bytes())
}

/// The verdict of the log's answer about a token's names: `clear`, `revoked`, or the reason why nobody
/// can tell. `issued_at` are seconds; `has_kv` says whether there is a blacklist in KV, whose entries the
/// log must have.
#[must_use]
#[wasm_bindgen]
pub fn session_verdict(reply: &[u8], names: u32, issued_at: Option<f64>, has_kv: bool) -> String {
    let asked = usize::try_from(names).ok();
    let reply = AskReply::parse(reply).filter(|reply| Some(reply.verdicts.len()) == asked);
    let issued_at = issued_at.map(|at| NumericDate::from_seconds(seconds(at)));
    let verdict = match reply {
        None => "revocation_log",
        Some(reply) if reply.verdicts.iter().any(|state| state.refuses(issued_at)) => "revoked",
        // Until KV's entries are all in the log, the log alone knows too little.
        Some(reply) if has_kv && !reply.is_imported => "kv_not_imported",
        Some(_) => "clear",
    };
    verdict.to_owned()
}

/// Whether what KV's blacklist has under a token's names refuses it: `names` a line each, `values` a JSON list
/// of texts and nulls in their order. What cannot be understood refuses.
#[must_use]
#[wasm_bindgen]
pub fn session_refused_in_kv(names: &str, values: &str, issued_at: Option<f64>) -> bool {
    let names: Option<Vec<_>> = names.lines().map(RevocationName::parse).collect();
    let values: Option<Vec<Option<String>>> = serde_json::from_str(values).ok();
    let (Some(names), Some(values)) = (names, values) else { return true };
    let issued_at = issued_at.map(|at| NumericDate::from_seconds(seconds(at)));
    let mut pairs = names.iter().zip(&values);
    names.len() != values.len()
        || pairs.any(|(name, value)| refuses_in_kv(name, value.as_deref(), issued_at))
}

pub(super) fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|_| not_understood())
}
