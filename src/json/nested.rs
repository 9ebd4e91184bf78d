//! Values to try paths on.

use proptest::prelude::*;
use serde_json::Value;

/// Objects in each other, of few names, some of which hold dots.
pub(super) fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Fractions that are written and read exactly.
        any::<i16>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        ".{0,8}".prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..3).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop::collection::btree_map("[ab](\\.[ab]){0,2}", inner, 0..5)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}
