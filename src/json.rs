//! JSON as security needs it: no duplicate members, bounded depth, nothing after the end.
//!
//! `serde_json` by itself keeps the last of two members with one name, so that two readers of one
//! token could see two different values.

mod equality;
mod keep;
mod member;
#[cfg(test)]
mod nested;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

pub(crate) use equality::{compare, equal, same_type};
pub(crate) use keep::keep;
pub(crate) use member::{Member, lookup, member};

use crate::limits;

/// A JSON object whose members are unique.
pub(crate) type Object = Map<String, Value>;

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
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let value = Strict { levels: limits::JSON_DEPTH }
        .deserialize(&mut deserializer)
        .map_err(|_| JsonError)?;
    deserializer.end().map_err(|_| JsonError)?;
    Ok(value)
}

#[derive(Clone, Copy)]
struct Strict {
    levels: usize,
}

impl Strict {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1).ok_or_else(|| E::custom("too deep"))?;
        Ok(Self { levels })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = seq.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Object::new();
        while let Some(name) = map.next_key::<String>()? {
            let value = map.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_members_are_refused_at_any_depth() {
        assert!(parse_object(br#"{"a":1,"b":2}"#).is_ok());
        assert_eq!(parse_object(br#"{"a":1,"a":1}"#), Err(JsonError));
        assert_eq!(parse_object(br#"{"a":[{"b":1,"\u0062":2}]}"#), Err(JsonError));
    }

    #[test]
    fn nesting_of_32_is_read_and_33_is_refused() {
        let nested =
            |levels: usize| format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_object(nested(31).as_bytes()).is_ok());
        assert_eq!(parse_object(nested(32).as_bytes()), Err(JsonError));
        assert_eq!(parse_object(nested(100_000).as_bytes()), Err(JsonError));
    }

    #[test]
    fn only_one_object_is_taken() {
        for text in ["", "1", "[]", "null", "{}{}", "{} x", "\u{feff}{}", r#"{"a":1e400}"#, "{a:1}"]
        {
            assert_eq!(parse_object(text.as_bytes()), Err(JsonError), "{text}");
        }
        assert!(parse_object(b" {} \n").is_ok());
    }

    #[test]
    fn lone_surrogates_and_broken_utf8_are_refused() {
        assert_eq!(parse_object(br#"{"a":"\ud800"}"#), Err(JsonError));
        assert_eq!(parse_object(b"{\"a\":\"\xff\"}"), Err(JsonError));
    }
}
