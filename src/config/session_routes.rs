//! `routes[].session` and `on_unauthenticated`: the routes of a session in cookies.

use std::rc::Rc;

use super::shape::{Default, Field, Shape, boolean, table, text};
use super::table::Table;
use super::{Issuer, address};
use crate::http::{CookieSession, CredentialSource, CredentialSources};
use crate::json::ValueRef;
use crate::route::{Access, CanonicalPath, RouteTable};

pub(super) const FIELD: Field = boolean("session")
    .or(Default::Flag(false))
    .about("Whether the caller's token may stand in the cookies of the session, or the handler keeps it there.");

pub(super) const LOGIN: Field = table("on_unauthenticated", &ON_UNAUTHENTICATED)
    .about("How pages without a session are answered. Absent: 401.");

static ON_UNAUTHENTICATED: Shape = Shape {
    name: "on_unauthenticated",
    about: "How pages without a session are answered.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[text("redirect").required().about(
        "The login page that navigations are sent to: a path of this host, or an `https` URL. The way back \
         is in its parameter `next`.",
    )],
};

/// The one session of a deployment. Notes what is wrong with the routes that belong to it.
pub(super) fn of_routes(root: &Table<'_>, issuers: &[Issuer]) -> Option<Rc<CookieSession>> {
    let mut found = issuers
        .iter()
        .filter_map(|issuer| Some((issuer, issuer.refresh.as_ref()?.session.as_ref()?)));
    let (issuer, rules) = found.next()?;
    if found.next().is_some() {
        root.error("issuers", "expected `refresh.session` at one issuer at most");
        return None;
    }
    let routes = root.value("routes").and_then(ValueRef::as_array).unwrap_or_default();
    let paths_of = |handler: &'static str| {
        routes.iter().filter_map(move |route| {
            let text = |name| route.get(name).and_then(ValueRef::as_str);
            let is_in_session = route.get("session").and_then(ValueRef::as_bool) == Some(true);
            let is_such = text("handler") == Some(handler) && is_in_session;
            text("path").filter(|path| is_such && !path.contains('*'))
        })
    };
    if paths_of("login").next().is_none() {
        root.error("routes", LOGIN_MISSING);
    }
    let mut refresh_paths = paths_of("refresh");
    let Some(refresh_path) = refresh_paths.next().map(str::to_owned) else {
        root.error("routes", REFRESH_MISSING);
        return None;
    };
    if refresh_paths.next().is_some() {
        root.error("routes", REFRESH_TWICE);
    }
    let [access, refresh] = rules.cookies.clone();
    Some(Rc::new(CookieSession {
        access,
        refresh,
        origins: rules.origins.clone(),
        csrf_header: rules.csrf_header.clone(),
        refresh_path,
        leeway: issuer.policy.leeway,
    }))
}

const SESSION_UNUSED: &str =
    "expected `access = \"authenticated\"` or \"optional\" with it, or a `handler`";
const LOGIN_MISSING: &str = "expected one with `handler = \"login\"`, `session = true` and a path without `*`, \
    because an issuer has `refresh.session`: it begins sessions";
const REFRESH_MISSING: &str = "expected one with `handler = \"refresh\"`, `session = true` and a path without `*`, \
    because an issuer has `refresh.session`: it renews them";

const REFRESH_TWICE: &str = "expected one with `handler = \"refresh\"` and `session = true`: a session that is \
    renewed on the way uses the same";

/// Whether some issuer has a session, even one with errors.
pub(super) fn mentions_session(root: &Table<'_>) -> bool {
    let issuers = root.value("issuers").and_then(ValueRef::as_array).unwrap_or_default();
    issuers
        .iter()
        .any(|issuer| issuer.get("refresh").is_some_and(|refresh| refresh.get("session").is_some()))
}

/// Refuses login pages that need a login themselves: a browser would be sent there for ever.
pub(super) fn check_logins(table: &RouteTable, places: &[(usize, &Table<'_>)]) {
    for ((_, place), route) in places.iter().zip(table.routes()) {
        let login = route.login.as_deref().filter(|login| login.starts_with('/'));
        let Some(path) = login.and_then(|login| login.split('?').next()) else { continue };
        let path = CanonicalPath::parse(path).ok();
        let found = path.and_then(|path| table.find("GET", &path, |_| false).ok());
        if found.is_none_or(|found| found.route.access == Access::Authenticated) {
            place.error(
                "on_unauthenticated.redirect",
                "expected the path of a route that lets everyone pass: it is the login page",
            );
        }
    }
}

/// The session of a route, if the route belongs to it.
pub(super) fn of_route(
    route: &Table<'_>,
    access: Option<Access>,
    (session, mentions_session): (Option<&Rc<CookieSession>>, bool),
) -> Option<Rc<CookieSession>> {
    if route.boolean("session") != Some(true) {
        return None;
    }
    // One that has faults is not there, and they are noted.
    if !mentions_session {
        route.error("session", "expected an issuer with `refresh.session`");
    }
    match route.text("handler") {
        Some("verify" | "blacklist" | "expire") => {
            route.error("session", "expected no `handler` that reads a token from the body");
        }
        None if access == Some(Access::Public) => {
            route.error("session", SESSION_UNUSED);
        }
        _ => {}
    }
    session.cloned()
}

/// Adds the cookies of a session to the places where a route looks for a token.
pub(super) fn accept(
    credentials: Option<Rc<CredentialSources>>,
    session: Option<&Rc<CookieSession>>,
    access: Option<Access>,
    route: Option<&Table<'_>>,
) -> Option<Rc<CredentialSources>> {
    let Some(session) = session.filter(|_| access != Some(Access::Public)) else {
        return credentials;
    };
    let bearer = || vec![CredentialSource::Authorization("Bearer".to_owned())];
    let mut sources = credentials.map_or_else(bearer, |sources| sources.all().to_vec());
    let is_own = |source: &CredentialSource| matches!(source, CredentialSource::Cookie(name, _) if session.owns(name));
    if let Some(route) = route.filter(|_| sources.iter().any(is_own)) {
        route.error("credentials", "expected no cookie of the session, which `session` reads");
    }
    sources.push(CredentialSource::Session(Rc::clone(session)));
    Some(Rc::new(CredentialSources::new(sources)))
}

/// The login page of a route.
pub(super) fn login(table: &Table<'_>, access: Option<Access>) -> Option<String> {
    let own = table.table("on_unauthenticated")?;
    if access == Some(Access::Public) {
        table.error(
            "on_unauthenticated",
            "expected `access = \"authenticated\"` or \"optional\" with it",
        );
    }
    let redirect = own.string("redirect");
    own.finish();
    let redirect = redirect?;
    let is_path = redirect.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
    let url = redirect.split_once('?').map_or(redirect.as_str(), |(url, _)| url);
    let is_plain = redirect.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#');
    if !is_plain || !(is_path || address::url(url).is_ok()) {
        own.error(
            "redirect",
            "expected a path of this host, or a URL: https://host/path, without `#`",
        );
        return None;
    }
    Some(redirect)
}
