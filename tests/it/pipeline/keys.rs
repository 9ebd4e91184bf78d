//! Published keys over time: missing, unknown, new, stale, gone.

use edgeward::gateway::{Lease, Step};
use edgeward::jose::JwkSet;
use serde_json::json;

use super::{Bench, MAIN, MAIN_ISSUER, NOW, PASSED, claims_of};
use crate::support::after_ms;
use crate::support::drive::Asked;
use crate::support::request::get;
use crate::support::sign::{Key, key_set};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;

#[test]
fn no_keys_at_all_is_503_and_the_issuer_is_left_alone_for_30_seconds() {
    let mut bench = Bench::new();
    let set = bench.world.published.remove(&MAIN).expect("a set");
    let request = get("/private/a").bearer(&bench.published(&json!({})));
    assert_eq!(bench.now(&request), "503 keys_unavailable");
    assert_eq!(bench.world.asked.keys, 1);
    bench.world.published.insert(MAIN, set);
    assert_eq!(bench.at(&request, after_ms(29_999)), "503 keys_unavailable");
    assert_eq!(bench.world.asked.keys, 0);
    assert_eq!(bench.at(&request, after_ms(30_000)), PASSED);
}

#[test]
fn a_set_without_a_usable_key_is_no_key_at_all() {
    let mut bench = Bench::new();
    bench.world.published.insert(MAIN, JwkSet::default());
    let token = bench.published(&json!({}));
    assert_eq!(bench.verdict(&token), "401 key_unknown");
}

#[test]
fn an_unknown_kid_asks_the_issuer_once_and_then_not_for_a_while() {
    let mut bench = Bench::new();
    let known = bench.published(&json!({}));
    assert_eq!(bench.verdict(&known), PASSED);
    let unknown = Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER));
    let request = get("/private/a").bearer(&unknown);
    for (millis, asked) in [(1, 1), (2, 0), (29_000, 0), (59_999, 0), (60_001, 1), (60_002, 0)] {
        assert_eq!(bench.at(&request, after_ms(millis)), "401 key_unknown", "{millis}");
        assert_eq!(bench.world.asked.keys, asked, "{millis}");
    }
}

#[test]
fn another_unknown_kid_does_not_ask_within_30_seconds_of_the_last() {
    let mut bench = Bench::new();
    let known = bench.published(&json!({}));
    assert_eq!(bench.verdict(&known), PASSED);
    for (kid, millis, asked) in [("k7", 1, 1), ("k8", 30_000, 0), ("k9", 30_001, 1)] {
        let request =
            get("/private/a").bearer(&Key::p256(5).token_by(kid, &claims_of(MAIN_ISSUER)));
        assert_eq!(bench.at(&request, after_ms(millis)), "401 key_unknown", "{kid}");
        assert_eq!(bench.world.asked.keys, asked, "{kid}");
    }
}

#[test]
fn an_unknown_kid_does_not_ask_an_issuer_that_failed_a_short_while_ago() {
    let mut bench = Bench::new();
    let known = bench.published(&json!({}));
    assert_eq!(bench.verdict(&known), PASSED);
    bench.gateway.keys().fail(MAIN, after_ms(1));
    let request = get("/private/a").bearer(&Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER)));
    assert_eq!(bench.at(&request, after_ms(2)), "503 keys_unavailable");
    assert_eq!(bench.world.asked.keys, 0);
}

#[test]
fn a_fetch_that_succeeds_ends_the_pause_after_one_that_failed() {
    let mut bench = Bench::new();
    bench.gateway.keys().fail(MAIN, after_ms(0));
    bench.world.publish(&bench.gateway, MAIN, after_ms(1));
    let request = get("/private/a").bearer(&Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER)));
    assert_eq!(bench.at(&request, after_ms(2)), "401 key_unknown");
    assert_eq!(bench.world.asked.keys, 1);
}

#[test]
fn one_request_looks_for_its_key_once_even_when_nobody_fetched() {
    let mut bench = Bench::new();
    let known = bench.published(&json!({}));
    assert_eq!(bench.verdict(&known), PASSED);
    let request = get("/private/a").bearer(&Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER)));
    let Step::NeedKeys(need) = request.begin(&bench.gateway, after_ms(1)) else {
        panic!("the issuer is to be asked");
    };
    let Step::Done(decision) = need.resume(&bench.gateway, after_ms(2)) else {
        panic!("asked twice");
    };
    assert_eq!(super::line(&decision), "401 key_unknown");
}

#[test]
fn keys_that_came_with_this_very_request_are_not_asked_for_again() {
    let mut bench = Bench::new();
    let unknown = Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER));
    assert_eq!(bench.verdict(&unknown), "401 key_unknown");
    assert_eq!(bench.world.asked.keys, 1);
}

#[test]
fn a_new_key_is_found_by_asking_once() {
    let mut bench = Bench::new();
    let old = bench.published(&json!({}));
    assert_eq!(bench.verdict(&old), PASSED);
    let new = Key::p256(5);
    bench.world.published.insert(MAIN, key_set(&[("k1", &bench.p256), ("k9", &new)]));
    let request = get("/private/a").bearer(&new.token_by("k9", &claims_of(MAIN_ISSUER)));
    assert_eq!(bench.at(&request, after_ms(1)), PASSED);
    assert_eq!(bench.world.asked.keys, 1);
}

#[test]
fn an_unknown_kid_is_503_when_the_issuer_cannot_be_asked() {
    let mut bench = Bench::new();
    let known = bench.published(&json!({}));
    assert_eq!(bench.verdict(&known), PASSED);
    bench.world.published.clear();
    let unknown = Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER));
    let request = get("/private/a").bearer(&unknown);
    assert_eq!(bench.at(&request, after_ms(1)), "503 keys_unavailable");
    // The keys that are held serve on.
    assert_eq!(bench.at(&get("/private/a").bearer(&known), after_ms(2)), PASSED);
}

#[test]
fn an_unknown_kid_says_that_a_copy_kept_elsewhere_is_of_no_use() {
    let mut bench = Bench::new();
    let request = get("/private/a").bearer(&bench.published(&json!({})));
    let Step::NeedKeys(need) = request.begin(&bench.gateway, NOW) else {
        panic!("keys are needed");
    };
    assert!(!need.is_for_unknown_kid());
    assert_eq!(bench.now(&request), PASSED);
    let unknown = Key::p256(5).token_by("k9", &claims_of(MAIN_ISSUER));
    let step = get("/private/a").bearer(&unknown).begin(&bench.gateway, after_ms(1));
    let Step::NeedKeys(need) = step else {
        panic!("the issuer is to be asked");
    };
    assert!(need.is_for_unknown_kid());
    assert_eq!(need.issuer(), MAIN);
    assert_eq!(bench.gateway.keys().lease(MAIN, need.attempts(), after_ms(1)), Lease::Taken);
}

#[test]
fn stale_keys_serve_and_ask_to_be_fetched_again() {
    let mut bench = Bench::new();
    let token = bench.published(&json!({ "exp": 4_102_444_800_i64 }));
    let request = get("/private/a").bearer(&token);
    for (millis, stale) in
        [(0, None), (10 * MINUTE - 1, None), (10 * MINUTE, Some(MAIN)), (20 * MINUTE, Some(MAIN))]
    {
        let decision = bench.decide_at(&request, after_ms(millis));
        assert_eq!(decision.revalidate, stale, "{millis}");
        assert_eq!(super::line(&decision), PASSED);
    }
    // A token that is not remembered says so as well.
    let another = bench.published(&json!({ "jti": "t-2", "exp": 4_102_444_800_i64 }));
    let decision = bench.decide_at(&get("/private/a").bearer(&another), after_ms(11 * MINUTE));
    assert_eq!(decision.revalidate, Some(MAIN));
}

#[test]
fn keys_are_gone_a_day_after_they_went_stale_for_remembered_tokens_too() {
    let mut bench = Bench::new();
    let request = get("/off/a").bearer(&bench.published(&json!({ "exp": 4_102_444_800_i64 })));
    assert_eq!(bench.now(&request), "forward https://origin.example/off/a");
    bench.world.published.clear();
    let last = (10 + 24 * 60) * MINUTE;
    assert_eq!(bench.at(&request, after_ms(last - 1)), "forward https://origin.example/off/a");
    assert_eq!(bench.world.asked, Asked::default());
    assert_eq!(bench.at(&request, after_ms(last)), "503 keys_unavailable");
    assert_eq!(bench.world.asked.keys, 1);
}
