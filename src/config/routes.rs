use std::rc::Rc;

use super::builtin::{self, Own};
use super::nearest::did_you_mean;
use super::origin::Origins;
use super::revocation::LOG_MISSING;
use super::shape::{ANY, Default, Form, Kind, Shape, boolean, choice, field, table, tables, text};
use super::table::Table;
use super::{
    Administrator, Environment, Issuer, ObservationRules, admin, cache, conflicts, credentials,
    handler, limit, requirement, rewrite, session_routes, sync,
};
use crate::http::{CookieSession, ErrorStyle};
use crate::identity::HeaderRules;
use crate::revocation::RevocationLevel;
use crate::route::{Access, Methods, Pattern, Route, RouteTable, Target, TenantTable};

pub(super) static SHAPE: Shape = Shape {
    name: "route",
    about: "Which requests pass, for whom, and where they go. The most specific path decides alone.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("path").required().about(
            "A pattern: literal segments, `*` for one segment, a final `/**` for the root and all below.",
        ),
        field("methods", Kind::Texts(&METHOD))
            .or(Default::Texts(&["*"]))
            .about("Methods in upper case, or `[\"*\"]`. `GET` stands for `HEAD` too."),
        choice("mode", &MODES)
            .about("`shadow` lets pass what it would refuse, marked and logged. Absent: the root's."),
        choice("access", &ACCESS).required().about(
            "`authenticated` needs a good token; `optional` judges one that is there; `public` looks \
             at none.",
        ),
        table("require", &requirement::SHAPE)
            .about("What the caller must be or have besides; only with `access = \"authenticated\"`."),
        choice("revocation", &REVOCATION).or(Default::Text("bounded")).about(
            "How soon a revocation holds: `strict` asks the log every time; the copy of the log is at \
             most `revocation.bound_seconds` old for `bounded`, 60 s for `eventual` (KV alone may be \
             60 s behind, or more); `off` asks no one.",
        ),
        text("origin").about(
            "The name of an origin. Absent: the one of the request's tenant; without `tenants` the first.",
        ),
        rewrite::STRIP,
        rewrite::ADD,
        choice("encoded_slashes", &ENCODED_SLASHES).or(Default::Text("refuse")).about(
            "`keep`: `%2F` stays encoded, and separates no segments, for an API that needs it.",
        ),
        choice("cache", &CACHE).or(Default::Text("none")).about(
            "`zone`: answers to callers without a token may come from the zone's cache, and be kept there.",
        ),
        choice("error_style", &ERROR_STYLES)
            .about("How the body of a 401 is written. Absent: the root's."),
        sync::FIELD,
        choice("authorization", &AUTHORIZATION)
            .or(Default::Text("keep"))
            .about("Whether the client's `Authorization`, and a token elsewhere, reach the origin."),
        tables("credentials", &credentials::SHAPE)
            .about("Where the caller's token may stand. Absent: `Authorization: Bearer` alone."),
        choice("handler", &handler::HANDLERS).about(
            "What its requests are to an issuer with `refresh`: `refresh`, `login`, `logout`, `verify`, \
             `blacklist`, `password` or `expire`.",
        ),
        text("issuer").about("That issuer. Absent: the only one with `refresh`."),
        text("subject").about(
            "With `handler = \"password\"`, the path of the subject in the answer. Absent: the caller.",
        ),
        boolean("forward")
            .about("With `handler = \"logout\"`, whether the auth server is called. Absent: it is."),
        session_routes::FIELD,
        session_routes::LOGIN,
        table("limit", &limit::SHAPE).about("How many requests it accepts. Absent: any number."),
        boolean("cors_preflight")
            .or(Default::Flag(false))
            .about("Whether CORS preflights pass without a token."),
    ],
};

const ACCESS: [(&str, Access); 3] = [
    ("authenticated", Access::Authenticated),
    ("optional", Access::Optional),
    ("public", Access::Public),
];

const REVOCATION: [(&str, RevocationLevel); 4] = [
    ("strict", RevocationLevel::Strict),
    ("bounded", RevocationLevel::Bounded),
    ("eventual", RevocationLevel::Eventual),
    ("off", RevocationLevel::Off),
];

const NOBODY_TO_ASK: &str = "expected a KV binding `EDGEWARD_KV`, the Durable Object \
    `RevocationLog` bound as `EDGEWARD_REVOCATION_LOG`, or `revocation = \"off\"`";

/// The modes of a route, and whether it is in shadow mode in each.
pub(super) const MODES: [(&str, bool); 2] = [("enforce", false), ("shadow", true)];

const ENCODED_SLASHES: [(&str, bool); 2] = [("refuse", false), ("keep", true)];

const CACHE: [(&str, bool); 2] = [("none", false), ("zone", true)];

/// The formats of the bodies of 401s.
pub(super) const ERROR_STYLES: [(&str, ErrorStyle); 4] = [
    ("problem", ErrorStyle::Problem),
    ("simplejwt", ErrorStyle::SimpleJwt),
    ("simplejwt-5.4", ErrorStyle::SimpleJwt54),
    ("oauth2", ErrorStyle::OAuth2),
];

const AUTHORIZATION: [(&str, bool); 2] = [("keep", true), ("strip", false)];

static METHOD: Form = Form {
    class: "A-Z-",
    also: &["*"],
    except: &Methods::REFUSED,
    expected: METHOD_EXPECTED,
    ..ANY
};
const METHOD_EXPECTED: &str =
    "expected a method in upper case (not TRACE or CONNECT), or `[\"*\"]`";

/// The parts of the rest of the configuration that a route refers to.
#[derive(Debug)]
pub(super) struct Beside<'a> {
    pub(super) origins: &'a Origins,
    pub(super) has_tenants: bool,
    /// The tenants; none where they have faults.
    pub(super) tenants: Option<&'a TenantTable>,
    /// The names of the issuers.
    pub(super) issuers: &'a [&'a str],
    /// Those issuers that have no faults, whether one with faults has `refresh`, and where Durable
    /// Objects are created.
    pub(super) refreshed: (&'a [Issuer], bool, Option<&'a str>),
    /// The cookie session of the deployment, and whether an issuer has one, even one with errors.
    pub(super) session: (Option<&'a Rc<CookieSession>>, bool),
    pub(super) headers: &'a HeaderRules,
    pub(super) environment: &'a Environment<'a>,
    /// Whether routes without a `mode` are in shadow mode.
    pub(super) is_shadow: bool,
    /// The style of routes that name none.
    pub(super) error_style: ErrorStyle,
}

pub(super) fn read_all(
    root: &Table<'_>,
    beside: &Beside<'_>,
    (admins, observation): (&[Administrator], &ObservationRules),
) -> Option<RouteTable> {
    let tables = root.tables("routes");
    let mut routes = Vec::new();
    let mut places = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        if let Some(route) = read(table, beside) {
            check(table, &route, beside.issuers.is_empty(), beside.environment);
            sync::check(table, &route, beside.has_tenants);
            cache::check(table, &route, beside.origins, beside.tenants);
            routes.push(route);
            places.push((index, table));
        }
        table.finish();
    }
    let environment = beside.environment;
    let has_registry = environment.has_database && environment.has_sessions;
    routes.extend(builtin::routes(&Own {
        admin: admin::any_of(admins),
        has_store: environment.has_store,
        has_log: environment.has_log,
        has_registry,
        has_audit: observation.audits,
        metrics: observation.metrics_readers.as_ref(),
        publishes_keys: root.has("assertion"),
        session: beside.session.0,
    }));
    sync::close(&mut routes, &places);
    conflicts::build(routes, &places, (beside.origins, beside.tenants))
}

fn read(table: &Table<'_>, beside: &Beside<'_>) -> Option<Route> {
    let pattern = pattern(table);
    let methods = methods(table);
    let access = table.choice("access", &ACCESS);
    let requirement = requirement::read_in(table, "require", beside.issuers);
    let revocation = table.choice("revocation", &REVOCATION);
    let target = target(table, beside.origins, beside.has_tenants);
    let authorization = table.choice("authorization", &AUTHORIZATION);
    let credentials = credentials::read(table, access);
    let limit = limit::read(table, access, beside.environment);
    let cors_preflight = table.boolean("cors_preflight");
    let sync = sync::read(table);
    let rewrite = rewrite::read(table, pattern.as_ref());
    let keeps_encoded_slashes = table.choice("encoded_slashes", &ENCODED_SLASHES).unwrap_or(false);
    let uses_zone_cache = table.choice("cache", &CACHE).unwrap_or(false);
    let own_style =
        table.has("error_style").then(|| table.choice("error_style", &ERROR_STYLES)).flatten();
    let error_style = own_style.unwrap_or(beside.error_style);
    let is_shadow = table.choice("mode", &MODES).unwrap_or(beside.is_shadow);
    let session = session_routes::of_route(table, access, beside.session);
    let handler =
        handler::read(table, &methods, own_style, (is_shadow, session.is_some()), beside.refreshed);
    if is_shadow && session.is_some() {
        table.error(
            "session",
            "expected no `mode = \"shadow\"` with it: browsers would get the tokens",
        );
    }
    let login = session_routes::login(table, access);
    let credentials = session_routes::accept(credentials, session.as_ref(), access, Some(table));
    Some(Route {
        compared_segments: requirement::compared_segments(
            table,
            pattern.as_ref(),
            requirement.as_ref(),
        ),
        pattern: pattern?,
        methods,
        access: access?,
        requirement,
        revocation: revocation.unwrap_or(RevocationLevel::Bounded),
        target: target?,
        // Faulty is as good as no: the fault is noted, and what else is wrong is still found.
        keeps_authorization: authorization.unwrap_or_default(),
        credentials,
        cors_preflight: cors_preflight.unwrap_or_default(),
        sync,
        rewrite,
        keeps_encoded_slashes,
        uses_zone_cache,
        error_style,
        handler: handler.map(Rc::new),
        session,
        login,
        limit,
        shadow: is_shadow.then(|| beside.headers.shadow().into()),
    })
}

fn check(table: &Table<'_>, route: &Route, has_no_issuer: bool, environment: &Environment<'_>) {
    if table.has("require") && route.access != Access::Authenticated {
        table.error("require", "expected `access = \"authenticated\"` with it");
    }
    if (route.handler.is_some() || route.session.is_some()) && route.uses_zone_cache {
        table.error("cache", "expected no `zone` with `handler` or `session`");
    }
    if has_no_issuer && route.access != Access::Public {
        table.error("access", "expected an issuer for it under `issuers`");
    }
    let asks = route.access != Access::Public && route.revocation != RevocationLevel::Off;
    if route.revocation == RevocationLevel::Strict && !environment.has_log {
        table.error("revocation", LOG_MISSING);
    } else if asks && !environment.keeps_revocations() {
        table.error("revocation", NOBODY_TO_ASK);
    }
}

fn pattern(table: &Table<'_>) -> Option<Pattern> {
    match Pattern::parse(table.text("path")?) {
        Ok(pattern) if builtin::is_reserved(&pattern) => {
            table.error("path", "`/.edgeward/` belongs to the gateway");
            None
        }
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            table.error("path", problem.to_string());
            None
        }
    }
}

fn methods(table: &Table<'_>) -> Methods {
    let names = table.texts("methods").unwrap_or_default();
    if names == ["*"] {
        return Methods::Any;
    }
    // "Any" beside a list would be a list that means nothing.
    if let Some(index) = names.iter().position(|name| *name == "*") {
        table.error(&format!("methods[{index}]"), METHOD_EXPECTED);
    }
    Methods::Only(names.into_iter().map(str::to_owned).collect())
}

fn target(table: &Table<'_>, origins: &Origins, has_tenants: bool) -> Option<Target> {
    let Some(name) = table.text("origin") else {
        return Some(if has_tenants { Target::Tenant } else { Target::Origin(0) });
    };
    let index = origins.find(name);
    if index.is_none() {
        let known = origins.list.iter().map(|origin| origin.name.as_str());
        table.error(
            "origin",
            ["expected the name of an origin", &did_you_mean(name, known)].concat(),
        );
    }
    index.map(Target::Origin)
}
