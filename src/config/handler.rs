//! `routes[].handler`: what the requests of a route are to an issuer with `refresh`.

use serde_json::{Value, json};

use super::table::Table;
use super::{Issuer, RefreshRules};
use crate::http::ErrorStyle;
use crate::json::{Object, object};
use crate::route::{Handler, Methods};
use crate::token::RemoteMethod;

/// The handlers that a route may have.
pub(super) const HANDLERS: [(&str, &str); 7] = [
    ("refresh", "refresh"),
    ("login", "login"),
    ("logout", "logout"),
    ("verify", "verify"),
    ("blacklist", "blacklist"),
    ("password", "password"),
    ("expire", "expire"),
];

/// Reads the handler of a route.
pub(super) fn read(
    route: &Table<'_>,
    methods: &Methods,
    style: Option<ErrorStyle>,
    (is_shadow, is_in_session): (bool, bool),
    (issuers, mentions_refresh, location): (&[Issuer], bool, Option<&str>),
) -> Option<Handler> {
    let kind = route.choice("handler", &HANDLERS);
    let named = route.text("issuer");
    let forward = route.boolean("forward");
    let subject = route.text("subject");
    let Some(kind) = kind else {
        let alone = ["issuer", "forward", "subject"].into_iter().filter(|name| route.has(name));
        for name in alone.filter(|_| !route.has("handler")) {
            route.error(name, "expected `handler` with it");
        }
        return None;
    };
    check(route, kind, methods, forward);
    let mut found = issuers.iter().enumerate().filter(|(_, issuer)| {
        issuer.refresh.is_some() && named.is_none_or(|named| issuer.name == named)
    });
    let (first, second) = (found.next(), found.next());
    let (Some((index, issuer)), None) = (first, second) else {
        let is_ambiguous = first.is_some();
        refuse(route, (named, is_ambiguous), (issuers, mentions_refresh));
        return None;
    };
    if route.has("subject")
        && let Some(problem) = cut_off_problem(issuer)
    {
        route.error("subject", problem);
    }
    let rules = issuer.refresh.as_ref()?;
    let mut settings = Object::new();
    settings.extend(rules.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    let style = style_word(style.unwrap_or(rules.style));
    for (name, value) in [
        ("handler", json!(kind)),
        ("issuer", json!(issuer.name)),
        ("style", json!(style)),
        ("forward", json!(forward.unwrap_or(true))),
        ("shadow", json!(is_shadow)),
        ("subject", json!(subject)),
        ("location", json!(location)),
        ("tokens", json!(new_tokens(issuer).to_string())),
        ("session", session_settings(route, rules, is_in_session)),
    ] {
        settings.insert(name.to_owned(), value);
    }
    if kind == "expire" && !rules.registers() {
        route.error("handler", "expected `register` at its issuer's `refresh` with `expire`");
    }
    if kind == "verify" || kind == "expire" {
        settings.insert("endpoint".to_owned(), rules.verify_endpoint.as_str().into());
    }
    let is_forwarded = forward.unwrap_or(true) && kind != "expire";
    let settings = Value::Object(settings).to_string();
    Some(Handler { kind, issuer: index, is_forwarded, settings })
}

/// Says why no issuer was found, or more than one.
fn refuse(
    route: &Table<'_>,
    (named, is_ambiguous): (Option<&str>, bool),
    (issuers, mentions_refresh): (&[Issuer], bool),
) {
    let is_known = |named| issuers.iter().any(|issuer| issuer.name == named);
    match named {
        Some(named) if is_known(named) => {
            route.error("issuer", "expected `refresh` at this issuer");
        }
        // An issuer that has it has other faults, which are noted.
        _ if mentions_refresh && !is_ambiguous => {}
        Some(_) => route.error("issuer", "expected the name of an issuer"),
        None if is_ambiguous => {
            let problem = "expected `issuer` with it, because several issuers have `refresh`";
            route.error("handler", problem);
        }
        None => route.error("handler", "expected an issuer with `refresh`"),
    }
}

/// Why a cut-off of a subject would not do at an issuer, which is all that a reset can set; `None` where
/// it does.
fn cut_off_problem(issuer: &Issuer) -> Option<&'static str> {
    if issuer.policy.template.is_some() {
        return Some(
            "expected an issuer that is no template: the answer does not say whose subject it is",
        );
    }
    // It refuses tokens without `iat`: none would ever pass again.
    let states_no_time = issuer.is_opaque
        && issuer.remote.as_ref().is_some_and(|remote| remote.way == RemoteMethod::Me);
    states_no_time.then_some("expected an issuer whose tokens say when they were issued, which `verify.me` with `opaque` does not")
}

/// Checks what else the route says.
fn check(route: &Table<'_>, kind: &str, methods: &Methods, forward: Option<bool>) {
    let is_password = kind == "password";
    let is_write = |methods: &[String]| {
        methods.iter().all(|name| ["POST", "PUT", "PATCH"].contains(&name.as_str()))
    };
    let (fits, expected) = match methods {
        Methods::Only(names) if is_password => (is_write(names), "`POST`, `PUT` or `PATCH`"),
        Methods::Only(names) => (*names == ["POST"], "`[\"POST\"]`"),
        Methods::Any => (false, "`[\"POST\"]`"),
    };
    if !fits {
        route.error("methods", format!("expected {expected} with `handler`"));
    }
    if forward == Some(false) && kind != "logout" {
        route.error("forward", "expected `handler = \"logout\"` with `false`");
    }
    if route.has("subject") && !is_password {
        route.error("subject", "expected `handler = \"password\"` with it");
    }
    let access = route.text("access");
    if is_password && access == Some("public") && !route.has("subject") {
        route.error(
            "subject",
            "is required with `access = \"public\"`: nothing else names the user whose sessions end",
        );
    } else if !is_password && access.is_some_and(|access| access != "public") {
        route.error("access", "expected `public` with `handler`");
    }
}

/// How the tokens of an answer are read: where a new access token names its subject, tenant and session, whether refresh
/// tokens are known by their whole text alone, and whether the access token says which issuer it is of.
fn new_tokens(issuer: &Issuer) -> Value {
    object([
        ("subject", json!(issuer.paths.subject)),
        ("tenant", json!(issuer.paths.tenant)),
        ("session", json!(issuer.paths.session)),
        ("has_opaque_refresh", json!(!issuer.verifies_tokens())),
        ("is_template", json!(issuer.policy.template.is_some())),
    ])
}

/// The settings of the session, where the handler keeps tokens in its cookies.
fn session_settings(route: &Table<'_>, rules: &RefreshRules, is_in_session: bool) -> Value {
    let settings = rules.session.as_ref().filter(|_| is_in_session);
    if is_in_session && settings.is_none() {
        route.error("session", "expected the issuer with `refresh.session`");
    }
    settings.map_or(Value::Null, |session| session.settings.clone())
}

const fn style_word(style: ErrorStyle) -> &'static str {
    match style {
        ErrorStyle::Problem => "problem",
        ErrorStyle::SimpleJwt => "simplejwt",
        ErrorStyle::SimpleJwt54 => "simplejwt-5.4",
        ErrorStyle::OAuth2 => "oauth2",
    }
}
