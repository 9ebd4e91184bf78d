//! An identity provider that has an issuer for each of its tenants, as Entra has.

use edgeward::gateway::Outcome;
use edgeward::jose::JwkSet;
use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, claims_of, configuration, line, with};
use crate::support::request::get;
use crate::support::sign::Key;

const ONE: &str = "11111111-aaaa-4aaa-8aaa-111111111111";
const TWO: &str = "22222222-bbbb-4bbb-8bbb-222222222222";
const UNKNOWN: &str = "401 issuer_unknown";

fn iss(tenant: &str) -> String {
    format!("https://login.example.com/{tenant}/v2.0")
}

fn bench_with(allowed: &Value, keys: &Value) -> Bench {
    let mut raw = configuration();
    raw["issuers"][0]["issuer"] = json!(iss("{tid}"));
    raw["issuers"][0]["allowed"] = allowed.clone();
    raw["issuers"][0]["claims"] = json!({ "tenant": "tid" });
    let mut bench = Bench::of(&raw);
    bench.world.published.insert(0, JwkSet::from_json(keys).expect("a set"));
    bench
}

/// With keys of which one names every issuer, one the first tenant's, one another provider's.
fn bench(allowed: &Value) -> Bench {
    let key = |seed: u8, kid: &str, issuer: &str| {
        with(Key::p256(seed).jwk(kid), &json!({ "issuer": issuer }))
    };
    let keys = json!({ "keys": [
        key(1, "all", &iss("{tenantid}")), key(2, "one", &iss(ONE)),
        key(3, "other", "https://other.example.com/{tenantid}/v2.0"), Key::p256(4).jwk("bare"),
    ] });
    bench_with(allowed, &keys)
}

fn token_by(seed: u8, kid: &str, iss: &str, tid: &Value) -> String {
    Key::p256(seed).token_by(kid, &with(claims_of(iss), &json!({ "tid": tid })))
}

fn token(tenant: &str) -> String {
    token_by(1, "all", &iss(tenant), &json!(tenant))
}

#[test]
fn tenants_that_are_listed_pass_and_others_do_not() {
    let mut listed = bench(&json!([ONE]));
    assert_eq!(listed.verdict(&token(ONE)), PASSED);
    assert_eq!(listed.verdict(&token(TWO)), UNKNOWN);
    let mut any = bench(&json!("any"));
    for tenant in [ONE, TWO, "consumers"] {
        assert_eq!(any.verdict(&token(tenant)), PASSED, "{tenant}");
    }
    for foreign in [
        "https://login.example.com//v2.0",
        "https://login.example.com/a/b/v2.0",
        "https://login.example.com/{tid}/v2.0",
        "https://login.example.com/a/v2.0/",
        "https://evil.example.com/a/v2.0",
    ] {
        assert_eq!(any.verdict(&token_by(1, "all", foreign, &json!("a"))), UNKNOWN, "{foreign}");
    }
}

#[test]
fn the_claim_must_say_the_tenant_that_iss_does() {
    let mut bench = bench(&json!("any"));
    for tid in
        [json!(TWO), json!(ONE.to_uppercase()), json!(""), json!(null), json!([ONE]), json!(1)]
    {
        let verdict = bench.verdict(&token_by(1, "all", &iss(ONE), &tid));
        let expected = ["401 issuer_mismatch", "401 claim_malformed"];
        assert!(expected.contains(&verdict.as_str()), "{tid}: {verdict}");
    }
}

#[test]
fn a_key_signs_for_the_issuer_that_it_names() {
    let mut bench = bench(&json!("any"));
    for (seed, kid, tenant, verdict) in [
        (1, "all", TWO, PASSED),
        (2, "one", ONE, PASSED),
        (2, "one", TWO, "401 key_unknown"),
        (3, "other", ONE, "401 key_unknown"),
        (4, "bare", TWO, PASSED),
        (1, "one", ONE, "401 signature_invalid"),
    ] {
        let token = token_by(seed, kid, &iss(tenant), &json!(tenant));
        assert_eq!(bench.verdict(&token), verdict, "{kid} {tenant}");
    }
}

#[test]
fn an_issuer_of_a_key_that_is_no_text_names_nobody() {
    for (issuer, verdict) in
        [(json!(null), PASSED), (json!(7), "401 key_unknown"), (json!(""), "401 key_unknown")]
    {
        let mut jwk = Key::p256(1).jwk("all");
        jwk["issuer"] = issuer.clone();
        let mut bench = bench_with(&json!("any"), &json!({ "keys": [jwk] }));
        assert_eq!(bench.verdict(&token(ONE)), verdict, "{issuer}");
    }
}

#[test]
fn an_issuer_that_is_named_exactly_comes_before_a_template() {
    let mut raw = configuration();
    raw["issuers"][0]["issuer"] = json!(iss("{tid}"));
    raw["issuers"][0]["allowed"] = json!("any");
    raw["issuers"][1]["issuer"] = json!(iss(ONE));
    let mut bench = Bench::of(&raw);
    let own = Key::named("SECRET").token(&claims_of(&iss(ONE)));
    assert_eq!(bench.verdict(&own), PASSED);
    assert_eq!(bench.verdict(&token(ONE)), "401 algorithm_refused");
}

#[test]
fn headers_name_the_tokens_own_issuer() {
    let mut bench = bench(&json!([ONE, TWO]));
    for tenant in [ONE, TWO] {
        let decision = bench.decide_at(&get("/private/a").bearer(&token(tenant)), NOW);
        let Outcome::Forward(plan) = &decision.outcome else { panic!("{}", line(&decision)) };
        let headers = plan.identity();
        let has = |name: &str, value: &str| headers.iter().any(|(n, v)| n == name && v == value);
        assert!(has("x-auth-issuer", &iss(tenant)) && has("x-auth-tenant", tenant), "{headers:?}");
    }
}

#[test]
fn revocations_are_of_one_tenant() {
    for body in [
        json!({ "issuer": iss(ONE), "subject": "user-1" }),
        json!({ "issuer": iss(ONE), "jti": "t-1" }),
        json!({ "issuer": iss(ONE), "before": super::NOW_SECONDS + 1 }),
        json!({ "token": token(ONE) }),
    ] {
        let mut bench = bench(&json!([ONE, TWO]));
        let order = bench.gateway.revocation_order(body.to_string().as_bytes(), NOW);
        let entry = order.expect("an order").entry;
        bench.world.entries.insert(entry.name.to_string(), entry.value());
        assert_eq!(bench.verdict(&token(ONE)), "401 token_revoked", "{body}");
        assert_eq!(bench.verdict(&token(TWO)), PASSED, "{body}");
    }
    let bench = bench(&json!([ONE]));
    for issuer in ["main", &iss(TWO), &iss("{tid}"), "https://evil.example"] {
        let body = json!({ "issuer": issuer, "subject": "user-1" }).to_string();
        assert!(bench.gateway.revocation_order(body.as_bytes(), NOW).is_err(), "{issuer}");
    }
}
