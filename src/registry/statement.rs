use serde::Serialize;
use serde_json::Value;

/// A statement in SQL with the values of its parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::exhaustive_structs, reason = "an adapter executes it as it is")]
pub struct Statement {
    /// SQL with `?` for each value. It holds no text of a client.
    pub sql: String,
    /// Texts, whole numbers and nulls.
    pub values: Vec<Value>,
}

impl Statement {
    pub(super) fn new(sql: impl Into<String>, values: Vec<Value>) -> Self {
        Self { sql: sql.into(), values }
    }
}
