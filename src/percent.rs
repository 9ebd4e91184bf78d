//! Percent-encoding ([RFC 3986 §2.1]).
//!
//! [RFC 3986 §2.1]: https://www.rfc-editor.org/rfc/rfc3986#section-2.1

use std::borrow::Cow;
use std::iter;

/// One byte of a percent-encoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Octet {
    /// The byte stands for itself.
    Literal(u8),
    /// The byte is written as `%` and two hexadecimal digits, in either case.
    Encoded(u8),
    /// A `%` without two digits behind it; the next octet is the byte behind the `%`.
    Malformed,
}

/// The bytes of a percent-encoded text, in order.
pub(crate) fn octets(text: &str) -> impl Iterator<Item = Octet> {
    let mut rest = text.as_bytes();
    iter::from_fn(move || {
        let (first, after) = rest.split_first()?;
        rest = after;
        if *first != b'%' {
            return Some(Octet::Literal(*first));
        }
        let Some(([high, low], after)) = after.split_first_chunk() else {
            return Some(Octet::Malformed);
        };
        let Some((high, low)) = digit(*high).zip(digit(*low)) else {
            return Some(Octet::Malformed);
        };
        rest = after;
        Some(Octet::Encoded(high << 4 | low))
    })
}

fn digit(character: u8) -> Option<u8> {
    u8::try_from(char::from(character).to_digit(16)?).ok()
}

/// Decodes a text; `None` where a `%` has no two digits behind it, or what comes of it is not UTF-8.
pub(crate) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let byte = |octet| match octet {
        Octet::Literal(byte) | Octet::Encoded(byte) => Some(byte),
        Octet::Malformed => None,
    };
    let bytes = octets(text).map(byte).collect::<Option<Vec<_>>>()?;
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Decodes what can be decoded and leaves the rest as it is, as careless decoders do. The bytes need not
/// be UTF-8.
pub(crate) fn decode_leniently(text: &str) -> Vec<u8> {
    let byte = |octet| match octet {
        Octet::Literal(byte) | Octet::Encoded(byte) => byte,
        Octet::Malformed => b'%',
    };
    octets(text).map(byte).collect()
}

/// Writes a byte with upper-case digits, as RFC 3986 wants it.
pub(crate) fn push_encoded(text: &mut String, byte: u8) {
    text.push('%');
    text.extend(digits(byte).map(|digit| digit.to_ascii_uppercase()));
}

/// Writes a byte with lower-case digits, as display strings want it ([RFC 9651 §4.1.11]).
///
/// [RFC 9651 §4.1.11]: https://www.rfc-editor.org/rfc/rfc9651#section-4.1.11
pub(crate) fn push_encoded_lower(text: &mut String, byte: u8) {
    text.push('%');
    text.extend(digits(byte));
}

fn digits(byte: u8) -> impl Iterator<Item = char> {
    [byte >> 4, byte & 0xF].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_of_either_case_are_one_byte() {
        assert_eq!(decode("a%2Fb%2fc").as_deref(), Some("a/b/c"));
        assert_eq!(decode("%C3%bc").as_deref(), Some("\u{fc}"));
        assert!(matches!(decode("a/b+c"), Some(Cow::Borrowed("a/b+c"))));
    }

    #[test]
    fn a_percent_sign_without_two_digits_is_malformed() {
        for text in ["%", "a%", "%4", "%4g", "%g4", "%%41", "%4%41", "% 41", "%+41", "%\u{e4}"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_utf_8_is_refused() {
        for text in ["%FF", "%C3", "%C3%28", "%C0%AF", "%ED%A0%80"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn a_careless_decoder_leaves_what_is_malformed() {
        for (text, decoded) in [
            ("%", "%"),
            ("%4", "%4"),
            ("%g4", "%g4"),
            ("%%41", "%A"),
            ("%4%41", "%4A"),
            ("%2525", "%25"),
            ("\u{e4}%41", "\u{e4}A"),
        ] {
            assert_eq!(decode_leniently(text), decoded.as_bytes(), "{text}");
        }
        assert_eq!(decode_leniently("%FF"), [0xFF]);
    }

    #[test]
    fn every_byte_is_written_so_that_it_is_read_again() {
        for byte in 0..=u8::MAX {
            let mut text = String::new();
            push_encoded(&mut text, byte);
            push_encoded_lower(&mut text, byte);
            assert_eq!(text, format!("%{byte:02X}%{byte:02x}"));
            assert_eq!(decode_leniently(&text), [byte, byte]);
        }
    }
}
