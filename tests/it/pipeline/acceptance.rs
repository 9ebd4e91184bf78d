//! What passes, and what it costs the first and the second time.

use edgeward::gateway::{Admission, Outcome};
use serde_json::json;

use super::{Bench, MAIN_ISSUER, NOW, PASSED, claims_of};
use crate::support::drive::{Asked, route};
use crate::support::request::get;

#[test]
fn a_token_of_each_kind_of_key_passes() {
    let mut bench = Bench::new();
    let claims = claims_of(MAIN_ISSUER);
    let untyped = bench.ed25519.token_under(&json!({ "alg": "EdDSA" }), &claims);
    let renamed = bench.ed25519.token_under(&json!({ "alg": "Ed25519", "kid": "k2" }), &claims);
    for token in [
        bench.token(&json!({})),
        bench.published(&json!({})),
        bench.ed25519.token_by("k2", &claims),
        bench.p256.token(&claims),
        untyped,
        renamed,
    ] {
        assert_eq!(bench.verdict(&token), PASSED);
    }
}

#[test]
fn the_first_request_asks_for_everything_and_the_second_for_nothing() {
    let mut bench = Bench::new();
    let token = bench.published(&json!({}));
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!(bench.world.asked, Asked { keys: 1, signatures: 1, store: 1 });
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!(bench.world.asked, Asked::default());
}

#[test]
fn another_token_under_known_keys_asks_for_no_keys() {
    let mut bench = Bench::new();
    let (one, two) = (bench.published(&json!({})), bench.published(&json!({ "jti": "t-2" })));
    assert_eq!(bench.verdict(&one), PASSED);
    assert_eq!(bench.verdict(&two), PASSED);
    assert_eq!(bench.world.asked, Asked { keys: 0, signatures: 1, store: 1 });
}

#[test]
fn an_hmac_costs_no_need_of_its_own() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!(bench.world.asked, Asked { keys: 0, signatures: 0, store: 1 });
}

#[test]
fn a_public_route_looks_at_no_token() {
    let mut bench = Bench::new();
    for request in [
        get("/public/a"),
        get("/public/a").bearer("rubbish"),
        get("/public/a").header("authorization", "Bearer a, Bearer b"),
        get("/public/a").bearer(&bench.token(&json!({ "exp": 1 }))),
        get("/public/a").bearer(&bench.published(&json!({}))),
    ] {
        let decision = bench.decide_at(&request, NOW);
        let Outcome::Forward(plan) = &decision.outcome else {
            panic!("refused: {decision:?}");
        };
        assert!(matches!(plan.admission(), Admission::Anonymous(..)) && plan.identity().is_empty());
        assert_eq!(bench.world.asked, Asked::default());
        assert_eq!(decision.record.issuer, None);
    }
}

#[test]
fn an_optional_route_passes_without_a_token_and_with_a_good_one() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    for (request, subject) in [
        (get("/optional/a"), None),
        (get("/optional/a").header("authorization", "Basic YTpi"), None),
        (get("/optional/a").bearer(&token), Some("user-1")),
    ] {
        let Outcome::Forward(plan) = bench.decide_at(&request, NOW).outcome else {
            panic!("refused: {request:?}");
        };
        let identity = plan.identity();
        let found = identity.iter().find(|(name, _)| name == "x-auth-subject");
        assert_eq!(found.map(|(_, value)| value.as_str()), subject);
        assert_eq!(plan.admission().caller().is_some(), subject.is_some());
    }
}

#[test]
fn an_optional_route_refuses_a_bad_token_instead_of_ignoring_it() {
    let mut bench = Bench::new();
    let request = |token: &str| get("/optional/a").bearer(token);
    let expired = bench.token(&json!({ "exp": 1 }));
    assert_eq!(bench.now(&request(&expired)), "401 token_expired");
    assert_eq!(bench.now(&request("a.b.c")), "401 token_malformed");
    let several = get("/optional/a").header("authorization", "Bearer a, Bearer b");
    assert_eq!(bench.now(&several), "400 credential_ambiguous");
    bench.world.store_is_down = true;
    let good = bench.token(&json!({}));
    assert_eq!(bench.now(&request(&good)), "503 revocation_unavailable");
}

#[test]
fn a_decision_says_which_route_issuer_and_key_it_was_about() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.published(&json!({})));
    for _ in 0..2 {
        let decision = bench.decide_at(&request, NOW);
        let route = route(&bench.gateway, &decision).expect("a route");
        assert_eq!(route.pattern.as_str(), "/private/**");
        let record = decision.record;
        assert_eq!((record.issuer, record.kid.as_deref()), (Some(0), Some("k1")));
        assert_eq!((record.id.as_str(), record.started_at), ("r-1", NOW));
    }
}
