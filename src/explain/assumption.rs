use std::fmt;

/// Something that an explanation rests on and that nobody has said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has its own remedy wherever it is told")]
pub enum Assumption {
    /// This issuer does not publish its keys.
    IssuerUnreachable(String),
    /// The auth server does not answer, because nobody said what it does.
    AnswerUntold,
    /// The auth server does not answer.
    AnswerSilence,
    /// The auth server says no.
    AnswerNo,
    /// Nothing is revoked.
    NothingRevoked,
    /// These kinds are revoked, and nothing else.
    Revoked(Vec<&'static str>),
    /// The store does not answer.
    StoreDown,
    /// The text of these secrets is not known.
    SecretsUnknown(Vec<String>),
}

impl fmt::Display for Assumption {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::IssuerUnreachable(name) => write!(
                formatter,
                "issuer `{name}` cannot be reached, because nothing is fetched here"
            ),
            Self::AnswerUntold => formatter
                .write_str("the auth server does not answer, because nothing is fetched here"),
            Self::AnswerSilence => formatter.write_str("the auth server does not answer"),
            Self::AnswerNo => formatter.write_str("the auth server says no"),
            Self::NothingRevoked => formatter.write_str("nothing is revoked"),
            Self::Revoked(kinds) => {
                write!(formatter, "revoked by {}, and by nothing else", kinds.join(", "))
            }
            Self::StoreDown => formatter.write_str("the revocation store does not answer"),
            Self::SecretsUnknown(names) => write!(
                formatter,
                "the text of the secret {} is not known here, so no signature under it verifies",
                names.join(", ")
            ),
        }
    }
}
