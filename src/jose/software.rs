//! Verification without `WebCrypto`: native tests, the command line. Never part of the edge's wasm.

use jwt_compact::AlgorithmSignature;
use jwt_compact::alg::{Ed25519, Es256, Es256k, Rsa, RsaPublicKey, VerifyingKey};
use jwt_compact::jwk::JsonWebKey;

use super::hmac::hmac_holds;
use super::{Algorithm, Curve, Family, KeyMaterial, VerificationKey};

/// Verifies `signature` over `message` in software, by jwt-compact where it has the algorithm.
///
/// `false` for every kind of failure: a key that does not fit, a malformed signature, a bad one.
#[must_use]
pub fn verify(
    algorithm: Algorithm,
    key: &VerificationKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    if !key.verifies(algorithm) {
        return false;
    }
    match (algorithm.family(), key.material()) {
        (Family::RsaPkcs1 | Family::RsaPss, KeyMaterial::Rsa { modulus, exponent }) => {
            rsa(algorithm, modulus, exponent, message, signature)
        }
        (Family::Ecdsa(curve), KeyMaterial::Ec { x, y, .. }) => {
            ecdsa(curve, &[&[4], x.as_slice(), y].concat(), message, signature)
        }
        (Family::Ed25519, KeyMaterial::Ed25519 { x }) => by_key(&Ed25519, x, message, signature),
        (Family::Hmac, KeyMaterial::Secret(secret)) => {
            hmac_holds(algorithm, secret, message, signature)
        }
        _ => false,
    }
}

fn rsa(
    algorithm: Algorithm,
    modulus: &[u8],
    exponent: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    let jwk = JsonWebKey::Rsa {
        modulus: modulus.into(),
        public_exponent: exponent.into(),
        private_parts: None,
    };
    let Ok(key) = RsaPublicKey::try_from(&jwk) else {
        return false;
    };
    let verifier = match algorithm {
        Algorithm::Rs256 => Rsa::rs256(),
        Algorithm::Rs384 => Rsa::rs384(),
        Algorithm::Rs512 => Rsa::rs512(),
        Algorithm::Ps256 => Rsa::ps256(),
        Algorithm::Ps384 => Rsa::ps384(),
        _ => Rsa::ps512(),
    };
    holds(&verifier, &key, message, signature)
}

fn ecdsa(curve: Curve, point: &[u8], message: &[u8], signature: &[u8]) -> bool {
    match curve {
        Curve::P256 => by_key(&Es256, point, message, signature),
        Curve::Secp256k1 => by_key(&Es256k::<sha2::Sha256>::default(), point, message, signature),
        Curve::P384 => es384(point, message, signature).is_some(),
        Curve::P521 => es512(point, message, signature).is_some(),
    }
}

/// jwt-compact has no ES384.
fn es384(point: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    use p384::ecdsa::signature::Verifier as _;
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    key.verify(message, &p384::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

/// jwt-compact has no ES512.
fn es512(point: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    use p521::ecdsa::signature::Verifier as _;
    let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
    key.verify(message, &p521::ecdsa::Signature::from_slice(signature).ok()?).ok()
}

fn by_key<A>(algorithm: &A, key: &[u8], message: &[u8], signature: &[u8]) -> bool
where
    A: jwt_compact::Algorithm,
    A::VerifyingKey: VerifyingKey<A>,
{
    A::VerifyingKey::from_slice(key).is_ok_and(|key| holds(algorithm, &key, message, signature))
}

fn holds<A: jwt_compact::Algorithm>(
    algorithm: &A,
    key: &A::VerifyingKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    A::Signature::try_from_slice(signature)
        .is_ok_and(|signature| algorithm.verify_signature(&signature, key, message))
}
