use serde_json::{Value, json};

use super::{check_beside, minimal};
use crate::config::Config;

/// The configuration with `refresh` of its issuer and one more route, where both objects are bound.
fn check(refresh: &Value, route: &Value) -> Result<Config, Vec<String>> {
    let mut raw = minimal();
    if !refresh.is_null() {
        raw["issuers"][0]["refresh"] = refresh.clone();
    }
    if !route.is_null() {
        raw["routes"].as_array_mut().expect("routes").push(route.clone());
    }
    check_beside(&raw, true, true)
}

fn errors(refresh: &Value, route: &Value) -> Vec<String> {
    check(refresh, route).err().unwrap_or_default()
}

fn route(changes: &Value) -> Value {
    let mut route = json!({
        "path": "/refresh", "methods": ["POST"], "access": "public", "handler": "refresh",
    });
    for (name, value) in changes.as_object().expect("an object") {
        route[name] = value.clone();
    }
    route
}

fn settings(refresh: &Value, route: &Value) -> Value {
    let config = check(refresh, route).expect("valid");
    let found = config.routes.routes().iter().find_map(|route| route.handler.clone());
    serde_json::from_str(&found.expect("a handler").settings).expect("JSON")
}

#[test]
fn a_value_of_the_wrong_kind_is_one_fault_and_nothing_follows_from_it() {
    let node = |changes: &Value| {
        let mut refresh = json!({ "preset": "node" });
        for (name, value) in changes.as_object().expect("an object") {
            refresh[name] = value.clone();
        }
        refresh
    };
    let places = |refresh: &Value, changes: &Value| {
        let found = errors(refresh, &route(changes));
        found
            .iter()
            .map(|text| text.split(": ").next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    for (refresh, changes, place) in [
        (json!({ "preset": "nodejs" }), json!({}), "issuers[0].refresh.preset"),
        (
            node(&json!({ "handles": true, "handle_key": "SECRET" })),
            json!({}),
            "issuers[0].refresh.handles",
        ),
        (node(&json!({ "session": 1 })), json!({ "session": true }), "issuers[0].refresh.session"),
        (
            node(&json!({})),
            json!({ "handler": "refreshes", "issuer": "main", "forward": true }),
            "routes[1].handler",
        ),
        (node(&json!({})), json!({ "methods": "POST" }), "routes[1].methods"),
        (node(&json!({})), json!({ "access": "open" }), "routes[1].access"),
    ] {
        assert_eq!(places(&refresh, &changes), [place], "{refresh} {changes}");
    }
}

#[test]
fn a_handler_has_the_contract_of_its_preset() {
    let of = |preset: &str| settings(&json!({ "preset": preset }), &route(&json!({})));
    for (preset, style, request, access) in [
        ("simplejwt", "simplejwt", "refresh", "access"),
        ("node", "problem", "refreshToken", "accessToken"),
        ("oauth2", "oauth2", "refresh_token", "access_token"),
    ] {
        let settings = of(preset);
        let endpoint: Value =
            serde_json::from_str(settings["endpoint"].as_str().expect("text")).expect("JSON");
        assert_eq!(settings["style"], style);
        assert_eq!(endpoint["request_refresh"], request);
        assert_eq!(endpoint["response_access"], access);
        assert_eq!((&settings["grace"], &settings["unused"]), (&json!(10), &json!(60)));
        // What the authority reads is what is written here.
        let read = serde_json::from_value::<crate::oauth::TokenEndpoint>(endpoint);
        assert!(read.is_ok(), "{preset}");
    }
    let own =
        json!({ "preset": "node", "request_refresh": "rt", "response_access": "access.token" });
    let settings = settings(&own, &route(&json!({ "handler": "verify", "error_style": "oauth2" })));
    let endpoint: Value =
        serde_json::from_str(settings["endpoint"].as_str().expect("text")).expect("JSON");
    assert_eq!(endpoint["request_refresh"], "token");
    assert_eq!(endpoint["response_access"], "access.token");
    assert_eq!(settings["style"], "oauth2");
}

#[test]
fn what_refresh_lacks_or_has_too_much_is_said_once() {
    for (refresh, expected) in [
        (json!({}), "preset: is required"),
        (
            json!({ "preset": "node", "unused_seconds": 5 }),
            "unused_seconds: expected at least `grace_seconds`, which is 10",
        ),
        (
            json!({ "preset": "node", "grace_seconds": 301 }),
            "grace_seconds: expected a whole number from 0 to 300",
        ),
        (
            json!({ "preset": "node", "refused_statuses": [200] }),
            "refused_statuses: expected statuses from 400 to 499",
        ),
        (
            json!({ "preset": "dj-rest-auth", "access_cookie": "at" }),
            "refresh_cookie: is required with `preset = \"dj-rest-auth\"`: the cookie has no default name",
        ),
        (json!({ "preset": "node", "limit": { "requests": 1 } }), "limit.seconds: is required"),
        (json!({ "preset": "node", "handles": "on" }), "handle_key: is required with `handles`"),
        (
            json!({ "preset": "node", "handle_key": "SECRET" }),
            "handle_key: expected `handles` with it",
        ),
        (
            json!({ "preset": "node", "handles": "on", "handle_key": "EMPTY" }),
            "handle_key: expected a secret of at least 32 bytes",
        ),
        (
            json!({ "preset": "node", "handles": "drain", "handle_key": "SECRET", "refresh_cookie": "rt" }),
            "handles: expected no `refresh_cookie` with it",
        ),
    ] {
        let found = errors(&refresh, &route(&json!({})));
        assert_eq!(found, [format!("issuers[0].refresh.{expected}")], "{refresh}");
    }
}

#[test]
fn what_a_route_with_a_handler_lacks_or_has_too_much_is_said() {
    let refresh = json!({ "preset": "node" });
    for (changes, expected) in [
        (json!({ "methods": ["*"] }), "methods: expected `[\"POST\"]` with `handler`"),
        (json!({ "access": "authenticated" }), "access: expected `public` with `handler`"),
        (json!({ "issuer": "other" }), "issuer: expected the name of an issuer"),
        (json!({ "forward": false }), "forward: expected `handler = \"logout\"` with `false`"),
        (json!({ "subject": "id" }), "subject: expected `handler = \"password\"` with it"),
        (json!({ "cache": "zone" }), "cache: expected no `zone` with `handler` or `session`"),
        (
            json!({ "handler": "password" }),
            "subject: is required with `access = \"public\"`: nothing else names the user whose sessions end",
        ),
        (
            json!({ "handler": "password", "subject": "id", "methods": ["GET"] }),
            "methods: expected `POST`, `PUT` or `PATCH` with `handler`",
        ),
    ] {
        let found = errors(&refresh, &route(&changes));
        assert_eq!(found, [format!("routes[1].{expected}")], "{changes}");
    }
    let mut without = route(&json!({ "forward": true, "issuer": "main" }));
    without.as_object_mut().expect("a route").remove("handler");
    let expected = ["routes[1].issuer", "routes[1].forward"]
        .map(|place| format!("{place}: expected `handler` with it"));
    assert_eq!(errors(&refresh, &without), expected);
    assert_eq!(
        errors(&Value::Null, &route(&json!({}))).last().map(String::as_str),
        Some("routes[1].handler: expected an issuer with `refresh`")
    );
}

#[test]
fn sessions_need_both_objects_and_keys_where_unknown_tokens_are_refused() {
    let mut raw = minimal();
    raw["issuers"][0]["refresh"] = json!({ "preset": "node" });
    let found = check_beside(&raw, true, false).err().unwrap_or_default();
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("issuers[0].refresh: expected the Durable Objects"), "{found:?}");
    raw["issuers"][0] = json!({
        "name": "main", "issuer": "main", "verify": { "me": "https://a.example/me" }, "opaque": true,
        "refresh": { "preset": "node", "unknown": "refuse" },
    });
    let found = check_beside(&raw, true, true).err().unwrap_or_default();
    let expected = "issuers[0].refresh: expected keys of the issuer with `unknown = \"refuse\"`";
    assert_eq!(found, [expected]);
}

#[test]
fn a_reset_needs_an_issuer_at_which_a_cut_off_of_the_subject_means_something() {
    let reset = route(&json!({ "handler": "password", "subject": "user.id" }));
    let errors = |issuer: &Value| {
        let mut raw = minimal();
        for (name, value) in issuer.as_object().expect("an object") {
            raw["issuers"][0][name] = value.clone();
        }
        if issuer["verify"]["me"].is_string() {
            raw["issuers"][0].as_object_mut().expect("an issuer").remove("algorithms");
        }
        raw["issuers"][0]["refresh"] = json!({ "preset": "node" });
        raw["routes"].as_array_mut().expect("routes").push(reset.clone());
        check_beside(&raw, true, true).err().unwrap_or_default()
    };
    let me = json!({ "me": "https://auth.example.com/me" });
    assert_eq!(errors(&json!({ "verify": me })), Vec::<String>::new());
    let opaque = errors(&json!({ "verify": me, "opaque": true }));
    assert!(opaque[0].ends_with(".subject: expected an issuer whose tokens say when they were issued, which `verify.me` with `opaque` does not"), "{opaque:?}");
    let template = json!({
        "issuer": "https://login.example.com/{tid}", "allowed": ["a"],
        "verify": { "jwks": "https://login.example.com/keys" },
    });
    let template = errors(&template);
    assert!(template.iter().any(|error| error.ends_with(".subject: expected an issuer that is no template: the answer does not say whose subject it is")), "{template:?}");
}
