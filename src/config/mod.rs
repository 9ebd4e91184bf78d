//! Configuration: raw tables → checked types, with every error at once.

mod address;
mod assertion;
mod builtin;
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
mod log;
mod nearest;
mod origin;
mod place;
mod placeholder;
mod remote;
mod requirement;
mod rewrite;
mod routes;
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
mod schema;
mod secrets;
mod shape;
mod sizes;
mod source;
mod sync;
mod table;
mod template;
mod tenants;
mod verify_method;
mod warnings;

use std::time::Duration;

pub use address::{Address, document_url};
pub use environment::Environment;
pub use error::{ConfigError, ConfigErrors};
pub use exchange::Exchange;
pub use issuer::Issuer;
pub use keys::KeySource;
pub use log::{LogRules, PassLog};
pub use nearest::{did_you_mean, is_near};
pub use origin::{ForwardedRule, Origin};
pub use placeholder::{is_placeholder, problem as placeholder_problem};
pub use remote::{BreakerPolicy, Client, ClientAuth, Remote};
#[cfg(any(not(target_arch = "wasm32"), feature = "js"))]
pub use schema::schema;
pub use source::{
    BackupAction, ConfigInForce, ConfigLocation, fall_back, is_left_to_document, read_document,
    succeed,
};
pub use warnings::Warning;

use crate::http::{CredentialSources, READ, TokenGrammar};
use crate::identity::{AssertionRules, HeaderRules};
use crate::json::ValueRef;
use crate::route::{Requirement, RouteTable, TenantTable};
use shape::{ANY, Default, Form, Kind, Shape, choice, field, number, table, tables};
use table::{Errors, Table};

/// A configuration that holds together: the only kind that a [`crate::gateway::Gateway`] takes.
#[derive(Debug)]
pub struct Config {
    /// Named in challenges.
    pub realm: String,
    /// What is logged.
    pub log: LogRules,
    /// Longest token, in bytes.
    pub token_bytes: usize,
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
        table("log", &log::SHAPE).about("What is logged besides refusals."),
        table("limits", &sizes::SHAPE).about("How large tokens and identity headers may be."),
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
        sources.any(CredentialSources::are_outside_authorization)
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
    for name in sources.flat_map(CredentialSources::headers) {
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
    let sizes = sizes::read(root);
    let mut headers = headers::read(root, sizes.as_ref());
    let tenants = tenants::read_all(root, &mut origins, &names, &mut headers, environment);
    let assertion = assertion::read(root, environment);
    let realm = root.string("realm");
    let log = log::read(root);
    let admin = root.table("admin").and_then(|admin| {
        let requirement = requirement::read_in(&admin, "require", &names);
        if requirement.as_ref().is_some_and(|tree| !tree.segments().is_empty()) {
            admin.error("require", "expected no `path_segment`: it is not about one path");
        }
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
    let (realm, log, sizes) = (realm?, log?, sizes?);
    let ((tenants, tenant_headers), routes) = (tenants?, routes?);
    Some(Config {
        token_headers: token_headers(&routes),
        token_grammar: token_grammar(&issuers),
        realm,
        log,
        token_bytes: sizes.token_bytes,
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

#[cfg(test)]
mod tests;
