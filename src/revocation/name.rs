use std::fmt;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use crate::jose::base64url;
use crate::token::{Identity, VerifiedToken};

/// The kind of thing that a revocation applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The name of an entry in the store: `revoked:<kind>:<hash>`.
///
/// The hash is SHA-256 over issuer, NUL and value, in base64url, so that all names of a kind have
/// the same length, fit any store, keep issuers apart, and do not reveal who was revoked. Values
/// come from *claims*: one token has many texts and, under ECDSA, two signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationName {
    kind: RevocationKind,
    text: String,
}

/// All names under which one token may have been revoked; at most six.
#[derive(Debug)]
pub struct RevocationNames {
    token: Rc<VerifiedToken>,
    names: Vec<RevocationName>,
}

/// SHA-256 in base64url.
const HASH_CHARACTERS: usize = 43;

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
        let text = format!("revoked:{}:{}", kind.as_str(), base64url(&hash));
        Self { kind, text }
    }

    fn all_of(token: &VerifiedToken, issuer: &str, identity: &Identity) -> Vec<Self> {
        let claims = token.claims();
        let optional = |kind, value: &Option<String>| {
            value.as_deref().map(|value| Self::new(kind, issuer, value))
        };
        let own = match token.own_id() {
            // The hash costs as much as all the rest, and only a token without `jti` needs it.
            Some(token_id) => Self::new(RevocationKind::Token, issuer, token_id),
            None => Self::of_token(issuer, None, &token.input_hash()),
        };
        // Its issuer may know the token by another id than the token itself.
        let said = claims.token_id.clone().filter(|said| Some(said.as_str()) != token.own_id());
        [
            Some(own),
            optional(RevocationKind::Token, &said),
            optional(RevocationKind::Session, &identity.session),
            optional(RevocationKind::Subject, &identity.subject),
            optional(RevocationKind::Tenant, &identity.tenant),
            Some(Self::new(RevocationKind::Issuer, issuer, "")),
        ]
        .into_iter()
        .flatten()
        .collect()
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
        let kind = RevocationKind::ALL.into_iter().find(|kind| kind.as_str() == word)?;
        let is_of_hash = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let is_hash = hash.len() == HASH_CHARACTERS && hash.bytes().all(is_of_hash);
        is_hash.then(|| Self { kind, text: text.to_owned() })
    }

    /// The kind of thing that the revocation applies to.
    #[must_use]
    pub fn kind(&self) -> RevocationKind {
        self.kind
    }

    /// The name as the store knows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl RevocationNames {
    /// The names for `token` under `issuer` (the text of `iss`); one look-up asks for them all.
    #[must_use]
    pub fn of(token: &Rc<VerifiedToken>, issuer: &str, identity: &Identity) -> Self {
        let names = RevocationName::all_of(token, issuer, identity);
        Self { token: Rc::clone(token), names }
    }

    /// The names.
    #[must_use]
    pub fn as_slice(&self) -> &[RevocationName] {
        &self.names
    }

    /// Whether these are the names of this very token.
    pub(super) fn are_of(&self, token: &Rc<VerifiedToken>) -> bool {
        Rc::ptr_eq(&self.token, token)
    }
}

impl fmt::Display for RevocationName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_the_documentation_computes() {
        // printf 'https://auth.example.com\0t-1' | openssl dgst -sha256 -binary | base64
        let name = RevocationName::new(RevocationKind::Token, "https://auth.example.com", "t-1");
        assert_eq!(name.as_str(), "revoked:token:joPfPEMmP2hzVchqyiXfCQhXzSZ-l0UoOnolrJCIP1M");
    }

    #[test]
    fn a_name_is_read_as_it_is_written_and_nothing_else_is_one() {
        for kind in RevocationKind::ALL {
            let name = RevocationName::new(kind, "https://a", "x");
            assert_eq!(RevocationName::parse(name.as_str()), Some(name));
        }
        let hash = "a".repeat(HASH_CHARACTERS);
        for text in [
            "",
            "config",
            "jwks:x",
            "revoked:",
            "revoked:token:",
            "revoked:token:abc",
            &format!("revoked:other:{hash}"),
            &format!("revoked:token:{hash}a"),
            &format!("revoked:token:{}+", "a".repeat(HASH_CHARACTERS - 1)),
            &format!("Revoked:token:{hash}"),
            &format!("revoked:token:{hash} "),
            &format!("xrevoked:token:{hash}"),
        ] {
            assert_eq!(RevocationName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn kinds_and_issuers_and_values_are_kept_apart() {
        let name = |kind, issuer, value| RevocationName::new(kind, issuer, value).text;
        let one = name(RevocationKind::Token, "https://a", "x");
        assert_ne!(one, name(RevocationKind::Session, "https://a", "x"));
        assert_ne!(one, name(RevocationKind::Token, "https://b", "x"));
        assert_ne!(one, name(RevocationKind::Token, "https://a", "y"));
        assert_ne!(one, name(RevocationKind::Token, "https://ax", ""));
    }
}
