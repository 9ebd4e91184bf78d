//! `application/x-www-form-urlencoded`, and the client authentication that is written with it.

use base64ct::{Base64, Encoding};

use crate::percent::push_encoded;

/// Writes pairs as a form ([URL Standard §5.2]).
///
/// [URL Standard §5.2]: https://url.spec.whatwg.org/#urlencoded-serializing
#[must_use]
pub fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{}={}", encode(name), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// The value of `Authorization` for a client that authenticates by `Basic`: both parts are
/// form-encoded first, so that an id may hold a colon ([RFC 6749 §2.3.1]).
///
/// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
#[must_use]
pub fn basic(id: &str, secret: &str) -> String {
    let credentials = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", Base64::encode_string(credentials.as_bytes()))
}

fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'*' | b'-' | b'.' | b'_' => {
                encoded.push(char::from(byte));
            }
            b' ' => encoded.push('+'),
            _ => push_encoded(&mut encoded, byte),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_would_end_a_pair_is_encoded() {
        assert_eq!(
            form(&[("token", "a.b-c_~+/="), ("x", "1&y=2 ü")]),
            "token=a.b-c_%7E%2B%2F%3D&x=1%26y%3D2+%C3%BC"
        );
        assert_eq!(form(&[]), "");
    }

    #[test]
    fn credentials_are_encoded_before_they_are_joined() {
        // printf 'gateway:s%%3Acret%%2B' | base64
        assert_eq!(basic("gateway", "s:cret+"), "Basic Z2F0ZXdheTpzJTNBY3JldCUyQg==");
        assert_ne!(basic("a:b", "c"), basic("a", "b:c"));
    }
}
