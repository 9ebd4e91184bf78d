//! Warnings about settings that are valid but rarely intended.

mod addresses;
mod admins;
mod issuers;
mod origins;
mod revocation;
mod tenants;

use std::fmt;

use serde_json::Value;

use super::{Config, Issuer};
use crate::revocation::RevocationLevel;
use crate::route::{Access, Requirement, Route, Target};
use crate::token::IssuerTemplate;

/// A setting in a valid configuration that is rarely intended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Warning {
    /// The stable code of the warning; `docs/errors.md` lists all codes.
    pub code: &'static str,
    /// The place of the setting in the configuration, such as `origins[0].forwarded`.
    pub path: String,
    /// The consequence of the setting.
    pub message: String,
}

/// Words in the paths of a login, or of a step of one.
const LOGIN: [&str; 14] = [
    "auth", "login", "logon", "logout", "oauth", "oauth2", "password", "refresh", "register",
    "signin", "signup", "session", "token", "verify",
];

/// Methods that an API may be asked for.
const COMMON: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

impl Config {
    /// The settings in this configuration, which was made from `raw`, that are rarely intended.
    #[must_use]
    pub fn warnings(&self, raw: &Value) -> Vec<Warning> {
        // Behind these stand the ones that tenants give by their address.
        let named_origins = raw.get("origins").and_then(Value::as_array).map_or(0, Vec::len);
        let has_list_of_admins = raw.get("admin").is_some_and(Value::is_array);
        let mut warnings =
            Warnings { config: self, named_origins, has_list_of_admins, found: Vec::new() };
        for (index, route) in self.configured() {
            warnings.reach(index, route);
            warnings.openness(index, route);
            warnings.token(index, route);
            warnings.login(index, route);
            warnings.rewritten(index, route);
        }
        warnings.admins();
        warnings.revocation();
        warnings.audiences();
        warnings.origins();
        warnings.unused();
        warnings.tenants();
        warnings.addresses();
        warnings.found
    }

    fn configured(&self) -> impl Iterator<Item = (usize, &Route)> {
        let routes = self.routes.routes().iter().map(AsRef::as_ref).enumerate();
        routes.filter(|(_, route)| route.is_configured())
    }

    /// Whether any tenant is read: by `tenants`, or by a requirement.
    fn reads_tenants(&self) -> bool {
        let routes = self.routes.routes().iter().filter_map(|route| route.requirement.as_ref());
        let names_none = |one: &Requirement| !one.names_tenant();
        let admins = self.admins.iter().map(|admin| &admin.requirement);
        !self.tenants.tenants().is_empty() || !routes.chain(admins).all(names_none)
    }

    /// The routes with the path of `route`, itself among them.
    fn on_path_of<'a>(&'a self, route: &'a Route) -> impl Iterator<Item = &'a Route> {
        let is_same = |other: &&Route| {
            other.pattern.covers(&route.pattern) && route.pattern.covers(&other.pattern)
        };
        self.configured().map(|(_, other)| other).filter(is_same)
    }

    /// The most specific of the wider routes around `route` for which `is_meant` holds.
    fn around(&self, route: &Route, is_meant: impl Fn(&Route) -> bool) -> Option<&Route> {
        let is_wider = |other: &Route| {
            other.pattern.covers(&route.pattern) && !route.pattern.covers(&other.pattern)
        };
        let wider = self.configured().map(|(_, other)| other);
        let wider = wider.filter(|other| is_wider(other) && is_meant(other));
        wider.reduce(|near, other| if near.pattern.covers(&other.pattern) { other } else { near })
    }
}

struct Warnings<'a> {
    config: &'a Config,
    named_origins: usize,
    has_list_of_admins: bool,
    found: Vec<Warning>,
}

impl Warnings<'_> {
    fn add(&mut self, code: &'static str, path: impl fmt::Display, message: impl Into<String>) {
        self.found.push(Warning { code, path: path.to_string(), message: message.into() });
    }

    /// Warns of requests that do not reach the route where somebody may expect them.
    fn reach(&mut self, index: usize, route: &Route) {
        if self.config.routes.is_shadowed(index) {
            let message = "closer routes take every path that it matches: nothing ever reaches it";
            self.add("route_unreachable", format!("routes[{index}].path"), message);
        }
        // Who has several routes for one path has thought of its methods; a handler has no others.
        let is_split = self.config.on_path_of(route).count() > 1 || route.handler.is_some();
        let lost = |wider: &Route, method: &str| {
            wider.methods.serves(method) && !route.methods.serves(method)
        };
        let loses = |wider: &Route| COMMON.iter().any(|method| lost(wider, method));
        if let Some(wider) = self.config.around(route, loses).filter(|_| !is_split) {
            let methods: Vec<_> = COMMON.into_iter().filter(|method| lost(wider, method)).collect();
            let message = format!(
                "{} here is 405 although {} serves it: the most specific path decides alone",
                methods.join(", "),
                wider.pattern
            );
            self.add("methods_shadowed", format!("routes[{index}].methods"), message);
        }
    }

    /// Warns of routes that let more callers pass than those around them.
    fn openness(&mut self, index: usize, route: &Route) {
        let is_protected = |other: &Route| other.access == Access::Authenticated;
        if route.access == Access::Public && route.pattern.as_str() == "/**" {
            let message = "whatever no other route matches goes to the origin, without a token";
            self.add("public_catch_all", format!("routes[{index}]"), message);
        }
        // A handler's route has to be public.
        if route.access != Access::Authenticated && route.handler.is_none() {
            let is_split = self.config.on_path_of(route).any(is_protected);
            if let Some(around) = self.config.around(route, is_protected).filter(|_| !is_split) {
                let message =
                    format!("passes without a token, beneath {} which needs one", around.pattern);
                self.add("public_beneath_protected", format!("routes[{index}].access"), message);
            }
            return;
        }
        let demands = |other: &Route| is_protected(other) && other.requirement.is_some();
        let is_split = self.config.on_path_of(route).any(demands);
        let demanding = self.config.around(route, demands);
        if let Some(around) = demanding.filter(|_| route.requirement.is_none() && !is_split) {
            let message = format!(
                "any caller passes: the requirement of {} does not hold for routes beneath it",
                around.pattern
            );
            self.add("requirement_not_inherited", format!("routes[{index}]"), message);
        }
    }

    fn token(&mut self, index: usize, route: &Route) {
        if route.shadow.is_some() && (route.access != Access::Public || route.limit.is_some()) {
            let message = "what it would refuse passes: for a trial, and not for good";
            self.add("shadow_mode", format!("routes[{index}].mode"), message);
        }
        if route.access != Access::Public && route.revocation == RevocationLevel::Off {
            let message = "a revoked token passes here until it expires";
            self.add("revocation_off", format!("routes[{index}].revocation"), message);
        }
        let is_trusting =
            |other: &Route| other.access == Access::Authenticated && other.target == route.target;
        let trusts = self.config.configured().any(|(_, other)| is_trusting(other));
        if route.access != Access::Authenticated && self.keeps_authorization(route) && trusts {
            let message = "a token that was not verified reaches an origin that also gets verified \
                           ones; `authorization = \"strip\"` keeps it away";
            self.add("authorization_unverified", format!("routes[{index}].authorization"), message);
        }
    }

    /// Warns of login routes that refuse expired tokens: clients send one along when they log in or
    /// renew it.
    fn login(&mut self, index: usize, route: &Route) {
        // Much else beneath `/auth` may rightly need a token.
        let words =
            if route.access == Access::Optional { &LOGIN[..] } else { &["login", "refresh"] };
        let is_login = route.pattern.literals().last().is_some_and(|segment| {
            let segment = segment.to_ascii_lowercase();
            words.iter().any(|word| segment.split(['-', '_', '.']).any(|part| part == *word))
        });
        let takes_writes = route.methods.serves("POST");
        if route.access != Access::Public && is_login && takes_writes {
            let message = "a client with an expired token cannot log in or renew it here: it sends the old one \
                           along, which is refused; expected `access = \"public\"`";
            self.add("login_refused", format!("routes[{index}].access"), message);
        }
    }

    /// Whether the client's `Authorization` reaches the origin. An origin that gets tokens of its
    /// own by exchange gets no client's, whatever the route says. The origin of a tenant is not
    /// known here.
    fn keeps_authorization(&self, route: &Route) -> bool {
        let exchanges = |index: usize| {
            self.config.origins.get(index).is_some_and(|origin| origin.exchange.is_some())
        };
        // These two answer without the origin; what they end, they know by the token.
        let is_answered_here = route.handler.as_ref().is_some_and(|handler| !handler.is_forwarded);
        route.keeps_authorization
            && !is_answered_here
            && !matches!(route.target, Target::Origin(index) if exchanges(index))
    }

    fn unused(&mut self) {
        let config = self.config;
        let is_judged = config.configured().any(|(_, route)| route.access != Access::Public);
        if !config.issuers.is_empty() && !is_judged {
            self.add("issuers_unused", "issuers", "every route is public: no token is looked at");
        }
        for (index, origin) in config.origins.iter().enumerate().take(self.named_origins) {
            let leads = |route: &Route| route.target == Target::Origin(index);
            let is_used = config.configured().any(|(_, route)| leads(route));
            if !is_used && !self.serves_tenant(index) {
                let message = format!("no route leads to `{}`", origin.name);
                self.add("origin_unused", format!("origins[{index}]"), message);
            }
        }
    }
}

/// The template of an issuer that accepts tokens of several tenants.
fn template_of_many(issuer: &Issuer) -> Option<&IssuerTemplate> {
    issuer.policy.template.as_ref().filter(|template| template.takes_many())
}
