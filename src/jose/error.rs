use crate::json::JsonError;

/// Why a JWS was refused.
///
/// All of them look alike on the wire (`invalid_token`); the [`code`](JoseError::code) is for logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoseError {
    /// The header's `alg` is not among those that the issuer's configuration lists.
    #[error("expected an algorithm on the issuer's list")]
    AlgorithmRefused,
    /// The header's `alg` is missing, not a string, or names nothing that is known here.
    #[error("expected a known `alg`")]
    AlgorithmUnknown,
    /// The header lists critical extensions ([RFC 7515 §4.1.11]); none is understood here.
    ///
    /// [RFC 7515 §4.1.11]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11
    #[error("expected no `crit`: no extension is understood")]
    CriticalExtension,
    /// A header member has the wrong type or a value that may not stand in a signed token.
    #[error("header member `{0}` refused")]
    HeaderMember(&'static str),
    /// A part holds characters outside the canonical base64url alphabet.
    #[error("expected canonical unpadded base64url")]
    Encoding,
    /// Header or payload is not one strict JSON object.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// Two usable keys carry the `kid` that the token names.
    #[error("expected one key for the `kid`, got several")]
    KeyAmbiguous,
    /// No usable key fits the token.
    #[error("expected a usable key for the header, got none")]
    KeyUnknown,
    /// Not exactly three parts.
    #[error("expected three parts separated by dots")]
    Parts,
    /// The signature does not fit the text and the key.
    #[error("signature does not verify")]
    SignatureInvalid,
    /// Longer than [`crate::limits::TOKEN_BYTES`].
    #[error("expected at most {limit} bytes, got {got}")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
        /// The length in bytes.
        got: usize,
    },
}

impl JoseError {
    /// A stable name for logs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::AlgorithmRefused => "algorithm_refused",
            Self::AlgorithmUnknown => "algorithm_unknown",
            Self::CriticalExtension => "critical_extension",
            Self::HeaderMember(_) => "header_refused",
            Self::Encoding | Self::Json(_) | Self::Parts => "token_malformed",
            Self::KeyAmbiguous => "key_ambiguous",
            Self::KeyUnknown => "key_unknown",
            Self::SignatureInvalid => "signature_invalid",
            Self::TooLarge { .. } => "token_too_large",
        }
    }
}
