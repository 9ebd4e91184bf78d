//! How long an answer is reused, by whom, and what ends it.

use edgeward::gateway::{Lease, NeedRemoteClaims, Step};
use edgeward::time::NumericDate;
use serde_json::json;

use super::remote::{bench, jwt, verifying};
use super::{Bench, NOW, PASSED, line};
use crate::support::drive::reply;
use crate::support::request::get;
use crate::support::{NOW_SECONDS, after_ms};

/// Decides at each time and compares the outcome and the number of calls.
#[track_caller]
fn timeline(bench: &mut Bench, token: &str, expected: &[(i64, &str, usize)]) {
    let request = get("/private/a").bearer(token);
    for (millis, outcome, calls) in expected {
        assert_eq!(bench.at(&request, after_ms(*millis)), *outcome, "{millis}");
        assert_eq!(bench.world.calls, *calls, "calls at {millis}");
    }
}

/// The first issuer without a copy in the store.
fn alone(changes: &serde_json::Value) -> Bench {
    Bench::of(&verifying(&super::with(changes.clone(), &json!({ "cache_in_kv": false }))))
}

fn need(bench: &Bench, token: &str, now: NumericDate) -> NeedRemoteClaims {
    match get("/private/a").bearer(token).begin(&bench.gateway, now) {
        Step::NeedRemoteClaims(need) => *need,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_yes_is_reused_for_less_than_60_seconds() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1 }));
    let p = PASSED;
    timeline(
        &mut bench,
        "t",
        &[(0, p, 1), (1, p, 0), (59_999, p, 0), (60_000, p, 1), (119_999, p, 0)],
    );
    // A yes from the future, after the clock was set back, is as good as none.
    timeline(&mut bench, "t", &[(59_999, p, 1)]);
}

#[test]
fn a_yes_is_reused_for_as_long_as_the_issuer_says() {
    let mut bench = alone(&json!({ "cache_seconds": 5 }));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1), (4_999, PASSED, 0), (5_000, PASSED, 1)]);
}

#[test]
fn a_no_is_reused_for_less_than_10_seconds() {
    let mut bench = alone(&json!({}));
    bench.says_json(401, &json!({}));
    let no = "401 refused_by_auth_server";
    timeline(&mut bench, "t", &[(0, no, 1), (1, no, 0), (9_999, no, 0), (10_000, no, 1)]);
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(19_999, no, 0), (20_000, PASSED, 1)]);
}

#[test]
fn silence_is_not_remembered() {
    let mut bench = alone(&json!({}));
    let none = "503 auth_server_unavailable";
    timeline(&mut bench, "t", &[(0, none, 1), (1, none, 1)]);
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(2, PASSED, 1)]);
}

#[test]
fn no_yes_is_reused_past_exp_whether_the_answer_or_the_token_says_it() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1, "exp": NOW_SECONDS + 20 }));
    let p = PASSED;
    let steps = [
        (0, p, 1),
        (19_999, p, 0),
        (20_000, p, 1),
        (49_999, p, 1),
        (50_000, "401 token_expired", 1),
    ];
    timeline(&mut bench, "opaque", &steps);
    bench.says_json(200, &json!({ "id": 1 }));
    let own = jwt(&bench, &json!({ "iss": null, "exp": NOW_SECONDS + 20 }));
    timeline(&mut bench, &own, &steps);
}

#[test]
fn one_call_is_made_for_a_burst_with_one_token() {
    let mut bench = alone(&json!({}));
    let needs: Vec<_> = (0..100).map(|_| need(&bench, "t", NOW)).collect();
    let mut leases = needs.iter().map(|need| need.lease(&bench.gateway, NOW));
    assert_eq!(leases.next(), Some(Lease::Taken));
    assert!(leases.all(|lease| lease == Lease::Held));
    bench.says_json(200, &json!({ "id": 1 }));
    bench.world.attempt(&bench.gateway, needs[0].question(), after_ms(10));
    for need in needs {
        assert_eq!(need.lease(&bench.gateway, after_ms(20)), Lease::Settled);
        let step = need.resume(&bench.gateway, after_ms(20));
        assert!(matches!(step, Step::NeedRevocation(_)), "{step:?}");
    }
    assert_eq!(bench.world.calls, 1);
}

#[test]
fn a_failed_call_answers_the_whole_burst() {
    let mut bench = alone(&json!({}));
    let needs: Vec<_> = (0..10).map(|_| need(&bench, "t", NOW)).collect();
    assert_eq!(needs[0].lease(&bench.gateway, NOW), Lease::Taken);
    bench.world.attempt(&bench.gateway, needs[0].question(), after_ms(5_000));
    for need in needs {
        assert_eq!(need.lease(&bench.gateway, after_ms(5_010)), Lease::Settled);
        let Step::Done(decision) = need.resume(&bench.gateway, after_ms(5_010)) else {
            panic!("decided");
        };
        assert_eq!(line(&decision), "503 auth_server_unavailable");
    }
}

#[test]
fn who_waits_while_everything_is_forgotten_asks_anew() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    let waiting = need(&bench, "t", after_ms(60_000));
    bench.gateway.forget_verdicts();
    assert_eq!(waiting.lease(&bench.gateway, after_ms(60_001)), Lease::Taken);
    bench.world.attempt(&bench.gateway, waiting.question(), after_ms(60_001));
    let step = waiting.resume(&bench.gateway, after_ms(60_002));
    assert!(matches!(step, Step::NeedRevocation(_)), "{step:?}");
}

#[test]
fn another_token_is_another_lease() {
    let bench = bench();
    assert_eq!(need(&bench, "t", NOW).lease(&bench.gateway, NOW), Lease::Taken);
    assert_eq!(need(&bench, "t", NOW).lease(&bench.gateway, NOW), Lease::Held);
    assert_eq!(need(&bench, "u", NOW).lease(&bench.gateway, NOW), Lease::Taken);
}

#[test]
fn a_lease_runs_out_when_store_and_call_have_had_their_time() {
    let bench = alone(&json!({ "timeout_ms": 3_000 }));
    assert_eq!(need(&bench, "t", NOW).lease(&bench.gateway, NOW), Lease::Taken);
    assert_eq!(need(&bench, "t", NOW).lease(&bench.gateway, after_ms(5_999)), Lease::Held);
    assert_eq!(need(&bench, "t", NOW).lease(&bench.gateway, after_ms(6_000)), Lease::Taken);
}

#[test]
fn an_answer_that_nobody_asked_for_again_decides_nothing() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    let Step::Done(decision) =
        need(&bench, "t", after_ms(60_000)).resume(&bench.gateway, after_ms(60_000))
    else {
        panic!("decided");
    };
    assert_eq!(line(&decision), "503 auth_server_unavailable");
}

#[test]
fn without_stale_if_error_an_old_yes_is_worth_nothing() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    bench.world.auth_server = None;
    timeline(&mut bench, "t", &[(59_999, PASSED, 0), (60_000, "503 auth_server_unavailable", 1)]);
}

#[test]
fn with_it_an_old_yes_serves_while_the_endpoint_cannot_say_and_no_longer() {
    let mut bench = alone(&json!({ "stale_if_error_seconds": 100 }));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    bench.world.auth_server = None;
    let (p, none) = (PASSED, "503 auth_server_unavailable");
    // The fifth failure opens the breaker; then nobody is asked.
    let steps = [(60_000, p, 1), (60_001, p, 1), (60_002, p, 1), (60_003, p, 1), (60_004, p, 1)];
    timeline(&mut bench, "t", &steps);
    timeline(&mut bench, "t", &[(60_005, p, 0), (90_003, p, 0), (90_004, p, 1), (159_999, p, 1)]);
    timeline(&mut bench, "t", &[(160_000, none, 0), (189_999, none, 1)]);
}

#[test]
fn an_old_yes_from_the_future_does_not_serve() {
    let mut bench = alone(&json!({ "stale_if_error_seconds": 100 }));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(1_000, PASSED, 1)]);
    bench.world.auth_server = None;
    timeline(&mut bench, "t", &[(999, "503 auth_server_unavailable", 1), (1_000, PASSED, 0)]);
}

#[test]
fn an_old_yes_decides_at_once_while_the_endpoint_is_left_alone() {
    let changes = json!({ "stale_if_error_seconds": 100, "breaker": { "failures": 1 } });
    let mut bench = alone(&changes);
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    bench.world.auth_server = None;
    timeline(&mut bench, "t", &[(60_000, PASSED, 1)]);
    let step = get("/off/a").bearer("t").begin(&bench.gateway, after_ms(60_001));
    assert!(matches!(step, Step::Done(_)), "{step:?}");
}

#[test]
fn a_no_ends_a_yes_that_is_still_fresh() {
    let mut bench = alone(&json!({}));
    let question = need(&bench, "t", NOW);
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1), (1, PASSED, 0)]);
    let no = Ok(reply(401, ""));
    let _ = question.question().settle(&bench.gateway, after_ms(2), no, after_ms(3));
    timeline(&mut bench, "t", &[(4, "401 refused_by_auth_server", 0)]);
}

#[test]
fn an_old_yes_does_not_serve_past_exp() {
    let mut bench = alone(&json!({ "stale_if_error_seconds": 100 }));
    bench.says_json(200, &json!({ "id": 1, "exp": NOW_SECONDS + 70 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    bench.world.auth_server = None;
    let none = "503 auth_server_unavailable";
    timeline(&mut bench, "t", &[(60_000, PASSED, 1), (69_999, PASSED, 1), (70_000, none, 1)]);
}

#[test]
fn a_no_ends_an_old_yes_and_outlasts_an_outage() {
    let mut bench = alone(&json!({ "stale_if_error_seconds": 1_000 }));
    bench.says_json(200, &json!({ "id": 1 }));
    let no = "401 refused_by_auth_server";
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    bench.says_json(401, &json!({}));
    timeline(&mut bench, "t", &[(60_000, no, 1)]);
    bench.world.auth_server = None;
    timeline(&mut bench, "t", &[(60_001, no, 0), (70_000, no, 1), (80_000, no, 1)]);
}

#[test]
fn a_yes_that_ends_after_a_later_no_does_not_take_it_back() {
    let mut bench = alone(&json!({}));
    let (early, late) = (need(&bench, "t", NOW), need(&bench, "t", after_ms(8_000)));
    let no = Ok(reply(401, ""));
    let _ = late.question().settle(&bench.gateway, after_ms(8_000), no, after_ms(8_001));
    let yes = Ok(reply(200, r#"{"id":1}"#));
    let _ = early.question().settle(&bench.gateway, NOW, yes, after_ms(8_002));
    timeline(&mut bench, "t", &[(8_003, "401 refused_by_auth_server", 0)]);
}

#[test]
fn a_revocation_drops_what_was_said() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1 }));
    timeline(&mut bench, "t", &[(0, PASSED, 1)]);
    let order = json!({ "token": "t" }).to_string();
    let entry = bench.gateway.revocation_order(order.as_bytes(), NOW).expect("an order").entry;
    bench.world.entries.insert(entry.name.to_string(), entry.value());
    timeline(&mut bench, "t", &[(5_000, "401 token_revoked", 0), (5_001, "401 token_revoked", 1)]);
    bench.world.entries.clear();
    bench.gateway.forget_verdicts();
    timeline(&mut bench, "t", &[(5_002, PASSED, 1)]);
    bench.gateway.forget_verdicts();
    timeline(&mut bench, "t", &[(5_003, PASSED, 1), (5_004, PASSED, 0)]);
}

#[test]
fn time_revocation_and_requirement_are_judged_anew_for_what_is_remembered() {
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1, "role": "user", "exp": NOW_SECONDS - 25 }));
    assert_eq!(bench.verdict("t"), PASSED);
    let mut bench = alone(&json!({}));
    bench.says_json(200, &json!({ "id": 1, "role": "user" }));
    assert_eq!(bench.verdict("t"), PASSED);
    let admin = get("/admin/a").bearer("t");
    assert_eq!(bench.at(&admin, after_ms(1)), "403 insufficient_scope");
    assert_eq!(bench.world.calls, 0);
    bench.world.store_is_down = true;
    let request = get("/private/a").bearer("t");
    assert_eq!(bench.at(&request, after_ms(5_000)), "503 revocation_unavailable");
    assert_eq!(bench.world.calls, 0);
}
