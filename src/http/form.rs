//! `application/x-www-form-urlencoded`, and the client authentication that is written with it.

use std::borrow::Cow;

use base64ct::{Base64, Encoding};

use crate::percent::{decode, push_encoded};

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

/// The id and the secret of a client by the value of its `Authorization`; `None` for another scheme,
/// and for anything malformed ([RFC 6749 §2.3.1]).
///
/// [RFC 6749 §2.3.1]: https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1
#[must_use]
pub fn basic_credentials(authorization: &str) -> Option<(String, String)> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    let credentials = scheme.eq_ignore_ascii_case("basic").then(|| credentials.trim())?;
    let credentials = String::from_utf8(Base64::decode_vec(credentials).ok()?).ok()?;
    let (id, secret) = credentials.split_once(':')?;
    Some((decoded(id)?, decoded(secret)?))
}

/// One name or value of a form, decoded.
fn decoded(text: &str) -> Option<String> {
    decode(&text.replace('+', " ")).map(Cow::into_owned)
}

/// The most pairs that are read of a form.
const PAIRS: usize = 64;

/// Reads a form or a query: names and values in their order ([URL Standard §5.1]). `None` for what
/// is not percent-encoded UTF-8, where decoders differ, and for more than 64 pairs.
///
/// [URL Standard §5.1]: https://url.spec.whatwg.org/#urlencoded-parsing
#[must_use]
pub fn parameters(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split('&').filter(|part| !part.is_empty());
    let pair = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decoded(name)?, decoded(value)?))
    };
    let pairs: Vec<_> = parts.take(PAIRS.saturating_add(1)).map(pair).collect::<Option<_>>()?;
    (pairs.len() <= PAIRS).then_some(pairs)
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
    fn a_form_is_read_as_it_is_written() {
        let pairs = [("token", "a.b-c_~+/="), ("x", "1&y=2 ü"), ("", ""), ("x", "")];
        let owned = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        assert_eq!(parameters(&form(&pairs)), Some(owned));
        assert_eq!(parameters(""), Some(Vec::new()));
        assert_eq!(parameters("&&a"), Some(vec![("a".to_owned(), String::new())]));
        for malformed in ["a=%", "a=%zz", "%ff=1"] {
            assert_eq!(parameters(malformed), None, "{malformed}");
        }
        assert_eq!(parameters(&"a&".repeat(PAIRS)).map(|pairs| pairs.len()), Some(PAIRS));
        assert_eq!(parameters(&"a&".repeat(PAIRS + 1)), None);
    }

    #[test]
    fn credentials_are_encoded_before_they_are_joined() {
        // printf 'gateway:s%%3Acret%%2B' | base64
        assert_eq!(basic("gateway", "s:cret+"), "Basic Z2F0ZXdheTpzJTNBY3JldCUyQg==");
        assert_ne!(basic("a:b", "c"), basic("a", "b:c"));
    }

    #[test]
    fn credentials_are_read_as_they_are_written() {
        for (id, secret) in [("gateway", "s:cret+"), ("a:b", "c"), ("", ""), ("ü", " ")] {
            let read = basic_credentials(&basic(id, secret));
            assert_eq!(read, Some((id.to_owned(), secret.to_owned())));
        }
        for other in
            ["", "Basic", "Bearer YTpi", "Basic YTpi=", "Basic YWI=", "Basic !", "Basic /w=="]
        {
            assert_eq!(basic_credentials(other), None, "{other}");
        }
    }
}
