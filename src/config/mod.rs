//! Configuration: raw tables → checked types, with every error at once.

mod address;
mod assertion;
mod cache;
mod claims;
mod credentials;
mod environment;
mod error;
mod exchange;
mod form;
mod headers;
mod issuer;
mod keys;
mod limit;
mod nearest;
mod origin;
mod own;
mod remote;
mod requirement;
mod rewrite;
mod routes;
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
mod schema;
mod secrets;
mod shape;
mod source;
mod sync;
mod table;
mod tenants;
mod warnings;
mod ways;

use std::time::Duration;

pub use address::{Address, document_url};
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use exchange::Exchange;
pub use issuer::Issuer;
pub use keys::KeySource;
pub use origin::{ForwardedRule, Origin};
pub use remote::{BreakerPolicy, Client, ClientAuth, Remote};
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
pub use schema::schema;
pub use source::{
    Keeping, Origination, Source, fall_back, is_left_to_document, read_document, succeed,
};
pub use warnings::Warning;

use crate::http::{READ, Sources, TokenGrammar};
use crate::identity::{AssertionRules, HeaderRules};
use crate::json::ValueRef;
use crate::limits;
use crate::route::{Requirement, RouteTable, TenantTable};
use shape::{ANY, Default, Form, Kind, Shape, choice, field, number, table, tables};
use table::{Errors, Table};

/// A configuration that holds together: the only kind that a [`crate::gateway::Gateway`] takes.
#[derive(Debug)]
pub struct Config {
    /// Named in challenges.
    pub realm: String,
    /// Which passes are logged.
    pub passes: PassLog,
    /// Most refusals that an isolate logs within a second, one by one; what is more is counted.
    pub refusals_per_second: u64,
    /// The same of passes.
    pub passes_per_second: u64,
    /// Which characters a token may have: more of them where an issuer takes opaque ones.
    pub token_grammar: TokenGrammar,
    /// Identity headers.
    pub headers: HeaderRules,
    /// Those for the own origins of tenants that have a set for themselves, by the tenant's index.
    pub tenant_headers: Vec<Option<HeaderRules>>,
    /// The assertion for origins, when there is a key for it.
    pub assertion: Option<AssertionRules>,
    /// Where requests may go; at least one. Behind those that have a table of their own stand those
    /// of tenants that give an address.
    pub origins: Vec<Origin>,
    /// Whose servers stand behind the gateway; none where all requests go to the same ones.
    pub tenants: TenantTable,
    /// Whose tokens are taken.
    pub issuers: Vec<Issuer>,
    /// Which requests are taken, the gateway's own resources among them.
    pub routes: RouteTable,
    /// What an administrator is; `None` when nobody is one.
    pub admin: Option<Requirement>,
    /// Headers in which a route looks for a token.
    token_headers: Vec<String>,
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
        source::FROM,
        source::REFRESH_SECONDS,
        // Envoy allows 60 s, jose none and gets complaints.
        number("leeway_seconds", 0, 300)
            .or(Default::Number(30))
            .about("Tolerance for clocks that differ; for `exp`, `nbf`, `iat` and age."),
        choice("mode", &routes::MODES)
            .or(Default::Text("enforce"))
            .about("`shadow`: routes let pass what they would refuse, marked and logged."),
        choice("error_style", &routes::ERROR_STYLES)
            .or(Default::Text("problem"))
            .about("How the body of a 401 is written, where a route does not say."),
        table("log", &LOG).about("What is logged besides refusals."),
        table("admin", &ADMIN).about("Who may revoke tokens. Without it nobody may."),
        table("headers", &headers::SHAPE).about("Identity headers."),
        table("assertion", &assertion::SHAPE)
            .about("A signed proof for origins that a request came through the gateway."),
        tables("origins", &origin::SHAPE).required().about("Where requests go."),
        tables("tenants", &tenants::SHAPE).about("Customers with a server of their own."),
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
    fields: &[
        choice("passes", &PASSES)
            .or(Default::Text("off"))
            .about("Which passes are logged: none, one in a hundred, or all."),
        number("refusals_per_second", 1, 1_000_000)
            .or(Default::Number(limits::REFUSALS_LOGGED))
            .about("How many refusals an isolate logs within a second; what is more is counted."),
        number("passes_per_second", 1, 1_000_000)
            .or(Default::Number(limits::PASSES_LOGGED))
            .about("The same of passes, where they are logged."),
    ],
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
    /// The identity headers for the own origin of a tenant.
    #[must_use]
    pub fn headers_of(&self, tenant: Option<usize>) -> &HeaderRules {
        let own = tenant.and_then(|tenant| self.tenant_headers.get(tenant)?.as_ref());
        own.unwrap_or(&self.headers)
    }

    /// Checks a raw configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: all of them, each with its path.
    pub fn check(raw: &ValueRef<'_>, environment: &Environment<'_>) -> Result<Self, ConfigErrors> {
        let errors = Errors::default();
        let config =
            Table::root(raw, &SHAPE, &errors).and_then(|root| read(&root, environment, &errors));
        match (config, errors.into_inner()) {
            (Some(config), errors) if errors.is_empty() => Ok(config),
            (_, errors) => Err(ConfigErrors::new(errors)),
        }
    }

    /// Whether some route looks for a token in another place than `Authorization`.
    #[must_use]
    pub fn reads_tokens_outside_authorization(&self) -> bool {
        let routes = self.routes.routes().iter();
        let mut sources = routes.filter_map(|route| route.credentials.as_deref());
        sources.any(Sources::are_outside_authorization)
    }

    /// Whether the value of the header with this lower-case name may decide anything.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        READ.contains(&name) || self.token_headers.iter().any(|own| own == name)
    }
}

fn token_grammar(issuers: &[Issuer]) -> TokenGrammar {
    let takes_opaque = issuers.iter().any(|issuer| issuer.is_opaque);
    if takes_opaque { TokenGrammar::Visible } else { TokenGrammar::B64Token }
}

fn token_headers(routes: &RouteTable) -> Vec<String> {
    let sources = routes.routes().iter().filter_map(|route| route.credentials.as_deref());
    let mut names: Vec<String> = Vec::new();
    for name in sources.flat_map(Sources::headers) {
        if names.iter().all(|other| other != name) {
            names.push(name.to_owned());
        }
    }
    names
}

fn read(root: &Table<'_>, environment: &Environment<'_>, errors: &Errors) -> Option<Config> {
    let leeway = root.number("leeway_seconds").unwrap_or_default();
    source::check(root, environment);
    let names = issuer::names(root);
    let issuers = issuer::read_all(root, Duration::from_secs(leeway), environment);
    let mut origins = origin::read_all(root, environment);
    let mut headers = headers::read(root);
    let tenants = tenants::read_all(root, &mut origins, &names, &mut headers, environment);
    let assertion = assertion::read(root, environment);
    let realm = root.string("realm");
    let log = log(root);
    let admin = root.table("admin").and_then(|admin| {
        let requirement = requirement::read_in(&admin, "require", &names);
        admin.finish();
        requirement
    });
    let is_shadow = root.choice("mode", &routes::MODES).unwrap_or_default();
    let error_style = root.choice("error_style", &routes::ERROR_STYLES).unwrap_or_default();
    let beside = routes::Beside {
        origins: &origins,
        has_tenants: root.has("tenants"),
        tenants: tenants.as_ref().map(|(tenants, _)| tenants),
        issuers: &names,
        headers: &headers,
        environment,
        is_shadow,
        error_style,
    };
    let routes = routes::read_all(root, &beside, admin.as_ref());
    root.finish();
    if !errors.is_empty() {
        return None;
    }
    let (realm, (passes, refusals_per_second, passes_per_second)) = (realm?, log?);
    let ((tenants, tenant_headers), routes) = (tenants?, routes?);
    Some(Config {
        token_headers: token_headers(&routes),
        token_grammar: token_grammar(&issuers),
        realm,
        passes,
        refusals_per_second,
        passes_per_second,
        headers,
        tenant_headers,
        assertion,
        origins: origins.list,
        tenants,
        issuers,
        routes,
        admin,
    })
}

fn log(root: &Table<'_>) -> Option<(PassLog, u64, u64)> {
    let log = root.table_of_defaults("log")?;
    let passes = log.choice("passes", &PASSES);
    let most = ["refusals_per_second", "passes_per_second"].map(|name| log.number(name));
    log.finish();
    let [refusals, passes_logged] = most;
    Some((passes?, refusals?, passes_logged?))
}

#[cfg(test)]
mod tests;
