use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Pair, ValueRef, is_same_name};

/// A tree of JSON values that a text can be parsed into.
pub(super) trait Tree<'t>: Sized {
    type Members: Default;
    const NULL: Self;
    fn flag(flag: bool) -> Self;
    fn number(number: Number) -> Self;
    fn text(text: Cow<'t, str>) -> Self;
    fn array(items: Vec<Self>) -> Self;
    /// Adds a member; returns false where it finds that the name is a duplicate.
    fn add(members: &mut Self::Members, name: Cow<'t, str>, value: Self) -> bool;
    /// The object with these members; `None` where a name is a duplicate.
    fn object(members: Self::Members) -> Option<Self>;
}

/// A deserializer of values with at most so many levels of nesting, which refuses duplicate names
/// in objects.
pub(super) struct Strict<T> {
    levels: usize,
    tree: PhantomData<T>,
}

impl<T> Strict<T> {
    pub(super) const fn of(levels: usize) -> Self {
        Self { levels, tree: PhantomData }
    }

    fn deeper<E: Error>(&self) -> Result<usize, E> {
        self.levels.checked_sub(1).ok_or_else(|| E::custom("too deep"))
    }
}

impl<'de, T: Tree<'de>> DeserializeSeed<'de> for Strict<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Tree<'de>> Visitor<'de> for Strict<T> {
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::NULL)
    }

    fn visit_bool<E>(self, value: bool) -> Result<T, E> {
        Ok(T::flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<T, E> {
        Ok(T::number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<T, E> {
        Ok(T::number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        Number::from_f64(value).map(T::number).ok_or_else(|| E::custom("not finite"))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<T, A::Error> {
        let levels = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(Self::of(levels))? {
            items.push(item);
        }
        Ok(T::array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let levels = self.deeper()?;
        let mut members = T::Members::default();
        while let Some(name) = map.next_key_seed(Name)? {
            if !T::add(&mut members, name, map.next_value_seed(Self::of(levels))?) {
                return Err(A::Error::custom("duplicate member"));
            }
        }
        T::object(members).ok_or_else(|| A::Error::custom("duplicate member"))
    }
}

struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

impl<'t> Tree<'t> for Value {
    type Members = Map<String, Self>;
    const NULL: Self = Self::Null;

    fn flag(flag: bool) -> Self {
        Self::Bool(flag)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: Cow<'t, str>) -> Self {
        Self::String(text.into_owned())
    }

    fn array(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn add(members: &mut Self::Members, name: Cow<'t, str>, value: Self) -> bool {
        members.insert(name.into_owned(), value).is_none()
    }

    fn object(members: Self::Members) -> Option<Self> {
        Some(Self::Object(members))
    }
}

impl<'t> Tree<'t> for ValueRef<'t> {
    type Members = Vec<Pair<'t>>;
    const NULL: Self = Self::Null;

    fn flag(flag: bool) -> Self {
        Self::Bool(flag)
    }

    fn number(number: Number) -> Self {
        Self::Number(number)
    }

    fn text(text: Cow<'t, str>) -> Self {
        Self::String(text)
    }

    fn array(items: Vec<Self>) -> Self {
        Self::Array(items)
    }

    fn add(members: &mut Self::Members, name: Cow<'t, str>, value: Self) -> bool {
        members.push((name, value));
        true
    }

    fn object(members: Self::Members) -> Option<Self> {
        (!has_duplicates(&members)).then_some(Self::Object(members))
    }
}

/// The greatest number of names for which comparing each pair is faster than sorting.
const FEW: usize = 12;

fn has_duplicates(members: &[Pair<'_>]) -> bool {
    if members.len() > FEW {
        let mut names = BTreeSet::new();
        return !members.iter().all(|(name, _)| names.insert(name.as_ref()));
    }
    let mut rest = members;
    while let Some(((name, _), after)) = rest.split_first() {
        if after.iter().any(|(other, _)| is_same_name(other, name)) {
            return true;
        }
        rest = after;
    }
    false
}
