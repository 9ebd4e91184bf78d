//! `routes[].sync`: the tenant is told what another origin has changed.

use super::builtin;
use super::rewrite::plain_path;
use super::shape::{Field, text};
use super::table::Table;
use crate::route::{Access, Pattern, Route, Target};

pub(super) const FIELD: Field = text("sync").about(
    "A path at the tenant's origin: after a write that the route's `origin` has carried out, its \
     answer is posted there.",
);

/// The path, exactly as it is asked for.
pub(super) fn read(table: &Table<'_>) -> Option<String> {
    let text = table.string("sync")?;
    match Pattern::parse(&text) {
        Ok(pattern) if plain_path(&text).is_some() && !builtin::is_reserved(&pattern) => Some(text),
        _ => {
            table.error("sync", "expected a plain path such as `/internal/sync/me`");
            None
        }
    }
}

pub(super) fn check(table: &Table<'_>, route: &Route, has_tenants: bool) {
    if route.sync.is_none() {
        return;
    }
    if !has_tenants {
        table.error("sync", "expected `tenants`, one of which gets the call");
    }
    if route.target == Target::Tenant {
        table.error("sync", "expected an `origin` of the route with it");
    }
    // Nobody could be named as the one who has changed something.
    if route.access != Access::Authenticated {
        table.error("sync", "expected `access = \"authenticated\"` with it");
    }
}

/// Closes the paths that are told to clients: what comes there is to be the gateway's own word.
pub(super) fn close(routes: &mut Vec<Route>, places: &[(usize, &Table<'_>)]) {
    let paths: Vec<_> = routes.iter().filter_map(|route| route.sync.clone()).collect();
    let mut closed: Vec<Pattern> = Vec::new();
    for pattern in paths.iter().filter_map(|path| Pattern::parse(path).ok()) {
        let is_same = |other: &Pattern| other.covers(&pattern) && pattern.covers(other);
        let is_open = |route: &&Route| route.is_configured() && is_same(&route.pattern);
        let at = routes.iter().position(|route| is_open(&route));
        if let Some((_, table)) = at.and_then(|at| places.get(at)) {
            table.error(
                "path",
                "gets the calls of another route's `sync`, and is not open to clients",
            );
        } else if !closed.iter().any(is_same) {
            closed.push(pattern);
        }
    }
    routes.extend(closed.into_iter().map(builtin::closed));
}
