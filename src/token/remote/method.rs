/// How an endpoint is asked, and how it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must ask in every way")]
pub enum RemoteMethod {
    /// Token introspection ([RFC 7662]): the answer says whether the token is active.
    ///
    /// [RFC 7662]: https://www.rfc-editor.org/rfc/rfc7662
    Introspection,
    /// The same with answers that are signed ([RFC 9701]): one that is not is not believed.
    ///
    /// [RFC 9701]: https://www.rfc-editor.org/rfc/rfc9701
    SignedIntrospection,
    /// The caller's own token is used at an endpoint that shows the caller: that it works is the
    /// answer.
    Me,
}

/// Claims that are kept whatever the configuration reads.
const REGISTERED: [&str; 8] = ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "token_type"];

/// The same of an introspection, which shows a token and not a person.
const INTROSPECTED: [&str; 10] =
    ["iss", "sub", "aud", "exp", "nbf", "iat", "jti", "token_type", "token_use", "typ"];

impl RemoteMethod {
    /// The word for it in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Introspection | Self::SignedIntrospection => "introspection",
            Self::Me => "me",
        }
    }

    /// The claims of an answer that are kept whatever the configuration reads.
    pub(super) const fn registered(self) -> &'static [&'static str] {
        match self {
            Self::Introspection | Self::SignedIntrospection => &INTROSPECTED,
            Self::Me => &REGISTERED,
        }
    }
}
