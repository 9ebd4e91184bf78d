use std::fmt;

use serde_json::Value;

use super::{Algorithm, Curve, Family, UnusableKey, base64url, curve, rsa};
use crate::json::Object;

/// The checked numbers of a key ([RFC 7518 §6], [RFC 8037 §2]).
///
/// [RFC 7518 §6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
/// [RFC 8037 §2]: https://www.rfc-editor.org/rfc/rfc8037#section-2
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum KeyMaterial {
    /// `kty: RSA`.
    Rsa {
        /// `n`, big-endian, no leading zeros.
        modulus: Vec<u8>,
        /// `e`, big-endian, no leading zeros.
        exponent: Vec<u8>,
    },
    /// `kty: EC`: a point that is on its curve.
    Ec {
        /// `crv`.
        curve: Curve,
        /// `x`, full length.
        x: Vec<u8>,
        /// `y`, full length.
        y: Vec<u8>,
    },
    /// `kty: OKP` with `crv: Ed25519`: canonical and not of small order.
    Ed25519 {
        /// `x`, 32 bytes.
        x: Vec<u8>,
    },
    /// `kty: oct`: a shared secret.
    Secret(Secret),
}

/// The bytes of a shared secret; its `Debug` shows the length alone.
#[derive(Clone)]
pub struct Secret(pub(super) Vec<u8>);

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Secret({} bytes)", self.0.len())
    }
}

/// Reads and checks the numbers of a public key.
pub(super) fn public(jwk: &Object) -> Result<KeyMaterial, UnusableKey> {
    // php-jwt and .NET write every member that a key could have; one that is null is not there.
    if jwk.get("d").is_some_and(|d| !d.is_null()) {
        return Err(UnusableKey::Private);
    }
    match jwk.get("kty").and_then(Value::as_str) {
        Some("RSA") => rsa_key(jwk),
        Some("EC") => ec_key(jwk),
        Some("OKP") => ed25519_key(jwk),
        Some("oct") => Err(UnusableKey::Symmetric),
        _ => Err(UnusableKey::KeyType),
    }
}

/// Reads a secret written as a key with `kty: oct`.
pub(super) fn symmetric(jwk: &Object) -> Result<KeyMaterial, UnusableKey> {
    if jwk.get("kty").and_then(Value::as_str) != Some("oct") {
        return Err(UnusableKey::KeyType);
    }
    secret(octets(jwk, "k")?)
}

/// Checks the length of a secret: that of the shortest hash at least.
pub(super) fn secret(bytes: Vec<u8>) -> Result<KeyMaterial, UnusableKey> {
    let least = Algorithm::Hs256.hash().bytes();
    if bytes.len() < least {
        return Err(UnusableKey::SecretLength(least));
    }
    Ok(KeyMaterial::Secret(Secret(bytes)))
}

impl KeyMaterial {
    /// Whether both are the same public key. Of secrets it says nothing.
    pub(super) fn is_same_public(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Rsa { modulus, exponent },
                Self::Rsa { modulus: other_modulus, exponent: other_exponent },
            ) => modulus == other_modulus && exponent == other_exponent,
            (Self::Ec { curve, x, y }, Self::Ec { curve: other_curve, x: other_x, y: other_y }) => {
                curve == other_curve && x == other_x && y == other_y
            }
            (Self::Ed25519 { x }, Self::Ed25519 { x: other }) => x == other,
            _ => false,
        }
    }

    /// Whether a key like this can verify `algorithm` at all.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm.family()) {
            (Self::Rsa { .. }, Family::RsaPkcs1 | Family::RsaPss)
            | (Self::Ed25519 { .. }, Family::Ed25519) => true,
            (Self::Ec { curve, .. }, Family::Ecdsa(wanted)) => *curve == wanted,
            (Self::Secret(secret), Family::Hmac) => secret.0.len() >= algorithm.hash().bytes(),
            _ => false,
        }
    }
}

fn rsa_key(jwk: &Object) -> Result<KeyMaterial, UnusableKey> {
    let (modulus, exponent) = (number(jwk, "n")?, number(jwk, "e")?);
    rsa::check(&modulus, &exponent)?;
    Ok(KeyMaterial::Rsa { modulus, exponent })
}

fn ec_key(jwk: &Object) -> Result<KeyMaterial, UnusableKey> {
    let name = jwk.get("crv").and_then(Value::as_str).ok_or(UnusableKey::Curve)?;
    let curve = Curve::from_name(name).ok_or(UnusableKey::Curve)?;
    let (x, y) = (octets(jwk, "x")?, octets(jwk, "y")?);
    // Full length: RFC 7518 §6.2.1.2. A shorter or longer text would be a second name for one key.
    let full = curve.coordinate_bytes();
    if x.len() != full || y.len() != full || !curve::contains(curve, &x, &y) {
        return Err(UnusableKey::Point);
    }
    Ok(KeyMaterial::Ec { curve, x, y })
}

fn ed25519_key(jwk: &Object) -> Result<KeyMaterial, UnusableKey> {
    if jwk.get("crv").and_then(Value::as_str) != Some("Ed25519") {
        return Err(UnusableKey::Curve);
    }
    let x = octets(jwk, "x")?;
    if x.len() != 32 || !is_canonical(&x) || is_of_small_order(&x) {
        return Err(UnusableKey::Ed25519);
    }
    Ok(KeyMaterial::Ed25519 { x })
}

/// Below p = 2²⁵⁵ − 19, the sign bit apart (RFC 8032 §5.1.3).
fn is_canonical(x: &[u8]) -> bool {
    let Some((last, rest)) = x.split_last() else {
        return false;
    };
    let Some((first, middle)) = rest.split_first() else {
        return false;
    };
    let all_ones = last & 0x7F == 0x7F && middle.iter().all(|byte| *byte == 0xFF);
    !all_ones || *first < 0xED
}

/// The y coordinates of the points of order 1, 2, 4 and 8. For such a key R = B, S = 1 signs
/// every message.
const SMALL_ORDER: [[u8; 32]; 5] = [
    [0; 32],
    [
        1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0,
    ],
    [
        0xEC, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0x7F,
    ],
    [
        0x26, 0xE8, 0x95, 0x8F, 0xC2, 0xB2, 0x27, 0xB0, 0x45, 0xC3, 0xF4, 0x89, 0xF2, 0xEF, 0x98,
        0xF0, 0xD5, 0xDF, 0xAC, 0x05, 0xD3, 0xC6, 0x33, 0x39, 0xB1, 0x38, 0x02, 0x88, 0x6D, 0x53,
        0xFC, 0x05,
    ],
    [
        0xC7, 0x17, 0x6A, 0x70, 0x3D, 0x4D, 0xD8, 0x4F, 0xBA, 0x3C, 0x0B, 0x76, 0x0D, 0x10, 0x67,
        0x0F, 0x2A, 0x20, 0x53, 0xFA, 0x2C, 0x39, 0xCC, 0xC6, 0x4E, 0xC7, 0xFD, 0x77, 0x92, 0xAC,
        0x03, 0x7A,
    ],
];

fn is_of_small_order(x: &[u8]) -> bool {
    SMALL_ORDER.iter().any(|point| {
        let same = point.iter().zip(x).take(31).all(|(a, b)| a == b);
        same && point.last().map(|byte| byte & 0x7F) == x.last().map(|byte| byte & 0x7F)
    })
}

fn octets(jwk: &Object, name: &'static str) -> Result<Vec<u8>, UnusableKey> {
    let text = jwk.get(name).and_then(Value::as_str).ok_or(UnusableKey::Member(name))?;
    base64url::decode(unpadded(text)).ok_or(UnusableKey::Member(name))
}

/// Some issuers pad the numbers of their keys (Battle.net). A key has no second identity by its
/// spelling, as a token would.
fn unpadded(text: &str) -> &str {
    let bare = text.trim_end_matches('=');
    let padding = text.len().saturating_sub(bare.len());
    if padding <= 2 && text.len().is_multiple_of(4) { bare } else { text }
}

/// A big-endian number; leading zeros are dropped, because some issuers prefix one (RFC 7518 §6.3.1.1).
fn number(jwk: &Object, name: &'static str) -> Result<Vec<u8>, UnusableKey> {
    let octets = octets(jwk, name)?;
    Ok(octets.into_iter().skip_while(|byte| *byte == 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A y coordinate of a first byte, 30 bytes of ones, and a last byte.
    fn near_p(first: u8, last: u8) -> Vec<u8> {
        let mut x = vec![0xFF; 32];
        (x[0], x[31]) = (first, last);
        x
    }

    #[test]
    fn an_ed25519_key_is_below_p_whatever_its_sign() {
        for sign in [0, 0x80] {
            assert!(is_canonical(&near_p(0xEC, 0x7F | sign)));
            for first in [0xED, 0xEF, 0xFF] {
                assert!(!is_canonical(&near_p(first, 0x7F | sign)));
                assert!(is_canonical(&near_p(first, 0x7E | sign)));
                assert!(is_canonical(&near_p(first, sign)));
            }
        }
        let mut middle = near_p(0xFF, 0x7F);
        middle[15] = 0xFE;
        assert!(is_canonical(&middle));
    }
}
