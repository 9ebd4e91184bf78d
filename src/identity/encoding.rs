use std::borrow::Cow;

use serde_json::Value;

use crate::jose::base64url;
use crate::percent::push_encoded_lower;

/// How a claim's value is written into a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Visible ASCII as it is; everything else, and `%`, as percent-encoded UTF-8. For text, whole
    /// numbers and booleans; an array is joined with spaces.
    Plain,
    /// A list of strings ([RFC 9651 §3.1]): `"user", "admin"`.
    ///
    /// [RFC 9651 §3.1]: https://www.rfc-editor.org/rfc/rfc9651#section-3.1
    List,
    /// The claim's JSON in base64url without padding.
    Json,
}

impl Encoding {
    /// Writes a claim at the end of `text`; `None` when it has no form in this encoding (an object,
    /// under `Plain`), and then what has been written is no value.
    pub(super) fn write(self, claim: &Value, text: &mut String) -> Option<()> {
        match self {
            Self::Plain => write_plain_value(claim, text)?,
            Self::List => write_list(&strings(claim)?, text),
            Self::Json => text.push_str(&base64url(claim.to_string().as_bytes())),
        }
        Some(())
    }

    /// Whether a claim has a form in this encoding.
    pub(super) fn takes(self, claim: &Value) -> bool {
        self.write(claim, &mut String::new()).is_some()
    }
}

/// Text under [`Encoding::Plain`]. No value can end the header or begin another: CR, LF and all
/// other control characters are encoded.
pub(super) fn write_plain(plain: &str, text: &mut String) {
    let is_itself = |byte: u8| byte.is_ascii_graphic() && byte != b'%';
    if plain.bytes().all(is_itself) {
        return text.push_str(plain);
    }
    for byte in plain.bytes() {
        if is_itself(byte) { text.push(char::from(byte)) } else { push_encoded_lower(text, byte) }
    }
}

/// Words joined with single spaces, each under [`Encoding::Plain`].
pub(super) fn write_words<T: AsRef<str>>(words: &[T], text: &mut String) {
    write_joined(words, " ", write_plain, text);
}

/// A list of strings; text beyond ASCII is written as a display string (RFC 9651 §3.3.8).
pub(super) fn write_list<T: AsRef<str>>(items: &[T], text: &mut String) {
    write_joined(items, ", ", write_quoted, text);
}

fn write_joined<T: AsRef<str>>(
    items: &[T],
    between: &str,
    write: fn(&str, &mut String),
    text: &mut String,
) {
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            text.push_str(between);
        }
        write(item.as_ref(), text);
    }
}

fn write_quoted(item: &str, text: &mut String) {
    let is_printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    let is_ascii = item.bytes().all(is_printable);
    text.push_str(if is_ascii { "\"" } else { "%\"" });
    for byte in item.bytes() {
        match byte {
            b'"' | b'\\' if is_ascii => text.extend(['\\', char::from(byte)]),
            b'"' | b'%' if !is_ascii => push_encoded_lower(text, byte),
            _ if is_printable(byte) => text.push(char::from(byte)),
            _ => push_encoded_lower(text, byte),
        }
    }
    text.push('"');
}

fn write_plain_value(value: &Value, text: &mut String) -> Option<()> {
    match value {
        Value::String(plain) => write_plain(plain, text),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Bool(flag) => text.push_str(&flag.to_string()),
        Value::Array(_) => write_words(&strings(value)?, text),
        Value::Null | Value::Object(_) => return None,
    }
    Some(())
}

fn strings<'v>(value: &'v Value) -> Option<Vec<Cow<'v, str>>> {
    let text = |value: &'v Value| match value {
        Value::String(text) => Some(Cow::Borrowed(text.as_str())),
        Value::Number(number) => Some(Cow::Owned(number.to_string())),
        Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
        _ => None,
    };
    match value {
        Value::Array(many) => many.iter().map(text).collect(),
        one => Some(vec![text(one)?]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(plain: &str) -> String {
        let mut text = String::new();
        write_plain(plain, &mut text);
        text
    }

    fn list(items: &[&str]) -> String {
        let mut text = String::new();
        write_list(items, &mut text);
        text
    }

    fn encoded(encoding: Encoding, claim: &Value) -> Option<String> {
        let mut text = String::new();
        encoding.write(claim, &mut text).map(|()| text)
    }

    #[test]
    fn plain_text_keeps_visible_ascii_and_encodes_the_rest() {
        assert_eq!(plain("user-1@x.example"), "user-1@x.example");
        assert_eq!(plain("a\r\nX-Auth-Roles: admin"), "a%0d%0aX-Auth-Roles:%20admin");
        assert_eq!(plain("100%"), "100%25");
        assert_eq!(plain("\u{fc}"), "%c3%bc");
    }

    #[test]
    fn a_list_keeps_items_with_commas_and_quotes_apart() {
        assert_eq!(list(&["user", "admin"]), r#""user", "admin""#);
        assert_eq!(list(&["user,admin"]), r#""user,admin""#);
        assert_eq!(list(&[r#"a"b\"#]), r#""a\"b\\""#);
        assert_eq!(list(&["f\u{fc}r \"x\""]), r#"%"f%c3%bcr %22x%22""#);
        assert_eq!(list(&["f\u{fc}r 100%", "100%"]), r#"%"f%c3%bcr 100%25", "100%""#);
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn json_is_base64url_of_the_claim() {
        let value: Value = serde_json::from_str(r#"{"a":[1]}"#).expect("valid");
        assert_eq!(encoded(Encoding::Json, &value).as_deref(), Some("eyJhIjpbMV19"));
        for encoding in [Encoding::Plain, Encoding::List] {
            assert_eq!(encoded(encoding, &value), None);
            assert!(!encoding.takes(&value));
        }
    }
}
