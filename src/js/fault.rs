use serde_json::{Value, json};
use wasm_bindgen::JsValue;

use crate::config::{ConfigError, ConfigErrors};
use crate::gateway::Rejection;

/// The reason for which a call failed: a stable code, what was expected, and where known, at which
/// places. It holds no token text, no key and no secret.
#[derive(Debug)]
pub(super) struct Fault {
    code: &'static str,
    message: String,
    errors: Vec<ConfigError>,
}

impl Fault {
    /// The configuration has errors.
    pub(super) fn configuration(errors: &ConfigErrors) -> Self {
        let errors = errors.as_slice().to_vec();
        Self { code: "configuration_invalid", message: all(&errors), errors }
    }

    /// The options have a fault.
    pub(super) fn options(path: &str, problem: &str) -> Self {
        Self::of_options(ConfigErrors::one(path, problem).as_slice().to_vec())
    }

    /// The options have several faults.
    pub(super) fn of_options(errors: Vec<ConfigError>) -> Self {
        Self { code: "options_invalid", message: all(&errors), errors }
    }

    /// The token was refused. The caller has the token, and may know which check failed.
    pub(super) fn refused(rejection: &Rejection) -> Self {
        let message = match rejection {
            Rejection::Credential(_) => {
                "expected the token alone, without `Bearer`, quotes or spaces".to_owned()
            }
            Rejection::IssuerUnknown => "expected `iss` of the issuer".to_owned(),
            Rejection::Token(error) => error.to_string(),
            other => other.title().to_owned(),
        };
        Self { code: rejection.code(), message, errors: Vec::new() }
    }

    /// The same fault, with a more specific reason in its message.
    pub(super) fn because(self, reason: &str) -> Self {
        Self { message: format!("{}: {reason}", self.message), ..self }
    }
}

fn all(errors: &[ConfigError]) -> String {
    let line = |error: &ConfigError| match error.path.as_str() {
        "" => error.problem.clone(),
        path => format!("{path}: {}", error.problem),
    };
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The faults as a list of `{ path, message }`.
pub(super) fn places(errors: &[ConfigError]) -> Value {
    errors.iter().map(|error| json!({ "path": error.path, "message": error.problem })).collect()
}

impl From<Fault> for JsValue {
    fn from(fault: Fault) -> Self {
        let Fault { code, message, errors } = fault;
        let errors = (!errors.is_empty()).then(|| places(&errors));
        let text = json!({ "code": code, "message": message, "errors": errors }).to_string();
        Self::from_str(&text)
    }
}
