use std::cell::RefCell;
use std::fmt;

use serde_json::Value;

use super::{Assumption, Explanation, Stage};
use crate::config::{Config, ConfigErrors, Environment};

/// The placeholder for a secret that is known only where it is deployed. It is as long as any
/// secret may have to be, and is a signing key where one is wanted (that of RFC 8037, appendix
/// A.1).
const PLACEHOLDER: &str = r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The environment of a configuration that is checked elsewhere than where it is deployed: its
/// bindings, as far as they are known, and the secrets that are known. The others are assumed to
/// exist.
#[derive(Debug)]
pub struct OfflineEnvironment<'a> {
    bound: Option<Bound<'a>>,
    /// Known secrets by name.
    known: Vec<(String, String)>,
    /// Every secret that was asked for.
    secrets: RefCell<Vec<String>>,
    assumed: RefCell<Vec<String>>,
    /// The names of the secrets under which tokens are signed, as the checked configuration has them.
    signing: RefCell<Vec<String>>,
    assumed_services: RefCell<Vec<String>>,
}

type Named<'a, T> = Box<dyn Fn(&str) -> T + 'a>;

/// The bindings of a deployment.
#[expect(clippy::exhaustive_structs, reason = "whoever asks fills it")]
#[expect(clippy::struct_excessive_bools, reason = "each is a binding")]
pub struct Bound<'a> {
    /// Whether there is a service binding of this name.
    pub has_service: Named<'a, bool>,
    /// Whether there is a rate limiting binding of this name, and its period in seconds where that
    /// is known.
    pub limiter: Named<'a, Option<Option<u64>>>,
    /// Whether KV, the store for revocations, is bound.
    pub has_store: bool,
    /// Whether the Durable Object `RevocationLog` is bound as `EDGEWARD_REVOCATION_LOG`.
    pub has_log: bool,
    /// Whether the Durable Object `SessionFamily` is bound as `EDGEWARD_SESSIONS`.
    pub has_sessions: bool,
    /// Whether a database is bound as `EDGEWARD_DB`.
    pub has_database: bool,
    /// Whether the Durable Object `MetricsSink` is bound as `EDGEWARD_METRICS`.
    pub has_metrics: bool,
}

impl<'a> OfflineEnvironment<'a> {
    /// Creates an environment. Without `bound` the bindings are not known, and all are assumed to
    /// exist.
    #[must_use]
    pub fn new(bound: Option<Bound<'a>>, known: Vec<(String, String)>) -> Self {
        let (secrets, assumed, signing, assumed_services) = Default::default();
        Self { bound, known, secrets, assumed, signing, assumed_services }
    }

    /// Checks the configuration as it would be checked where it is deployed.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: all of them, each with its path.
    pub fn check(&self, raw: &Value) -> Result<Config, ConfigErrors> {
        *self.signing.borrow_mut() = signing_secrets(raw);
        let environment = Environment {
            secret: &|name| Some(self.secret(name)),
            has_service: &|name| self.has_service(name),
            limiter: &|name| match &self.bound {
                Some(bound) => (bound.limiter)(name),
                None => Some(None),
            },
            has_store: self.bound.as_ref().is_none_or(|bound| bound.has_store),
            has_log: self.bound.as_ref().is_none_or(|bound| bound.has_log),
            has_sessions: self.bound.as_ref().is_none_or(|bound| bound.has_sessions),
            has_database: self.bound.as_ref().is_none_or(|bound| bound.has_database),
            has_metrics: self.bound.as_ref().is_none_or(|bound| bound.has_metrics),
            is_edge: true,
        };
        Config::check(&raw.into(), &environment)
    }

    /// The names of the secrets that were looked up. A name may be a secret itself, pasted in the
    /// wrong place: show it with [`usual_name`].
    #[must_use]
    pub fn secrets(&self) -> Vec<String> {
        let mut secrets = self.secrets.borrow().clone();
        secrets.dedup();
        secrets
    }

    /// The names of the secrets that were looked up and are not known, as [`usual_name`] shows
    /// them.
    #[must_use]
    pub fn assumed(&self) -> Vec<String> {
        let mut assumed = self.assumed.borrow().clone();
        assumed.dedup();
        assumed
    }

    /// Whether the bindings are not known, so that all are assumed to exist.
    #[must_use]
    pub fn assumes_bindings(&self) -> bool {
        self.bound.is_none()
    }

    /// The service bindings that were looked up while the bindings are not known.
    #[must_use]
    pub fn assumed_services(&self) -> Vec<String> {
        let mut assumed = self.assumed_services.borrow().clone();
        assumed.dedup();
        assumed
    }

    /// The assumption that an explanation rests on if a secret is not known: a token signed with
    /// that secret cannot be verified, which says nothing about the token. The explanation then
    /// says so.
    #[must_use]
    pub fn assumption(&self, explanation: &mut Explanation) -> Option<Assumption> {
        let mut unknown = self.assumed();
        unknown.retain(|name| self.signing.borrow().contains(name));
        let token = explanation.token.as_ref()?;
        if !token.algorithm.starts_with("HS") || unknown.is_empty() {
            return None;
        }
        let last = explanation.findings.last_mut();
        if let Some(last) = last.filter(|last| last.stage == Stage::Signature && !last.holds) {
            let names = unknown.join(", ");
            last.summary =
                format!("not known: the text of {names} is not given (--secret NAME=VARIABLE)");
            last.checks.clear();
        }
        Some(Assumption::SecretsUnknown(unknown))
    }

    fn has_service(&self, name: &str) -> bool {
        if let Some(bound) = &self.bound {
            return (bound.has_service)(name);
        }
        self.assumed_services.borrow_mut().push(name.to_owned());
        true
    }

    fn secret(&self, name: &str) -> String {
        self.secrets.borrow_mut().push(name.to_owned());
        if let Some((_, secret)) = self.known.iter().find(|(own, _)| own == name) {
            return secret.clone();
        }
        self.assumed.borrow_mut().push(usual_name(name).to_owned());
        PLACEHOLDER.to_owned()
    }
}

/// The names in `secrets` of the issuers. Secrets with other uses say nothing about a signature.
fn signing_secrets(raw: &Value) -> Vec<String> {
    let issuers = raw.get("issuers").and_then(Value::as_array).into_iter().flatten();
    let secrets = issuers.filter_map(|issuer| issuer.pointer("/verify/secrets")?.as_array());
    secrets.flatten().filter_map(Value::as_str).map(|name| usual_name(name).to_owned()).collect()
}

impl fmt::Debug for Bound<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Bound")
            .field("has_store", &self.has_store)
            .field("has_log", &self.has_log)
            .field("has_sessions", &self.has_sessions)
            .finish_non_exhaustive()
    }
}

/// The name, if it is written in capitals, digits and underscores as usual, and has fewer than 32
/// bytes or an underscore; `…` otherwise. Anything else could be a secret that was pasted where its
/// name belongs, and a report is shown to more people than a configuration.
#[must_use]
pub fn usual_name(name: &str) -> &str {
    let is_usual = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let is_short = name.len() < 32 || name.contains('_');
    if is_short && name.bytes().all(is_usual) { name } else { "…" }
}
