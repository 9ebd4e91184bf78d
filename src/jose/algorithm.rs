//! The signature algorithms as a closed table ([RFC 7518 §3.1], [RFC 8037], [RFC 8812]).
//!
//! There is no variant for `none`: a token without a signature cannot be represented.
//!
//! [RFC 7518 §3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-3.1
//! [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
//! [RFC 8812]: https://www.rfc-editor.org/rfc/rfc8812

use std::fmt;

/// A JWS algorithm that this gateway knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the registered names say it all")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    Es512,
    Es256K,
    /// `EdDSA` with Ed25519, also under its fully specified name `Ed25519` (RFC 9864).
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

/// The kind of key and padding that an algorithm takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Family {
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1,
    /// RSASSA-PSS, salt as long as the hash.
    RsaPss,
    /// ECDSA on one curve.
    Ecdsa(Curve),
    /// Ed25519.
    Ed25519,
    /// HMAC with a shared secret.
    Hmac,
}

/// A curve for ECDSA ([RFC 7518 §6.2.1.1](https://www.rfc-editor.org/rfc/rfc7518#section-6.2.1.1)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the registered names say it all")]
pub enum Curve {
    P256,
    P384,
    P521,
    Secp256k1,
}

/// A SHA-2 hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the registered names say it all")]
pub enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

const TABLE: [(&str, Algorithm, Family, Hash); 14] = [
    ("RS256", Algorithm::Rs256, Family::RsaPkcs1, Hash::Sha256),
    ("RS384", Algorithm::Rs384, Family::RsaPkcs1, Hash::Sha384),
    ("RS512", Algorithm::Rs512, Family::RsaPkcs1, Hash::Sha512),
    ("PS256", Algorithm::Ps256, Family::RsaPss, Hash::Sha256),
    ("PS384", Algorithm::Ps384, Family::RsaPss, Hash::Sha384),
    ("PS512", Algorithm::Ps512, Family::RsaPss, Hash::Sha512),
    ("ES256", Algorithm::Es256, Family::Ecdsa(Curve::P256), Hash::Sha256),
    ("ES384", Algorithm::Es384, Family::Ecdsa(Curve::P384), Hash::Sha384),
    ("ES512", Algorithm::Es512, Family::Ecdsa(Curve::P521), Hash::Sha512),
    ("ES256K", Algorithm::Es256K, Family::Ecdsa(Curve::Secp256k1), Hash::Sha256),
    ("EdDSA", Algorithm::EdDsa, Family::Ed25519, Hash::Sha512),
    ("HS256", Algorithm::Hs256, Family::Hmac, Hash::Sha256),
    ("HS384", Algorithm::Hs384, Family::Hmac, Hash::Sha384),
    ("HS512", Algorithm::Hs512, Family::Hmac, Hash::Sha512),
];

impl Algorithm {
    /// The algorithm registered under `name`; case matters.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = if name == "Ed25519" { "EdDSA" } else { name };
        TABLE.iter().find(|row| row.0 == name).map(|row| row.1)
    }

    /// The registered name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().0
    }

    /// The kind of key that it takes.
    #[must_use]
    pub fn family(self) -> Family {
        self.row().2
    }

    /// The hash inside it.
    #[must_use]
    pub fn hash(self) -> Hash {
        self.row().3
    }

    /// Whether it needs a shared secret rather than a public key.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        self.family() == Family::Hmac
    }

    fn row(self) -> &'static (&'static str, Self, Family, Hash) {
        // Every variant has a row (tested below); the first row can never be reached as a default.
        TABLE.iter().find(|row| row.1 == self).unwrap_or(&TABLE[0])
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl Hash {
    /// Length of the digest in bytes.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The name under which `WebCrypto` knows it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }
}

impl Curve {
    /// The curve registered under `name`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::P256, Self::P384, Self::P521, Self::Secp256k1]
            .into_iter()
            .find(|curve| curve.name() == name)
    }

    /// The registered name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::Secp256k1 => "secp256k1",
        }
    }

    /// Length of a coordinate, and of each half of a signature, in bytes.
    #[must_use]
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 | Self::Secp256k1 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_name_and_its_variant() {
        for (name, algorithm, family, hash) in TABLE {
            assert_eq!(Algorithm::from_name(name), Some(algorithm));
            assert_eq!(
                (algorithm.name(), algorithm.family(), algorithm.hash()),
                (name, family, hash)
            );
        }
    }

    #[test]
    fn names_are_exact() {
        for name in ["none", "None", "rs256", "RS256 ", "", "HS1", "ed25519", "RS1"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
        assert_eq!(Algorithm::from_name("Ed25519"), Some(Algorithm::EdDsa));
    }
}
