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

/// The routes to the gateway's own resources. KV (`has_store`) or the log keeps revocations, and the
/// registry tokens; only those who meet `admin` may change them.
pub(super) fn routes(
    admin: Option<Requirement>,
    (has_store, has_log, has_registry): (bool, bool, bool),
    publishes_keys: bool,
    session: Option<&Rc<CookieSession>>,
) -> Vec<Route> {
    let can_ask = has_store || has_log;
    let asked = |policy| {
        if can_ask { policy } else { RevocationLevel::Off }
    };
    let bounded = asked(RevocationLevel::Bounded);
    let mut routes = vec![
        route("/**", OwnResource::Unknown, Access::Public, bounded),
        route("/health", OwnResource::Health, Access::Public, bounded),
        route("/ready", OwnResource::Ready, Access::Optional, bounded),
        in_session(route("/me", OwnResource::Me, Access::Authenticated, bounded), session),
        route("/playground/**", OwnResource::Page, Access::Public, bounded),
    ];
    if publishes_keys {
        routes.push(route("/jwks.json", OwnResource::KeySet, Access::Public, bounded));
    }
    if has_log {
        let revoke = route("/token/revoke", OwnResource::TokenRevocation, Access::Public, bounded);
        routes.push(revoke);
    }
    if has_registry {
        for below in ["/sessions", "/sessions/*"] {
            let own = route(
                below,
                OwnResource::Sessions,
                Access::Authenticated,
                asked(RevocationLevel::Strict),
            );
            routes.push(in_session(own, session));
        }
    }
    // Without KV or the log there is nothing to add to, without an administrator nobody who may.
    if let Some(requirement) = admin.filter(|_| can_ask) {
        let registry = [
            ("/admin/tokens", OwnResource::Tokens),
            ("/admin/tokens/expire", OwnResource::TokenExpiry),
            ("/admin/tokens/archive", OwnResource::Archive),
            ("/admin/subjects/*", OwnResource::Subject),
        ];
        for (below, resource) in [
            ("/admin/revocations", OwnResource::Revocations),
            ("/admin/revocations/import", OwnResource::RevocationImport),
        ]
        .into_iter()
        .chain(registry.into_iter().filter(|_| has_registry))
        {
            let admin = route(below, resource, Access::Authenticated, RevocationLevel::Strict);
            let requirement = Some(requirement.clone());
            routes.push(admin.map(|route| Route { requirement, ..route }));
        }
    }
    routes.into_iter().flatten().collect()
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
