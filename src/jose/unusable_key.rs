/// Why a key may not verify anything. Such a key is counted and logged, and the others still serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnusableKey {
    /// `alg` is unknown or belongs to another type of key.
    #[error("expected an `alg` that fits the key type")]
    Algorithm,
    /// `crv` is missing or unknown.
    #[error("expected a known `crv`")]
    Curve,
    /// An Ed25519 key that is not canonical, or of small order (anyone can sign for it).
    #[error("expected a canonical Ed25519 key of full order")]
    Ed25519,
    /// `key_ops` is malformed or has no `verify`.
    #[error("expected `key_ops` with `verify`")]
    KeyOperations,
    /// `kty` is missing or unknown.
    #[error("expected a known `kty`")]
    KeyType,
    /// A member is missing, of the wrong type, or not canonical base64url, with padding or without.
    #[error("expected member `{0}`")]
    Member(&'static str),
    /// A private key was published. Anyone who read the set can sign with it.
    #[error("expected a public key, got a private one")]
    Private,
    /// The point is not on the curve, or its coordinates have the wrong length.
    #[error("expected a point on the curve, coordinates of full length")]
    Point,
    /// The exponent is even, below 3 or of more than 33 bits.
    #[error("expected an odd RSA exponent from 3, of at most 33 bits")]
    RsaExponent,
    /// The modulus is even.
    #[error("expected an odd RSA modulus")]
    RsaModulusEven,
    /// The modulus is outside 2048–8192 bits.
    #[error("expected an RSA modulus of 2048 to 8192 bits")]
    RsaModulusSize,
    /// The modulus has the fingerprint of a key that can be factored (CVE-2017-15361).
    #[error("expected an RSA key without the ROCA fingerprint")]
    RsaRoca,
    /// A secret shorter than the hash (RFC 7518 §3.2).
    #[error("expected a secret of at least {0} bytes")]
    SecretLength(usize),
    /// A symmetric key in a published set: everybody who reads the set could sign with it.
    #[error("expected a public key, got a symmetric one")]
    Symmetric,
    /// `use` is something else than `sig`.
    #[error("expected `use` to be `sig`")]
    Use,
}
