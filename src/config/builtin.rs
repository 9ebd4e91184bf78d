//! The gateway's own resources, as routes like any other.

use std::rc::Rc;

use super::session_routes;
use crate::http::{CookieSession, ErrorStyle};
use crate::revocation::RevocationLevel;
use crate::route::{Access, Methods, OwnResource, Pattern, Requirement, Rewrite, Route, Target};

/// Everything under this prefix is the gateway's; no origin ever sees it.
const PREFIX: &str = "/.edgeward";

/// Whether a configured pattern lies under the prefix, however it is spelled.
pub(super) fn is_reserved(pattern: &Pattern) -> bool {
    pattern.first_literal().is_some_and(is_own)
}

/// Whether paths that begin with this segment are the gateway's.
pub(super) fn is_own(segment: &str) -> bool {
    PREFIX.strip_prefix('/') == Some(segment)
}

/// A path at an origin that no client may ask for: to them there is no such thing.
pub(super) fn closed(pattern: Pattern) -> Route {
    Route {
        compared_segments: Vec::new(),
        pattern,
        methods: Methods::Any,
        access: Access::Public,
        requirement: None,
        revocation: RevocationLevel::Off,
        target: Target::Own(OwnResource::Unknown),
        keeps_authorization: false,
        credentials: None,
        cors_preflight: false,
        sync: None,
        rewrite: Rewrite::default(),
        keeps_encoded_slashes: false,
        uses_zone_cache: false,
        error_style: ErrorStyle::Problem,
        handler: None,
        session: None,
        login: None,
        limit: None,
        shadow: None,
    }
}

/// The settings and stores on which the gateway's own routes depend.
#[expect(clippy::struct_excessive_bools, reason = "each is a store or a setting")]
pub(super) struct Own<'a> {
    /// Who may change revocations and the registry; `None` for nobody.
    pub(super) admin: Option<Requirement>,
    /// Whether KV keeps revocations.
    pub(super) has_store: bool,
    pub(super) has_log: bool,
    pub(super) has_registry: bool,
    pub(super) has_audit: bool,
    /// Who may read the metrics; `None` where there are none.
    pub(super) metrics: Option<&'a Requirement>,
    pub(super) publishes_keys: bool,
    pub(super) session: Option<&'a Rc<CookieSession>>,
}

/// The routes to the gateway's own resources.
pub(super) fn routes(own: &Own<'_>) -> Vec<Route> {
    let can_ask = own.has_store || own.has_log;
    let asked = |policy| {
        if can_ask { policy } else { RevocationLevel::Off }
    };
    let bounded = asked(RevocationLevel::Bounded);
    let mut routes = vec![
        route("/**", OwnResource::Unknown, Access::Public, bounded),
        route("/health", OwnResource::Health, Access::Public, bounded),
        route("/ready", OwnResource::Ready, Access::Optional, bounded),
        in_session(route("/me", OwnResource::Me, Access::Authenticated, bounded), own.session),
        route("/playground/**", OwnResource::Page, Access::Public, bounded),
        route("/docs/**", OwnResource::Page, Access::Public, bounded),
    ];
    if own.publishes_keys {
        routes.push(route("/jwks.json", OwnResource::KeySet, Access::Public, bounded));
    }
    if own.has_log {
        let revoke = route("/token/revoke", OwnResource::TokenRevocation, Access::Public, bounded);
        routes.push(revoke);
    }
    let strict = asked(RevocationLevel::Strict);
    if own.has_registry {
        for below in ["/sessions", "/sessions/*"] {
            let sessions = route(below, OwnResource::Sessions, Access::Authenticated, strict);
            routes.push(in_session(sessions, own.session));
        }
    }
    routes.extend(
        own.metrics.map(|readers| guarded(("/metrics", OwnResource::Metrics), readers, strict)),
    );
    // Without KV or the log there is nothing to add to, without an administrator nobody who may.
    if let Some(admin) = own.admin.as_ref().filter(|_| can_ask) {
        routes.extend(admin_resources(own).map(|resource| guarded(resource, admin, strict)));
    }
    routes.into_iter().flatten().collect()
}

/// The resources for administrators.
fn admin_resources(own: &Own<'_>) -> impl Iterator<Item = (&'static str, OwnResource)> {
    let revocations = [
        ("/admin/revocations", OwnResource::Revocations),
        ("/admin/revocations/import", OwnResource::RevocationImport),
    ];
    let registry = [
        ("/admin/tokens", OwnResource::Tokens),
        ("/admin/tokens/expire", OwnResource::TokenExpiry),
        ("/admin/tokens/archive", OwnResource::Archive),
        ("/admin/subjects/*", OwnResource::Subject),
    ];
    let audit =
        [("/admin/audit", OwnResource::Audit), ("/admin/audit/seals", OwnResource::AuditSeals)];
    let (has_registry, has_audit) = (own.has_registry, own.has_audit);
    let registry = registry.into_iter().filter(move |_| has_registry);
    revocations.into_iter().chain(registry).chain(audit.into_iter().filter(move |_| has_audit))
}

/// A resource for those who meet a requirement.
fn guarded(
    (below, resource): (&str, OwnResource),
    requirement: &Requirement,
    revocation: RevocationLevel,
) -> Option<Route> {
    let own = route(below, resource, Access::Authenticated, revocation);
    own.map(|route| Route { requirement: Some(requirement.clone()), ..route })
}

/// The route with the cookies of the session among its credentials.
fn in_session(route: Option<Route>, session: Option<&Rc<CookieSession>>) -> Option<Route> {
    route.map(|own| Route {
        credentials: session_routes::accept(None, session, Some(Access::Authenticated), None),
        session: session.cloned(),
        ..own
    })
}

fn route(
    below: &str,
    resource: OwnResource,
    access: Access,
    revocation: RevocationLevel,
) -> Option<Route> {
    let pattern = Pattern::parse(&format!("{PREFIX}{below}")).ok()?;
    Some(Route { access, revocation, target: Target::Own(resource), ..closed(pattern) })
}
