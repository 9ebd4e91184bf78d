use serde_json::{Map, Value};

/// A JSON object whose members are unique.
pub(crate) type Object = Map<String, Value>;
