use sha2::{Digest, Sha256};

use super::{ClaimError, TokenError, VerifiedToken};
use crate::jose::{
    Candidates, JoseHeader, KnownHeaders, SignatureCheck, SignatureStep, UnverifiedJws,
};
use crate::json::{self, Object};
use crate::limits;

/// A well-formed JWT that nobody has vouched for yet.
///
/// Header and payload are strict JSON objects; that is all. Nothing of the payload can be read but
/// `iss`, which chooses whose keys to ask.
#[derive(Debug)]
pub struct UnverifiedToken {
    jws: UnverifiedJws,
    claims: Object,
}

/// A token whose signature is being verified.
#[derive(Debug)]
pub struct TokenCheck {
    check: SignatureCheck,
    claims: Object,
}

/// What comes of a step of the check.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "every driver must handle every step")]
pub enum TokenStep {
    /// The signature holds.
    Verified(VerifiedToken),
    /// A signature is to be verified by whoever drives.
    Pending(TokenCheck),
    /// The token is refused.
    Refused(TokenError),
}

impl UnverifiedToken {
    /// Parses a token of at most [`limits::TOKEN_BYTES`].
    ///
    /// # Errors
    ///
    /// [`TokenError::Jose`].
    pub fn parse(text: String) -> Result<Self, TokenError> {
        Self::parse_at_most(text, limits::TOKEN_BYTES)
    }

    /// The same with another limit in bytes.
    ///
    /// # Errors
    ///
    /// [`TokenError::Jose`].
    pub fn parse_at_most(text: String, max_bytes: usize) -> Result<Self, TokenError> {
        Self::parse_with(&KnownHeaders::default(), text, max_bytes)
    }

    /// The same with headers that have been read before.
    ///
    /// # Errors
    ///
    /// [`TokenError::Jose`].
    pub fn parse_with(
        known: &KnownHeaders,
        text: String,
        max_bytes: usize,
    ) -> Result<Self, TokenError> {
        let mut jws = UnverifiedJws::parse_with(known, text, max_bytes)?;
        let payload = jws.take_unverified_payload();
        let claims = json::parse_object(&payload).map_err(crate::jose::JoseError::from)?;
        Ok(Self { jws, claims })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &JoseHeader {
        self.jws.header()
    }

    /// `iss`, to choose the issuer by, and for nothing else.
    #[must_use]
    pub fn unverified_issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }

    /// Whether there is no `iss` at all. One of another type is not a missing one.
    #[must_use]
    pub fn names_no_issuer(&self) -> bool {
        !self.claims.contains_key("iss")
    }

    /// The whole token as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        self.jws.text()
    }

    /// SHA-256 of the signing input; see [`VerifiedToken::input_hash`].
    #[must_use]
    pub fn signing_input_hash(&self) -> [u8; 32] {
        Sha256::digest(self.jws.signing_input()).into()
    }

    /// The claims that nobody has vouched for: to name a token that is to be refused, and for its
    /// issuer to say yes to, never to let anything pass by themselves.
    pub(super) fn unverified_claims(&self) -> &Object {
        &self.claims
    }

    /// Starts the signature check with the keys chosen for the header.
    #[must_use]
    pub fn check(self, keys: Candidates) -> TokenStep {
        TokenStep::of(SignatureCheck::begin(self.jws, keys), self.claims)
    }
}

impl TokenCheck {
    /// The signature to verify, and with which key.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        &self.check
    }

    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, holds: bool) -> TokenStep {
        TokenStep::of(self.check.resume(holds), self.claims)
    }
}

impl TokenStep {
    fn of(step: SignatureStep, claims: Object) -> Self {
        match step {
            SignatureStep::Valid(proof) => match VerifiedToken::new(proof, claims) {
                Ok(token) => Self::Verified(token),
                Err(error) => Self::refused(error),
            },
            SignatureStep::Pending(check) => Self::Pending(TokenCheck { check, claims }),
            SignatureStep::Invalid(error) => Self::Refused(error.into()),
        }
    }

    fn refused(error: ClaimError) -> Self {
        Self::Refused(error.into())
    }
}
