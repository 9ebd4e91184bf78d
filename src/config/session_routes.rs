//! `routes[].session` and `on_unauthenticated`: the routes of a session in cookies.

use std::rc::Rc;

use super::shape::{Default, Field, Shape, boolean, table, text};
use super::table::Table;
use super::{Issuer, address};
use crate::http::{CookieSession, CredentialSource, CredentialSources};
use crate::json::ValueRef;
use crate::route::Access;

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
    let paths = routes.iter().filter_map(|route| {
        let is = |name: &str, word: &str| route.get(name).and_then(ValueRef::as_str) == Some(word);
        let is_in_session = route.get("session").and_then(ValueRef::as_bool) == Some(true);
        let is_refresh = is("handler", "refresh") && is_in_session;
        route
            .get("path")
            .and_then(ValueRef::as_str)
            .filter(|path| is_refresh && !path.contains('*'))
    });
    let Some(refresh_path) = paths.map(str::to_owned).next() else {
        root.error(
            "routes",
            "expected one with `handler = \"refresh\"`, `session = true` and a path without `*`",
        );
        return None;
    };
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

/// The session of a route, if the route belongs to it.
pub(super) fn of_route(
    route: &Table<'_>,
    access: Option<Access>,
    (issuers, mentions_refresh, _): (&[Issuer], bool, Option<&str>),
    session: Option<&Rc<CookieSession>>,
) -> Option<Rc<CookieSession>> {
    if route.boolean("session") != Some(true) {
        return None;
    }
    let is_declared =
        |issuer: &Issuer| issuer.refresh.as_ref().is_some_and(|refresh| refresh.session.is_some());
    // One that has faults is not there, and they are noted.
    if !mentions_refresh && !issuers.iter().any(is_declared) {
        route.error("session", "expected an issuer with `refresh.session`");
    }
    match route.text("handler") {
        Some("verify" | "blacklist") => {
            route.error("session", "expected no `handler` that reads a token from the body");
        }
        None if access == Some(Access::Public) => {
            route.error("session", "expected `access = \"authenticated\"` or \"optional\" with it");
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
) -> Option<Rc<CredentialSources>> {
    let Some(session) = session.filter(|_| access != Some(Access::Public)) else {
        return credentials;
    };
    let bearer = || vec![CredentialSource::Authorization("Bearer".to_owned())];
    let mut sources = credentials.map_or_else(bearer, |sources| sources.all().to_vec());
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
    }
    Some(redirect)
}
