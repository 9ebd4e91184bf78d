use std::cmp::Ordering;
use std::fmt;

use serde_json::{Number, Value};

use super::Truth;
use crate::json::{self, Member};
use crate::route::ComparedSegments;

/// The test that the claim at a path must pass.
///
/// Numbers are compared by their mathematical value: `2` is `2.0`, and no integer of 64 bits is
/// rounded. All else must be equal in JSON type and exactly.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ClaimTest {
    /// The claim is this value.
    Equals(Value),
    /// The claim is one of these values.
    OneOf(Vec<Value>),
    /// The claim is a list, and this value is among its items. A text contains nothing: if a
    /// substring were enough, `"user admin"` would pass for `"admin"`, and `"nonadmin"` too.
    Contains(Value),
    /// The claim is present (`true`), or absent (`false`). A null claim is absent.
    Exists(bool),
    /// The claim is a number that is not below `min` and not above `max`.
    Range {
        /// The least accepted number; `None` for no limit.
        min: Option<Number>,
        /// The greatest accepted number; `None` for no limit.
        max: Option<Number>,
    },
    /// The claim is the segment of the path with this index, counted from 0, byte for byte; a whole
    /// number is compared by its decimal digits.
    PathSegment(usize),
}

impl ClaimTest {
    /// Judges the member at the path. The result is unknown for a claim that is absent, unless the
    /// test is [`Self::Exists`], and for one of a type that the test does not cover.
    pub(super) fn judge(&self, member: Member<'_>, segments: &ComparedSegments) -> Truth {
        match (member, self) {
            (Member::Value(value), Self::PathSegment(index)) => {
                segments.get(*index).map_or(Truth::Unknown, |segment| is_segment(value, segment))
            }
            (Member::Value(value), _) => self.judge_value(value),
            (Member::Absent, Self::Exists(wanted)) => Truth::from(!*wanted),
            (Member::Absent | Member::Blocked, _) => Truth::Unknown,
        }
    }

    fn judge_value(&self, value: &Value) -> Truth {
        match self {
            Self::Equals(wanted) => equality(value, std::slice::from_ref(wanted)),
            Self::OneOf(wanted) => equality(value, wanted),
            Self::Contains(wanted) => membership(value, wanted),
            Self::Exists(wanted) => Truth::from(*wanted),
            Self::Range { min, max } => range(value, min.as_ref(), max.as_ref()),
            // Judged by the path.
            Self::PathSegment(_) => Truth::Unknown,
        }
    }
}

/// Whether a value is the segment of a path. It is unknown for an empty text, which names nobody,
/// and for values other than texts and whole numbers from 0.
fn is_segment(value: &Value, segment: &str) -> Truth {
    match value {
        Value::String(text) if !text.is_empty() => Truth::from(text == segment),
        Value::Number(number) if number.is_u64() => Truth::from(number.to_string() == segment),
        _ => Truth::Unknown,
    }
}

fn equality(value: &Value, wanted: &[Value]) -> Truth {
    if wanted.iter().any(|wanted| json::equal(value, wanted)) {
        return Truth::Holds;
    }
    let comparable = wanted.iter().any(|wanted| json::same_type(value, wanted));
    if comparable { Truth::Fails } else { Truth::Unknown }
}

fn membership(value: &Value, wanted: &Value) -> Truth {
    let Value::Array(items) = value else {
        return Truth::Unknown;
    };
    if items.iter().any(|item| json::equal(item, wanted)) {
        return Truth::Holds;
    }
    // `[["x"]]` does not say that "x" is not meant.
    let comparable = items.iter().all(|item| json::same_type(item, wanted));
    if comparable { Truth::Fails } else { Truth::Unknown }
}

fn range(value: &Value, min: Option<&Number>, max: Option<&Number>) -> Truth {
    let Value::Number(value) = value else {
        return Truth::Unknown;
    };
    let bound = |bound: Option<&Number>, beyond: Ordering| {
        bound.map(|bound| match json::compare(value, bound) {
            Some(ordering) => Truth::from(ordering != beyond),
            None => Truth::Unknown,
        })
    };
    let bounds = [bound(min, Ordering::Less), bound(max, Ordering::Greater)];
    Truth::all(bounds.into_iter().flatten())
}

impl fmt::Display for ClaimTest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(value) => write!(formatter, "equals = {value}"),
            Self::OneOf(values) => {
                let values: Vec<_> = values.iter().map(Value::to_string).collect();
                write!(formatter, "one_of = [{}]", values.join(", "))
            }
            Self::Contains(value) => write!(formatter, "contains = {value}"),
            Self::Exists(wanted) => write!(formatter, "exists = {wanted}"),
            Self::Range { min: Some(min), max: None } => write!(formatter, "min = {min}"),
            Self::Range { min: None, max: Some(max) } => write!(formatter, "max = {max}"),
            Self::Range { min: Some(min), max: Some(max) } => {
                write!(formatter, "min = {min}, max = {max}")
            }
            Self::Range { min: None, max: None } => formatter.write_str("no bound"),
            Self::PathSegment(index) => write!(formatter, "path_segment = {index}"),
        }
    }
}
