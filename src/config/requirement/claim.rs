use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::Table;
use crate::json;
use crate::limits;
use crate::route::{ClaimTest, Requirement};

/// What can be asked of a claim; `min` and `max` may go together.
const TESTS: [&str; 6] = ["equals", "one_of", "contains", "exists", "min", "max"];
const ONE_TEST: &str =
    "expected exactly one of `equals`, `one_of`, `contains`, `exists`, `min` and `max`";

pub(super) fn read(table: &Table<'_>) -> Option<Requirement> {
    let path = table.string("claim");
    let present: Vec<_> = TESTS.into_iter().filter(|test| table.has(test)).collect();
    let test = match present.as_slice() {
        ["equals"] => scalar(table, "equals").map(ClaimTest::Equals),
        ["one_of"] => one_of(table),
        ["contains"] => scalar(table, "contains").map(ClaimTest::Contains),
        ["exists"] => table.boolean("exists").map(ClaimTest::Exists),
        ["min" | "max"] | ["min", "max"] => range(table),
        _ => {
            table.error("", ONE_TEST);
            None
        }
    };
    Some(Requirement::Claim { path: path?, test: test? })
}

/// A list is searched on every request.
pub(super) fn check_count(table: &Table<'_>, name: &'static str, count: usize) {
    let most = limits::REQUIREMENT_VALUES;
    if count > most {
        table.error(name, format!("expected at most {most} values, got {count}"));
    }
}

fn scalar(table: &Table<'_>, name: &'static str) -> Option<Value> {
    let value = table.value(name)?;
    if !is_scalar(value) {
        table.error(name, "expected a text that is not empty, a number or a boolean");
        return None;
    }
    check_number(table, name, value);
    Some(value.clone())
}

fn one_of(table: &Table<'_>) -> Option<ClaimTest> {
    let values = table.value("one_of").and_then(Value::as_array).filter(|list| !list.is_empty());
    let Some(values) = values.filter(|list| list.iter().all(is_scalar)) else {
        let problem = "expected a list of texts, numbers or booleans with at least one entry";
        table.error("one_of", problem);
        return None;
    };
    for (index, value) in values.iter().enumerate() {
        check_number(table, &format!("one_of[{index}]"), value);
    }
    check_count(table, "one_of", values.len());
    Some(ClaimTest::OneOf(values.clone()))
}

fn range(table: &Table<'_>) -> Option<ClaimTest> {
    let (min, max) = (bound(table, "min"), bound(table, "max"));
    if let (Some(min), Some(max)) = (&min, &max)
        && json::compare(min, max) == Some(Ordering::Greater)
    {
        table.error("min", "expected no more than `max`");
    }
    (min.is_some() || max.is_some()).then_some(ClaimTest::Range { min, max })
}

fn bound(table: &Table<'_>, name: &'static str) -> Option<Number> {
    let value = table.value(name)?;
    let Value::Number(number) = value else {
        table.error(name, "expected a number");
        return None;
    };
    check_number(table, name, value);
    Some(number.clone())
}

fn is_scalar(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Number(_) | Value::Bool(_) => true,
        _ => false,
    }
}

/// The platform hands a configuration on as `JavaScript` numbers. Beyond 2⁵³ − 1 those are rounded,
/// and the number that is compared would not be the one that was written.
fn check_number(table: &Table<'_>, place: &str, value: &Value) {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let exact = |number: &Number| number.as_f64().is_some_and(|number| number.abs() <= MOST);
    if value.as_number().is_some_and(|number| !exact(number)) {
        table.error(place, "expected a number within ±9007199254740991");
    }
}
