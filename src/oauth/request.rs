use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::members::{form_members, json_members, take};
use super::{Body, RequestError, TokenEndpoint};
use crate::http;
use crate::jose::{base64url, base64url_decode};
use crate::json;

/// A request that may present a refresh token. Its `Debug` shows nothing of it.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "an adapter fills every field")]
pub struct TokenRequest<'a> {
    /// The body.
    pub body: &'a [u8],
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// `Content-Encoding`.
    pub content_encoding: Option<&'a str>,
    /// `Authorization`.
    pub authorization: Option<&'a str>,
    /// `DPoP` (RFC 9449).
    pub dpop: Option<&'a str>,
    /// `Cookie`.
    pub cookie: Option<&'a str>,
    /// `Origin`: the page that asks, whose answer says that it may read it.
    pub origin: Option<&'a str>,
}

/// The refresh token of a request. Its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is all that is read")]
pub struct Presented {
    /// The token, without the space around it.
    pub token: String,
    /// SHA-256 over the rest of the request: what must be equal for a stored answer to be given again.
    pub rest: [u8; 32],
    /// Whether the token is opaque, and no JWT.
    pub is_opaque: bool,
    /// Whether it was in a cookie, which a browser sends whichever page asks.
    pub is_cookie: bool,
}

impl fmt::Debug for TokenRequest<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("TokenRequest").finish_non_exhaustive()
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Presented")
            .field("is_opaque", &self.is_opaque)
            .finish_non_exhaustive()
    }
}

impl TokenRequest<'_> {
    /// Reads the refresh token; `None` for a request without one, which the auth server answers.
    ///
    /// # Errors
    ///
    /// [`RequestError`] for whatever the auth server might read differently: a refresh token that only
    /// the auth server sees would go round revocation and reuse detection.
    pub fn read(&self, endpoint: &TokenEndpoint) -> Result<Option<Presented>, RequestError> {
        let format = self.media_type(endpoint)?;
        let text = std::str::from_utf8(self.body).map_err(|_| RequestError::Malformed)?;
        let mut members = match format {
            Body::Json => json_members(text)?,
            Body::Form => form_members(text)?,
        };
        let trimmed = |token: String| {
            let token = token.trim_matches([' ', '\t', '\r', '\n']).to_owned();
            (!token.is_empty()).then_some(token)
        };
        let in_body = take(&mut members, &endpoint.request_refresh)?.and_then(trimmed);
        let in_cookie = self.cookie(endpoint.refresh_cookie.as_deref())?.and_then(trimmed);
        let (token, from_cookie) = match (in_body, in_cookie) {
            // Which of the two counts differs from server to server.
            (Some(body), Some(cookie)) if body != cookie => return Err(RequestError::Malformed),
            (Some(token), _) => (token, false),
            (None, Some(token)) => (token, true),
            (None, None) => return Ok(None),
        };
        let is_opaque = is_opaque(&token)?;
        let rest = self.rest(endpoint, &members);
        Ok(Some(Presented { token, rest, is_opaque, is_cookie: from_cookie }))
    }

    fn media_type(&self, endpoint: &TokenEndpoint) -> Result<Body, RequestError> {
        let is_plain =
            self.content_encoding.is_none_or(|name| name.eq_ignore_ascii_case("identity"));
        if !is_plain {
            return Err(RequestError::MediaType);
        }
        // A body of nothing has no type.
        let Some(content_type) = self.content_type.filter(|_| !self.body.is_empty()) else {
            let is_empty = self.body.is_empty();
            return if is_empty { Ok(Body::Form) } else { Err(RequestError::MediaType) };
        };
        // One charset at most, and no other parameter: of several each server takes another.
        let (essence, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        let essence = essence.trim();
        if !self.is_readable_in(parameters.trim()) {
            return Err(RequestError::MediaType);
        }
        if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Ok(Body::Form)
        } else if essence.eq_ignore_ascii_case("application/json") && endpoint.body == Body::Json {
            Ok(Body::Json)
        } else {
            Err(RequestError::MediaType)
        }
    }

    /// Whether the parameters of the media type state no charset but UTF-8, or one in which these bytes are the same
    /// text.
    fn is_readable_in(&self, parameters: &str) -> bool {
        let Some((name, value)) = parameters.split_once('=') else { return parameters.is_empty() };
        let quoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let charset = quoted.unwrap_or(value).to_ascii_lowercase();
        let is_same = || OF_ASCII.contains(&charset.as_str()) && self.is_ascii_throughout();
        name.eq_ignore_ascii_case("charset")
            && (matches!(charset.as_str(), "utf-8" | "utf8") || is_same())
    }

    /// Whether neither a byte nor an escape of a form stands for more than ASCII.
    fn is_ascii_throughout(&self) -> bool {
        let is_high = |escape: &[u8]| matches!(escape, [b'%', first, _] if first.is_ascii_hexdigit() && *first > b'7');
        self.body.is_ascii() && !self.body.windows(3).any(is_high)
    }

    /// Whether the request is a form for another grant than a refresh (RFC 6749 §4): then it has no
    /// refresh token.
    #[must_use]
    pub fn is_other_grant(&self, endpoint: &TokenEndpoint) -> bool {
        let text = std::str::from_utf8(self.body).unwrap_or_default();
        let members = form_members(text).unwrap_or_default();
        let grant = members.get("grant_type").and_then(Value::as_str);
        endpoint.body == Body::Form && grant.is_some_and(|grant| grant != "refresh_token")
    }

    /// The access token of a request, where the auth server has put it into a cookie.
    #[must_use]
    pub fn access_cookie(&self, endpoint: &TokenEndpoint) -> Option<String> {
        self.cookie(endpoint.access_cookie.as_deref()).ok().flatten()
    }

    fn cookie(&self, name: Option<&str>) -> Result<Option<String>, RequestError> {
        let (Some(name), Some(header)) = (name, self.cookie) else { return Ok(None) };
        let found = http::cookie(header, name).map_err(|_| RequestError::Malformed)?;
        Ok(found.map(str::to_owned))
    }

    /// Client credentials, scope, resource and the key of a proof: all that makes an answer somebody's.
    fn rest(&self, endpoint: &TokenEndpoint, members: &BTreeMap<String, Value>) -> [u8; 32] {
        let mut hash = Sha256::new();
        let mut part = |name: &str, value: &str| {
            for text in [name, value] {
                hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
                hash.update(text);
            }
        };
        let bound = |name: &&String| BOUND.contains(&name.to_ascii_lowercase().as_str());
        for name in members.keys().filter(bound) {
            part(name, &members.get(name).map(ToString::to_string).unwrap_or_default());
        }
        // Elsewhere clients send an access token along, the expired one or the next.
        if endpoint.body == Body::Form {
            part("authorization", self.authorization.unwrap_or_default());
        }
        part("origin", self.origin.unwrap_or_default());
        part("dpop", &self.dpop.map(proof_key).unwrap_or_default());
        hash.finalize().into()
    }
}

/// Charsets besides UTF-8 in which the bytes of ASCII are ASCII.
const OF_ASCII: [&str; 4] = ["iso-8859-1", "latin1", "us-ascii", "windows-1252"];

/// The members that say whose an answer is, and what it is for (RFC 6749, 7521, 8707).
const BOUND: [&str; 7] = [
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "scope",
    "resource",
    "audience",
];

/// The key that a proof names: each proof is new, and its key is not.
fn proof_key(proof: &str) -> String {
    let header = proof.split('.').next().and_then(base64url_decode);
    let header = header.and_then(|header| json::parse_object(&header).ok());
    let key = header.and_then(|header| header.get("jwk").map(ToString::to_string));
    key.unwrap_or_else(|| proof.to_owned())
}

/// Whether a token is no JWT. One that looks like a JWT must be one for every decoder.
fn is_opaque(token: &str) -> Result<bool, RequestError> {
    // The others are what decoders of cookies, forms and lists read as something else.
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=|:$@!*'()".contains(&byte);
    if !token.bytes().all(is_letter) {
        return Err(RequestError::Token);
    }
    let parts: Vec<_> = token.split('.').collect();
    let [header, payload, signature] = parts.as_slice() else { return Ok(true) };
    // Two points may stand in an opaque token, too.
    if !leniently_decoded(header).starts_with(b"{") {
        return Ok(true);
    }
    // Some decoders skip what is no letter of the alphabet: a used token in another spelling.
    let is_canonical =
        |part: &str| base64url_decode(part).is_some_and(|bytes| base64url(&bytes) == part);
    let is_jwt = [header, payload, signature].into_iter().all(|part| is_canonical(part));
    if is_jwt { Ok(false) } else { Err(RequestError::Token) }
}

/// The bytes that the most lenient decoder reads.
fn leniently_decoded(part: &str) -> Vec<u8> {
    let letter = |letter| match letter {
        '+' => Some('-'),
        '/' => Some('_'),
        '-' | '_' => Some(letter),
        other => other.is_ascii_alphanumeric().then_some(other),
    };
    let mut letters: String = part.chars().filter_map(letter).collect();
    letters.truncate(letters.len() & !3);
    base64url_decode(&letters).unwrap_or_default()
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
