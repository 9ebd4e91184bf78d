use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::{RemoteFailure, RemoteReply};
use crate::json::{self, Object};
use crate::limits;

/// A token that an auth server has given in exchange for a caller's, for one origin ([RFC 8693]).
/// Only this module makes one, from the server's reply. Its `Debug` shows no byte of it.
///
/// The gateway does not verify it: that is the task of the origin.
///
/// [RFC 8693]: https://www.rfc-editor.org/rfc/rfc8693
pub struct ExchangedToken {
    text: String,
    lifetime: Duration,
}

/// The verdict of an auth server on a token exchange.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "yes, no, or neither")]
pub enum ExchangeVerdict {
    /// The server has issued a token.
    Issued(ExchangedToken),
    /// The server issues no token for this caller, with the error code as far as it is a known one.
    Refused(&'static str),
    /// The exchange gave no verdict.
    CannotSay(RemoteFailure),
}

/// Errors that are about the gateway as a client, and not about the caller (RFC 6749 §5.2).
const OF_CLIENT: [&str; 3] = ["invalid_client", "unauthorized_client", "unsupported_grant_type"];

/// Errors that are about the caller or the target. Any other error of a server goes into no log.
const OF_CALLER: [&str; 6] = [
    "access_denied",
    "invalid_grant",
    "invalid_request",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
];

impl ExchangedToken {
    /// The value of the origin's `Authorization`.
    #[must_use]
    pub fn authorization(&self) -> String {
        ["Bearer ", &self.text].concat()
    }

    /// Its lifetime, counted from when it was asked for.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// The length of its text, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.text.len()
    }
}

impl ExchangeVerdict {
    /// Reads a reply ([RFC 8693 §2.2]).
    ///
    /// [RFC 8693 §2.2]: https://www.rfc-editor.org/rfc/rfc8693#section-2.2
    #[must_use]
    pub fn read(reply: &RemoteReply) -> Self {
        match reply.status {
            200 => issued(reply.document())
                .map_or(Self::CannotSay(RemoteFailure::Malformed), Self::Issued),
            300..=399 => Self::CannotSay(RemoteFailure::Redirects),
            429 => Self::CannotSay(RemoteFailure::Busy),
            400..=499 => refused(reply),
            _ => Self::CannotSay(RemoteFailure::Status),
        }
    }
}

fn issued(body: &[u8]) -> Option<ExchangedToken> {
    let answer = json::parse_object(body).ok()?;
    let text = text(&answer, "access_token").filter(|text| is_bearer(text))?;
    // Another type is used in another way than in `Authorization: Bearer` (RFC 8693 §2.2.1).
    let is_bearer = self::text(&answer, "token_type")?.eq_ignore_ascii_case("bearer");
    let issued = self::text(&answer, "issued_token_type")?;
    let is_access = TYPES.contains(&issued) && is_bearer;
    let lifetime = lifetime(&answer).filter(|_| is_access)?;
    Some(ExchangedToken { text: text.to_owned(), lifetime })
}

/// The issued types that may be sent as a bearer token. No type but an access token is asked for,
/// but a server may call one a JWT.
const TYPES: [&str; 2] =
    ["urn:ietf:params:oauth:token-type:access_token", "urn:ietf:params:oauth:token-type:jwt"];

/// The lifetime from `expires_in`, or [`limits::EXCHANGE_LIFE`] where that is absent; `None` where
/// it is zero or not a whole number of seconds, which is not the same as absent.
fn lifetime(answer: &Object) -> Option<Duration> {
    match answer.get("expires_in") {
        None => Some(limits::EXCHANGE_LIFE),
        Some(seconds) => seconds.as_u64().filter(|seconds| *seconds > 0).map(Duration::from_secs),
    }
}

fn text<'a>(answer: &'a Object, name: &str) -> Option<&'a str> {
    answer.get(name).and_then(Value::as_str)
}

/// `b64token` ([RFC 6750 §2.1]), no longer than any token that the gateway itself may take: a line
/// break in it would be a header of the auth server's choice.
///
/// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
fn is_bearer(text: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    !text.is_empty() && text.len() <= limits::CONFIGURED_BYTES && text.bytes().all(is_of_token)
}

/// Reads a refusal, which must state its error ([RFC 6749 §5.2], [RFC 8693 §2.2.2]); one that does
/// not may come from any server.
///
/// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
/// [RFC 8693 §2.2.2]: https://www.rfc-editor.org/rfc/rfc8693#section-2.2.2
fn refused(reply: &RemoteReply) -> ExchangeVerdict {
    let answer = json::parse_object(reply.document()).ok();
    let error = answer.as_ref().and_then(|answer| text(answer, "error"));
    match error {
        Some(error) if OF_CLIENT.contains(&error) => {
            ExchangeVerdict::CannotSay(RemoteFailure::ClientRefused)
        }
        Some(error) => {
            let known = OF_CALLER.into_iter().find(|known| *known == error);
            ExchangeVerdict::Refused(known.unwrap_or("other"))
        }
        None if reply.status == 401 => ExchangeVerdict::CannotSay(RemoteFailure::ClientRefused),
        None => ExchangeVerdict::CannotSay(RemoteFailure::RequestRefused),
    }
}

impl fmt::Debug for ExchangedToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ExchangedToken({} bytes)", self.text.len())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: u16, body: &str) -> ExchangeVerdict {
        let body = body.as_bytes().to_vec();
        ExchangeVerdict::read(&RemoteReply { status, body, is_signed: false, retry_after: None })
    }

    fn answer(changes: &Value) -> String {
        let mut answer = json!({
            "access_token": "a.b-c_~+/=", "token_type": "Bearer", "expires_in": 300,
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token",
        });
        for (name, value) in changes.as_object().expect("an object") {
            answer[name] = value.clone();
            if value.is_null() {
                answer.as_object_mut().expect("an object").remove(name);
            }
        }
        answer.to_string()
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_an_answer() {
        let issued = read(200, &format!("\u{feff}{}", answer(&json!({}))));
        assert!(matches!(issued, ExchangeVerdict::Issued(_)), "{issued:?}");
        let marked = read(400, "\u{feff}{\"error\":\"invalid_target\"}");
        let plain = read(400, "{\"error\":\"invalid_target\"}");
        assert_eq!(format!("{marked:?}"), format!("{plain:?}"));
    }

    #[test]
    fn a_whole_answer_is_a_token_and_its_life() {
        for (changes, seconds) in [
            (json!({}), 300),
            (json!({ "token_type": "bearer", "scope": "a", "refresh_token": "r" }), 300),
            (json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:jwt" }), 300),
            (json!({ "expires_in": null }), 60),
            (json!({ "expires_in": 1 }), 1),
            (json!({ "access_token": "a".repeat(limits::CONFIGURED_BYTES) }), 300),
        ] {
            let ExchangeVerdict::Issued(token) = read(200, &answer(&changes)) else {
                panic!("{changes}")
            };
            assert_eq!(token.lifetime(), Duration::from_secs(seconds), "{changes}");
        }
        let ExchangeVerdict::Issued(token) = read(200, &answer(&json!({}))) else { panic!("one") };
        assert_eq!(token.authorization(), "Bearer a.b-c_~+/=");
        assert_eq!(format!("{token:?}"), "ExchangedToken(10 bytes)");
    }

    #[test]
    fn half_an_answer_is_no_token() {
        for changes in [
            json!({ "access_token": null }),
            json!({ "access_token": "" }),
            json!({ "access_token": 7 }),
            json!({ "access_token": "a\r\nx-auth-roles: admin" }),
            json!({ "access_token": "a b" }),
            json!({ "access_token": "a".repeat(limits::CONFIGURED_BYTES + 1) }),
            json!({ "token_type": null }),
            json!({ "token_type": "DPoP" }),
            json!({ "token_type": "N_A" }),
            json!({ "issued_token_type": null }),
            json!({ "issued_token_type": "urn:ietf:params:oauth:token-type:refresh_token" }),
            json!({ "expires_in": 0 }),
            json!({ "expires_in": -1 }),
            json!({ "expires_in": "300" }),
            json!({ "expires_in": 300.5 }),
        ] {
            let verdict = read(200, &answer(&changes));
            let is_none = matches!(verdict, ExchangeVerdict::CannotSay(RemoteFailure::Malformed));
            assert!(is_none, "{changes}: {verdict:?}");
        }
        let twice = answer(&json!({})).replacen('{', r#"{"access_token":"other","#, 1);
        for body in ["", "<html>", "[]", twice.as_str()] {
            let verdict = read(200, body);
            let is_none = matches!(verdict, ExchangeVerdict::CannotSay(RemoteFailure::Malformed));
            assert!(is_none, "{body}: {verdict:?}");
        }
    }

    #[test]
    fn a_refusal_is_the_callers_the_clients_or_nobodys() {
        use RemoteFailure::{Busy, ClientRefused, Redirects, RequestRefused, Status};
        for (status, body, expected) in [
            (400, r#"{"error":"invalid_grant"}"#, Ok("invalid_grant")),
            (400, r#"{"error":"invalid_target","error_description":"x"}"#, Ok("invalid_target")),
            (401, r#"{"error":"invalid_token"}"#, Ok("invalid_token")),
            (403, r#"{"error":"access_denied"}"#, Ok("access_denied")),
            (400, r#"{"error":"a word of its own"}"#, Ok("other")),
            (400, r#"{"error":"invalid_client"}"#, Err(ClientRefused)),
            (401, r#"{"error":"invalid_client"}"#, Err(ClientRefused)),
            (400, r#"{"error":"unauthorized_client"}"#, Err(ClientRefused)),
            (400, r#"{"error":"unsupported_grant_type"}"#, Err(ClientRefused)),
            (401, "", Err(ClientRefused)),
            (400, r#"{"error":7}"#, Err(RequestRefused)),
            (404, "<html>", Err(RequestRefused)),
            (429, r#"{"error":"invalid_grant"}"#, Err(Busy)),
            (302, "", Err(Redirects)),
            (500, r#"{"error":"invalid_grant"}"#, Err(Status)),
            (201, r#"{"error":"invalid_grant"}"#, Err(Status)),
        ] {
            let got = match read(status, body) {
                ExchangeVerdict::Issued(_) => panic!("{status} {body}"),
                ExchangeVerdict::Refused(why) => Ok(why),
                ExchangeVerdict::CannotSay(failure) => Err(failure),
            };
            assert_eq!(got, expected, "{status} {body}");
        }
    }
}
