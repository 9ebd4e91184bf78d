//! Configuration: raw tables → checked types, with every error at once.

mod address;
mod environment;
mod error;
mod headers;
mod issuer;
mod keys;
mod origin;
mod own;
mod remote;
mod requirement;
mod routes;
mod table;
mod ways;

use std::time::Duration;

use serde_json::Value;

pub use address::{Address, document_url};
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use issuer::Issuer;
pub use keys::KeySource;
pub use origin::Origin;
pub use remote::{BreakerPolicy, Client, ClientAuth, Remote};

use crate::identity::HeaderRules;
use crate::route::{Requirement, RouteTable};
use table::{Errors, Table};

/// A configuration that holds together: the only kind that a [`crate::gateway::Gateway`] takes.
#[derive(Debug)]
pub struct Config {
    /// Named in challenges.
    pub realm: String,
    /// Which passes are logged.
    pub passes: PassLog,
    /// Identity headers.
    pub headers: HeaderRules,
    /// Where requests may go; at least one.
    pub origins: Vec<Origin>,
    /// Whose tokens are taken.
    pub issuers: Vec<Issuer>,
    /// Which requests are taken, the gateway's own resources among them.
    pub routes: RouteTable,
    /// What an administrator is; `None` when nobody is one.
    pub admin: Option<Requirement>,
}

/// Which passes are logged. Refusals always are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be handled")]
pub enum PassLog {
    /// None: a log line costs more than the whole decision.
    #[default]
    Off,
    /// One in a hundred.
    Sampled,
    /// All.
    All,
}

/// Tolerance for clocks: Envoy 60 s, jose 0 and complaints.
const LEEWAY_SECONDS: u64 = 30;

impl Config {
    /// Checks a raw configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: all of them, each with its path.
    pub fn check(raw: &Value, environment: &Environment<'_>) -> Result<Self, ConfigErrors> {
        let errors = Errors::default();
        let config = Table::root(raw, &errors).and_then(|root| read(&root, environment, &errors));
        match (config, errors.into_inner()) {
            (Some(config), errors) if errors.is_empty() => Ok(config),
            (_, errors) => Err(ConfigErrors::new(errors)),
        }
    }
}

fn read(root: &Table<'_>, environment: &Environment<'_>, errors: &Errors) -> Option<Config> {
    let leeway = root.number("leeway_seconds", 0..=300).unwrap_or(LEEWAY_SECONDS);
    let has_issuers =
        root.value("issuers").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
    let issuers = issuer::read_all(root, Duration::from_secs(leeway), environment);
    let origins = origin::read_all(root, environment);
    let headers = headers::read(root);
    let realm = realm(root);
    let passes = passes(root);
    let admin = root.table("admin").and_then(|admin| {
        let requirement = requirement::required(&admin, "require");
        admin.finish();
        requirement
    });
    let routes = routes::read_all(root, &origins, admin.as_ref(), !has_issuers, environment);
    root.finish();
    if !errors.is_empty() {
        return None;
    }
    Some(Config { realm, passes, headers, origins, issuers, routes: routes?, admin })
}

fn realm(root: &Table<'_>) -> String {
    let realm = root.string("realm").unwrap_or_else(|| "edgeward".to_owned());
    if !realm.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" -._".contains(&byte)) {
        root.error("realm", "expected letters, digits, spaces and `-._`");
    }
    realm
}

fn passes(root: &Table<'_>) -> PassLog {
    let Some(log) = root.table("log") else {
        return PassLog::default();
    };
    let names = [("off", PassLog::Off), ("sampled", PassLog::Sampled), ("all", PassLog::All)];
    let passes = log.choice("passes", &names).unwrap_or_default();
    log.finish();
    passes
}

#[cfg(test)]
mod tests;
