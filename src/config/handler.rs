//! `routes[].handler`: what the requests of a route are to an issuer with `refresh`.

use serde_json::{Value, json};

use super::Issuer;
use super::table::Table;
use crate::http::ErrorStyle;
use crate::route::{Handler, Methods};

/// The handlers that a route may have.
pub(super) const HANDLERS: [(&str, &str); 5] = [
    ("refresh", "refresh"),
    ("login", "login"),
    ("logout", "logout"),
    ("verify", "verify"),
    ("blacklist", "blacklist"),
];

/// Reads the handler of a route.
pub(super) fn read(
    route: &Table<'_>,
    methods: &Methods,
    style: Option<ErrorStyle>,
    is_shadow: bool,
    (issuers, location): (&[Issuer], Option<&str>),
) -> Option<Handler> {
    let kind = route.choice("handler", &HANDLERS);
    let named = route.text("issuer");
    let forward = route.boolean("forward");
    let Some(kind) = kind else {
        for name in ["issuer", "forward"].into_iter().filter(|name| route.has(name)) {
            route.error(name, "expected `handler` with it");
        }
        return None;
    };
    if *methods != Methods::Only(vec!["POST".to_owned()]) {
        route.error("methods", "expected `[\"POST\"]` with `handler`");
    }
    if forward == Some(false) && kind != "logout" {
        route.error("forward", "expected `handler = \"logout\"` with `false`");
    }
    let mut found = issuers.iter().enumerate().filter(|(_, issuer)| {
        issuer.refresh.is_some() && named.is_none_or(|named| issuer.name == named)
    });
    let (first, second) = (found.next(), found.next());
    let (Some((index, issuer)), None) = (first, second) else {
        let problem = if named.is_some() || first.is_none() {
            "expected an issuer with `refresh`"
        } else {
            "expected `issuer` with it, because several issuers have `refresh`"
        };
        route.error(if named.is_some() { "issuer" } else { "handler" }, problem);
        return None;
    };
    let rules = issuer.refresh.as_ref()?;
    let mut settings: serde_json::Map<_, _> =
        rules.settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let style = style_word(style.unwrap_or(rules.style));
    for (name, value) in [
        ("handler", json!(kind)),
        ("issuer", json!(issuer.name)),
        ("style", json!(style)),
        ("forward", json!(forward.unwrap_or(true))),
        ("shadow", json!(is_shadow)),
        ("location", json!(location)),
    ] {
        settings.insert(name.to_owned(), value);
    }
    Some(Handler { issuer: index, settings: Value::Object(settings).to_string() })
}

const fn style_word(style: ErrorStyle) -> &'static str {
    match style {
        ErrorStyle::Problem => "problem",
        ErrorStyle::SimpleJwt => "simplejwt",
        ErrorStyle::SimpleJwt54 => "simplejwt-5.4",
        ErrorStyle::OAuth2 => "oauth2",
    }
}
