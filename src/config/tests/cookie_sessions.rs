use serde_json::{Value, json};

use super::{check_beside, minimal};
use crate::config::Config;

/// The configuration with a session of its issuer, a route that refreshes it, and one more route.
fn check(session: &Value, route: &Value) -> Result<Config, Vec<String>> {
    let mut raw = minimal();
    raw["issuers"][0]["refresh"] = json!({ "preset": "node", "session": session });
    let routes = raw["routes"].as_array_mut().expect("routes");
    routes.push(json!({
        "path": "/refresh", "methods": ["POST"], "access": "public", "handler": "refresh",
        "session": true,
    }));
    routes.push(json!({
        "path": "/login", "methods": ["POST"], "access": "public", "handler": "login", "session": true,
    }));
    routes.push(json!({ "path": "/sign-in", "access": "public" }));
    if !route.is_null() {
        routes.push(route.clone());
    }
    check_beside(&raw, true, true)
}

fn errors(session: &Value, route: &Value) -> Vec<String> {
    check(session, route).err().unwrap_or_default()
}

#[test]
fn a_session_has_its_cookies_and_the_path_that_refreshes_it() {
    let route = json!({ "path": "/app/**", "access": "authenticated", "session": true });
    let config = check(&json!({ "key": "SECRET" }), &route).expect("valid");
    let session = config.session.as_ref().expect("a session");
    assert_eq!(
        (session.access.as_str(), session.refresh.as_str()),
        ("__Host-access", "__Host-refresh")
    );
    assert_eq!(session.refresh_path, "/refresh");
    assert_eq!(session.leeway.as_secs(), 30);
    let app = config.routes.routes().iter().find(|route| route.pattern.as_str() == "/app/**");
    let sources = app.and_then(|route| route.credentials.clone()).expect("credentials");
    let sources: Vec<_> = sources.all().iter().map(ToString::to_string).collect();
    assert_eq!(sources, ["`Authorization: Bearer`", "the cookie `__Host-access`"]);
    let me = config.routes.routes().iter().find(|route| route.pattern.as_str() == "/.edgeward/me");
    assert!(me.is_some_and(|route| route.session.is_some()));
    // A closed tab loses its cookies: they are given again for longer.
    assert_eq!(config.issuers[0].refresh.as_ref().map(|refresh| refresh.unused), Some(600));
}

#[test]
fn what_a_session_lacks_or_has_too_much_is_said() {
    for (session, expected) in [
        (json!({}), "key: is required"),
        (json!({ "key": "EMPTY" }), "key: expected a secret of at least 32 bytes"),
        (
            json!({ "key": "SECRET", "previous_key": "EMPTY" }),
            "previous_key: expected a secret of at least 32 bytes",
        ),
        (
            json!({ "key": "SECRET", "cookies": { "access": "token" } }),
            "cookies.access: expected `__Host-` and then letters, digits, `_` and `-`, 64 at most",
        ),
        (
            json!({ "key": "SECRET", "cookies": { "refresh": "__Host-" } }),
            "cookies.refresh: expected `__Host-` and then letters, digits, `_` and `-`, 64 at most",
        ),
        (
            json!({ "key": "SECRET", "cookies": { "access": "__Host-a", "refresh": "__Host-a" } }),
            "cookies.refresh: expected another name than that of `access`",
        ),
        (
            json!({ "key": "SECRET", "idle_seconds": 59 }),
            "idle_seconds: expected a whole number from 60 to 34560000",
        ),
        (
            json!({ "key": "SECRET", "csrf": { "origins": ["https://app.example/"] } }),
            "csrf.origins[0]: expected an origin: https://host[:port]",
        ),
        (
            json!({ "key": "SECRET", "csrf": { "header": "accept" } }),
            "csrf.header: expected a header name that begins with `x-`, in lower case, which no browser sends by itself",
        ),
        (
            json!({ "key": "SECRET", "client_id": "web" }),
            "client_id: expected `preset = \"oauth2\"` with it",
        ),
    ] {
        let found = errors(&session, &Value::Null);
        assert_eq!(found, [format!("issuers[0].refresh.session.{expected}")], "{session}");
    }
}

#[test]
fn what_a_route_of_a_session_lacks_or_has_too_much_is_said() {
    let app = |changes: &Value| {
        let mut route = json!({ "path": "/app/**", "access": "authenticated", "session": true });
        for (name, value) in changes.as_object().expect("an object") {
            route[name] = value.clone();
        }
        route
    };
    for (changes, expected) in [
        (
            json!({ "access": "public" }),
            "session: expected `access = \"authenticated\"` or \"optional\" with it, or a `handler`",
        ),
        (
            json!({ "cache": "zone", "access": "optional" }),
            "cache: expected no `zone` with `handler` or `session`",
        ),
        (
            json!({ "mode": "shadow" }),
            "session: expected no `mode = \"shadow\"` with it: browsers would get the tokens",
        ),
        (
            json!({ "handler": "verify", "access": "public", "methods": ["POST"] }),
            "session: expected no `handler` that reads a token from the body",
        ),
        (
            json!({ "on_unauthenticated": { "redirect": "//evil.example" } }),
            "on_unauthenticated.redirect: expected a path of this host, or a URL: https://host/path, without `#`",
        ),
        (
            json!({ "on_unauthenticated": { "redirect": "/app/login" } }),
            "on_unauthenticated.redirect: expected the path of a route that lets everyone pass: it is the login page",
        ),
        (
            json!({ "credentials": [{ "cookie": "__Host-access" }] }),
            "credentials: expected no cookie of the session, which `session` reads",
        ),
        (
            json!({ "on_unauthenticated": { "redirect": "/login#top" } }),
            "on_unauthenticated.redirect: expected a path of this host, or a URL: https://host/path, without `#`",
        ),
    ] {
        let found = errors(&json!({ "key": "SECRET" }), &app(&changes));
        assert_eq!(found, [format!("routes[4].{expected}")], "{changes}");
    }
    for redirect in ["/sign-in", "/sign-in?a=b", "https://login.example.com/sign-in?a=b"] {
        let route = app(&json!({ "on_unauthenticated": { "redirect": redirect } }));
        assert_eq!(errors(&json!({ "key": "SECRET" }), &route), Vec::<String>::new(), "{redirect}");
    }
}

#[test]
fn a_session_needs_an_issuer_and_a_route_that_refreshes() {
    let mut raw = minimal();
    raw["routes"][0]["session"] = true.into();
    let found = check_beside(&raw, true, true).err().unwrap_or_default();
    assert_eq!(found, ["routes[0].session: expected an issuer with `refresh.session`"]);
    raw["issuers"][0]["refresh"] = json!({ "preset": "node", "session": { "key": "SECRET" } });
    let found = check_beside(&raw, true, true).err().unwrap_or_default();
    let expected = ["login", "refresh"].map(|handler| {
        format!("routes: expected one with `handler = \"{handler}\"`, `session = true` and a path without `*`, because an issuer has `refresh.session`: it ")
    });
    assert_eq!(found.len(), 2);
    assert!(found.iter().zip(&expected).all(|(one, start)| one.starts_with(start)), "{found:?}");
}

#[test]
fn a_session_is_renewed_by_one_route() {
    let second = json!({
        "path": "/other/refresh", "methods": ["POST"], "access": "public", "handler": "refresh", "session": true,
    });
    let found = errors(&json!({ "key": "SECRET" }), &second);
    assert_eq!(
        found,
        [
            "routes: expected one with `handler = \"refresh\"` and `session = true`: a session that is renewed on \
          the way uses the same"
        ]
    );
}
