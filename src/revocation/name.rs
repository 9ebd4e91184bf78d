use std::fmt;

use sha2::{Digest, Sha256};

use crate::jose::{base64url, base64url_decode};

/// The kind of thing that a revocation applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RevocationKind {
    /// One token, by `jti`.
    Token,
    /// One token without `jti`, by the SHA-256 of its signing input; an opaque one by that of its
    /// whole text.
    Input,
    /// All tokens of a session.
    Session,
    /// All tokens of a subject issued before a time.
    Subject,
    /// All tokens of a tenant issued before a time.
    Tenant,
    /// All tokens of an issuer issued before a time.
    Issuer,
}

/// The name of an entry: a kind and a hash, as a text `revoked:<kind>:<hash>` with the hash in
/// base64url.
///
/// The hash is SHA-256 over issuer, NUL and value, so that all names of a kind have the same length,
/// fit any store, keep issuers apart, and do not reveal who was revoked. Values come from *claims*:
/// one token has many texts and, under ECDSA, two signatures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RevocationName {
    kind: RevocationKind,
    hash: [u8; 32],
}

/// The bytes of a name: its kind, and the hash.
pub const NAME_BYTES: usize = 33;

impl RevocationKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Token, Self::Input, Self::Session, Self::Subject, Self::Tenant, Self::Issuer];

    /// The word for the kind in names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Input => "input",
            Self::Session => "session",
            Self::Subject => "subject",
            Self::Tenant => "tenant",
            Self::Issuer => "issuer",
        }
    }

    /// The kind with this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The first byte of names of this kind in the log.
    #[must_use]
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Token => 1,
            Self::Input => 2,
            Self::Session => 3,
            Self::Subject => 4,
            Self::Tenant => 5,
            Self::Issuer => 6,
        }
    }

    /// Whether entries of this kind refuse tokens issued before a time, rather than every token.
    #[must_use]
    pub const fn is_cutoff(self) -> bool {
        matches!(self, Self::Subject | Self::Tenant | Self::Issuer)
    }
}

impl RevocationName {
    /// The name for `value` under `issuer` (the text of `iss`, which holds no NUL by configuration).
    #[must_use]
    pub fn new(kind: RevocationKind, issuer: &str, value: &str) -> Self {
        let hash =
            Sha256::new().chain_update(issuer).chain_update([0]).chain_update(value).finalize();
        Self { kind, hash: hash.into() }
    }

    /// The name of one token: by its own `jti` or, without one, by the hash of its signing input or
    /// of its whole text.
    #[must_use]
    pub fn of_token(issuer: &str, token_id: Option<&str>, input_hash: &[u8; 32]) -> Self {
        match token_id {
            Some(token_id) => Self::new(RevocationKind::Token, issuer, token_id),
            None => Self::new(RevocationKind::Input, issuer, &base64url(input_hash)),
        }
    }

    /// Reads a name as it stands in the store; `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (word, hash) = text.strip_prefix("revoked:")?.split_once(':')?;
        let kind = RevocationKind::parse(word)?;
        let hash = base64url_decode(hash)?.try_into().ok()?;
        Some(Self { kind, hash })
    }

    /// The kind of thing that the revocation applies to.
    #[must_use]
    pub fn kind(&self) -> RevocationKind {
        self.kind
    }

    /// The hash in base64url.
    #[must_use]
    pub fn hash(&self) -> String {
        base64url(&self.hash)
    }

    /// The name as the log stores it.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; NAME_BYTES] {
        let mut bytes = [self.kind.to_byte(); NAME_BYTES];
        let [_, hash @ ..] = &mut bytes;
        hash.copy_from_slice(&self.hash);
        bytes
    }

    /// Reads a name as the log stores it; `None` for another kind.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; NAME_BYTES]) -> Option<Self> {
        let [kind, hash @ ..] = *bytes;
        let kind = RevocationKind::ALL.into_iter().find(|known| known.to_byte() == kind)?;
        Some(Self { kind, hash })
    }
}

impl fmt::Display for RevocationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "revoked:{}:{}", self.kind.as_str(), self.hash())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_documentation_computes() {
        // printf 'https://auth.example.com\0t-1' | openssl dgst -sha256 -binary | base64
        let name = RevocationName::new(RevocationKind::Token, "https://auth.example.com", "t-1");
        assert_eq!(name.to_string(), "revoked:token:joPfPEMmP2hzVchqyiXfCQhXzSZ-l0UoOnolrJCIP1M");
    }

    #[test]
    fn a_name_is_read_as_it_is_written_and_nothing_else_is_one() {
        for kind in RevocationKind::ALL {
            let name = RevocationName::new(kind, "https://a", "x");
            assert_eq!(RevocationName::parse(&name.to_string()), Some(name.clone()));
            assert_eq!(RevocationName::from_bytes(&name.to_bytes()), Some(name));
        }
        assert_eq!(RevocationName::from_bytes(&[0; NAME_BYTES]), None);
        assert_eq!(RevocationName::from_bytes(&[7; NAME_BYTES]), None);
        // The last character has two bits that stand for nothing.
        let hash = ["a".repeat(42), "c".to_owned()].concat();
        assert_ne!(RevocationName::parse(&format!("revoked:token:{hash}")), None);
        for text in [
            "",
            "config",
            "jwks:x",
            "revoked:",
            "revoked:token:",
            "revoked:token:abc",
            &format!("revoked:other:{hash}"),
            &format!("revoked:token:{hash}a"),
            &format!("revoked:token:{}+", "a".repeat(42)),
            &format!("revoked:token:{}d", "a".repeat(42)),
            &format!("Revoked:token:{hash}"),
            &format!("revoked:token:{hash} "),
            &format!("xrevoked:token:{hash}"),
        ] {
            assert_eq!(RevocationName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn kinds_and_issuers_and_values_are_kept_apart() {
        let name = |kind, issuer, value| RevocationName::new(kind, issuer, value);
        let one = name(RevocationKind::Token, "https://a", "x");
        assert_ne!(one, name(RevocationKind::Session, "https://a", "x"));
        assert_ne!(one, name(RevocationKind::Token, "https://b", "x"));
        assert_ne!(one, name(RevocationKind::Token, "https://a", "y"));
        assert_ne!(one, name(RevocationKind::Token, "https://ax", ""));
    }
}
