use serde_json::{Value, json};

use super::super::tests::{check, minimal};
use super::*;
use crate::token::ListClaim;

/// A configuration whose one issuer has these fields in place of its own.
fn with(fields: &Value) -> Value {
    let mut raw = minimal();
    let issuer = raw["issuers"][0].as_object_mut().expect("an issuer");
    issuer.remove("audiences");
    issuer.remove("algorithms");
    issuer.extend(fields.as_object().expect("fields").clone());
    raw
}

fn errors(fields: &Value) -> Vec<String> {
    check(&with(fields)).err().unwrap_or_default()
}

fn me(more: &Value) -> Value {
    let mut verify = json!({ "me": "https://auth.example.com/api/me/" });
    verify.as_object_mut().expect("a table").extend(more.as_object().expect("a table").clone());
    json!({ "verify": verify })
}

fn introspection(more: &Value) -> Value {
    let verify = json!({
        "introspection": "https://auth.example.com/introspect",
        "client_id": "gateway", "client_secret": "SECRET",
    });
    let mut fields = json!({ "verify": verify });
    for (name, value) in more.as_object().expect("fields") {
        match value {
            Value::Null => drop(fields["verify"].as_object_mut().expect("a table").remove(name)),
            value => fields["verify"][name] = value.clone(),
        }
    }
    fields
}

#[test]
fn an_endpoint_alone_is_enough_and_the_rest_has_defaults() {
    let config = check(&with(&me(&json!({})))).expect("valid");
    let issuer = &config.issuers[0];
    let remote = issuer.remote.as_ref().expect("asked");
    assert_eq!((remote.way, remote.timeout), (RemoteMethod::Me, Duration::from_secs(5)));
    assert_eq!((remote.fresh_for, remote.stale_for), (Duration::from_secs(60), Duration::ZERO));
    assert_eq!(remote.breaker, BreakerPolicy { failures: 5, open_for: Duration::from_secs(30) });
    assert!(remote.is_stored && issuer.policy.any_audience && !issuer.is_opaque);
}

#[test]
fn everything_that_can_be_said_is_taken() {
    let fields = me(&json!({
        "timeout_ms": 30_000, "cache_seconds": 600, "stale_if_error_seconds": 86_400,
        "breaker": { "failures": 1000, "open_seconds": 3600 }, "cache_in_kv": false,
        "service": "API",
    }));
    let config = check(&with(&fields)).expect("valid");
    let remote = config.issuers[0].remote.as_ref().expect("asked");
    assert_eq!(remote.stale_for, Duration::from_secs(86_400));
    assert_eq!((remote.service.as_deref(), remote.is_stored), (Some("API"), false));
    for auth in ["basic", "post"] {
        let fields = introspection(&json!({ "client_auth": auth, "any_audience": true }));
        assert_eq!(errors(&fields), Vec::<String>::new());
    }
}

#[test]
fn all_faults_come_at_once_each_with_its_path() {
    let fields = json!({
        "opaque": true, "audiences": [], "algorithms": ["RS256"],
        "verify": {
            "me": "http://auth.example.com/me", "timeout_ms": 0, "cache_seconds": 601,
            "stale_if_error_seconds": 0, "cache_in_kv": "no", "service": "NONE",
            "breaker": { "failures": 0, "open_seconds": 3601, "window": 1 },
            "client_id": "gateway", "any_audience": true,
        },
    });
    let prefix = "issuers[0].";
    let found: Vec<_> = errors(&fields).iter().map(|e| e.replace(prefix, "")).collect();
    assert_eq!(
        found,
        [
            "audiences: expected none with `verify.any_audience`",
            "algorithms: expected none: the auth server is asked, no key is used",
            "verify.cache_in_kv: expected true or false",
            "verify.service: no service binding `NONE`",
            "verify.timeout_ms: expected a whole number from 1 to 30000",
            "verify.breaker.failures: expected a whole number from 1 to 1000",
            "verify.breaker.open_seconds: expected a whole number from 1 to 3600",
            "verify.breaker.window: unknown field",
            "verify.cache_seconds: expected a whole number from 1 to 600",
            "verify.stale_if_error_seconds: expected a whole number from 1 to 86400",
            "verify.me: expected https (http is for loopback hosts)",
            "verify.any_audience: unknown field",
            "verify.client_id: unknown field",
        ]
    );
}

#[test]
fn introspection_needs_a_client_with_a_secret_that_exists() {
    let said = |more| -> Vec<String> {
        let mut fields = introspection(&more);
        fields["audiences"] = json!(["api"]);
        errors(&fields).iter().map(|e| e.replace("issuers[0].verify.", "")).collect()
    };
    assert_eq!(said(json!({})), Vec::<String>::new());
    assert_eq!(said(json!({ "client_id": null })), ["client_id: is required"]);
    assert_eq!(said(json!({ "client_secret": null })), ["client_secret: is required"]);
    assert_eq!(
        said(json!({ "client_secret": "NONE" })),
        ["client_secret: expected the name of a Worker secret, got one that is not set"]
    );
    assert_eq!(
        said(json!({ "client_secret": "EMPTY" })),
        ["client_secret: expected the name of a Worker secret, got one that is not set"]
    );
    assert_eq!(
        said(json!({ "client_auth": "jwt" })),
        ["client_auth: expected \"basic\" or \"post\""]
    );
}

#[test]
fn introspection_must_say_for_whom_tokens_are_or_that_it_does_not_matter() {
    let is_required = ["issuers[0].audiences: expected at least one audience, or `any_audience`"];
    assert_eq!(errors(&introspection(&json!({}))), is_required);
    assert_eq!(errors(&introspection(&json!({ "any_audience": true }))), Vec::<String>::new());
    assert_eq!(
        errors(&introspection(&json!({ "any_audience": false }))),
        ["issuers[0].verify.any_audience: expected true"]
    );
}

#[test]
fn a_fallback_is_one_way_by_keys_with_all_that_keys_need() {
    let fallback = |fallback: Value, audiences: Value, algorithms: Value| {
        let mut fields = me(&json!({ "fallback": fallback }));
        fields["audiences"] = audiences;
        fields["algorithms"] = algorithms;
        errors(&fields)
    };
    let (api, hs256) = (json!(["api"]), json!(["HS256"]));
    let secrets = json!({ "secrets": ["SECRET"] });
    let jwks = json!({ "jwks": "https://auth.example.com/jwks.json", "service": "API" });
    assert_eq!(fallback(secrets.clone(), api.clone(), hs256.clone()), Vec::<String>::new());
    assert_eq!(fallback(jwks, api.clone(), json!(["RS256"])), Vec::<String>::new());
    assert_eq!(
        fallback(secrets.clone(), api.clone(), json!(["RS256"])),
        ["issuers[0].algorithms: expected HS256, HS384 or HS512 with `secrets`"]
    );
    for audiences in [json!([]), json!(null)] {
        assert_eq!(fallback(secrets.clone(), audiences, hs256.clone()).len(), 1);
    }
    assert_eq!(fallback(secrets.clone(), api.clone(), json!([])).len(), 1);
    for wrong in [json!({}), json!({ "me": "https://a.example" })] {
        let found = fallback(wrong, api.clone(), hs256.clone());
        let expected = "issuers[0].verify.fallback: expected exactly one of `jwks`, `discovery`, \
                        `keys`, `secrets`";
        assert_eq!(found[0], expected);
    }
    assert_eq!(
        fallback(json!({ "secrets": ["NONE"] }), api.clone(), hs256.clone()),
        [
            "issuers[0].verify.fallback.secrets[0]: expected the name of a Worker secret, got one that is not set"
        ]
    );
    let mut waived = introspection(&json!({ "any_audience": true, "fallback": secrets }));
    waived["audiences"] = api;
    waived["algorithms"] = hs256;
    let found = errors(&waived);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("issuers[0].verify.any_audience: expected no `fallback`"));
}

#[test]
fn a_fallback_reads_the_claims_of_answers_but_for_those_that_it_names() {
    let read = |claims: Value| {
        let secrets = json!({ "secrets": ["SECRET"], "claims": claims });
        let mut fields = me(&json!({ "fallback": secrets }));
        fields["audiences"] = json!(["api"]);
        fields["algorithms"] = json!(["HS256"]);
        fields["claims"] = json!({ "subject": "user.email", "roles": "user.role" });
        check(&with(&fields)).map(|mut config| config.issuers.remove(0))
    };
    let issuer = read(json!({ "subject": "email", "session": "s" })).expect("valid");
    assert_eq!(
        (issuer.paths.subject.as_str(), issuer.paths.session.as_str()),
        ("user.email", "sid")
    );
    let paths = issuer.fallback_paths.expect("a fallback");
    assert_eq!((paths.subject.as_str(), paths.session.as_str()), ("email", "s"));
    assert_eq!((paths.roles, paths.email.as_str()), (vec![ListClaim::whole("user.role")], "email"));
    let paths = read(json!({})).expect("valid").fallback_paths.expect("a fallback");
    assert_eq!((paths.subject.as_str(), paths.session.as_str()), ("user.email", "sid"));
    let place = "issuers[0].verify.fallback.claims";
    assert_eq!(
        read(json!({ "subject": "", "sub": "x" })).expect_err("two faults"),
        [
            format!("{place}.subject: expected a text that is not empty"),
            format!("{place}.sub: unknown field")
        ]
    );
    let secrets = json!({ "secrets": ["SECRET"], "claims": { "subject": "email" } });
    let keys = json!({ "audiences": ["api"], "algorithms": ["HS256"], "verify": secrets });
    assert_eq!(errors(&keys), ["issuers[0].verify.claims: unknown field"]);
    assert!(check(&with(&me(&json!({})))).expect("valid").issuers[0].fallback_paths.is_none());
}

#[test]
fn signed_answers_need_public_keys_and_an_algorithm() {
    let said = |more: Value, algorithms: Value| {
        let mut fields = introspection(&more);
        fields["verify"]["any_audience"] = json!(true);
        fields["algorithms"] = algorithms;
        errors(&fields)
    };
    let es256 = json!(["ES256"]);
    let jwks = json!({ "jwks": "https://auth.example.com/jwks.json" });
    assert_eq!(said(json!({ "signed_by": jwks }), es256.clone()), Vec::<String>::new());
    assert_eq!(said(json!({ "signed_by": jwks }), json!([])).len(), 1);
    assert_eq!(said(json!({ "signed_by": {} }), es256.clone()).len(), 1);
    let secrets = json!({ "secrets": ["SECRET"] });
    let found = said(json!({ "signed_by": secrets }), json!(["HS256"]));
    assert!(found.contains(&"issuers[0].verify.signed_by.secrets: unknown field".to_owned()));
    let found = said(json!({ "signed_by": jwks, "fallback": jwks }), es256);
    assert!(found.iter().any(|e| e.ends_with("signed_by: expected no `fallback` with it")));
    assert_eq!(
        errors(&me(&json!({ "signed_by": jwks }))).last().map(String::as_str),
        Some("issuers[0].verify.signed_by: unknown field")
    );
}

#[test]
fn one_way_goes_first_and_keys_alone_have_no_fallback() {
    let both = me(&json!({ "introspection": "https://auth.example.com/introspect" }));
    assert!(errors(&both)[0].starts_with("issuers[0].verify: expected exactly one of"));
    let keys = json!({
        "audiences": ["api"], "algorithms": ["RS256"],
        "verify": {
            "jwks": "https://auth.example.com/jwks.json", "fallback": { "secrets": ["SECRET"] },
        },
    });
    assert_eq!(errors(&keys), ["issuers[0].verify.fallback: unknown field"]);
}

#[test]
fn at_most_one_issuer_takes_tokens_that_name_none_and_it_is_asked() {
    let mut raw = with(&me(&json!({})));
    raw["issuers"][0]["opaque"] = json!(true);
    let mut second = raw["issuers"][0].clone();
    second["name"] = json!("second");
    second["issuer"] = json!("https://second.example.com");
    assert!(check(&raw).is_ok());
    raw["issuers"].as_array_mut().expect("issuers").push(second);
    assert_eq!(
        check(&raw).expect_err("two"),
        ["issuers[1].opaque: expected no other issuer with `opaque` or `without_iss`"]
    );
    let mut raw = minimal();
    raw["issuers"][0]["opaque"] = json!(true);
    assert_eq!(
        check(&raw).expect_err("keys"),
        ["issuers[0].opaque: expected `me` or `introspection` with it"]
    );
}

#[test]
fn debug_shows_no_secret() {
    let mut fields = introspection(&json!({}));
    fields["audiences"] = json!(["api"]);
    let config = check(&with(&fields)).expect("valid");
    let shown = format!("{config:?}");
    assert!(!shown.contains(&"s".repeat(32)) && shown.contains("Client"), "{shown}");
}
