//! Tokens that are presented for verification alone, and the orders that end them.

use edgeward::gateway::{Decision, Record, Step};
use edgeward::http::RequestId;
use edgeward::revocation::{Reason, RevocationKind, RevocationName};
use edgeward::time::NumericDate;
use serde_json::{Value, json};

use super::{Bench, MAIN_ISSUER, NOW, SECRET_ISSUER, claims_of, line, remote, with};
use crate::support::drive::reply;
use crate::support::sign::Key;
use crate::support::{NOW_SECONDS, after_ms};

/// That of the configuration, by default.
const LEEWAY_SECONDS: i64 = 30;

fn present(bench: &mut Bench, token: &str) -> Decision {
    let id = RequestId::accept("r-2").expect("harmless");
    let mut step = bench.gateway.begin_presented(token, Record::new(id, NOW), NOW);
    loop {
        assert!(!matches!(step, Step::NeedRevocation(_)), "nothing is looked up");
        step = match bench.world.answer(&bench.gateway, step, NOW) {
            Ok(decision) => return decision,
            Err(next) => next,
        };
    }
}

/// What ends the token: kind and hash of the entry, and its expiry.
fn end(bench: &mut Bench, token: &str, now: NumericDate) -> Option<(RevocationName, Option<i64>)> {
    let caller = present(bench, token).verified.expect("verified");
    let order = bench.gateway.end_of(&caller, now)?;
    assert_eq!((order.reason, order.entry.cutoff, order.token), (Reason::Client, None, None));
    Some((order.entry.name, order.entry.expires_at.map(NumericDate::seconds)))
}

#[test]
fn a_good_token_has_a_caller_and_admits_to_nothing() {
    let mut bench = Bench::new();
    for token in [bench.token(&json!({})), bench.published(&json!({}))] {
        for _ in 0..2 {
            let decision = present(&mut bench, &token);
            assert_eq!(line(&decision), "500 internal_error");
            let caller = decision.verified.expect("verified");
            assert_eq!(caller.identity().subject.as_deref(), Some("user-1"));
        }
    }
}

#[test]
fn a_token_that_is_not_verified_has_no_caller() {
    let mut bench = Bench::new();
    let forged = Key::p256(3).token_by("k1", &claims_of(MAIN_ISSUER));
    let secret = Key::Secret(b"another secret of 32 bytes or so".to_vec());
    for (token, expected) in [
        (forged, "401 signature_invalid"),
        (secret.token(&claims_of(SECRET_ISSUER)), "401 signature_invalid"),
        (Key::named("SECRET").token(&claims_of("https://evil.example")), "401 issuer_unknown"),
        (Key::p256(1).token_by("k9", &claims_of(MAIN_ISSUER)), "401 key_unknown"),
        ("a.b.c".to_owned(), "401 token_malformed"),
        (String::new(), "401 token_malformed"),
        ("opaque".to_owned(), "401 token_malformed"),
        ("x".repeat(9000), "401 token_too_large"),
    ] {
        let decision = present(&mut bench, &token);
        assert!(decision.verified.is_none(), "{token}");
        assert_eq!(line(&decision), expected, "{token}");
    }
}

#[test]
fn neither_its_claims_nor_revocation_are_checked() {
    for changes in [
        json!({ "exp": 1 }),
        json!({ "aud": "another" }),
        json!({ "token_type": "refresh" }),
        json!({ "nbf": NOW_SECONDS + 600 }),
    ] {
        let mut bench = Bench::new();
        bench.world.store_is_down = true;
        for token in [bench.token(&changes), bench.published(&changes)] {
            assert!(bench.verdict(&token).starts_with("401"), "no request passes with it");
            assert!(present(&mut bench, &token).verified.is_some(), "{changes}");
        }
    }
}

#[test]
fn keys_that_are_not_to_be_had_are_503_and_no_verdict() {
    let mut bench = Bench::new();
    bench.world.published.clear();
    let token = bench.published(&json!({}));
    let decision = present(&mut bench, &token);
    assert_eq!(
        (line(&decision).as_str(), decision.verified.is_some()),
        ("503 keys_unavailable", false)
    );
}

#[test]
fn a_token_is_ended_by_its_jti_until_it_expires() {
    let mut bench = Bench::new();
    for (token, issuer) in [
        (bench.token(&json!({})), SECRET_ISSUER),
        (bench.published(&json!({})), MAIN_ISSUER),
        (bench.token(&json!({ "token_type": "refresh" })), SECRET_ISSUER),
    ] {
        let name = RevocationName::new(RevocationKind::Token, issuer, "t-1");
        assert_eq!(end(&mut bench, &token, NOW), Some((name, Some(NOW_SECONDS + 600))));
    }
}

#[test]
fn a_token_without_jti_is_ended_by_its_signing_input() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({ "jti": null }));
    let order = json!({ "token": token }).to_string();
    let expected = bench.gateway.revocation_order(order.as_bytes(), NOW).expect("an order");
    let (name, _) = end(&mut bench, &token, NOW).expect("an order");
    assert_eq!((name.kind(), &name), (RevocationKind::Input, &expected.entry.name));
    bench.world.entries.insert(name.to_string(), "{}".to_owned());
    assert_eq!(bench.verdict(&token), "401 token_revoked");
}

#[test]
fn a_token_that_nobody_accepts_any_more_has_nothing_to_end() {
    let mut bench = Bench::new();
    let last = (600 + LEEWAY_SECONDS) * 1000;
    let token = bench.token(&json!({}));
    for (millis, is_left) in [(0, true), (600_000, true), (last - 1, true), (last, false)] {
        assert_eq!(end(&mut bench, &token, after_ms(millis)).is_some(), is_left, "{millis}");
    }
    let endless = bench.token(&json!({ "exp": null }));
    assert_eq!(end(&mut bench, &endless, after_ms(last)).map(|(_, until)| until), Some(None));
}

#[test]
fn the_order_has_the_issuer_and_the_tenant_of_the_token() {
    let mut bench = Bench::new();
    let order = |bench: &mut Bench, token: &str| {
        let caller = present(bench, token).verified.expect("verified");
        let order = bench.gateway.end_of(&caller, NOW).expect("an order");
        (order.issuer, order.tenant)
    };
    let acme = json!({ "org": { "id": "acme" } });
    let (one, other) = (bench.published(&acme), bench.token(&json!({})));
    assert_eq!(order(&mut bench, &one), (0, Some("acme".to_owned())));
    assert_eq!(order(&mut bench, &other), (1, None));
}

#[test]
fn an_opaque_token_is_verified_by_its_auth_server() {
    let mut bench = remote::bench();
    bench.says(|_| Ok(reply(200, r#"{"id":1}"#)));
    assert!(present(&mut bench, "opaque-1").verified.is_some());
    bench.says(|_| Ok(reply(401, "{}")));
    let decision = present(&mut bench, "opaque-2");
    assert_eq!(
        (line(&decision).as_str(), decision.verified.is_some()),
        ("401 refused_by_auth_server", false)
    );
    bench.world.auth_server = None;
    let decision = present(&mut bench, "opaque-3");
    assert_eq!(
        (line(&decision).as_str(), decision.verified.is_some()),
        ("503 auth_server_unavailable", false)
    );
}

#[test]
fn an_opaque_token_that_is_unknown_can_be_ended_and_a_jwt_cannot() {
    let bench = remote::bench();
    let order = bench.gateway.end_of_unknown("opaque-1").expect("an order");
    assert_eq!((order.entry.name.kind(), order.entry.expires_at), (RevocationKind::Input, None));
    assert_eq!((order.reason, order.tenant), (Reason::Client, None));
    let unnamed: Value = with(claims_of(MAIN_ISSUER), &json!({ "iss": null }));
    for token in [bench.p256.token(&unnamed), "eyJhbGciOiJub25lIn0.e30.".to_owned()] {
        assert!(bench.gateway.end_of_unknown(&token).is_none(), "{token}");
    }
    assert!(bench.gateway.end_of_unknown(&"a".repeat(8193)).is_none(), "too long to pass");
    assert!(Bench::new().gateway.end_of_unknown("opaque-1").is_none(), "nobody takes such tokens");
}
