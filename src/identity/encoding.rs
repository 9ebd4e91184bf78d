use serde_json::Value;

use crate::jose::base64url;

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
    /// Writes a claim; `None` when it has no form in this encoding (an object, under `Plain`).
    #[must_use]
    pub fn encode(self, value: &Value) -> Option<String> {
        match self {
            Self::Plain => plain_value(value),
            Self::List => Some(list(&strings(value)?)),
            Self::Json => Some(base64url(value.to_string().as_bytes())),
        }
    }
}

/// Text under [`Encoding::Plain`]. No value can end the header or begin another: CR, LF and all
/// other control characters are encoded.
pub(super) fn plain(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            encoded.push(char::from(byte));
        } else {
            push_hex(&mut encoded, byte);
        }
    }
    encoded
}

/// Words joined with single spaces, each under [`Encoding::Plain`].
pub(super) fn words(words: &[String]) -> String {
    words.iter().map(|word| plain(word)).collect::<Vec<_>>().join(" ")
}

/// A list of strings; text beyond ASCII is written as a display string (RFC 9651 §3.3.8).
pub(super) fn list(items: &[String]) -> String {
    items.iter().map(|item| quoted(item)).collect::<Vec<_>>().join(", ")
}

fn quoted(item: &str) -> String {
    if item.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
        return format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""));
    }
    let mut text = "%\"".to_owned();
    for byte in item.bytes() {
        if (byte == b' ' || byte.is_ascii_graphic()) && byte != b'%' && byte != b'"' {
            text.push(char::from(byte));
        } else {
            push_hex(&mut text, byte);
        }
    }
    text.push('"');
    text
}

fn push_hex(text: &mut String, byte: u8) {
    text.push('%');
    let digits = [byte >> 4, byte & 0xF].map(|digit| char::from_digit(u32::from(digit), 16));
    text.extend(digits.into_iter().flatten());
}

fn plain_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(plain(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(_) => Some(words(&strings(value)?)),
        Value::Null | Value::Object(_) => None,
    }
}

fn strings(value: &Value) -> Option<Vec<String>> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
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

    #[test]
    fn plain_text_keeps_visible_ascii_and_encodes_the_rest() {
        assert_eq!(plain("user-1@x.example"), "user-1@x.example");
        assert_eq!(plain("a\r\nX-Auth-Roles: admin"), "a%0d%0aX-Auth-Roles:%20admin");
        assert_eq!(plain("100%"), "100%25");
        assert_eq!(plain("\u{fc}"), "%c3%bc");
    }

    #[test]
    fn a_list_keeps_items_with_commas_and_quotes_apart() {
        let list = |items: &[&str]| list(&items.iter().map(|&i| i.to_owned()).collect::<Vec<_>>());
        assert_eq!(list(&["user", "admin"]), r#""user", "admin""#);
        assert_eq!(list(&["user,admin"]), r#""user,admin""#);
        assert_eq!(list(&[r#"a"b\"#]), r#""a\"b\\""#);
        assert_eq!(list(&["f\u{fc}r \"x\""]), r#"%"f%c3%bcr %22x%22""#);
        assert_eq!(list(&[]), "");
    }

    #[test]
    fn json_is_base64url_of_the_claim() {
        let value: Value = serde_json::from_str(r#"{"a":[1]}"#).expect("valid");
        assert_eq!(Encoding::Json.encode(&value).as_deref(), Some("eyJhIjpbMV19"));
        assert_eq!(Encoding::Plain.encode(&value), None);
        assert_eq!(Encoding::List.encode(&value), None);
    }
}
