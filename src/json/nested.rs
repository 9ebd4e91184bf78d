//! Values to try paths on.

use proptest::prelude::*;
use serde_json::Value;

/// Objects in each other, of few names, some of which hold dots.
pub(super) fn nested() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<u8>().prop_map(Value::from)];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop::collection::btree_map("[ab](\\.[ab]){0,2}", inner, 0..5)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}
