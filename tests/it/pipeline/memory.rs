//! A remembered token proves nothing by being remembered.

use edgeward::gateway::Step;
use serde_json::json;

use super::{Bench, MAIN, MAIN_ISSUER, NOW, PASSED, claims_of, with};
use crate::support::drive::Asked;
use crate::support::request::get;
use crate::support::sign::{Key, key_set, twin};
use crate::support::{NOW_SECONDS, after_ms};

const STORE_ONLY: Asked = Asked { keys: 0, signatures: 0, store: 1 };

#[test]
fn a_remembered_token_expires_at_the_moment_its_exp_says() {
    let mut bench = Bench::new();
    let request = get("/off/a").bearer(&bench.token(&json!({ "exp": NOW_SECONDS + 1 })));
    let passed = "forward https://origin.example/off/a";
    // The leeway is 30 s.
    for (millis, expected) in [
        (0, passed),
        (30_999, passed),
        (31_000, "401 token_expired"),
        (31_001, "401 token_expired"),
    ] {
        assert_eq!(bench.at(&request, after_ms(millis)), expected, "{millis}");
    }
    // It is not refused for good: were the clock set back, it would be in force.
    assert_eq!(bench.at(&request, after_ms(0)), passed);
}

#[test]
fn a_remembered_token_is_not_yet_valid_before_its_nbf() {
    let mut bench = Bench::new();
    let request = get("/off/a").bearer(&bench.token(&json!({ "nbf": NOW_SECONDS, "iat": null })));
    assert_eq!(bench.at(&request, after_ms(0)), "forward https://origin.example/off/a");
    assert_eq!(bench.at(&request, after_ms(-30_001)), "401 token_not_yet_valid");
}

#[test]
fn a_bounded_verdict_is_reused_for_less_than_5_seconds() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    for (millis, asked) in [(0, 1), (1, 0), (4_999, 0), (5_000, 1), (9_999, 0), (10_000, 1)] {
        assert_eq!(bench.at(&request, after_ms(millis)), PASSED);
        assert_eq!(bench.world.asked.store, asked, "{millis}");
    }
    // An answer from the future, after the clock was set back, is as good as none.
    assert_eq!(bench.at(&request, after_ms(9_999)), PASSED);
    assert_eq!(bench.world.asked, STORE_ONLY);
}

#[test]
fn an_eventual_verdict_is_reused_for_less_than_60_seconds() {
    let mut bench = Bench::new();
    let request = get("/eventual/a").bearer(&bench.token(&json!({})));
    for (millis, asked) in [(0, 1), (59_999, 0), (60_000, 1)] {
        assert_eq!(
            bench.at(&request, after_ms(millis)),
            "forward https://origin.example/eventual/a"
        );
        assert_eq!(bench.world.asked.store, asked, "{millis}");
    }
}

#[test]
fn each_route_reuses_a_verdict_by_its_own_bound() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    for (path, millis, asked) in [
        // A route that asks nobody leaves no verdict behind for one that asks.
        ("/off/a", 0, 0),
        ("/private/a", 1, 1),
        ("/off/a", 2, 0),
        ("/eventual/a", 5_001, 0),
        ("/private/a", 5_001, 1),
        ("/eventual/a", 65_000, 0),
        ("/private/a", 65_000, 1),
    ] {
        bench.at(&get(path).bearer(&token), after_ms(millis));
        assert_eq!(bench.world.asked.store, asked, "{path} {millis}");
    }
}

#[test]
fn a_revoked_token_is_refused_when_its_verdict_is_asked_for_again() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let Step::NeedRevocation(need) = request.begin(&bench.gateway, NOW) else {
        panic!("the store is to be asked");
    };
    assert_eq!(bench.now(&request), PASSED);
    bench.world.entries.insert(need.names()[0].to_string(), "{}".to_owned());
    assert_eq!(bench.at(&request, after_ms(4_999)), PASSED);
    assert_eq!(bench.at(&request, after_ms(5_000)), "401 token_revoked");
    // Having been refused it is not remembered, and asked for at once.
    assert_eq!(bench.at(&request, after_ms(5_001)), "401 token_revoked");
    assert_eq!(bench.world.asked, STORE_ONLY);
}

#[test]
fn forgotten_verdicts_are_asked_for_again_even_by_requests_under_way() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    assert_eq!(bench.now(&request), PASSED);
    bench.gateway.forget_verdicts();
    let Step::NeedRevocation(need) = request.begin(&bench.gateway, after_ms(1)) else {
        panic!("the verdict was forgotten");
    };
    let old = bench.world.look_up(need.names());
    bench.world.entries.insert(need.names()[0].to_string(), "{}".to_owned());
    bench.gateway.forget_verdicts();
    let Step::NeedRevocation(need) = need.resume(&bench.gateway, &old, after_ms(2)) else {
        panic!("an answer from before a revocation decides nothing");
    };
    let new = bench.world.look_up(need.names());
    let Step::Done(decision) = need.resume(&bench.gateway, &new, after_ms(2)) else {
        panic!("nothing was revoked since");
    };
    assert_eq!(super::line(&decision), "401 token_revoked");
}

#[test]
fn a_token_is_verified_anew_when_its_issuers_keys_change() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.published(&json!({})));
    assert_eq!(bench.now(&request), PASSED);
    // The same document again changes nothing.
    bench.world.publish(&bench.gateway, MAIN, after_ms(1));
    assert_eq!(bench.at(&request, after_ms(1)), PASSED);
    assert_eq!(bench.world.asked, Asked::default());
    let grown = key_set(&[("k1", &bench.p256), ("k3", &Key::p256(3))]);
    bench.world.published.insert(MAIN, grown);
    bench.world.publish(&bench.gateway, MAIN, after_ms(2));
    assert_eq!(bench.at(&request, after_ms(2)), PASSED);
    assert_eq!(bench.world.asked, Asked { keys: 0, signatures: 1, store: 1 });
}

#[test]
fn a_remembered_token_is_refused_once_its_key_is_withdrawn() {
    let mut bench = Bench::new();
    let request = get("/off/a").bearer(&bench.published(&json!({})));
    assert_eq!(bench.now(&request), "forward https://origin.example/off/a");
    let replaced = key_set(&[("k1", &Key::p256(3)), ("k3", &Key::p256(4))]);
    bench.world.published.insert(MAIN, replaced);
    bench.world.publish(&bench.gateway, MAIN, after_ms(1));
    assert_eq!(bench.at(&request, after_ms(1)), "401 signature_invalid");
}

#[test]
fn tokens_that_begin_alike_share_nothing() {
    let mut bench = Bench::new();
    let claims = claims_of(MAIN_ISSUER);
    let roles = json!({ "roles": ["admin"] });
    let admin = bench.p256.token_by("k1", &with(claims.clone(), &roles));
    let admin_request = get("/admin/a").bearer(&admin);
    assert_eq!(bench.now(&admin_request), "forward https://origin.example/admin/a");
    let parts: Vec<_> = admin.split('.').collect();
    let user = bench.p256.token_by("k1", &claims);
    let user: Vec<_> = user.split('.').collect();
    for (forged, expected) in [
        // All but the last character; one more; another signature; another payload.
        (admin.get(..admin.len() - 1).expect("shorter").to_owned(), "401 token_malformed"),
        (format!("{admin}A"), "401 signature_invalid"),
        (format!("{}.{}.{}", parts[0], parts[1], user[2]), "401 signature_invalid"),
        (format!("{}.{}.{}", parts[0], user[1], parts[2]), "401 signature_invalid"),
        (format!("{}.{}.", parts[0], parts[1]), "401 signature_invalid"),
        (format!("{}.{}.{}", user[0], user[1], user[2]), "403 insufficient_scope"),
    ] {
        assert_eq!(bench.now(&get("/admin/a").bearer(&forged)), expected, "{forged}");
    }
}

#[test]
fn two_signatures_over_one_input_are_two_entries_of_memory() {
    let mut bench = Bench::new();
    let token = bench.published(&json!({}));
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!(bench.verdict(&twin(&token)), PASSED);
    assert_eq!(bench.world.asked, Asked { keys: 0, signatures: 1, store: 1 });
}

#[test]
fn a_remembered_token_for_another_audience_is_refused_each_time() {
    let mut bench = Bench::new();
    let claims = json!({ "aud": "another", "exp": NOW_SECONDS + 1 });
    let request = get("/off/a").bearer(&bench.published(&claims));
    for (millis, signatures, expected) in [
        (0, 1, "401 audience_mismatch"),
        (0, 0, "401 audience_mismatch"),
        // What time says goes first, as it would for a new token.
        (31_000, 0, "401 token_expired"),
        (0, 0, "401 audience_mismatch"),
    ] {
        assert_eq!(bench.at(&request, after_ms(millis)), expected, "{millis}");
        assert_eq!(bench.world.asked.signatures, signatures, "{millis}");
    }
}

#[test]
fn a_text_that_only_ends_like_a_remembered_token_is_another_one() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({ "note": "x".repeat(300) }));
    assert_eq!(bench.verdict(&token), PASSED);
    let (header, rest) = token.split_once('.').expect("three parts");
    // Its payload no longer begins with `{`.
    let other = format!("{header}.{}", rest.replacen("ey", "eX", 1));
    assert_eq!(other.len(), token.len());
    let end = |text: &str| text.as_bytes().last_chunk::<300>().copied();
    assert_eq!(end(&other), end(&token));
    assert_ne!(bench.verdict(&other), PASSED);
    assert_eq!(bench.verdict(&token), PASSED);
}

#[test]
fn a_remembered_token_is_recognized_however_its_scheme_is_written() {
    let mut bench = Bench::new();
    let token = bench.published(&json!({}));
    assert_eq!(bench.verdict(&token), PASSED);
    for value in [
        format!("Bearer {token}"),
        format!("bearer {token}"),
        format!("Bearer   {token}"),
        format!("Bearer {token} "),
    ] {
        let request = get("/private/a").header("authorization", &value);
        assert_eq!(bench.now(&request), PASSED, "{value}");
        assert_eq!(bench.world.asked.signatures, 0, "{value}");
    }
}
