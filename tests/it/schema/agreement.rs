//! Faults: what the schema refuses the reader refuses, and the other way round as far as it can.

use edgeward::config::Environment;
use edgeward::jose::Algorithm;
use serde_json::{Value, json};

use super::{Judge, errors, is_declared, minimal};

/// The public key of RFC 8037, appendix A.2.
const KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

/// Valid configurations with every field in one of them.
fn valid() -> Vec<Value> {
    let mut full = minimal();
    full["realm"] = json!("api");
    full["leeway_seconds"] = json!(5);
    full["mode"] = json!("enforce");
    full["log"] = json!({ "passes": "all" });
    full["admin"] = json!({ "require": { "any": [
        { "role": "admin" }, { "scope": "a" }, { "claim": "c", "one_of": ["x", 1, true] },
        { "all": [{ "role": "b" }, { "issuer": "main" }, { "tenant": "t" }, { "acr": ["a"] }] },
        { "max_age_seconds": 60 }, { "not": { "claim": "c", "equals": "x" } },
        { "claim": "c", "contains": 1 }, { "claim": "c", "exists": true },
        { "claim": "c", "min": 1 }, { "claim": "c", "min": 1, "max": 2.5 },
    ] } });
    full["headers"] = json!({
        "prefix": "x-id-", "names": { "subject": "remote-user", "token_id": "x-token" },
        "claims": [{ "header": "x-plan", "claim": "org.plan", "encoding": "json" }],
    });
    full["assertion"] = json!({
        "key": "K", "issuer": "https://g.example", "lifetime_seconds": 10,
        "published": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": KEY }] },
    });
    full["revocation"] = json!({
        "bound_seconds": 10, "fallback": "copy", "fallback_seconds": 60, "location": "apac-ne",
        "longest_token_seconds": 3600,
        "clients": [{ "client_id": "app", "client_secret": "K" }],
    });
    full["limits"] = json!({ "token_bytes": 16_384, "identity_bytes": 1024 });
    full["origins"][0]["timeout_ms"] = json!(10);
    full["issuers"][0]["verify"] = json!({ "jwks": "https://a.example/k", "service": "S" });
    full["issuers"][0]["claims"] = json!({
        "roles": { "path": "r", "keys": true }, "scope": { "path": "s", "separator": "," }, "session": "s",
    });
    full["issuers"][0]["token_types"] = json!(["JWT"]);
    full["issuers"][0]["max_age_seconds"] = json!(60);
    full["issuers"][0]["required_claims"] = json!(["sub"]);
    full["routes"][0] = json!({
        "path": "/a/*", "mode": "shadow", "methods": ["GET", "POST"], "access": "authenticated",
        "require": { "role": "a" }, "revocation": "eventual", "origin": "main",
        "authorization": "strip", "cors_preflight": true,
        "limit": { "binding": "L", "per": "subject", "window_seconds": 10 },
        "credentials": [
            { "authorization": "Token" }, { "header": "x-token" }, { "subprotocol": "bearer" },
            { "query": "t" }, { "cookie": "t", "origins": ["https://app.example.com"] },
        ],
    });
    let mut tenants = minimal();
    tenants["tenants"] = json!([
        { "name": "acme", "hosts": ["acme.example.com", "*.acme.example.com"], "origin": "main",
          "issuers": ["main"], "claim": "acme-1" },
        { "name": "beta", "hosts": ["beta.example.com:8443"],
          "origin": "https://beta.internal.example.com", "claim": false },
    ]);
    tenants["routes"] = json!([{ "path": "/a", "access": "authenticated" }, {
        "path": "/me", "access": "authenticated", "origin": "main", "sync": "/internal/sync/me",
        "revocation": "strict",
    }]);
    tenants["admin"] = json!([
        { "require": { "role": "root" } },
        { "require": { "role": "admin" }, "issuers": ["main"], "tenants": ["acme-1"] },
    ]);
    let mut prefixes = minimal();
    prefixes["tenants"] =
        json!([{ "name": "acme", "path_prefix": "/acme", "origin": "service:ACME" }]);
    let mut secrets = minimal();
    secrets["issuers"][0]["algorithms"] = json!(["HS256"]);
    secrets["issuers"][0]["verify"] = json!({ "secrets": ["A", "B"] });
    let mut keys = minimal();
    keys["issuers"][0]["algorithms"] = json!(["EdDSA"]);
    keys["issuers"][0]["verify"] = json!({ "keys": { "keys": [{
        "kty": "OKP", "crv": "Ed25519", "x": KEY,
    }] } });
    let mut me = minimal();
    me["issuers"][0]["opaque"] = json!(true);
    me["issuers"][0]["claims"] = json!({ "subject": "id" });
    me["issuers"][0]["verify"] = json!({
        "me": "https://a.example/me", "service": "S", "timeout_ms": 10, "cache_seconds": 5,
        "stale_if_error_seconds": 5, "cache_in_kv": false,
        "breaker": { "failures": 1, "open_seconds": 1 },
        "fallback": { "discovery": true, "claims": { "subject": "e", "roles": ["r"], "scope": "s" } },
    });
    let mut introspection = minimal();
    introspection["issuers"][0].as_object_mut().expect("an issuer").remove("audiences");
    introspection["issuers"][0]["verify"] = json!({
        "introspection": "https://a.example/i", "client_id": "g", "client_secret": "A",
        "client_auth": "post", "any_audience": true,
        "signed_by": { "jwks": "https://a.example/k", "service": "S" },
    });
    vec![minimal(), full, tenants, prefixes, secrets, keys, me, introspection]
}

#[test]
fn one_change_to_a_valid_configuration_is_judged_alike() {
    let judge = Judge::new();
    let (mut refused, mut taken) = (0, 0);
    for base in valid() {
        assert_eq!((judge.refusal(&base), errors(&base)), (None, vec![]), "{base:#}");
        for (what, raw) in changed(&base) {
            let (refusal, found) = (judge.refusal(&raw), errors(&raw));
            let is_declared = found.iter().any(|error| is_declared(error));
            if refusal.is_some() {
                assert!(!found.is_empty(), "{what}: the reader takes it; {refusal:?}");
                refused += 1;
            } else {
                assert!(!is_declared, "{what}: the schema takes it; {found:?}");
                taken += 1;
            }
        }
    }
    assert!(refused > 1000 && taken > 100, "refused {refused}, taken {taken}");
}

/// Every place of `base` with other things in it, taken away, and with a stranger beside it.
fn changed(base: &Value) -> Vec<(String, Value)> {
    let others = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e12),
        json!(""),
        json!("x"),
        json!("Bad Name"),
        json!("TRACE"),
        json!("cookie"),
        json!("strict"),
        json!("a\"b"),
        json!([]),
        json!(["x"]),
        json!([1]),
        json!([""]),
        json!([{}]),
        json!({}),
        json!({ "zzz": 1 }),
    ];
    let mut changed = Vec::new();
    for pointer in pointers(base, "") {
        for other in &others {
            let mut raw = base.clone();
            *raw.pointer_mut(&pointer).expect("a place") = other.clone();
            changed.push((format!("{pointer} = {other}"), raw));
        }
        if let Some((parent, name)) = pointer.rsplit_once('/') {
            let mut raw = base.clone();
            if let Some(object) = raw.pointer_mut(parent).and_then(Value::as_object_mut) {
                object.remove(name);
                changed.push((format!("{pointer} away"), raw));
            }
        }
        let mut raw = base.clone();
        if let Some(object) = raw.pointer_mut(&pointer).and_then(Value::as_object_mut) {
            object.insert("zzz".to_owned(), json!(1));
            changed.push((format!("{pointer}/zzz"), raw));
        }
    }
    // The members of a key are its own business, and so is what stands beside `keys` in a set.
    changed.retain(|(what, _)| !what.contains("/verify/keys/") && !what.contains("/published/"));
    changed
}

fn pointers(value: &Value, at: &str) -> Vec<String> {
    let below: Vec<_> = match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| pointers(value, &format!("{at}/{name}")))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .flat_map(|(index, value)| pointers(value, &format!("{at}/{index}")))
            .collect(),
        _ => Vec::new(),
    };
    std::iter::once(at.to_owned()).chain(below).collect()
}

#[test]
fn two_ways_at_once_are_refused_by_both() {
    let judge = Judge::new();
    for verify in [
        json!({ "jwks": "https://a.example", "discovery": true }),
        json!({ "secrets": ["A"], "service": "S" }),
        json!({ "discovery": false }),
        json!({ "keys": {} }),
        json!({ "keys": { "keys": [] } }),
        json!({ "discovery": true, "fallback": { "discovery": true } }),
        json!({ "me": "https://a.example", "client_id": "g" }),
        json!({ "me": "https://a.example", "signed_by": { "discovery": true } }),
        json!({ "introspection": "https://a.example", "client_id": "g" }),
        json!({
            "introspection": "https://a.example", "client_id": "g", "client_secret": "A",
            "fallback": { "discovery": true }, "signed_by": { "discovery": true },
        }),
        json!({
            "introspection": "https://a.example", "client_id": "g", "client_secret": "A",
            "any_audience": true, "fallback": { "discovery": true },
        }),
    ] {
        let mut raw = minimal();
        raw["issuers"][0]["verify"] = verify.clone();
        assert!(judge.refusal(&raw).is_some(), "{verify}");
        assert!(!errors(&raw).is_empty(), "{verify}");
    }
    for require in [
        json!({ "role": "a", "scope": "b" }),
        json!({ "role": "a", "one_of": ["b"] }),
        json!({ "claim": "a" }),
        json!({ "all": [{ "any": [] }] }),
    ] {
        let mut raw = minimal();
        raw["routes"][0]["require"] = require.clone();
        assert!(judge.refusal(&raw).is_some(), "{require}");
        assert!(!errors(&raw).is_empty(), "{require}");
    }
}

#[test]
fn the_schema_offers_the_algorithms_that_the_edge_verifies() {
    let schema = edgeward::config::schema();
    let offered = &schema["$defs"]["issuer"]["properties"]["algorithms"]["items"]["enum"];
    let environment = Environment {
        secret: &|_| None,
        has_service: &|_| false,
        limiter: &|_| Some(None),
        has_store: false,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: true,
    };
    let known = ["RS", "PS", "ES", "HS"].into_iter().flat_map(|family| {
        ["256", "384", "512", "256K"].into_iter().map(move |bits| format!("{family}{bits}"))
    });
    for name in known.chain(["EdDSA", "Ed25519", "none", "rs256"].map(str::to_owned)) {
        let verified = Algorithm::from_name(&name).is_some_and(|one| environment.verifies(one));
        let is_offered = offered.as_array().expect("a list").contains(&json!(name));
        assert_eq!(is_offered, verified, "{name}");
    }
}
