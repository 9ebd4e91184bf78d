//! What the documents show is valid, and what the schema names is documented.

use std::path::Path;

use edgeward::config::schema;
use serde_json::{Value, json};

use super::{Judge, errors, minimal};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn parsed(text: &str) -> Value {
    toml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The examples of a document, each with what it leaves out.
fn examples(document: &str) -> Vec<Value> {
    let blocks = document.split("```toml\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).flat_map(complete).collect()
}

fn complete(block: &str) -> Vec<Value> {
    if block.contains("vars.EDGEWARD") {
        let mut raw = minimal();
        for (name, value) in parsed(block)["vars"]["EDGEWARD"].as_object().expect("a table") {
            raw[name] = value.clone();
        }
        return vec![raw];
    }
    // Alternatives of one field, one a line.
    let places = [("verify", "/issuers/0"), ("claims", "/issuers/0"), ("require", "/routes/0")];
    let line = |line: &str| {
        let (name, place) = places.iter().find(|(name, _)| line.starts_with(name)).expect(line);
        let mut raw = minimal();
        let mut partner = raw["issuers"][0].clone();
        (partner["name"], partner["issuer"]) = (json!("partner"), json!("https://partner.example"));
        raw["issuers"].as_array_mut().expect("a list").push(partner);
        let value = parsed(line)[*name].clone();
        if ["/secrets", "/fallback/secrets"].iter().any(|place| value.pointer(place).is_some()) {
            raw["issuers"][0]["algorithms"] = json!(["HS256"]);
        }
        let has = |names: [&str; 2]| names.iter().any(|name| value.get(name).is_some());
        if has(["me", "introspection"]) && !has(["fallback", "signed_by"]) {
            raw["issuers"][0].as_object_mut().expect("an issuer").remove("algorithms");
        }
        raw.pointer_mut(place).expect(place)[*name] = value;
        raw
    };
    block.lines().map(line).collect()
}

#[test]
fn every_example_is_valid_for_the_schema_and_the_reader() {
    let judge = Judge::new();
    let documents = ["docs/configuration.md", "docs/migration.md"];
    let shown: Vec<_> = documents.iter().flat_map(|path| examples(&read(path))).collect();
    assert!(shown.len() >= 8, "only {} examples were seen", shown.len());
    for raw in shown {
        assert_eq!((judge.refusal(&raw), errors(&raw)), (None, vec![]), "{raw:#}");
    }
}

#[test]
fn the_configurations_of_the_repository_are_valid() {
    let judge = Judge::new();
    let demo = &parsed(&read("demo/gateway.toml"))["vars"]["EDGEWARD"];
    assert_eq!((judge.refusal(demo), errors(demo)), (None, vec![]));
    // What stands in <…> is for whoever deploys to fill in.
    let filled = read("wrangler.toml").replace(['<', '>'], "");
    let template = &parsed(&filled)["vars"]["EDGEWARD"];
    assert_eq!((judge.refusal(template), errors(template)), (None, vec![]));
}

#[test]
fn every_field_and_word_of_the_schema_is_documented() {
    let (document, schema) = (read("docs/configuration.md"), schema());
    let tables = schema["$defs"].as_object().expect("definitions").values();
    let mut seen = 0;
    for table in tables.chain([&schema]) {
        for (name, field) in table["properties"].as_object().expect("properties") {
            assert!(says(&document, name), "`{name}` is not documented");
            assert!(!field["description"].as_str().unwrap_or_default().is_empty(), "{name}");
            let words = [&field["enum"], &field["items"]["enum"]];
            for word in words.into_iter().filter_map(Value::as_array).flatten() {
                assert!(says(&document, word.as_str().expect("a word")), "{name}: {word}");
            }
            seen += 1;
        }
    }
    assert!(seen > 40, "only {seen} fields were seen");
}

/// Whether the document has it as code: by itself, in quotes, in a path or in an example.
fn says(document: &str, name: &str) -> bool {
    let ends = [
        ("`", "`"),
        ("\"", "\""),
        (".", "`"),
        ("{ ", " "),
        ("\n", " = "),
        ("`", " = "),
        (", ", " }"),
    ];
    ends.iter().any(|(before, after)| document.contains(&format!("{before}{name}{after}")))
}
