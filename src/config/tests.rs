use std::time::Duration;

use serde_json::{Value, json};

use super::*;

mod admins;
mod claims;
mod cookie_sessions;
mod credentials;
mod exchange;
mod limits;
mod origins;
mod requirements;
mod revocation;
mod routes;
mod sessions;
mod templates;
mod tenants;

pub(super) fn check(raw: &Value) -> Result<Config, Vec<String>> {
    check_beside(raw, true, false)
}

/// Checks a configuration beside KV, where there is a store, and beside the log, where there is one.
fn check_beside(raw: &Value, has_store: bool, has_log: bool) -> Result<Config, Vec<String>> {
    let environment = Environment {
        secret: &|name| match name {
            "SECRET" => Some("s".repeat(32)),
            "EMPTY" => Some(String::new()),
            _ => None,
        },
        has_service: &|name| name == "API",
        limiter: &|name| (name == "LIMIT").then_some(Some(10)),
        has_store,
        has_log,
        has_sessions: has_log,
        has_database: has_log,
        has_metrics: has_log,
        is_edge: true,
    };
    Config::check(&raw.into(), &environment)
        .map_err(|errors| errors.as_slice().iter().map(ToString::to_string).collect())
}

pub(super) fn minimal() -> Value {
    json!({
        "origins": [{ "name": "main", "url": "https://api.example.com" }],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "jwks": "https://auth.example.com/jwks.json" },
        }],
        "routes": [{ "path": "/api/**", "access": "authenticated" }],
    })
}

/// The errors after one member of the minimal configuration was replaced.
fn errors(pointer: &str, value: Value) -> Vec<String> {
    let mut raw = minimal();
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    raw.pointer_mut(parent).expect(parent)[name] = value;
    check(&raw).err().unwrap_or_default()
}

#[test]
fn a_minimal_configuration_is_taken_with_safe_defaults() {
    let config = check(&minimal()).expect("valid");
    assert_eq!(config.issuers[0].policy.leeway, Duration::from_secs(30));
    assert_eq!(config.origins[0].timeout, Some(Duration::from_secs(30)));
    assert_eq!(config.routes.routes()[0].revocation, crate::revocation::RevocationLevel::Bounded);
    assert_eq!((config.realm.as_str(), config.log.passes), ("edgeward", PassLog::Off));
}

#[test]
fn every_unknown_field_is_named_and_no_known_one_in_however_large_a_table() {
    for count in [1, 63, 64, 100] {
        let mut raw = minimal();
        for n in 0..count {
            // They sort before the known ones, and push those behind the 64th place.
            raw["routes"][0][format!("a{n:03}")] = json!(1);
        }
        let expected: Vec<_> =
            (0..count).map(|n| format!("routes[0].a{n:03}: unknown field")).collect();
        assert_eq!(check(&raw).err(), Some(expected), "{count}");
    }
}

#[test]
fn all_errors_come_at_once_each_with_its_path() {
    let raw = json!({
        "leeway_seconds": 301,
        "colour": "blue",
        "origins": [{ "name": "main", "url": "http://api.example.com", "timeout_ms": 300_001 }],
        "issuers": [{ "name": "main", "issuer": "i", "audiences": [], "algorithms": ["none", "ES256K", "RS-256"],
                      "verify": { "discovery": true, "jwks": "https://a.example" } }],
        "routes": [{ "path": "api", "access": "open" }, { "path": "/a", "access": "public", "require": {} }],
    });
    let known = "expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA, \
                 Ed25519, HS256, HS384, HS512";
    assert_eq!(
        check(&raw).expect_err("invalid"),
        [
            "leeway_seconds: expected a whole number from 0 to 300",
            "issuers[0].audiences: expected a list of texts with at least one entry",
            &format!("issuers[0].algorithms[0]: {known}"),
            "issuers[0].algorithms[1]: ES256K is not offered by WebCrypto at the edge",
            &format!("issuers[0].algorithms[2]: {known}: did you mean `RS256`?"),
            "issuers[0].verify: expected exactly one of `jwks`, `discovery`, `keys`, `secrets`, `me`, `introspection`",
            "origins[0].url: expected https (http is for loopback hosts)",
            "origins[0].timeout_ms: expected a whole number from 0 to 300000",
            "routes[0].path: expected a path from `/`, with `*` only as a whole segment and `**` only at the end",
            "routes[0].access: expected \"authenticated\" or \"optional\" or \"public\"",
            "routes[1].require: expected exactly one of `role`, `scope`, `claim`, `issuer`, `tenant`, `acr`, `max_age_seconds`, `all`, `any`, `not`",
            "routes[1].require: expected `access = \"authenticated\"` with it",
            "colour: unknown field",
        ]
    );
}

#[test]
fn lists_that_say_who_may_pass_must_not_be_empty() {
    for pointer in ["/issuers/0/audiences", "/issuers/0/algorithms"] {
        let found = errors(pointer, json!([]));
        assert!(
            found.iter().any(|error| error.contains("at least one entry")),
            "{pointer} {found:?}"
        );
    }
    assert_eq!(errors("/routes", json!([])), ["routes: expected at least one route"]);
    let empty_all = errors("/routes/0/require", json!({ "all": [] }));
    assert_eq!(empty_all, ["routes[0].require.all: expected at least one requirement"]);
}

#[test]
fn routes_that_tie_are_refused() {
    let twice = json!([
        { "path": "/a/*", "access": "public" },
        { "path": "/a/*/", "access": "authenticated" },
    ]);
    assert_eq!(
        errors("/routes", twice),
        ["routes[1].path: ties with routes[0]: same paths and methods"]
    );
    let methods = json!([
        { "path": "/a", "methods": ["GET"], "access": "public" },
        { "path": "/a", "methods": ["POST"], "access": "authenticated" },
        { "path": "/a", "access": "authenticated" },
    ]);
    assert_eq!(errors("/routes", methods), Vec::<String>::new());
}

#[test]
fn secrets_and_public_keys_do_not_mix() {
    let secrets = json!({ "secrets": ["SECRET"] });
    let found = errors("/issuers/0/verify", secrets);
    assert_eq!(found, ["issuers[0].algorithms: expected HS256, HS384 or HS512 with `secrets`"]);
    let found = errors("/issuers/0/algorithms", json!(["RS256", "HS256"]));
    assert_eq!(
        found,
        [
            "issuers[0].algorithms: expected no HS algorithm without `secrets`: HS256, HS384 and HS512 need `secrets`"
        ]
    );
}

#[test]
fn a_secret_must_exist_and_be_as_long_as_the_hash() {
    let issuer = |algorithm: &str, name: &str| {
        json!([{ "name": "m", "issuer": "i", "audiences": ["a"], "algorithms": [algorithm],
                 "verify": { "secrets": [name] } }])
    };
    assert_eq!(errors("/issuers", issuer("HS256", "SECRET")), Vec::<String>::new());
    assert_eq!(
        errors("/issuers", issuer("HS512", "SECRET")),
        ["issuers[0].verify.secrets[0]: expected at least 64 bytes, got 32"]
    );
    assert_eq!(
        errors("/issuers", issuer("HS256", "OTHER")),
        [
            "issuers[0].verify.secrets[0]: expected the name of a Worker secret, got one that is not set"
        ]
    );
}

#[test]
fn more_secrets_than_are_tried_are_an_error() {
    let found = |count: usize| {
        errors(
            "/issuers",
            json!([{ "name": "m", "issuer": "i", "audiences": ["a"], "algorithms": ["HS256"],
                     "verify": { "secrets": vec!["SECRET"; count] } }]),
        )
    };
    assert_eq!(found(4), Vec::<String>::new());
    assert_eq!(found(5), ["issuers[0].verify.secrets: expected at most 4 secrets, got 5"]);
}

#[test]
fn what_stands_where_a_secrets_name_should_is_not_repeated() {
    let pasted = [
        "c2VjcmV0LW9mLWEtd29ya2VyLCBwYXN0ZWQ=".to_owned(),
        "d3adb33fd3adb33fd3adb33fd3adb33f".to_owned(),
        r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne"}"#.to_owned(),
        "hunter2".to_owned(),
        "a".repeat(65),
    ];
    for pasted in pasted {
        let mut raw = minimal();
        raw["assertion"] = json!({ "key": pasted });
        raw["issuers"] = json!([
            { "name": "m", "issuer": "i", "audiences": ["a"], "algorithms": ["HS256"],
              "verify": { "secrets": ["SECRET", pasted] } },
            { "name": "n", "issuer": "j", "audiences": ["a"], "verify": {
              "introspection": "https://a.example", "client_id": "g", "client_secret": pasted } },
        ]);
        let found = check(&raw).expect_err("refused");
        assert!(found.iter().all(|error| !error.contains(&pasted)), "{found:?}");
        let places = ["issuers[0].verify.secrets[1]", "issuers[1].verify.client_secret"];
        for place in places.into_iter().chain(["assertion.key"]) {
            let start = format!("{place}: expected the name of a Worker secret, ");
            assert_eq!(
                found.iter().filter(|error| error.starts_with(&start)).count(),
                1,
                "{found:?}"
            );
        }
        assert_eq!(found.len(), 3, "{found:?}");
    }
}

#[test]
fn a_secrets_name_is_one_that_a_variable_can_have() {
    for (name, fits) in [
        ("A".to_owned(), true),
        ("jwt_Secret_2".to_owned(), true),
        ("a".repeat(64), true),
        ("a".repeat(65), false),
        ("a-b".to_owned(), false),
        ("ä".to_owned(), false),
    ] {
        let found = errors("/assertion", json!({ "key": name }));
        let says_so = found.iter().any(|error| error.contains("and not the secret"));
        assert_eq!(says_so, !fits, "{name} {found:?}");
    }
}

#[test]
fn the_gateways_own_paths_cannot_be_routed() {
    for path in ["/.edgeward", "/.edgeward/**", "/.edgeward/health"] {
        assert_eq!(
            errors("/routes/0/path", json!(path)),
            ["routes[0].path: `/.edgeward/` belongs to the gateway"]
        );
    }
    assert_eq!(errors("/routes/0/path", json!("/.edgewardx")), Vec::<String>::new());
}

#[test]
fn identity_headers_cannot_take_the_place_of_others() {
    let names = |name: &str| json!({ "names": { "subject": name } });
    assert_eq!(errors("/headers", names("remote-user")), Vec::<String>::new());
    for name in ["host", "Cookie", "x y", "authorization"] {
        assert_eq!(errors("/headers", names(name)).len(), 1, "{name}");
    }
}

#[test]
fn a_header_has_one_meaning() {
    let claim = |header: &str| json!({ "claims": [{ "header": header, "claim": "nick" }] });
    let twice = |name: &str| {
        vec![format!("headers: expected one meaning for each header, got two for `{name}`")]
    };
    assert_eq!(errors("/headers", claim("x-auth-nick")), Vec::<String>::new());
    assert_eq!(errors("/headers", claim("x-auth-subject")), twice("x-auth-subject"));
    let renamed = json!({ "names": { "subject": "x-auth-email" } });
    assert_eq!(errors("/headers", renamed), twice("x-auth-email"));
}

#[test]
fn ties_are_reported_beside_other_errors() {
    let routes = json!([
        { "path": "x", "access": "public" },
        { "path": "/a", "access": "public" },
        { "path": "/a", "access": "public" },
    ]);
    let found = errors("/routes", routes);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[1], "routes[2].path: ties with routes[1]: same paths and methods");
}
