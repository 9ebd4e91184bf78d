use crate::percent::{Octet, octets, push_encoded};

/// Writes a segment in canonical encoding: its own encodings of reserved characters are kept,
/// because `%21` and `!` may differ to an origin.
pub(super) fn encode_into(text: &mut String, segment: &str) {
    for octet in octets(segment) {
        match octet {
            Octet::Literal(byte) if is_path_character(byte) => text.push(char::from(byte)),
            Octet::Encoded(byte) if is_unreserved(byte) => text.push(char::from(byte)),
            Octet::Literal(byte) | Octet::Encoded(byte) => push_encoded(text, byte),
            Octet::Malformed => push_encoded(text, b'%'),
        }
    }
}

fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

/// `pchar` of RFC 3986 §3.3, the percent sign apart.
pub(super) fn is_path_character(byte: u8) -> bool {
    let is_delimiter = matches!(byte, b'!' | b'$' | b'&'..=b',' | b';' | b'=' | b':' | b'@');
    is_unreserved(byte) || is_delimiter
}
