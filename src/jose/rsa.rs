//! The checks that an RSA public key must pass to be trusted; none of them does RSA.

use super::UnusableKey;
use crate::limits;

/// Checks modulus and exponent, both big-endian without leading zeros ([RFC 7518 §6.3.1]).
///
/// Bounds: 2048–8192 bits, odd; exponent odd, 3…2³³−1. The ROCA fingerprint (CVE-2017-15361) is
/// refused: such keys can be factored.
///
/// [RFC 7518 §6.3.1]: https://www.rfc-editor.org/rfc/rfc7518#section-6.3.1
pub(super) fn check(modulus: &[u8], exponent: &[u8]) -> Result<(), UnusableKey> {
    if !limits::RSA_BITS.contains(&bits(modulus)) {
        return Err(UnusableKey::RsaModulusSize);
    }
    if modulus.last().is_none_or(|byte| byte & 1 == 0) {
        return Err(UnusableKey::RsaModulusEven);
    }
    if !exponent_is_sound(exponent) {
        return Err(UnusableKey::RsaExponent);
    }
    if has_roca_fingerprint(modulus) {
        return Err(UnusableKey::RsaRoca);
    }
    Ok(())
}

fn bits(number: &[u8]) -> usize {
    let Some(first) = number.first() else {
        return 0;
    };
    let zeros = usize::try_from(first.leading_zeros()).unwrap_or(8);
    number.len().saturating_mul(8).saturating_sub(zeros)
}

fn exponent_is_sound(exponent: &[u8]) -> bool {
    if exponent.len() > 5 {
        return false;
    }
    let value = exponent.iter().fold(0_u64, |value, byte| (value << 8) | u64::from(*byte));
    (3..1 << 33).contains(&value) && value & 1 == 1
}

/// Moduli made by the ROCA library are powers of 65537 modulo every small prime; for any other
/// modulus that happens with a chance below 2⁻²⁷.
fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    const PRIMES: [u32; 17] =
        [11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157];
    PRIMES.iter().all(|prime| is_power_of_65537(remainder(modulus, *prime), *prime))
}

fn is_power_of_65537(residue: u32, prime: u32) -> bool {
    let mut power = 1_u32;
    for _ in 0..prime {
        if power == residue {
            return true;
        }
        power = times_modulo(power, 65537, prime);
    }
    false
}

fn remainder(number: &[u8], prime: u32) -> u32 {
    number.iter().fold(0_u32, |rest, byte| {
        times_modulo(rest, 256, prime)
            .wrapping_add(u32::from(*byte))
            .checked_rem(prime)
            .unwrap_or(0)
    })
}

/// `a · b mod prime`, for `a < 2⁸` and `b < 2¹⁷`: fits 32 bits.
fn times_modulo(a: u32, b: u32, prime: u32) -> u32 {
    a.wrapping_mul(b).checked_rem(prime).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A number of so many bits, odd, with the highest bit set.
    fn modulus(bits: usize) -> Vec<u8> {
        let mut number = vec![0xA5; bits.div_ceil(8)];
        number[0] = 0x80 >> (bits.div_ceil(8) * 8 - bits);
        number
    }

    #[test]
    fn sizes_from_2048_to_8192_bits_are_usable() {
        let e = [1, 0, 1];
        assert_eq!(check(&modulus(2047), &e), Err(UnusableKey::RsaModulusSize));
        assert_eq!(check(&modulus(2048), &e), Ok(()));
        assert_eq!(check(&modulus(8192), &e), Ok(()));
        assert_eq!(check(&modulus(8193), &e), Err(UnusableKey::RsaModulusSize));
        assert_eq!(check(&[], &e), Err(UnusableKey::RsaModulusSize));
    }

    #[test]
    fn an_even_modulus_is_unusable() {
        let mut even = modulus(2048);
        even[255] = 2;
        assert_eq!(check(&even, &[3]), Err(UnusableKey::RsaModulusEven));
    }

    #[test]
    fn exponents_are_odd_and_from_3_to_33_bits() {
        let n = modulus(2048);
        assert_eq!(check(&n, &[3]), Ok(()));
        assert_eq!(check(&n, &[1, 0xFF, 0xFF, 0xFF, 0xFF]), Ok(()));
        for bad in [&[][..], &[1], &[2], &[4], &[1, 0, 0], &[2, 0, 0, 0, 1], &[1, 0, 0, 0, 0, 1]] {
            assert_eq!(check(&n, bad), Err(UnusableKey::RsaExponent), "{bad:?}");
        }
    }

    #[test]
    fn a_power_of_65537_has_the_roca_fingerprint() {
        // 65537 itself is a power of 65537 modulo every prime.
        assert!(has_roca_fingerprint(&[1, 0, 1]));
        assert!(!has_roca_fingerprint(&[1, 0, 3]));
    }
}
