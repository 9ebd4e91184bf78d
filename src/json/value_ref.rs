use std::borrow::Cow;

use serde_json::{Number, Value};

use super::is_same_name;

/// A JSON value that borrows from the text it was read from, or from a [`Value`].
///
/// For what is read once and let go: of names and texts nothing is copied but what has escapes. The
/// members of an object stand in the order of the text.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "RFC 8259 §3 knows no other kinds")]
pub enum ValueRef<'t> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that an integer of 64 bits or a double holds.
    Number(Number),
    /// A text.
    String(Cow<'t, str>),
    /// An array.
    Array(Vec<Self>),
    /// An object; its names are unique.
    Object(Vec<Pair<'t>>),
}

/// A name and its value in an object (RFC 8259 §4).
pub type Pair<'t> = (Cow<'t, str>, ValueRef<'t>);

impl<'t> ValueRef<'t> {
    /// The member of this name, where it is an object that has one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Self> {
        let members = self.as_object()?;
        members.iter().find(|(own, _)| is_same_name(own, name)).map(|(_, value)| value)
    }

    /// Its members, where it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[Pair<'t>]> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// Its items, where it is an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The number, where it is one.
    #[must_use]
    pub fn as_number(&self) -> Option<&Number> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The number, where it is a whole one from 0 on.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number().and_then(Number::as_u64)
    }

    /// Which of the two it is, where it is one of them.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(flag) = self { Some(*flag) } else { None }
    }
}

impl From<ValueRef<'_>> for Value {
    fn from(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Null,
            ValueRef::Bool(flag) => Self::Bool(flag),
            ValueRef::Number(number) => Self::Number(number),
            ValueRef::String(text) => Self::String(text.into_owned()),
            ValueRef::Array(items) => items.into_iter().map(Self::from).collect(),
            ValueRef::Object(members) => {
                let owned = |(name, value): Pair<'_>| (name.into_owned(), Self::from(value));
                Self::Object(members.into_iter().map(owned).collect())
            }
        }
    }
}

impl<'v> From<&'v Value> for ValueRef<'v> {
    fn from(value: &'v Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::Number(number) => Self::Number(number.clone()),
            Value::String(text) => Self::String(Cow::Borrowed(text)),
            Value::Array(items) => Self::Array(items.iter().map(Self::from).collect()),
            Value::Object(members) => {
                let borrowed = |(name, value): (&'v String, &'v Value)| {
                    (Cow::Borrowed(name.as_str()), Self::from(value))
                };
                Self::Object(members.iter().map(borrowed).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::nested::nested;
    use crate::json::parse_ref;

    #[test]
    fn each_kind_is_told_from_the_others() {
        let value = parse_ref(r#"{"n":1,"t":"1","b":true,"l":[1],"o":{"x":1},"z":null}"#);
        let value = value.expect("JSON");
        let of = |name: &str| value.get(name).expect(name);
        let told = |value: &ValueRef<'_>| {
            let is =
                [value.as_u64().is_some(), value.as_str().is_some(), value.as_bool().is_some()];
            (is, value.as_array().is_some(), value.as_object().is_some())
        };
        assert_eq!(told(of("n")), ([true, false, false], false, false));
        assert_eq!(told(of("t")), ([false, true, false], false, false));
        assert_eq!(told(of("b")), ([false, false, true], false, false));
        assert_eq!(told(of("l")), ([false; 3], true, false));
        assert_eq!(told(of("o")), ([false; 3], false, true));
        assert_eq!(told(of("z")), ([false; 3], false, false));
        assert!(value.get("x").is_none() && of("l").get("x").is_none());
    }

    proptest! {
        #[test]
        fn a_value_is_the_same_after_it_was_borrowed_and_after_it_was_written(value in nested()) {
            prop_assert_eq!(&Value::from(ValueRef::from(&value)), &value);
            let text = value.to_string();
            prop_assert_eq!(Value::from(parse_ref(&text).expect("JSON")), value);
        }
    }
}
