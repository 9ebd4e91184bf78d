//! Configuration: raw tables → checked types, with every error at once.

mod address;
mod credentials;
mod environment;
mod error;
mod form;
mod headers;
mod issuer;
mod keys;
mod limit;
mod origin;
mod own;
mod requirement;
mod routes;
#[cfg(not(target_arch = "wasm32"))]
mod schema;
mod shape;
mod table;
mod warnings;

use std::time::Duration;

use serde_json::Value;

pub use address::{Address, document_url};
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use issuer::Issuer;
pub use keys::KeySource;
pub use origin::Origin;
#[cfg(not(target_arch = "wasm32"))]
pub use schema::schema;
pub use warnings::Warning;

use crate::identity::HeaderRules;
use crate::route::{Requirement, RouteTable};
use shape::{ANY, Default, Form, Kind, Shape, choice, field, number, table, tables};
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

static SHAPE: Shape = Shape {
    name: "EDGEWARD",
    about: "The configuration of Edgeward, `[vars.EDGEWARD]` in wrangler.toml.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("realm", Kind::Text(&REALM))
            .or(Default::Text("edgeward"))
            .about("Names the API in `WWW-Authenticate`."),
        // Envoy allows 60 s, jose none and gets complaints.
        number("leeway_seconds", 0, 300)
            .or(Default::Number(30))
            .about("Tolerance for clocks that differ; for `exp`, `nbf`, `iat` and age."),
        choice("mode", &routes::MODES)
            .or(Default::Text("enforce"))
            .about("`shadow`: routes let pass what they would refuse, marked and logged."),
        table("log", &LOG).about("What is logged besides refusals."),
        table("admin", &ADMIN).about("Who may revoke tokens. Without it nobody may."),
        table("headers", &headers::SHAPE).about("Identity headers."),
        tables("origins", &origin::SHAPE).required().about("Where requests go."),
        tables("issuers", &issuer::SHAPE).about("Whose tokens are accepted."),
        tables("routes", &routes::SHAPE).required().about(
            "Which requests pass, and for whom. What matches no route is answered with 404.",
        ),
    ],
};

static LOG: Shape = Shape {
    name: "log",
    about: "What is logged. Refusals always are.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[choice("passes", &PASSES)
        .or(Default::Text("off"))
        .about("Which passes are logged: none, one in a hundred, or all.")],
};

const PASSES: [(&str, PassLog); 3] =
    [("off", PassLog::Off), ("sampled", PassLog::Sampled), ("all", PassLog::All)];

static ADMIN: Shape = Shape {
    name: "admin",
    about: "Who is an administrator.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[table("require", &requirement::SHAPE)
        .required()
        .about("What an administrator must be or have.")],
};

/// Without quotes, which would end it in the challenge.
static REALM: Form =
    Form { class: "A-Za-z0-9 ._-", expected: "expected letters, digits, spaces and `-._`", ..ANY };

impl Config {
    /// Checks a raw configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: all of them, each with its path.
    pub fn check(raw: &Value, environment: &Environment<'_>) -> Result<Self, ConfigErrors> {
        let errors = Errors::default();
        let config =
            Table::root(raw, &SHAPE, &errors).and_then(|root| read(&root, environment, &errors));
        match (config, errors.into_inner()) {
            (Some(config), errors) if errors.is_empty() => Ok(config),
            (_, errors) => Err(ConfigErrors::new(errors)),
        }
    }
}

fn read(root: &Table<'_>, environment: &Environment<'_>, errors: &Errors) -> Option<Config> {
    let leeway = root.number("leeway_seconds").unwrap_or_default();
    let names = issuer::names(root);
    let issuers = issuer::read_all(root, Duration::from_secs(leeway), environment);
    let origins = origin::read_all(root, environment);
    let headers = headers::read(root);
    let realm = root.string("realm");
    let passes = passes(root);
    let admin = root.table("admin").and_then(|admin| {
        let requirement = requirement::read_in(&admin, "require", &names);
        admin.finish();
        requirement
    });
    let is_shadow = root.choice("mode", &routes::MODES).unwrap_or_default();
    let beside = routes::Beside {
        origins: &origins,
        issuers: &names,
        headers: &headers,
        environment,
        is_shadow,
    };
    let routes = routes::read_all(root, &beside, admin.as_ref());
    root.finish();
    if !errors.is_empty() {
        return None;
    }
    let (realm, passes) = (realm?, passes?);
    Some(Config { realm, passes, headers, origins, issuers, routes: routes?, admin })
}

fn passes(root: &Table<'_>) -> Option<PassLog> {
    let log = root.table_of_defaults("log")?;
    let passes = log.choice("passes", &PASSES);
    log.finish();
    passes
}

#[cfg(test)]
mod tests;
