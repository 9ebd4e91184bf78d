//! The shapes as a JSON Schema ([2020-12]), for editors and for checks before a deployment.
//!
//! It says what a declaration can say; that two routes tie or a binding is missing, the reader says.
//!
//! [2020-12]: https://json-schema.org/draft/2020-12

use serde_json::{Map, Value, json};

use super::root::SHAPE;
use super::shape::{ANY, Default, Field, Form, Kind, Shape};

/// The JSON Schema of the table `EDGEWARD`.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = Map::new();
    let mut root = table(&SHAPE, &mut definitions);
    root.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    root.insert("title".to_owned(), SHAPE.name.into());
    root.insert("$defs".to_owned(), definitions.into());
    root.into()
}

/// A table that is used in many places, or in itself, is written once and referred to.
fn reference(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Value {
    if !definitions.contains_key(shape.name) {
        definitions.insert(shape.name.to_owned(), Value::Null);
        let written = table(shape, definitions);
        definitions.insert(shape.name.to_owned(), written.into());
    }
    json!({ "$ref": format!("#/$defs/{}", shape.name) })
}

fn table(shape: &'static Shape, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let properties: Map<_, _> = shape
        .fields
        .iter()
        .map(|field| (field.name.to_owned(), described(field, definitions)))
        .collect();
    let always = |field: &&Field| field.is_required && field.beside.is_empty();
    let mut table = object(json!({
        "description": shape.about,
        "type": "object",
        "properties": properties,
        "required": names(shape.fields.iter().filter(always)),
        "additionalProperties": false,
    }));
    if !shape.exactly_one.is_empty() {
        let choices = shape.exactly_one.iter().flat_map(|choice| alternatives(shape, choice));
        table.insert("oneOf".to_owned(), choices.collect());
    }
    table
}

/// The table with this choice, once for each set that may stand beside it.
fn alternatives(shape: &Shape, choice: &str) -> Vec<Value> {
    match shape.sets_beside {
        (at, sets) if at == choice => {
            let apart = |set: &&[&str]| alternative(shape, choice, set, sets.concat().as_slice());
            sets.iter().map(apart).collect()
        }
        _ => vec![alternative(shape, choice, &[], &[])],
    }
}

/// The table with this choice: what it needs beside it, and what has no place there.
fn alternative(shape: &Shape, choice: &str, set: &[&str], sets: &[&str]) -> Value {
    let belongs = |field: &Field| {
        let is_apart = sets.contains(&field.name) && !set.contains(&field.name);
        !is_apart && (field.beside.is_empty() || field.beside.contains(&choice))
    };
    let is_needed =
        |field: &&Field| (field.is_required && belongs(field)) || set.contains(&field.name);
    let needed = shape.fields.iter().filter(is_needed);
    let besides = names(needed).into_iter().filter(|name| *name != choice);
    let required: Vec<_> = std::iter::once(choice).chain(besides).collect();
    let foreign = shape
        .fields
        .iter()
        .filter(|field| !belongs(field) && !shape.exactly_one.contains(&field.name));
    let excluded: Map<_, _> =
        foreign.map(|field| (field.name.to_owned(), Value::Bool(false))).collect();
    json!({ "required": required, "properties": excluded })
}

fn described(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    let mut schema = object(kind(field, definitions));
    schema.insert("description".to_owned(), field.about.into());
    if let Some(default) = default(field.default) {
        schema.insert("default".to_owned(), default);
    }
    schema.into()
}

fn default(default: Default) -> Option<Value> {
    match default {
        Default::Absent => None,
        Default::Flag(flag) => Some(flag.into()),
        Default::Number(number) => Some(number.into()),
        Default::Text(text) => Some(text.into()),
        Default::Texts(texts) => Some(texts.into()),
    }
}

fn kind(field: &Field, definitions: &mut Map<String, Value>) -> Value {
    match field.kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Choice(words) => json!({ "enum": words.words() }),
        Kind::KeySet => key_set(),
        Kind::Names(names) => list(&json!({ "enum": names })),
        Kind::Number(first, last) => {
            json!({ "type": "integer", "minimum": first, "maximum": last })
        }
        Kind::Numeric => json!({ "type": "number" }),
        Kind::Scalar => scalar(),
        Kind::Scalars => list(&scalar()),
        Kind::Table(shape) => reference(shape, definitions),
        Kind::Tables(shape) => {
            let items = reference(shape, definitions);
            let least = u8::from(field.is_required);
            json!({ "type": "array", "items": items, "minItems": least })
        }
        Kind::TableOrTables(shape) => {
            let table = reference(shape, definitions);
            json!({ "anyOf": [table, list(&table)] })
        }
        Kind::Text(form) => text(form),
        Kind::TextOrFalse => json!({ "anyOf": [text(&ANY), { "const": false }] }),
        Kind::TextOrTable(shape) => {
            json!({ "anyOf": [text(&ANY), reference(shape, definitions)] })
        }
        Kind::TextsOrTable(shape) => {
            let table = reference(shape, definitions);
            json!({ "anyOf": [text(&ANY), list(&text(&ANY)), table] })
        }
        Kind::Texts(form) => list(&text(form)),
        Kind::TextsOrAny => json!({ "anyOf": [list(&text(&ANY)), { "const": "any" }] }),
        Kind::True => json!({ "const": true }),
        Kind::TrueOrText => json!({ "anyOf": [{ "const": true }, text(&ANY)] }),
    }
}

fn scalar() -> Value {
    json!({ "type": ["string", "number", "boolean"], "minLength": 1 })
}

fn list(items: &Value) -> Value {
    json!({ "type": "array", "items": items, "minItems": 1 })
}

/// The keys themselves are the reader's to judge.
fn key_set() -> Value {
    let key = json!({ "type": "object", "required": ["kty"] });
    let keys = json!({ "type": "array", "items": key, "minItems": 1 });
    json!({ "type": "object", "required": ["keys"], "properties": { "keys": keys } })
}

fn text(form: &Form) -> Value {
    let mut own = object(json!({ "type": "string", "minLength": form.least }));
    if form.most != ANY.most {
        own.insert("maxLength".to_owned(), form.most.into());
    }
    if !form.class.is_empty() {
        let pattern = format!("^[{}]*{}$", form.class, form.ending);
        own.insert("pattern".to_owned(), pattern.into());
    }
    if !form.except.is_empty() {
        own.insert("not".to_owned(), json!({ "enum": form.except }));
    }
    if form.also.is_empty() { own.into() } else { json!({ "anyOf": [own, { "enum": form.also }] }) }
}

fn names<'a>(fields: impl Iterator<Item = &'a Field>) -> Vec<&'static str> {
    fields.map(|field| field.name).collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
