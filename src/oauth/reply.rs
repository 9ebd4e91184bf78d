use std::fmt;

use serde_json::Value;

use super::TokenEndpoint;
use crate::json::{self, Object};

/// The meaning of an auth server's answer to a refresh request for the presented token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is acted on")]
pub enum ReplyKind {
    /// A success with a new refresh token.
    Rotated,
    /// A success without a new refresh token: the presented one is still good (RFC 6749 §6).
    Kept,
    /// The token is refused for good.
    Refused,
    /// A redirect, or another error of the client: nothing was done with the token.
    Released,
    /// It is not known whether the token was used up.
    Unknown,
}

/// An auth server's answer to a refresh or login request. Its `Debug` shows no token.
#[derive(Clone, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "this is all that is read")]
pub struct Reply {
    /// Its meaning.
    pub kind: ReplyKind,
    /// The access token in it.
    pub access: Option<String>,
    /// The new refresh token in it.
    pub refresh: Option<String>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Reply").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Reply {
    /// Reads an answer to a request with `presented`; an empty text for a login. `cookies` are the values of
    /// `Set-Cookie`.
    #[must_use]
    pub fn read(
        endpoint: &TokenEndpoint,
        presented: &str,
        (status, body, cookies): (u16, &[u8], &[String]),
    ) -> Self {
        let members = json::parse_object(body).ok();
        if !(200..300).contains(&status) {
            let kind = kind_of_error(endpoint, status, members.as_ref());
            return Self { kind, access: None, refresh: None };
        }
        let token = |path: &str, cookie: Option<&String>| {
            let text = members.as_ref().and_then(|members| json::lookup(members, path));
            let text = text.and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
            text.or_else(|| set_cookie(cookies, cookie?)).map(str::to_owned)
        };
        let access = token(&endpoint.response_access, endpoint.access_cookie.as_ref());
        let refresh = token(&endpoint.response_refresh, endpoint.refresh_cookie.as_ref())
            .filter(|refresh| refresh != presented);
        let kind = match (&access, &refresh) {
            (_, Some(_)) => ReplyKind::Rotated,
            (Some(_), None) => ReplyKind::Kept,
            // A success without a token is none: something stands between, or a path is wrong.
            (None, None) => ReplyKind::Unknown,
        };
        Self { kind, access, refresh }
    }
}

fn kind_of_error(endpoint: &TokenEndpoint, status: u16, members: Option<&Object>) -> ReplyKind {
    let word = |name| members.and_then(|members| members.get(name)).and_then(Value::as_str);
    let is_named = endpoint.refused_codes.is_empty()
        || ["error", "code"]
            .into_iter()
            .filter_map(word)
            .any(|word| endpoint.refused_codes.iter().any(|code| code == word));
    if endpoint.refused_statuses.contains(&status) && is_named {
        ReplyKind::Refused
    } else if (300..500).contains(&status) {
        ReplyKind::Released
    } else {
        ReplyKind::Unknown
    }
}

/// The value of the last cookie with this name that is set; `None` where it is deleted.
fn set_cookie<'a>(cookies: &'a [String], name: &str) -> Option<&'a str> {
    let value = |cookie: &'a String| {
        let pair = cookie.split(';').next()?;
        let (own, value) = pair.split_once('=')?;
        (own.trim() == name).then(|| value.trim().trim_matches('"'))
    };
    cookies.iter().rev().find_map(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::Body;
    use super::*;

    fn endpoint() -> TokenEndpoint {
        TokenEndpoint {
            body: Body::Json,
            request_refresh: "refresh".to_owned(),
            response_access: "access".to_owned(),
            response_refresh: "refresh".to_owned(),
            access_cookie: Some("at".to_owned()),
            refresh_cookie: Some("rt".to_owned()),
            refused_statuses: vec![401],
            refused_codes: vec!["token_not_valid".to_owned()],
        }
    }

    fn kind(status: u16, body: &str) -> ReplyKind {
        Reply::read(&endpoint(), "old", (status, body.as_bytes(), &[])).kind
    }

    #[test]
    fn an_answer_rotates_only_with_a_new_refresh_token() {
        assert_eq!(kind(200, r#"{"access":"a","refresh":"new"}"#), ReplyKind::Rotated);
        assert_eq!(kind(200, r#"{"access":"a","refresh":"old"}"#), ReplyKind::Kept);
        assert_eq!(kind(200, r#"{"access":"a","refresh":""}"#), ReplyKind::Kept);
        assert_eq!(kind(200, r#"{"access":"a"}"#), ReplyKind::Kept);
        assert_eq!(kind(200, "{}"), ReplyKind::Unknown);
        assert_eq!(kind(200, "<html>"), ReplyKind::Unknown);
    }

    #[test]
    fn only_the_configured_refusals_are_definite() {
        assert_eq!(kind(401, r#"{"code":"token_not_valid"}"#), ReplyKind::Refused);
        assert_eq!(kind(401, r#"{"detail":"No active account"}"#), ReplyKind::Released);
        assert_eq!(kind(400, r#"{"code":"token_not_valid"}"#), ReplyKind::Released);
        assert_eq!(kind(429, ""), ReplyKind::Released);
        assert_eq!(kind(307, ""), ReplyKind::Released);
        assert_eq!(kind(500, r#"{"code":"token_not_valid"}"#), ReplyKind::Unknown);
        let by_status = TokenEndpoint { refused_codes: Vec::new(), ..endpoint() };
        assert_eq!(Reply::read(&by_status, "old", (401, b"", &[])).kind, ReplyKind::Refused);
    }

    #[test]
    fn tokens_are_found_in_cookies_where_the_body_has_none() {
        let cookies = ["at=a1; Path=/".to_owned(), "rt=\"r1\"; HttpOnly".to_owned()];
        let reply =
            Reply::read(&endpoint(), "old", (200, br#"{"access":"a0","refresh":""}"#, &cookies));
        assert_eq!((reply.access.as_deref(), reply.refresh.as_deref()), (Some("a0"), Some("r1")));
        let deleted = ["rt=\"\"; Max-Age=0".to_owned()];
        assert_eq!(Reply::read(&endpoint(), "old", (200, b"{}", &deleted)).refresh, None);
    }
}
