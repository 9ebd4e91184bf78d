use std::cmp::Ordering;

use serde_json::{Number, Value};

use crate::config::table::Table;
use crate::json;
use crate::limits;
use crate::route::{ClaimTest, Requirement};

/// The sets of tests that a claim may have; only `min` and `max` may be combined.
pub(super) const TESTS: [&[&str]; 8] = [
    &["equals"],
    &["one_of"],
    &["contains"],
    &["exists"],
    &["min"],
    &["max"],
    &["min", "max"],
    &["path_segment"],
];
const NAMES: [&str; 7] = ["equals", "one_of", "contains", "exists", "min", "max", "path_segment"];
const ONE_TEST: &str = "expected exactly one of `equals`, `one_of`, `contains`, `exists`, `path_segment`, `min` and `max`";

pub(super) fn read(table: &Table<'_>) -> Option<Requirement> {
    let path = table.string("claim");
    let present: Vec<_> = NAMES.into_iter().filter(|test| table.has(test)).collect();
    let test = match present.as_slice() {
        ["equals"] => scalar(table, "equals").map(ClaimTest::Equals),
        ["one_of"] => one_of(table),
        ["contains"] => scalar(table, "contains").map(ClaimTest::Contains),
        ["exists"] => table.boolean("exists").map(ClaimTest::Exists),
        ["min" | "max"] | ["min", "max"] => range(table),
        ["path_segment"] => segment(table),
        _ => {
            table.error("", ONE_TEST);
            None
        }
    };
    Some(Requirement::Claim { path: path?, test: test? })
}

/// Limits the length of a list to [`limits::REQUIREMENT_VALUES`], because it is searched on every
/// request.
pub(super) fn check_count(table: &Table<'_>, name: &'static str, count: usize) {
    let most = limits::REQUIREMENT_VALUES;
    if count > most {
        table.error(name, format!("expected at most {most} values, got {count}"));
    }
}

fn scalar(table: &Table<'_>, name: &'static str) -> Option<Value> {
    let value = table.scalar(name)?;
    check_number(table, name, &value);
    Some(value)
}

fn segment(table: &Table<'_>) -> Option<ClaimTest> {
    let index = usize::try_from(table.number("path_segment")?).ok()?;
    Some(ClaimTest::PathSegment(index))
}

fn one_of(table: &Table<'_>) -> Option<ClaimTest> {
    let values = table.scalars("one_of")?;
    for (index, value) in values.iter().enumerate() {
        check_number(table, &format!("one_of[{index}]"), value);
    }
    check_count(table, "one_of", values.len());
    Some(ClaimTest::OneOf(values))
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
    let value = table.scalar(name)?;
    check_number(table, name, &value);
    value.as_number().cloned()
}

/// Refuses numbers beyond ±(2⁵³ − 1). The platform passes a configuration on as `JavaScript`
/// numbers, which are rounded beyond that, and the number that is compared would not be the one
/// that was written.
fn check_number(table: &Table<'_>, place: &str, value: &Value) {
    const MOST: f64 = 9_007_199_254_740_991.0;
    let exact = |number: &Number| number.as_f64().is_some_and(|number| number.abs() <= MOST);
    if value.as_number().is_some_and(|number| !exact(number)) {
        table.error(place, "expected a number within ±9007199254740991");
    }
}
