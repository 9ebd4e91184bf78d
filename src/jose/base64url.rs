//! Strict base64url without padding ([RFC 7515 §2]).
//!
//! [RFC 7515 §2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

use base64ct::{Base64UrlUnpadded, Encoding};

/// Decodes `text`; `None` for padding, foreign characters or non-zero unused bits.
///
/// Strictness is a security matter: every second spelling of one token would be a second identity
/// in caches and logs.
///
/// A lookup table is safe here, because a token is no secret to its sender, and a constant-time
/// decoder costs a new token more than its HMAC does.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let (quads, rest) = text.as_bytes().as_chunks::<4>();
    let mut bytes = Vec::with_capacity(text.len());
    bytes.resize(quads.len().saturating_mul(3), 0);
    let mut seen = 0;
    for (three, [a, b, c, d]) in bytes.as_chunks_mut::<3>().0.iter_mut().zip(quads) {
        let (a, b, c, d) = (value(*a), value(*b), value(*c), value(*d));
        seen |= a | b | c | d;
        *three = [a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d];
    }
    // The bits that a last group leaves over must be zero (RFC 4648 §3.5).
    let is_canonical = match *rest {
        [] => true,
        [a, b] => {
            let (a, b) = (value(a), value(b));
            seen |= a | b;
            bytes.push(a << 2 | b >> 4);
            b.trailing_zeros() >= 4
        }
        [a, b, c] => {
            let (a, b, c) = (value(a), value(b), value(c));
            seen |= a | b | c;
            bytes.extend_from_slice(&[a << 2 | b >> 4, b << 4 | c >> 2]);
            c.trailing_zeros() >= 2
        }
        _ => false,
    };
    (is_canonical && seen < FOREIGN).then_some(bytes)
}

/// The table's entry for a character outside the alphabet: a bit that no character's value has.
const FOREIGN: u8 = 64;
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES: [u8; 256] = values();

fn value(character: u8) -> u8 {
    VALUES.get(usize::from(character)).copied().unwrap_or(FOREIGN)
}

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "run by the compiler, which refuses what does not hold"
)]
const fn values() -> [u8; 256] {
    let mut values = [FOREIGN; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        values[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    values
}

/// Encodes `bytes` without padding.
pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_canonical_spelling_decodes() {
        assert_eq!(decode("AQ").as_deref(), Some(&[1_u8][..]));
        for other in ["AR", "AQ=", "AQ==", "A", " AQ", "AQ\n", "A+", "A/"] {
            assert_eq!(decode(other), None, "{other:?}");
        }
        assert_eq!(decode("").as_deref(), Some(&[][..]));
    }

    #[test]
    fn every_text_decodes_as_the_library_decodes_it() {
        let characters = || (0..=255_u8).map(char::from);
        let short = characters().flat_map(|a| characters().map(move |b| format!("{a}{b}")));
        let texts = short.flat_map(|text| {
            [text.clone(), format!("AA{text}"), format!("{text}A"), format!("xyz{text}B_-")]
        });
        for text in texts {
            assert_eq!(decode(&text), Base64UrlUnpadded::decode_vec(&text).ok(), "{text:?}");
        }
    }
}
