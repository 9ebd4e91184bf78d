use serde::de::DeserializeSeed;
use serde_json::Value;

use super::strict::{Strict, Tree};
use super::{Object, ValueRef};
use crate::limits;

/// The text is not one strict JSON object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected one JSON object without duplicate members, at most 32 levels deep")]
pub struct JsonError;

/// Parses `bytes` as exactly one JSON object ([RFC 8259], [RFC 7519 §4] on duplicates).
///
/// Refused: duplicate members at any depth, nesting beyond [`limits::JSON_DEPTH`], invalid UTF-8,
/// lone surrogates, numbers outside IEEE 754 doubles, a byte-order mark, anything after the object.
///
/// # Errors
///
/// [`JsonError`], which deliberately repeats nothing of the text.
///
/// [RFC 8259]: https://www.rfc-editor.org/rfc/rfc8259
/// [RFC 7519 §4]: https://www.rfc-editor.org/rfc/rfc7519#section-4
pub(crate) fn parse_object(bytes: &[u8]) -> Result<Object, JsonError> {
    match parse_value(bytes)? {
        Value::Object(object) => Ok(object),
        _ => Err(JsonError),
    }
}

/// Parses `bytes` as exactly one JSON value, as strictly as [`parse_object`].
///
/// # Errors
///
/// [`JsonError`].
pub(crate) fn parse_value(bytes: &[u8]) -> Result<Value, JsonError> {
    // Checked once for the whole, and not text by text.
    parse(str::from_utf8(bytes).map_err(|_| JsonError)?)
}

/// The same, with a value that borrows from `text`.
///
/// # Errors
///
/// [`JsonError`].
pub(crate) fn parse_ref(text: &str) -> Result<ValueRef<'_>, JsonError> {
    parse(text)
}

/// A document that was fetched from elsewhere, without the byte-order mark that some servers begin it with
/// ([RFC 8259 §8.1]). Tokens have none.
///
/// [RFC 8259 §8.1]: https://www.rfc-editor.org/rfc/rfc8259#section-8.1
pub(crate) fn without_byte_order_mark(document: &[u8]) -> &[u8] {
    document.strip_prefix("\u{feff}".as_bytes()).unwrap_or(document)
}

fn parse<'t, T: Tree<'t>>(text: &'t str) -> Result<T, JsonError> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let strict = Strict::of(limits::JSON_DEPTH);
    let value = strict.deserialize(&mut deserializer).map_err(|_| JsonError)?;
    deserializer.end().map_err(|_| JsonError)?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Pair;

    #[test]
    fn duplicate_members_are_refused_at_any_depth() {
        assert!(parse_object(br#"{"a":1,"b":2}"#).is_ok());
        for text in [r#"{"a":1,"a":1}"#, r#"{"a":[{"b":1,"\u0062":2}]}"#] {
            assert_eq!(parse_object(text.as_bytes()), Err(JsonError), "{text}");
            assert_eq!(parse_ref(text), Err(JsonError), "{text}");
        }
    }

    #[test]
    fn duplicates_are_found_among_few_members_and_among_many() {
        for count in [2, 12, 13, 1000] {
            let names: Vec<_> = (0..count).map(|n| format!("\"n{n}\":{n}")).collect();
            let object = |names: &[String]| format!("{{{}}}", names.join(","));
            assert!(parse_ref(&object(&names)).is_ok(), "{count}");
            for twice in [0, count / 2, count - 1] {
                let mut names = names.clone();
                names.insert(count / 3, format!("\"n{twice}\":0"));
                assert_eq!(parse_ref(&object(&names)), Err(JsonError), "{count} {twice}");
            }
        }
    }

    #[test]
    fn names_and_texts_are_borrowed_where_they_have_no_escapes() {
        let text = r#"{"a":"b","\u0063":"d\n"}"#;
        let value = parse_ref(text).expect("JSON");
        let members = value.as_object().expect("an object");
        let is_borrowed = |(name, value): &Pair<'_>| match value {
            ValueRef::String(text) => {
                [name, text].map(|text| matches!(text, std::borrow::Cow::Borrowed(_)))
            }
            _ => [false; 2],
        };
        assert_eq!(members.iter().map(is_borrowed).collect::<Vec<_>>(), [[true; 2], [false; 2]]);
        assert_eq!(value.get("c").and_then(ValueRef::as_str), Some("d\n"));
    }

    #[test]
    fn nesting_of_32_is_read_and_33_is_refused() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_object(nested(31).as_bytes()).is_ok() && parse_ref(&nested(31)).is_ok());
        assert_eq!(parse_object(nested(32).as_bytes()), Err(JsonError));
        assert_eq!(parse_ref(&nested(32)), Err(JsonError));
        assert_eq!(parse_object(nested(100_000).as_bytes()), Err(JsonError));
    }

    #[test]
    fn only_one_object_is_taken() {
        for text in ["", "1", "[]", "null", "{}{}", "{} x", "\u{feff}{}", r#"{"a":1e400}"#, "{a:1}"]
        {
            assert_eq!(parse_object(text.as_bytes()), Err(JsonError), "{text}");
            // It may be of another kind, and is no less strict.
            let other = parse_ref(text).ok().filter(|value| value.as_object().is_some());
            assert_eq!(other, None, "{text}");
        }
        assert!(parse_object(b" {} \n").is_ok() && parse_ref(" {} \n").is_ok());
    }

    #[test]
    fn lone_surrogates_and_broken_utf8_are_refused() {
        assert_eq!(parse_object(br#"{"a":"\ud800"}"#), Err(JsonError));
        assert_eq!(parse_ref(r#"{"a":"\ud800"}"#), Err(JsonError));
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), Err(JsonError));
    }
}
