use std::cell::RefCell;

use edgeward::config::{Config, ConfigErrors, Environment};
use serde_json::Value;

use crate::deployment::Deployment;

/// Stands in for a secret that is only known where it is deployed: as long as any may have to be, and
/// a signing key where one is wanted (that of RFC 8037, appendix A.1).
const PLACEHOLDER: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// What is bound, and which secrets are known; the others are taken to exist.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    deployment: &'a Deployment,
    /// Known secrets by name.
    known: Vec<(String, String)>,
    assumed: RefCell<Vec<String>>,
    assumed_services: RefCell<Vec<String>>,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new(deployment: &'a Deployment, known: Vec<(String, String)>) -> Self {
        Self {
            deployment,
            known,
            assumed: RefCell::default(),
            assumed_services: RefCell::default(),
        }
    }

    /// Checks the configuration as it would be checked where it is deployed.
    pub(crate) fn check(&self, raw: &Value) -> Result<Config, ConfigErrors> {
        let environment = Environment {
            secret: &|name| Some(self.secret(name)),
            has_service: &|name| self.has_service(name),
            limiter: &|name| {
                let binding = self.deployment.limiter(name)?;
                Some(binding.pointer("/simple/period").and_then(Value::as_u64))
            },
            has_store: self.deployment.has_store(),
            is_edge: true,
        };
        Config::check(raw, &environment)
    }

    /// The secrets that were asked for and are not known, by what may be shown of their names.
    pub(crate) fn assumed(&self) -> Vec<String> {
        let mut assumed = self.assumed.borrow().clone();
        assumed.dedup();
        assumed
    }

    /// The service bindings that were asked for and are not known, because a document has none.
    pub(crate) fn assumed_services(&self) -> Vec<String> {
        let mut assumed = self.assumed_services.borrow().clone();
        assumed.dedup();
        assumed
    }

    fn has_service(&self, name: &str) -> bool {
        if self.deployment.is_document() {
            self.assumed_services.borrow_mut().push(name.to_owned());
            return true;
        }
        self.deployment.has_service(name)
    }

    fn secret(&self, name: &str) -> String {
        if let Some((_, secret)) = self.known.iter().find(|(own, _)| own == name) {
            return secret.clone();
        }
        self.assumed.borrow_mut().push(shown(name).to_owned());
        PLACEHOLDER.to_owned()
    }
}

/// A name in capitals, as they are usually written. Anything else could be a secret that was pasted
/// where its name belongs, and a report is shown to more people than a configuration.
fn shown(name: &str) -> &str {
    let is_usual = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_short = name.len() < 32 || name.contains('_');
    if is_short && name.bytes().all(is_usual) { name } else { "…" }
}
