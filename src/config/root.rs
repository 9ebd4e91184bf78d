//! The table `[vars.EDGEWARD]`, in which all others stand.

use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::shape::{ANY, Default, Form, Kind, Shape, choice, field, number, table, tables};
use super::table::{Errors, Table};
use super::{
    Config, ConfigErrors, Environment, Issuer, admin, assertion, headers, issuer, location, log,
    metrics, origin, requirement, revocation, routes, session_routes, sizes, tenants,
};
use crate::http::{CookieSession, CredentialSources, TokenGrammar};
use crate::jose::base64url;
use crate::json::ValueRef;
use crate::route::RouteTable;

impl Config {
    /// Checks a raw configuration.
    ///
    /// # Errors
    ///
    /// [`ConfigErrors`]: all of them, each with its path.
    pub fn check(raw: &ValueRef<'_>, environment: &Environment<'_>) -> Result<Self, ConfigErrors> {
        let errors = Errors::default();
        let config = Table::root(raw, &SHAPE, &errors).and_then(|root| read(&root, environment));
        match (config, errors.into_inner()) {
            (Some(mut config), errors) if errors.is_empty() => {
                config.observation.digest = config.observation.audits.then(|| digest(raw));
                Ok(config)
            }
            (_, errors) => Err(ConfigErrors::new(errors)),
        }
    }
}

pub(super) static SHAPE: Shape = Shape {
    name: "EDGEWARD",
    about: "The configuration of Edgeward, `[vars.EDGEWARD]` in wrangler.toml.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        field("realm", Kind::Text(&REALM))
            .or(Default::Text("edgeward"))
            .about("Names the API in `WWW-Authenticate`."),
        location::FROM,
        location::REFRESH_SECONDS,
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
        field("admin", Kind::TableOrTables(&admin::SHAPE))
            .about("Who may revoke tokens. Without it, no one may."),
        choice("audit", &metrics::AUDIT)
            .or(Default::Text("off"))
            .about("`database`: an audit trail in D1 of what happens to sessions, what administrators do, and refusals."),
        choice("metrics", &metrics::METRICS)
            .or(Default::Text("off"))
            .about("`object`: isolates report counts to the Durable Object `MetricsSink`, which shows the sums at `/.edgeward/metrics`."),
        table("metrics_require", &requirement::SHAPE)
            .about("Who may read the metrics. Absent: administrators."),
        table("revocation", &revocation::SHAPE)
            .about("How soon a revocation holds, and who else may revoke tokens."),
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

/// Without quotes, which would end it in the challenge.
static REALM: Form =
    Form { class: "A-Za-z0-9 ._-", expected: "expected letters, digits, spaces and `-._`", ..ANY };

fn read(root: &Table<'_>, environment: &Environment<'_>) -> Option<Config> {
    let leeway = root.number("leeway_seconds").unwrap_or_default();
    location::check(root, environment);
    let names = issuer::names(root);
    let revocation = revocation::read(root, environment);
    let times = issuer::Times {
        leeway: Duration::from_secs(leeway),
        longest_life: revocation.as_ref().and_then(|rules| rules.longest_token),
    };
    let issuers = issuer::read_all(root, times, environment);
    let mut origins = origin::read_all(root, environment);
    let sizes = sizes::read(root);
    let mut headers = headers::read(root, sizes.as_ref());
    let tenants = tenants::read_all(root, &mut origins, &names, &mut headers, environment);
    let assertion = assertion::read(root, environment);
    let realm = root.string("realm");
    let log = log::read(root);
    let admins = admin::read_all(root, &names);
    let observation = metrics::read(root, (&names, &admins), environment);
    let session = session_routes::of_routes(root, &issuers);
    let beside = routes::Beside {
        origins: &origins,
        has_tenants: root.has("tenants"),
        tenants: tenants.as_ref().map(|(tenants, _)| tenants),
        issuers: &names,
        refreshed: (
            &issuers,
            issuer::mentions_refresh(root, &issuers),
            revocation.as_ref().and_then(|rules| rules.location.as_deref()),
        ),
        session: (session.as_ref(), session_routes::mentions_session(root)),
        headers: &headers,
        environment,
        is_shadow: root.choice("mode", &routes::MODES).unwrap_or_default(),
        error_style: root.choice("error_style", &routes::ERROR_STYLES).unwrap_or_default(),
    };
    let routes = routes::read_all(root, &beside, (&admins, &observation));
    root.finish();
    let (realm, log, sizes, revocation) = (realm?, log?, sizes?, revocation?);
    let ((tenants, tenant_headers), routes) = (tenants?, routes?);
    Some(Config {
        read_headers: read_headers(&routes, session.as_deref()),
        session,
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
        admins,
        revocation,
        observation,
    })
}

/// A hash of what a configuration says, however it is spaced, and in whatever order it stands.
fn digest(raw: &ValueRef<'_>) -> String {
    base64url(&Sha256::digest(Value::from(raw.clone()).to_string()))
}

fn token_grammar(issuers: &[Issuer]) -> TokenGrammar {
    let takes_opaque = issuers.iter().any(|issuer| issuer.is_opaque);
    if takes_opaque { TokenGrammar::Visible } else { TokenGrammar::B64Token }
}

fn read_headers(routes: &RouteTable, session: Option<&CookieSession>) -> Vec<String> {
    let routes = routes.routes();
    let sources = routes.iter().filter_map(|route| route.credentials.as_deref());
    let redirects = routes.iter().any(|route| route.login.is_some());
    let navigation = redirects.then_some("sec-fetch-mode");
    let csrf = session.and_then(|session| session.csrf_header.as_deref());
    let mut names: Vec<String> = Vec::new();
    for name in sources.flat_map(CredentialSources::headers).chain(navigation).chain(csrf) {
        if names.iter().all(|other| other != name) {
            names.push(name.to_owned());
        }
    }
    names
}
