//! A second way of verifying: only while the first cannot say.

use std::time::Duration;

use edgeward::gateway::Outcome;
use edgeward::token::RemoteReply;
use serde_json::{Value, json};

use super::remote::{ME, verifying};
use super::{Bench, PASSED, with};
use crate::support::drive::reply;
use crate::support::request::get;
use crate::support::sign::{Key, twin};
use crate::support::{NOW, NOW_SECONDS, after_ms};

fn bench(fallback: &Value, algorithm: &str) -> Bench {
    let mut configuration = verifying(&json!({ "fallback": fallback, "cache_in_kv": false }));
    let issuer = &mut configuration["issuers"][0];
    issuer["audiences"] = json!(["api"]);
    issuer["algorithms"] = json!([algorithm]);
    issuer["claims"]["subject"] = json!("sub");
    Bench::of(&configuration)
}

fn secrets() -> Bench {
    bench(&json!({ "secrets": ["SECRET"] }), "HS256")
}

fn claims(changes: &Value) -> Value {
    let claims = json!({ "iss": ME, "aud": "api", "sub": "u", "exp": NOW_SECONDS + 3600 });
    with(claims, changes)
}

fn genuine() -> String {
    Key::named("SECRET").token(&claims(&json!({})))
}

const NONE: &str = "503 auth_server_unavailable";

#[test]
fn it_serves_while_the_endpoint_cannot_say() {
    let mut bench = secrets();
    assert_eq!(bench.verdict(&genuine()), PASSED);
    assert_eq!(bench.world.calls, 1);
    let forged = Key::named("OTHER").token(&claims(&json!({})));
    assert_eq!(bench.verdict(&forged), "401 signature_invalid");
    let expired = Key::named("SECRET").token(&claims(&json!({ "exp": 1 })));
    assert_eq!(bench.verdict(&expired), "401 token_expired");
    let for_others = Key::named("SECRET").token(&claims(&json!({ "aud": "x" })));
    assert_eq!(bench.verdict(&for_others), "401 audience_mismatch");
}

#[test]
fn a_no_is_final_whatever_the_signature() {
    let mut bench = secrets();
    bench.says_json(401, &json!({}));
    assert_eq!(bench.verdict(&genuine()), "401 refused_by_auth_server");
    bench.world.auth_server = None;
    let request = get("/private/a").bearer(&genuine());
    for millis in [1, 9_999, 10_000, 20_000] {
        let verdict = bench.at(&request, after_ms(millis));
        assert_eq!(verdict, "401 refused_by_auth_server", "{millis}");
    }
}

#[test]
fn a_yes_needs_no_second_way() {
    let mut bench = secrets();
    bench.says_json(200, &json!({ "sub": "u" }));
    let forged = Key::named("OTHER").token(&claims(&json!({})));
    assert_eq!(bench.verdict(&forged), PASSED);
}

#[test]
fn it_is_not_remembered_beyond_the_outage() {
    let mut bench = secrets();
    let request = get("/private/a").bearer(&genuine());
    // As long as the endpoint is tried, it is tried every time.
    for millis in 0..5 {
        assert_eq!((bench.at(&request, after_ms(millis)).as_str(), bench.world.calls), (PASSED, 1));
    }
    bench.says_json(401, &json!({}));
    for millis in [5, 30_003] {
        assert_eq!((bench.at(&request, after_ms(millis)).as_str(), bench.world.calls), (PASSED, 0));
    }
    assert_eq!(bench.at(&request, after_ms(30_004)), "401 refused_by_auth_server");
}

#[test]
fn a_token_without_iss_is_verified_by_the_keys_of_the_issuer_that_takes_it() {
    let mut bench = secrets();
    let unnamed = |key: &str, changes: &Value| {
        Key::named(key).token(&with(claims(&json!({ "iss": null })), changes))
    };
    assert_eq!(bench.verdict(&unnamed("SECRET", &json!({}))), PASSED);
    for (key, changes, verdict) in [
        ("OTHER", json!({}), "401 signature_invalid"),
        ("SECRET", json!({ "exp": 1 }), "401 token_expired"),
        ("SECRET", json!({ "aud": null }), "401 audience_mismatch"),
        ("SECRET", json!({ "aud": "x" }), "401 audience_mismatch"),
        ("SECRET", json!({ "iss": "https://evil.example" }), "401 issuer_unknown"),
    ] {
        assert_eq!(bench.verdict(&unnamed(key, &changes)), verdict, "{key} {changes}");
    }
    bench.says_json(200, &json!({ "sub": "u" }));
    assert_eq!(bench.verdict(&unnamed("SECRET", &json!({}))), PASSED);
}

#[test]
fn the_auth_server_and_the_fallback_have_one_audience_rule() {
    let mut configuration = verifying(&json!({ "fallback": { "secrets": ["SECRET"] } }));
    let issuer = &mut configuration["issuers"][0];
    issuer["any_audience"] = json!(true);
    issuer["algorithms"] = json!(["HS256"]);
    issuer["claims"]["subject"] = json!("sub");
    for answers in [true, false] {
        let mut bench = Bench::of(&configuration);
        if answers {
            bench.says_json(200, &json!({ "sub": "u" }));
        }
        for (aud, verdict) in [(Value::Null, PASSED), (json!("x"), "401 audience_mismatch")] {
            let token = Key::named("SECRET").token(&claims(&json!({ "iss": null, "aud": aud })));
            assert_eq!(bench.verdict(&token), verdict, "{answers} {aud}");
        }
    }
}

#[test]
fn an_opaque_token_gets_503_and_not_401() {
    assert_eq!(secrets().verdict("opaque"), NONE);
}

#[test]
fn published_keys_serve_as_well_and_are_fetched_only_then() {
    let mut bench = bench(&json!({ "jwks": "https://me.example.com/jwks.json" }), "ES256");
    let token = bench.p256.token_by("k1", &claims(&json!({})));
    bench.says_json(200, &json!({ "sub": "u" }));
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!((bench.world.asked.keys, bench.world.asked.signatures), (0, 0));
    bench.gateway.forget_verdicts();
    let retry_after = Some(Duration::from_secs(60));
    bench.says(move |_| Ok(RemoteReply { retry_after, ..reply(429, "") }));
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!((bench.world.asked.keys, bench.world.asked.signatures), (1, 1));
    // Remembered while the endpoint rests.
    assert_eq!(bench.verdict(&token), PASSED);
    let asked = bench.world.asked;
    assert_eq!((asked.signatures, asked.store, bench.world.calls), (0, 0, 0));
}

#[test]
fn neither_way_is_503() {
    let mut bench = bench(&json!({ "jwks": "https://me.example.com/jwks.json" }), "ES256");
    bench.world.published.clear();
    let token = bench.p256.token_by("k1", &claims(&json!({})));
    assert_eq!(bench.verdict(&token), "503 keys_unavailable");
}

#[test]
fn an_old_yes_comes_before_it() {
    let mut bench = bench(&json!({ "secrets": ["OTHER"] }), "HS256");
    bench.says_json(200, &json!({ "sub": "u" }));
    assert_eq!(bench.verdict(&genuine()), PASSED);
    bench.world.auth_server = None;
    let request = get("/private/a").bearer(&genuine());
    assert_eq!(bench.at(&request, after_ms(60_000)), "401 signature_invalid");
    let mut configuration = verifying(&json!({
        "fallback": { "secrets": ["OTHER"] }, "stale_if_error_seconds": 100,
    }));
    configuration["issuers"][0]["audiences"] = json!(["api"]);
    configuration["issuers"][0]["algorithms"] = json!(["HS256"]);
    configuration["issuers"][0]["claims"]["subject"] = json!("sub");
    let mut bench = Bench::of(&configuration);
    bench.says_json(200, &json!({ "sub": "u" }));
    assert_eq!(bench.verdict(&genuine()), PASSED);
    bench.world.auth_server = None;
    assert_eq!(bench.at(&request, after_ms(60_000)), PASSED);
}

/// As an auth server that shows its callers under `user`, and writes its tokens flat.
fn reading(fallback_claims: &Value) -> Bench {
    let fallback = json!({ "secrets": ["SECRET"], "claims": fallback_claims });
    let mut configuration = verifying(&json!({ "fallback": fallback, "cache_in_kv": false }));
    let issuer = &mut configuration["issuers"][0];
    issuer["audiences"] = json!(["api"]);
    issuer["algorithms"] = json!(["HS256"]);
    issuer["claims"] = json!({ "subject": "user.email", "roles": "user.role" });
    Bench::of(&configuration)
}

fn forwarded(bench: &mut Bench, token: &str) -> Vec<(String, String)> {
    let decision = bench.decide_at(&get("/private/a").bearer(token), NOW);
    let Outcome::Forward(plan) = &decision.outcome else { panic!("{decision:?}") };
    plan.identity()
}

#[test]
fn a_token_without_a_subject_is_nobodys() {
    for subject in [json!(null), json!("")] {
        let token = Key::named("SECRET").token(&claims(&json!({ "sub": subject })));
        assert_eq!(secrets().verdict(&token), "401 claim_missing", "{subject}");
    }
    // Where the subject stands in the answers alone, no token passes as somebody without a name.
    assert_eq!(reading(&json!({})).verdict(&genuine()), "401 claim_missing");
    let other = claims(&json!({ "user": { "email": 1.5 } }));
    let token = Key::named("SECRET").token(&other);
    assert_eq!(reading(&json!({})).verdict(&token), "401 claim_malformed");
}

#[test]
fn it_reads_its_own_claims_and_the_answers_are_read_by_theirs() {
    let mut bench = reading(&json!({ "subject": "email", "roles": ["role", "user.role"] }));
    let flat = json!({ "email": "u@example.com", "role": "clerk", "user": { "role": "guest" } });
    let token = Key::named("SECRET").token(&claims(&flat));
    let at = |headers: &[(String, String)], name: &str| {
        headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    };
    let headers = forwarded(&mut bench, &token);
    assert_eq!(at(&headers, "x-auth-subject").as_deref(), Some("u@example.com"));
    assert_eq!(at(&headers, "x-auth-roles").as_deref(), Some("\"clerk\", \"guest\""));
    // The auth server is back: its answer is read as `claims` says, and nothing of the token.
    bench.says_json(
        200,
        &json!({ "user": { "email": "v@example.com", "role": "boss" }, "email": "w" }),
    );
    let headers = forwarded(&mut bench, &token);
    assert_eq!(at(&headers, "x-auth-subject").as_deref(), Some("v@example.com"));
    assert_eq!(at(&headers, "x-auth-roles").as_deref(), Some("\"boss\""));
    bench.gateway.forget_verdicts();
    bench.says_json(200, &json!({ "email": "u@example.com" }));
    assert_eq!(bench.verdict(&token), "401 claim_missing");
}

#[test]
fn a_no_is_final_under_another_scheme_and_for_a_signatures_twin() {
    let mut configuration = verifying(&json!({ "cache_in_kv": false, "fallback": { "keys": {
        "keys": [Key::p256(1).jwk("k1")],
    } } }));
    let issuer = &mut configuration["issuers"][0];
    issuer["audiences"] = json!(["api"]);
    issuer["algorithms"] = json!(["ES256"]);
    issuer["claims"]["subject"] = json!("sub");
    let schemes = json!([{ "authorization": "Bearer" }, { "authorization": "Token" }]);
    configuration["routes"][2]["credentials"] = schemes;
    let mut bench = Bench::of(&configuration);
    let token = Key::p256(1).token_by("k1", &claims(&json!({})));
    let twin = twin(&token);
    let under = |scheme: &str, token: &str| {
        get("/private/a").header("authorization", &format!("{scheme} {token}"))
    };
    // Both verify by the key of the fallback.
    for request in [under("Token", &token), under("Bearer", &twin)] {
        assert_eq!(Bench::of(&configuration).now(&request), PASSED);
    }
    bench.says_json(401, &json!({}));
    assert_eq!(bench.now(&under("Bearer", &token)), "401 refused_by_auth_server");
    bench.world.auth_server = None;
    for request in [under("Bearer", &token), under("Token", &token), under("Bearer", &twin)] {
        assert_eq!(bench.now(&request), "401 refused_by_auth_server", "{request:?}");
    }
    // Until the auth server says yes again.
    bench.says_json(200, &json!({ "sub": "u" }));
    assert_eq!(bench.at(&under("Bearer", &token), after_ms(10_001)), PASSED);
    bench.world.auth_server = None;
    assert_eq!(bench.at(&under("Bearer", &twin), after_ms(10_002)), PASSED);
}

#[test]
fn what_the_fallback_has_accepted_is_refused_once_the_auth_server_has_said_no() {
    let mut bench = secrets();
    let retry_after = Some(Duration::from_secs(60));
    bench.says(move |_| Ok(RemoteReply { retry_after, ..reply(503, "") }));
    let request = get("/private/a").bearer(&genuine());
    assert_eq!(bench.at(&request, after_ms(0)), PASSED);
    assert_eq!((bench.at(&request, after_ms(1)).as_str(), bench.world.calls), (PASSED, 0));
    bench.says_json(401, &json!({}));
    assert_eq!(bench.at(&request, after_ms(60_001)), "401 refused_by_auth_server");
    bench.says(move |_| Ok(RemoteReply { retry_after, ..reply(503, "") }));
    for millis in [60_002, 70_003, 70_004] {
        let verdict = bench.at(&request, after_ms(millis));
        assert_eq!(verdict, "401 refused_by_auth_server", "{millis}");
    }
}
