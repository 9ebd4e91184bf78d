//! The tenant is told of what another origin has changed.

use edgeward::gateway::Outcome;
use serde_json::{Value, json};

use super::{Bench, configuration};
use crate::support::request::request;

fn syncing() -> Value {
    let mut raw = configuration();
    raw["tenants"] = json!([
        { "name": "acme", "hosts": ["api.example.com"], "origin": "https://acme.internal/base" },
    ]);
    raw["issuers"][1]["claims"] = json!({ "tenant": "org" });
    raw["routes"] = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/auth/me", "access": "authenticated", "origin": "main", "cors_preflight": true,
          "sync": "/internal/sync/me" },
    ]);
    raw
}

/// Who is told of this request, when it passes.
fn told(bench: &mut Bench, method: &str, path: &str, tenant: &str) -> Option<String> {
    let token = bench.token(&json!({ "org": tenant }));
    let decision = bench.decide_at(&request(method, path).bearer(&token), crate::support::NOW);
    let Outcome::Forward(plan) = decision.outcome else { return Some("refused".to_owned()) };
    let sync = plan.sync()?;
    let place = (sync.path.as_str(), sync.authority.as_str());
    let facts = plan.sync_facts(bench.gateway.config()).expect("a caller");
    let target =
        bench.gateway.sync_target("acme", place, &facts, crate::support::NOW).expect("a target");
    assert!(target.unsigned.is_none());
    assert_eq!(target.origin.name, bench.gateway.config().origins[sync.origin].name);
    Some(format!("{} at {}", target.url, target.origin.name))
}

#[test]
fn writes_are_told_to_the_tenant_and_reads_are_not() {
    let mut bench = Bench::of(&syncing());
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        let told = told(&mut bench, method, "/auth/me", "acme");
        let expected = "https://acme.internal/base/internal/sync/me at acme";
        assert_eq!(told.as_deref(), Some(expected), "{method}");
    }
    for method in ["GET", "HEAD", "OPTIONS", "put"] {
        assert_eq!(told(&mut bench, method, "/auth/me", "acme"), None, "{method}");
    }
}

#[test]
fn nobody_is_told_of_other_routes_or_by_other_tenants() {
    let mut bench = Bench::of(&syncing());
    assert_eq!(told(&mut bench, "PUT", "/other", "acme"), None);
    assert_eq!(told(&mut bench, "PUT", "/auth/me", "beta").as_deref(), Some("refused"));
}

#[test]
fn on_a_host_of_no_tenant_there_is_nobody_to_tell() {
    let mut raw = syncing();
    raw["tenants"][0]["hosts"] = json!(["acme.example.com"]);
    let mut bench = Bench::of(&raw);
    assert_eq!(told(&mut bench, "PUT", "/auth/me", "acme"), None);
}

#[test]
fn the_path_that_is_told_is_closed_to_clients() {
    let mut bench = Bench::of(&syncing());
    let token = bench.token(&json!({ "org": "acme" }));
    for path in ["/internal/sync/me", "/internal/sync/me/", "/internal/sync/%6de"] {
        let request = request("POST", path).bearer(&token);
        let decision = bench.decide_at(&request, crate::support::NOW);
        let Outcome::Serve(own) = decision.outcome else { panic!("{path} is open") };
        assert_eq!(own.refusal().map(|refusal| refusal.code()), Some("route_not_found"));
    }
    for path in ["/internal//sync/me", "/internal/sync/me;x", "/internal/sync/%256de"] {
        assert_eq!(
            bench.now(&request("POST", path).bearer(&token)),
            "400 path_ambiguous",
            "{path}"
        );
    }
}

#[test]
fn a_telling_has_an_assertion_for_the_tenant_and_of_its_own_time() {
    let mut raw = syncing();
    raw["assertion"] = json!({ "key": "ASSERTION_KEY" });
    let mut bench = Bench::of(&raw);
    let token = bench.token(&json!({ "org": "acme", "exp": crate::support::NOW_SECONDS + 5 }));
    let request = request("PUT", "/auth/me").bearer(&token);
    let Outcome::Forward(plan) = bench.decide_at(&request, crate::support::NOW).outcome else {
        panic!("passes")
    };
    let facts = plan.sync_facts(bench.gateway.config()).expect("a caller");
    assert!(!facts.contains(&token) && !facts.contains('\n'));
    // Hours later, behind a queue, when the token has ended long ago.
    let later = crate::support::after_ms(7_200_000);
    let place = ("/internal/sync/me", "https://api.example.com");
    let target = bench.gateway.sync_target("acme", place, &facts, later).expect("a target");
    let unsigned = target.unsigned.expect("a key is configured");
    let (_, claims) = unsigned.signing_input().split_once('.').expect("two parts");
    let claims: Value =
        serde_json::from_slice(&crate::support::sign::decode(claims).expect("base64url"))
            .expect("JSON");
    let seconds = crate::support::NOW_SECONDS + 7200;
    let expected = json!({
        "iss": "edgeward", "aud": "acme", "sub": "user-1", "issuer": super::SECRET_ISSUER, "tenant": "acme",
        "session": "s-1", "token_id": "t-1", "iat": seconds, "exp": seconds + 60,
    });
    assert_eq!(claims, expected);
}

#[test]
fn only_what_the_configuration_knows_is_told_and_vouched_for() {
    let mut raw = syncing();
    raw["assertion"] = json!({ "key": "ASSERTION_KEY" });
    let bench = Bench::of(&raw);
    let target = |tenant: &str, path: &str, facts: &str| {
        let place = (path, "https://evil.example");
        bench
            .gateway
            .sync_target(tenant, place, facts, crate::support::NOW)
            .map(|target| target.url)
    };
    let url = "https://acme.internal/base/internal/sync/me";
    assert_eq!(target("acme", "/internal/sync/me", "{}").as_deref(), Some(url));
    for (tenant, path, facts) in [
        ("main", "/internal/sync/me", "{}"),
        ("beta", "/internal/sync/me", "{}"),
        ("acme", "/internal/sync/other", "{}"),
        ("acme", "/auth/me", "{}"),
        ("acme", "/internal/sync/me", ""),
        ("acme", "/internal/sync/me", "[]"),
    ] {
        assert_eq!(target(tenant, path, facts), None, "{tenant} {path} {facts}");
    }
}
