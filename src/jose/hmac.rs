use jwt_compact::Algorithm as _;
use jwt_compact::alg::{Hs256, Hs256Key, Hs384, Hs384Key, Hs512, Hs512Key};

#[cfg(feature = "conformance")]
use super::base64url;
use super::{Algorithm, Secret};

/// Whether `code` is the HMAC of `message` under a base64url `secret` of any length.
#[cfg(feature = "conformance")]
pub(crate) fn hmac(algorithm: Algorithm, secret: &str, message: &[u8], code: &[u8]) -> bool {
    let secret = Secret(base64url::decode(secret).unwrap_or_default());
    hmac_holds(algorithm, &secret, message, code)
}

/// Whether `code` is the HMAC of `message` under `secret`.
///
/// Compares in constant time (`subtle`, inside jwt-compact), so that a forger learns nothing from
/// how long a refusal takes. A truncated code has another length and never compares equal.
pub(super) fn hmac_holds(
    algorithm: Algorithm,
    secret: &Secret,
    message: &[u8],
    code: &[u8],
) -> bool {
    macro_rules! holds {
        ($algorithm:expr, $key:ty) => {
            |secret, message, code| {
                jwt_compact::AlgorithmSignature::try_from_slice(code).is_ok_and(|code| {
                    $algorithm.verify_signature(&code, &<$key>::new(&secret.0), message)
                })
            }
        };
    }
    // Called by pointer: three hashes, made part of what every token runs through, would have to be
    // compiled for the first one, whatever its algorithm.
    let holds: fn(&Secret, &[u8], &[u8]) -> bool = match algorithm {
        Algorithm::Hs256 => holds!(Hs256, Hs256Key),
        Algorithm::Hs384 => holds!(Hs384, Hs384Key),
        Algorithm::Hs512 => holds!(Hs512, Hs512Key),
        _ => return false,
    };
    code.len() == algorithm.hash().bytes() && holds(secret, message, code)
}
