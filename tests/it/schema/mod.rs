//! The JSON Schema and the reader of the configuration say the same.

mod agreement;
mod documents;
mod instances;

use boon::{Compiler, SchemaIndex, Schemas};
use edgeward::config::{Config, Environment, schema};
use serde_json::{Value, json};

/// Another implementation's reading of the schema.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("edgeward.json", schema()).expect("a resource");
        // It checks the schema against its own metaschema, too.
        let index = compiler.compile("edgeward.json", &mut schemas).expect("a JSON Schema");
        Self { schemas, index }
    }

    fn refusal(&self, raw: &Value) -> Option<String> {
        self.schemas.validate(raw, self.index).err().map(|error| error.to_string())
    }
}

/// Long enough for every algorithm, and a signing key (RFC 8037, appendix A.1).
const SECRET: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// What the reader says, in surroundings that have everything.
fn errors(raw: &Value) -> Vec<String> {
    let environment = Environment {
        secret: &|_| Some(SECRET.to_owned()),
        has_service: &|_| true,
        limiter: &|_| Some(None),
        has_store: true,
        has_log: true,
        has_sessions: true,
        has_database: true,
        has_metrics: true,
        is_edge: true,
    };
    let errors = Config::check(&raw.into(), &environment).err();
    errors
        .map_or_else(Vec::new, |errors| errors.as_slice().iter().map(ToString::to_string).collect())
}

/// The least that is a configuration.
fn minimal() -> Value {
    json!({
        "origins": [{ "name": "main", "url": "https://api.example.com" }],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "discovery": true },
        }],
        "routes": [{ "path": "/api/**", "access": "authenticated" }],
    })
}

/// The texts of errors that a declaration can express; what else is refused only the reader knows.
fn is_declared(error: &str) -> bool {
    let (_, problem) = error.split_once(": ").expect("a path");
    [
        "expected \"",
        "expected a JSON object with an array `keys`",
        "expected a header name",
        "expected a list",
        "expected a method",
        "expected a number",
        "expected a table",
        "expected a text",
        "expected a whole number",
        "expected at least one origin",
        "expected at least one requirement",
        "expected at least one route",
        "expected exactly one of",
        "expected letters",
        "expected lower-case letters",
        "expected the name of a Worker secret, and",
        "expected one of RS256",
        "expected true",
        "is required",
        "unknown field",
    ]
    .iter()
    .any(|declared| problem.starts_with(declared))
}
