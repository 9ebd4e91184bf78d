use std::fmt;

use sha2::{Digest, Sha256};

use super::claims::{date, string};
use super::{ClaimError, TokenError, UnverifiedToken};
use crate::jose::{JoseError, JoseHeader, KnownHeaders};
use crate::json::Object;
use crate::limits;
use crate::time::NumericDate;

/// A bearer token as it was sent, before it is verified.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "there is no third kind")]
pub enum PresentedToken {
    /// Three parts separated by dots: a JWT, and a well-formed one.
    Jwt(Box<UnverifiedToken>),
    /// Anything else: only the issuer knows what it means (RFC 6749 §1.4).
    Opaque(OpaqueToken),
}

/// The text of a token that only its issuer can read; its `Debug` shows the length alone.
pub struct OpaqueToken(String);

impl PresentedToken {
    /// Takes a token of at most [`limits::TOKEN_BYTES`]. A text of three parts must be a
    /// well-formed JWT: half a JWT is no opaque token.
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

    /// The same with headers of JWTs that have been read before.
    ///
    /// # Errors
    ///
    /// [`TokenError::Jose`].
    pub fn parse_with(
        known: &KnownHeaders,
        text: String,
        max_bytes: usize,
    ) -> Result<Self, TokenError> {
        if text.len() > max_bytes {
            let error = JoseError::TooLarge { limit: max_bytes, got: text.len() };
            return Err(error.into());
        }
        if text.bytes().filter(|byte| *byte == b'.').count() == 2 {
            let token = UnverifiedToken::parse_with(known, text, max_bytes);
            return token.map(|token| Self::Jwt(Box::new(token)));
        }
        Ok(Self::Opaque(OpaqueToken(text)))
    }

    /// The whole token as it was sent.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Jwt(token) => token.text(),
            Self::Opaque(OpaqueToken(text)) => text,
        }
    }

    /// The header of a JWT.
    #[must_use]
    pub fn header(&self) -> Option<&JoseHeader> {
        match self {
            Self::Jwt(token) => Some(token.header()),
            Self::Opaque(_) => None,
        }
    }

    /// The `jti` of a JWT, to name a token that is to be refused.
    ///
    /// # Errors
    ///
    /// [`ClaimError::Malformed`].
    pub fn unverified_id(&self) -> Result<Option<String>, ClaimError> {
        self.own_claims().map_or(Ok(None), |claims| string(claims, "jti"))
    }

    /// `iat` of a JWT; `None` where it has none that can be read.
    #[must_use]
    pub fn unverified_issued_at(&self) -> Option<NumericDate> {
        date(self.own_claims()?, "iat").ok()?
    }

    /// SHA-256 of what makes it this token: the signing input of a JWT, without the signature, which
    /// may have a twin; the whole text of an opaque one.
    #[must_use]
    pub fn input_hash(&self) -> [u8; 32] {
        match self {
            Self::Jwt(token) => token.signing_input_hash(),
            Self::Opaque(OpaqueToken(text)) => Sha256::digest(text).into(),
        }
    }

    /// The claims of a JWT.
    pub(super) fn own_claims(&self) -> Option<&Object> {
        match self {
            Self::Jwt(token) => Some(token.unverified_claims()),
            Self::Opaque(_) => None,
        }
    }
}

impl fmt::Debug for OpaqueToken {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "OpaqueToken({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PresentedToken, &'static str> {
        PresentedToken::parse(text.to_owned()).map_err(|error| error.code())
    }

    #[test]
    fn three_parts_are_a_jwt_and_anything_else_is_opaque() {
        let jwt = parse("eyJhbGciOiJFUzI1NiJ9.e30.AQ").expect("a JWT");
        assert!(matches!(jwt, PresentedToken::Jwt(_)));
        for text in ["9f8c", "a.b", "a.b.c.d.e", "ya29.A0_~+/=", "..."] {
            let token = parse(text).expect(text);
            assert!(matches!(token, PresentedToken::Opaque(_)), "{text}");
            assert_eq!(token.text(), text);
        }
    }

    #[test]
    fn half_a_jwt_is_not_opaque() {
        for text in ["a.b.c", "..", "eyJhbGciOiJFUzI1NiJ9.e30.A!"] {
            assert_eq!(parse(text).expect_err(text), "token_malformed");
        }
        let none = "eyJhbGciOiJub25lIn0.e30.";
        assert_eq!(parse(none).expect_err(none), "algorithm_unknown");
    }

    #[test]
    fn an_opaque_token_of_the_limit_is_taken_and_one_byte_more_is_not() {
        assert!(parse(&"a".repeat(limits::TOKEN_BYTES)).is_ok());
        let longer = parse(&"a".repeat(limits::TOKEN_BYTES + 1));
        assert_eq!(longer.expect_err("long"), "token_too_large");
    }

    #[test]
    fn debug_shows_no_token_text() {
        assert_eq!(
            format!("{:?}", parse("secret").expect("opaque")),
            "Opaque(OpaqueToken(6 bytes))"
        );
    }
}
