/// A `WWW-Authenticate` challenge of scheme `Bearer` ([RFC 6750 §3]).
///
/// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the RFC knows no others")]
pub enum Challenge {
    /// No credential was sent: no `error` may be said (RFC 6750 §3.1).
    Bare,
    /// `error="invalid_request"`.
    InvalidRequest,
    /// `error="invalid_token"`.
    InvalidToken,
    /// `error="insufficient_scope"`, with the scopes that would do.
    InsufficientScope(Vec<String>),
}

impl Challenge {
    /// The header's value. `realm` comes from the configuration, which keeps quotes out.
    #[must_use]
    pub fn header(&self, realm: &str) -> String {
        let error = match self {
            Self::Bare => return format!("Bearer realm=\"{realm}\""),
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
        };
        let scope = match self {
            Self::InsufficientScope(scopes) if !scopes.is_empty() => {
                format!(", scope=\"{}\"", scopes.join(" "))
            }
            _ => String::new(),
        };
        format!("Bearer realm=\"{realm}\", error=\"{error}\"{scope}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_read_as_the_rfc_writes_them() {
        let scopes = vec!["a".to_owned(), "b".to_owned()];
        for (challenge, header) in [
            (Challenge::Bare, r#"Bearer realm="api""#),
            (Challenge::InvalidRequest, r#"Bearer realm="api", error="invalid_request""#),
            (Challenge::InvalidToken, r#"Bearer realm="api", error="invalid_token""#),
            (
                Challenge::InsufficientScope(vec![]),
                r#"Bearer realm="api", error="insufficient_scope""#,
            ),
            (
                Challenge::InsufficientScope(scopes),
                r#"Bearer realm="api", error="insufficient_scope", scope="a b""#,
            ),
        ] {
            assert_eq!(challenge.header("api"), header);
        }
    }
}
