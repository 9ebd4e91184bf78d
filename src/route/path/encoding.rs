use std::borrow::Cow;

use super::PathError;

pub(super) fn decode(segment: &str) -> Result<Cow<'_, str>, PathError> {
    if !segment.contains('%') {
        return Ok(Cow::Borrowed(segment));
    }
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        let byte = if byte == b'%' {
            let digits = [rest.next(), rest.next()];
            let [Some(high), Some(low)] = digits.map(|digit| hex(digit?)) else {
                return Err(PathError::Encoding);
            };
            high << 4 | low
        } else {
            byte
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| PathError::Encoding)
}

/// Decodes what can be decoded and leaves the rest, as careless decoders do.
pub(super) fn decode_leniently(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let pair = after.split_at_checked(2).filter(|_| *first == b'%');
        let value = pair.and_then(|(digits, left)| match digits {
            [high, low] => Some((hex(*high)? << 4 | hex(*low)?, left)),
            _ => None,
        });
        let (byte, left) = value.unwrap_or((*first, after));
        bytes.push(byte);
        rest = left;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    u8::try_from(char::from(digit).to_digit(16)?).ok()
}

/// Writes a segment in canonical encoding: its own encodings of reserved characters are kept,
/// because `%21` and `!` may differ to an origin.
pub(super) fn encode_into(text: &mut String, segment: &str) {
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        let (value, encoded) = if byte == b'%' {
            let mut digit = || rest.next().and_then(hex).unwrap_or(0);
            (digit() << 4 | digit(), true)
        } else {
            (byte, false)
        };
        if is_unreserved(value) || (!encoded && is_path_character(value)) {
            text.push(char::from(value));
        } else {
            push_encoded(text, value);
        }
    }
}

fn push_encoded(text: &mut String, byte: u8) {
    text.push('%');
    for digit in [byte >> 4, byte & 0xF] {
        text.extend(char::from_digit(u32::from(digit), 16).map(|digit| digit.to_ascii_uppercase()));
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
