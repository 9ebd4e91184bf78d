use std::time::Duration;

/// A `WWW-Authenticate` challenge of scheme `Bearer` ([RFC 6750 §3], [RFC 9470 §3]).
///
/// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
/// [RFC 6750 §3]: https://www.rfc-editor.org/rfc/rfc6750#section-3
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the RFCs know no others")]
pub enum Challenge {
    /// No credential was sent: no `error` may be said (RFC 6750 §3.1).
    Bare,
    /// `error="invalid_request"`.
    InvalidRequest,
    /// `error="invalid_token"`.
    InvalidToken,
    /// `error="insufficient_scope"`, with the scopes that would do.
    InsufficientScope(Vec<String>),
    /// `error="insufficient_user_authentication"`, with the authentication that would do.
    InsufficientUserAuthentication {
        /// Accepted `acr`s, the preferred one first; empty when it does not matter.
        acr_values: Vec<String>,
        /// The longest time since the authentication, in whole seconds on the wire.
        max_age: Option<Duration>,
    },
}

impl Challenge {
    /// The header's value. `realm`, scopes and `acr`s come from the configuration, which keeps
    /// out what cannot stand between quotes.
    #[must_use]
    pub fn header(&self, realm: &str) -> String {
        let error = match self {
            Self::Bare => return format!("Bearer realm=\"{realm}\""),
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope(_) => "insufficient_scope",
            Self::InsufficientUserAuthentication { .. } => "insufficient_user_authentication",
        };
        format!("Bearer realm=\"{realm}\", error=\"{error}\"{}", self.parameters())
    }

    fn parameters(&self) -> String {
        match self {
            Self::InsufficientScope(scopes) if !scopes.is_empty() => {
                format!(", scope=\"{}\"", scopes.join(" "))
            }
            Self::InsufficientUserAuthentication { acr_values, max_age } => {
                step_up(acr_values, *max_age)
            }
            _ => String::new(),
        }
    }
}

fn step_up(acr_values: &[String], max_age: Option<Duration>) -> String {
    let description = match (acr_values, max_age) {
        ([], _) => "a more recent authentication is required",
        (_, None) => "a different authentication level is required",
        _ => "a different authentication level or a more recent authentication is required",
    };
    let acr_values = match acr_values {
        [] => String::new(),
        values => format!(", acr_values=\"{}\"", values.join(" ")),
    };
    let max_age = max_age.map(|age| format!(", max_age=\"{}\"", age.as_secs())).unwrap_or_default();
    format!(", error_description=\"{description}\"{acr_values}{max_age}")
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

    #[test]
    fn a_step_up_says_what_would_do_and_nothing_else() {
        let levels = || vec!["urn:example:mfa".to_owned(), "hw".to_owned()];
        let age = Some(Duration::from_secs(5));
        for (acr_values, max_age, parameters) in [
            (
                levels(),
                None,
                r#""a different authentication level is required", acr_values="urn:example:mfa hw""#,
            ),
            (vec![], age, r#""a more recent authentication is required", max_age="5""#),
            (
                levels(),
                age,
                concat!(
                    r#""a different authentication level or a more recent authentication "#,
                    r#"is required", acr_values="urn:example:mfa hw", max_age="5""#
                ),
            ),
        ] {
            let challenge = Challenge::InsufficientUserAuthentication { acr_values, max_age };
            let start = r#"Bearer realm="api", error="insufficient_user_authentication""#;
            let expected = format!("{start}, error_description={parameters}");
            assert_eq!(challenge.header("api"), expected);
        }
    }
}
