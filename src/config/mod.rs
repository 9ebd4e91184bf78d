//! Configuration: raw tables → checked types, with every error at once.

mod address;
mod admin;
mod assertion;
mod builtin;
mod cache;
mod claims;
mod configuration;
mod conflicts;
mod credentials;
mod environment;
mod error;
mod exchange;
mod form;
mod handler;
mod headers;
mod issuer;
mod keys;
mod limit;
mod location;
mod log;
mod metrics;
mod nearest;
mod origin;
mod place;
mod placeholder;
mod preset;
mod refresh;
mod remote;
mod requirement;
mod revocation;
mod rewrite;
mod root;
mod routes;
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
mod schema;
mod secrets;
mod session;
mod session_routes;
mod shape;
mod sizes;
mod source;
mod sync;
mod table;
mod template;
mod tenants;
mod verify_method;
mod warnings;

pub use address::{Address, document_url};
pub use admin::Administrator;
pub use configuration::Config;
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use exchange::Exchange;
pub use issuer::Issuer;
pub use keys::KeySource;
pub use location::{ConfigLocation, is_left_to_document};
pub use log::{LogRules, PassLog};
pub use metrics::ObservationRules;
pub use nearest::{did_you_mean, is_near};
pub use origin::{ForwardedRule, Origin};
pub use placeholder::{is_placeholder, problem as placeholder_problem};
pub use refresh::RefreshRules;
pub use remote::{BreakerPolicy, Client, ClientAuth, Remote};
pub use revocation::{RevocationClient, RevocationRules};
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
pub use schema::schema;
pub use source::{BackupAction, ConfigInForce, fall_back, read_document, succeed};
pub use warnings::Warning;

#[cfg(test)]
mod tests;
