use crate::jose::JoseError;
use crate::time::NumericDate;

/// Why the claims of a token with a good signature were refused.
///
/// Holds what was compared, where that is no secret: never a value of the token but its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// None of ours is in `aud`.
    #[error("expected `aud` to contain an accepted audience")]
    AudienceMismatch,
    /// `exp` is now or earlier ([RFC 7519 §4.1.4]: on *or after* it the token must be refused).
    ///
    /// [RFC 7519 §4.1.4]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
    #[error("token expired: `exp` {} s, now {} s, leeway included", .exp.seconds(), .now.seconds())]
    Expired {
        /// `exp`.
        exp: NumericDate,
        /// The earliest time that it could still be.
        now: NumericDate,
    },
    /// `iat` lies in the future: such a token would slip under "everything issued before".
    #[error("token issued in the future: `iat` {} s, now {} s, leeway included", .iat.seconds(), .now.seconds())]
    IssuedInFuture {
        /// `iat`.
        iat: NumericDate,
        /// The latest time that it could already be.
        now: NumericDate,
    },
    /// `iss` is not exactly the one that the issuer's configuration says.
    #[error("expected `iss` of the configured issuer")]
    IssuerMismatch,
    /// The time from `iat` to `exp` is longer than the longest that is accepted, or not known because
    /// one of them is missing.
    #[error("expected `iat` and `exp`, with at most `longest_token_seconds` between them")]
    LifetimeTooLong,
    /// A claim has the wrong type or is out of range. It does not count as missing.
    #[error("claim `{0}` is malformed")]
    Malformed(&'static str),
    /// A required claim is missing.
    #[error("required claim is missing")]
    Missing,
    /// `nbf` lies in the future.
    #[error("token not yet valid: `nbf` {} s, now {} s, leeway included", .nbf.seconds(), .now.seconds())]
    NotYetValid {
        /// `nbf`.
        nbf: NumericDate,
        /// The latest time that it could already be.
        now: NumericDate,
    },
    /// Older than `max_age_seconds`.
    #[error("token too old: `iat` {} s, now {} s", .iat.seconds(), .now.seconds())]
    TooOld {
        /// `iat`.
        iat: NumericDate,
        /// Now.
        now: NumericDate,
    },
    /// `typ` or `token_type` is not an accepted type, such as a refresh token's.
    #[error("expected an accepted token type")]
    TypeRefused,
}

impl ClaimError {
    /// A stable name for logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AudienceMismatch => "audience_mismatch",
            Self::Expired { .. } => "token_expired",
            Self::IssuedInFuture { .. } => "issued_in_future",
            Self::IssuerMismatch => "issuer_mismatch",
            Self::LifetimeTooLong => "lifetime_too_long",
            Self::Malformed(_) => "claim_malformed",
            Self::Missing => "claim_missing",
            Self::NotYetValid { .. } => "token_not_yet_valid",
            Self::TooOld { .. } => "token_too_old",
            Self::TypeRefused => "token_type_refused",
        }
    }
}

/// Why a token was refused. All of these are one `invalid_token` on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// Its form, key or signature.
    #[error(transparent)]
    Jose(#[from] JoseError),
    /// Its claims.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The endpoint of its issuer was asked, and said no.
    #[error("refused by the auth server")]
    RefusedByAuthServer,
}

impl TokenError {
    /// A stable name for logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Jose(error) => error.code(),
            Self::Claim(error) => error.code(),
            Self::RefusedByAuthServer => "refused_by_auth_server",
        }
    }
}
