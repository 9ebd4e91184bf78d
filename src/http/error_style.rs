use serde_json::json;

/// How the body of a 401 is written: clients compare it with what their auth server sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is a word of the configuration")]
pub enum ErrorStyle {
    /// A problem document ([RFC 9457]).
    ///
    /// [RFC 9457]: https://www.rfc-editor.org/rfc/rfc9457
    #[default]
    Problem,
    /// As djangorestframework-simplejwt has it since 5.5: the message of an expired token is its own.
    SimpleJwt,
    /// The same up to 5.4: one message for all.
    SimpleJwt54,
    /// `error` and `error_description` ([RFC 6749 §5.2]).
    ///
    /// [RFC 6749 §5.2]: https://www.rfc-editor.org/rfc/rfc6749#section-5.2
    OAuth2,
}

/// Why a caller is not authenticated, as far as these styles tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is written")]
pub enum Unauthenticated {
    /// No token was sent.
    Missing,
    /// The token's signature holds, and its time is over.
    Expired,
    /// The token is not valid for another reason.
    Invalid,
}

impl ErrorStyle {
    /// The body, in JSON; `None` for [`Self::Problem`], which is written elsewhere.
    #[must_use]
    pub fn body(self, reason: Unauthenticated, title: &str) -> Option<String> {
        match self {
            Self::Problem => None,
            Self::SimpleJwt => Some(simplejwt(reason, "Token is expired", "Token is invalid")),
            Self::SimpleJwt54 => {
                let both = "Token is invalid or expired";
                Some(simplejwt(reason, both, both))
            }
            Self::OAuth2 => {
                // RFC 6750 §3.1 has no code for a request without a token; this one asks for another
                // token least.
                let missing = reason == Unauthenticated::Missing;
                let error = if missing { "invalid_request" } else { "invalid_token" };
                Some(json!({ "error": error, "error_description": title }).to_string())
            }
        }
    }
}

/// To the byte as its view writes it, keys in this order.
fn simplejwt(reason: Unauthenticated, expired: &str, invalid: &str) -> String {
    let message = match reason {
        Unauthenticated::Missing => {
            return r#"{"detail":"Authentication credentials were not provided."}"#.to_owned();
        }
        Unauthenticated::Expired => expired,
        Unauthenticated::Invalid => invalid,
    };
    format!(
        r#"{{"detail":"Given token not valid for any token type","code":"token_not_valid","messages":[{{"token_class":"AccessToken","token_type":"access","message":"{message}"}}]}}"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_what_clients_of_each_style_know() {
        use ErrorStyle::{OAuth2, Problem, SimpleJwt, SimpleJwt54};
        use Unauthenticated::{Expired, Invalid, Missing};
        let given = r#"{"detail":"Given token not valid for any token type","code":"token_not_valid","messages":[{"token_class":"AccessToken","token_type":"access","message":""#;
        let with = |message: &str| format!(r#"{given}{message}"}}]}}"#);
        let nobody = r#"{"detail":"Authentication credentials were not provided."}"#;
        for (style, reason, expected) in [
            (SimpleJwt, Missing, nobody.to_owned()),
            (SimpleJwt54, Missing, nobody.to_owned()),
            (SimpleJwt, Expired, with("Token is expired")),
            (SimpleJwt, Invalid, with("Token is invalid")),
            (SimpleJwt54, Expired, with("Token is invalid or expired")),
            (SimpleJwt54, Invalid, with("Token is invalid or expired")),
            (OAuth2, Missing, r#"{"error":"invalid_request","error_description":"t"}"#.to_owned()),
            (OAuth2, Expired, r#"{"error":"invalid_token","error_description":"t"}"#.to_owned()),
            (OAuth2, Invalid, r#"{"error":"invalid_token","error_description":"t"}"#.to_owned()),
        ] {
            assert_eq!(style.body(reason, "t"), Some(expected), "{style:?} {reason:?}");
        }
        assert_eq!(Problem.body(Invalid, "t"), None);
    }
}
