use serde_json::{Map, Value, json};

/// The schema of a wrangler.toml in which the table stands: all else is wrangler's own business.
pub(super) fn around(mut table: Value) -> Value {
    let mut members = table.as_object_mut().map(std::mem::take).unwrap_or_default();
    let definitions = members.remove("$defs");
    let dialect = members.remove("$schema");
    let mut definitions = match definitions {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    definitions.insert("EDGEWARD".to_owned(), members.into());
    let vars = json!({ "properties": { "EDGEWARD": { "$ref": "#/$defs/EDGEWARD" } } });
    json!({
        "$schema": dialect,
        "title": "wrangler.toml with EDGEWARD",
        "type": "object",
        "properties": {
            "vars": vars,
            "env": { "additionalProperties": { "properties": { "vars": vars } } },
        },
        "$defs": definitions,
    })
}
