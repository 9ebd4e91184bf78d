use sha2::{Digest, Sha256};

use super::TokenError;
use crate::jose::{JoseHeader, KnownHeaders, UnverifiedJws};
use crate::json::{self, Object};
use crate::limits;

/// A well-formed JWT that is not verified yet.
///
/// Header and payload are strict JSON objects; that is all. Nothing of the payload can be read but
/// `iss`, which chooses whose keys to ask.
#[derive(Debug)]
pub struct UnverifiedToken {
    jws: UnverifiedJws,
    claims: Object,
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

    /// SHA-256 of the signing input; see [`super::VerifiedToken::input_hash`].
    #[must_use]
    pub fn signing_input_hash(&self) -> [u8; 32] {
        Sha256::digest(self.jws.signing_input()).into()
    }

    /// The unverified claims: to name a token that is to be refused, and for its
    /// issuer to say yes to, never to let anything pass by themselves.
    pub(super) fn unverified_claims(&self) -> &Object {
        &self.claims
    }

    /// The JWS and its claims, for the signature to be checked.
    pub(super) fn into_parts(self) -> (UnverifiedJws, Object) {
        (self.jws, self.claims)
    }
}
