//! base64url without padding, to the letter ([RFC 7515 §2]).
//!
//! [RFC 7515 §2]: https://www.rfc-editor.org/rfc/rfc7515#section-2

use base64ct::{Base64UrlUnpadded, Encoding};

/// Decodes `text`; `None` for padding, foreign characters or non-zero unused bits.
///
/// Strictness is a security matter: every second spelling of one token would be a second identity
/// in caches and logs.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
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
}
