use crate::http::{self, ErrorStyle};

/// The reason for which the gateway itself refuses a request about a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is written")]
pub enum Refusal {
    /// The token was revoked or used, or is unknown.
    Revoked,
    /// The same, on an endpoint that answers as `token/verify/` of `SimpleJWT`.
    RevokedAtVerify,
    /// The token is none.
    Invalid,
    /// The body is of another type than those that are read.
    MediaType,
    /// The body cannot be read.
    Malformed,
    /// The body is too large.
    TooLarge,
    /// The log, the family or the auth server gave no answer.
    Unavailable,
    /// Too many requests; the client may come again after so many seconds.
    RateLimited(u32),
}

/// The format of refusals.
pub type RefusalStyle = ErrorStyle;

/// A response as it goes out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an adapter sends every field")]
pub struct Wire {
    /// The status.
    pub status: u16,
    /// All headers but `x-request-id`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: String,
}

impl Refusal {
    /// The response in a style; `id` is that of the request, `media_type` what it had, and `realm` that of
    /// the configuration.
    #[must_use]
    pub fn wire(self, style: RefusalStyle, id: &str, media_type: &str, realm: &str) -> Wire {
        let styled = match style {
            ErrorStyle::SimpleJwt => self.simplejwt("Token is invalid", media_type),
            ErrorStyle::SimpleJwt54 => self.simplejwt("Token is invalid or expired", media_type),
            ErrorStyle::OAuth2 => self.oauth2(),
            ErrorStyle::Problem => None,
        };
        let is_simplejwt = matches!(style, ErrorStyle::SimpleJwt | ErrorStyle::SimpleJwt54);
        let (status, content_type, body) = if let Some((status, body)) = styled {
            (status, "application/json", body)
        } else {
            let (status, code, title) = self.problem();
            let [before, after] = http::problem(status, code, title, None);
            (status, "application/problem+json", [before.as_str(), id, &after].concat())
        };
        let mut headers = vec![
            ("content-type", content_type.to_owned()),
            ("cache-control", "no-store".to_owned()),
        ];
        match self {
            Self::Unavailable => headers.push(("retry-after", "1".to_owned())),
            Self::RateLimited(seconds) => headers.push(("retry-after", seconds.to_string())),
            _ if is_simplejwt => {
                headers.push(("allow", "POST, OPTIONS".to_owned()));
                if status == 401 {
                    headers.push(("www-authenticate", "Bearer realm=\"api\"".to_owned()));
                }
            }
            // RFC 9110 §15.5.2.
            _ if status == 401 => {
                let challenge = format!("Bearer realm=\"{realm}\", error=\"invalid_token\"");
                headers.push(("www-authenticate", challenge));
            }
            _ => {}
        }
        Wire { status, headers, body }
    }

    /// To the byte as its views write it.
    fn simplejwt(self, invalid: &str, media_type: &str) -> Option<(u16, String)> {
        let not_valid = |detail| format!(r#"{{"detail":"{detail}","code":"token_not_valid"}}"#);
        Some(match self {
            Self::Revoked => (401, not_valid("Token is blacklisted")),
            Self::RevokedAtVerify => {
                (400, r#"{"non_field_errors":["Token is blacklisted"]}"#.to_owned())
            }
            Self::Invalid => (401, not_valid(invalid)),
            Self::MediaType => {
                let shown: String = media_type.chars().filter(|c| is_plain(*c)).take(80).collect();
                let detail = format!(r#"Unsupported media type "{shown}" in request."#);
                (415, format!(r#"{{"detail":{}}}"#, serde_json::Value::from(detail)))
            }
            Self::Malformed => {
                (400, r#"{"detail":"JSON parse error - expected one object or form without repeated members"}"#.to_owned())
            }
            Self::RateLimited(seconds) => {
                let s = if seconds == 1 { "" } else { "s" };
                let text = format!("Request was throttled. Expected available in {seconds} second{s}.");
                (429, format!(r#"{{"detail":"{text}"}}"#))
            }
            Self::TooLarge | Self::Unavailable => return None,
        })
    }

    /// RFC 6749 §5.2.
    fn oauth2(self) -> Option<(u16, String)> {
        Some(match self {
            Self::Revoked | Self::RevokedAtVerify | Self::Invalid => {
                (400, r#"{"error":"invalid_grant"}"#.to_owned())
            }
            Self::MediaType | Self::Malformed => {
                let text = "expected a form without repeated parameters";
                (400, format!(r#"{{"error":"invalid_request","error_description":"{text}"}}"#))
            }
            Self::TooLarge | Self::Unavailable | Self::RateLimited(_) => return None,
        })
    }

    const fn problem(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::Revoked | Self::RevokedAtVerify | Self::Invalid => {
                (401, "invalid_token", "the token is not valid")
            }
            Self::MediaType => (415, "unsupported_media_type", "the media type is not supported"),
            Self::Malformed => (400, "invalid_request", "the request is malformed"),
            Self::TooLarge => (413, "body_too_large", "the body is too large"),
            Self::Unavailable => {
                (503, "session_unavailable", "the session cannot be checked at the moment")
            }
            Self::RateLimited(_) => (429, "rate_limited", "too many requests"),
        }
    }
}

/// Whether a character may be shown of a media type.
const fn is_plain(character: char) -> bool {
    character.is_ascii_graphic() || character == ' '
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(refusal: Refusal, style: ErrorStyle) -> (u16, String) {
        let wire = refusal.wire(style, "r-1", "text/plain", "edgeward");
        (wire.status, wire.body)
    }

    #[test]
    fn refusals_are_what_clients_of_each_style_know() {
        use ErrorStyle::{OAuth2, Problem, SimpleJwt, SimpleJwt54};
        let not_valid =
            |detail: &str| format!(r#"{{"detail":"{detail}","code":"token_not_valid"}}"#);
        for (refusal, style, status, expected) in [
            (Refusal::Revoked, SimpleJwt, 401, not_valid("Token is blacklisted")),
            (Refusal::Revoked, SimpleJwt54, 401, not_valid("Token is blacklisted")),
            (Refusal::Invalid, SimpleJwt, 401, not_valid("Token is invalid")),
            (Refusal::Invalid, SimpleJwt54, 401, not_valid("Token is invalid or expired")),
            (
                Refusal::RevokedAtVerify,
                SimpleJwt,
                400,
                r#"{"non_field_errors":["Token is blacklisted"]}"#.to_owned(),
            ),
            (
                Refusal::MediaType,
                SimpleJwt,
                415,
                r#"{"detail":"Unsupported media type \"text/plain\" in request."}"#.to_owned(),
            ),
            (Refusal::Revoked, OAuth2, 400, r#"{"error":"invalid_grant"}"#.to_owned()),
        ] {
            assert_eq!(body(refusal, style), (status, expected), "{refusal:?} {style:?}");
        }
        assert_eq!(body(Refusal::Revoked, Problem).0, 401);
        assert!(body(Refusal::Unavailable, SimpleJwt).1.contains(r#""request_id":"r-1""#));
    }

    #[test]
    fn a_refusal_is_never_stored_and_says_when_to_come_again() {
        let wire = Refusal::RateLimited(7).wire(ErrorStyle::SimpleJwt, "r-1", "", "edgeward");
        assert!(wire.headers.contains(&("retry-after", "7".to_owned())));
        assert!(wire.headers.contains(&("cache-control", "no-store".to_owned())));
        let wire = Refusal::Revoked.wire(ErrorStyle::Problem, "r-1", "", "edgeward");
        let challenge = "Bearer realm=\"edgeward\", error=\"invalid_token\"";
        assert!(wire.headers.contains(&("www-authenticate", challenge.to_owned())));
        let wire = Refusal::Revoked.wire(ErrorStyle::SimpleJwt, "r-1", "", "edgeward");
        assert!(wire.headers.contains(&("www-authenticate", "Bearer realm=\"api\"".to_owned())));
    }
}
