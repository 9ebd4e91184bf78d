//! Configurations made from the schema alone: each field of each table, each word of each choice.

use edgeward::config::schema;
use serde_json::{Map, Value, json};

use super::{Judge, errors, is_declared, minimal};

#[test]
fn every_field_and_word_of_the_schema_is_known_to_the_reader() {
    let (judge, schema) = (Judge::new(), schema());
    let made = instances(&schema, &schema, 0);
    assert!(made.len() > 60, "only {} were made", made.len());
    for raw in made {
        assert_eq!(judge.refusal(&raw), None, "{raw:#}");
        let declared: Vec<_> = errors(&raw).into_iter().filter(|e| is_declared(e)).collect();
        assert_eq!(declared, Vec::<String>::new(), "{raw:#}");
    }
}

#[test]
fn what_the_schema_calls_a_default_makes_no_difference() {
    let schema = schema();
    let mut seen = 0;
    for (pointer, definition) in [
        ("", ""),
        ("/origins/0", "origin"),
        ("/issuers/0/claims", "claims"),
        ("/routes/0", "route"),
        ("/headers", "headers"),
        ("/revocation", "revocation"),
    ] {
        let table = if definition.is_empty() { &schema } else { &schema["$defs"][definition] };
        for (name, field) in table["properties"].as_object().expect("properties") {
            let Some(default) = field.get("default") else { continue };
            let mut raw = minimal();
            raw["headers"] = json!({});
            raw["revocation"] = json!({});
            raw["issuers"][0]["claims"] = json!({});
            raw.pointer_mut(pointer).expect(pointer)[name] = default.clone();
            assert_eq!(read(&raw), read(&minimal()), "{pointer}/{name}");
            seen += 1;
        }
    }
    assert!(seen >= 7, "only {seen} defaults were seen");
}

/// The reader marks what was read of the first 64 members of a table.
#[test]
fn no_table_has_more_than_64_fields() {
    let schema = schema();
    let definitions = schema["$defs"].as_object().expect("definitions").values();
    for table in definitions.chain([&schema]) {
        let fields = table["properties"].as_object().map_or(0, Map::len);
        assert!(fields <= 64, "{fields} fields: {table}");
    }
}

#[track_caller]
fn read(raw: &Value) -> String {
    let environment = edgeward::config::Environment {
        secret: &|_| None,
        has_service: &|_| true,
        limiter: &|_| Some(None),
        has_store: true,
        has_log: true,
        has_sessions: true,
        has_database: true,
        has_metrics: true,
        is_edge: true,
    };
    // A table's order of nodes differs from run to run; what it was made from does not.
    let config = edgeward::config::Config::check(&raw.into(), &environment).expect("valid");
    let routes = config.routes.routes();
    format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {routes:?}",
        config.realm,
        config.log.passes,
        config.headers,
        config.origins,
        config.issuers,
        config.revocation
    )
}

/// Instances of `schema` that together hold everything that it names.
fn instances(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    if let Some(reference) = schema["$ref"].as_str() {
        return instances(definition(root, reference), root, depth + 1);
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.clone();
    }
    if let Some(constant) = schema.get("const") {
        return vec![constant.clone()];
    }
    if let Some(ways) = schema["anyOf"].as_array() {
        return ways.iter().flat_map(|way| instances(way, root, depth)).collect();
    }
    match schema["type"].as_str() {
        Some("object") => objects(schema, root, depth),
        Some("array") => {
            let items = instances(&schema["items"], root, depth);
            items.into_iter().map(|item| json!([item])).collect()
        }
        Some("string") => vec![string(schema)],
        Some("integer") => vec![schema["minimum"].clone(), schema["maximum"].clone()],
        Some("number") => vec![json!(2.5)],
        Some("boolean") => vec![json!(true), json!(false)],
        _ => vec![json!("a"), json!(2.5), json!(true)],
    }
}

fn definition<'a>(root: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').expect(reference);
    root.pointer(pointer).expect(reference)
}

fn string(schema: &Value) -> Value {
    let pattern = schema["pattern"].as_str().unwrap_or_default();
    json!(if pattern.starts_with("^[a-z0-9") { "x-a-" } else { "A" })
}

fn objects(schema: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let none = vec![json!({})];
    if schema.get("properties").is_none() {
        // A key: more than its type is not said.
        return vec![json!({ "kty": "RSA" })];
    }
    let ways = schema["oneOf"].as_array().unwrap_or(&none);
    // A requirement holds requirements: two levels show as much as any number.
    let is_deep = |way: &&Value| depth > 3 && ["all", "any", "not"].contains(&first(way));
    ways.iter()
        .filter(|way| !is_deep(way))
        .flat_map(|way| objects_of(schema, way, root, depth))
        .collect()
}

fn first(way: &Value) -> &str {
    way["required"][0].as_str().unwrap_or_default()
}

fn objects_of(schema: &Value, way: &Value, root: &Value, depth: usize) -> Vec<Value> {
    let choices: Vec<_> = schema["oneOf"].as_array().into_iter().flatten().map(first).collect();
    let properties = schema["properties"].as_object().expect("properties");
    let belongs = |name: &str| {
        (!choices.contains(&name) || first(way) == name) && way["properties"][name] != json!(false)
    };
    let fields: Vec<_> = properties
        .iter()
        .filter(|(name, _)| belongs(name))
        .map(|(name, field)| (name.clone(), instances(field, root, depth)))
        .collect();
    let full: Map<_, _> = fields.iter().map(|(name, all)| (name.clone(), all[0].clone())).collect();
    let others = fields.iter().flat_map(|(name, all)| {
        let full = &full;
        all.iter().skip(1).map(move |other| {
            let mut object = full.clone();
            object.insert(name.clone(), other.clone());
            Value::Object(object)
        })
    });
    std::iter::once(Value::Object(full.clone())).chain(others).collect()
}
