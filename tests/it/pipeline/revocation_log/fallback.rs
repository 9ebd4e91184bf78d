//! What holds while the log gives no answer.

use edgeward::gateway::RevocationCheck;
use edgeward::revocation::RevocationLevel;
use serde_json::json;

use super::*;

/// A gateway that uses a copy of up to 30 s, and has one of the moment 0.
fn lenient() -> LogBench {
    let mut bench = LogBench::of(&json!({ "fallback": "copy", "fallback_seconds": 30 }));
    bench.follow(0);
    bench
}

fn unavailable() -> (String, usize) {
    (UNAVAILABLE.to_owned(), 1)
}

#[test]
fn the_copy_serves_until_its_bound_and_then_nothing_does() {
    for (path, bound) in [(BOUNDED, 5000), (EVENTUAL, 60_000)] {
        let mut bench = LogBench::new();
        bench.follow(0);
        bench.log.is_down = true;
        assert_eq!(bench.at(path, bound - 1), (passed(path), 0));
        for millis in [bound, bound + 1, bound + 600_000] {
            assert_eq!(bench.at(path, millis), unavailable(), "{path} {millis}");
        }
        bench.log.is_down = false;
        assert_eq!(bench.at(path, bound + 600_001), (passed(path), 1));
    }
}

#[test]
fn with_fallback_an_older_copy_serves_until_it_is_too_old_and_not_then() {
    for (millis_after, expected) in [
        (5000, passed(BOUNDED)),
        (29_999, passed(BOUNDED)),
        (30_000, UNAVAILABLE.to_owned()),
        (30_001, UNAVAILABLE.to_owned()),
    ] {
        let mut bench = lenient();
        bench.log.is_down = true;
        let decision = bench.decide(&get(BOUNDED).bearer(&usual()), millis_after);
        assert_eq!((line(&decision), bench.asks.len()), (expected, 1), "{millis_after}");
        let is_degraded = millis_after < 30_000;
        let check = RevocationCheck {
            level: RevocationLevel::Bounded,
            copy_age: Some(millis(millis_after.try_into().expect("positive"))),
            is_degraded,
        };
        assert_eq!(decision.record.revocation, Some(check));
        assert_eq!(decision.is_degraded(), is_degraded);
    }
}

#[test]
fn a_copy_within_its_bound_is_not_degraded_while_the_log_is_unreachable() {
    let mut bench = lenient();
    bench.log.is_down = true;
    bench.follow(1000);
    let check = bench.check(BOUNDED, 1001).expect("judged");
    assert_eq!((check.is_degraded, check.copy_age), (false, Some(millis(1001))));
}

#[test]
fn without_a_complete_copy_there_is_nothing_to_fall_back_on() {
    let rules = json!({ "fallback": "copy", "fallback_seconds": 86_400 });
    for path in [BOUNDED, EVENTUAL] {
        let mut bench = LogBench::of(&rules);
        bench.log.is_down = true;
        assert_eq!(bench.at(path, 0), unavailable());
    }
    // The first of two pages.
    let mut bench = LogBench::of(&rules);
    bench.log.page = 1;
    bench.log.revoke_beside(&name(RevocationKind::Session, "a"));
    bench.log.revoke_beside(&name(RevocationKind::Session, "b"));
    let decision = bench.decide(&get(BOUNDED).bearer(&usual()), 0);
    assert_eq!(line(&decision), passed(BOUNDED), "by the log's own word");
    let page = bench.gateway.follow_log(after_ms(0)).expect("a page");
    let answer = bench.log.answer(&page);
    bench.gateway.log_answered(&page, (after_ms(0), after_ms(0)), answer.as_ref());
    bench.log.is_down = true;
    assert_eq!(bench.at(BOUNDED, 1), unavailable());
    bench.log.is_down = false;
    bench.follow(2);
    bench.log.is_down = true;
    assert_eq!(bench.at(BOUNDED, 3), (passed(BOUNDED), 0), "now it is complete");
}

#[test]
fn a_hit_that_was_never_confirmed_is_503_and_never_passes() {
    for fallback in [json!({}), json!({ "fallback": "copy", "fallback_seconds": 30 })] {
        let mut bench = LogBench::of(&fallback);
        bench.revoke(&jti());
        bench.follow(0);
        bench.log.is_down = true;
        for millis in [0, 1, 5000, 29_999, 30_000] {
            assert_eq!(bench.at(BOUNDED, millis), unavailable(), "{fallback} {millis}");
        }
    }
}

#[test]
fn a_hit_that_was_confirmed_is_401_however_long_ago() {
    for fallback in [json!({}), json!({ "fallback": "copy", "fallback_seconds": 30 })] {
        let mut bench = LogBench::of(&fallback);
        bench.revoke(&jti());
        assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
        bench.log.is_down = true;
        for (millis, asked) in [(4999, 0), (60_000, 1), (7_200_000, 1)] {
            assert_eq!(bench.at(BOUNDED, millis), (REVOKED.to_owned(), asked), "{millis}");
        }
    }
}

#[test]
fn a_false_hit_passes_by_the_fallback_for_a_minute_and_is_503_then() {
    for (millis, expected) in [(59_999, passed(BOUNDED)), (60_000, UNAVAILABLE.to_owned())] {
        let mut bench = LogBench::of(&json!({ "fallback": "copy", "fallback_seconds": 600 }));
        bench.log.revoke_beside(&jti());
        assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
        bench.log.is_down = true;
        assert_eq!(bench.at(BOUNDED, millis), (expected, 1), "{millis}");
    }
}

#[test]
fn for_a_second_after_a_failure_no_other_request_waits() {
    let mut bench = lenient();
    bench.log.is_down = true;
    assert_eq!(bench.at(BOUNDED, 6000), (passed(BOUNDED), 1));
    for millis in [6000, 6001, 6999] {
        let decision = bench.decide(&get(BOUNDED).bearer(&usual()), millis);
        assert_eq!((line(&decision), bench.asks.len()), (passed(BOUNDED), 0), "{millis}");
        assert!(decision.is_degraded());
    }
    assert_eq!(bench.at(BOUNDED, 7000), (passed(BOUNDED), 1));
    assert_eq!(bench.at(BOUNDED, 6999), (passed(BOUNDED), 1), "the clock was set back");
    bench.log.is_down = false;
    assert_eq!(bench.at(BOUNDED, 8000), (passed(BOUNDED), 1));
    let check = bench.check(BOUNDED, 8001).expect("judged");
    assert_eq!((check.is_degraded, check.copy_age), (false, Some(millis(1))));
}

#[test]
fn in_that_second_all_that_the_copy_cannot_decide_still_asks() {
    let mut bench = lenient();
    bench.revoke(&jti());
    bench.follow(0);
    bench.log.is_down = true;
    bench.follow(29_000);
    assert_eq!(bench.at(BOUNDED, 29_500), unavailable(), "a hit that was not confirmed");
    assert_eq!(bench.at(STRICT, 29_500), unavailable());
    let others = token(&json!({ "jti": "t-2" }));
    assert_eq!(bench.with_token(BOUNDED, &others, 29_999), (passed(BOUNDED), 0));
    assert_eq!(bench.with_token(BOUNDED, &others, 30_000).0, UNAVAILABLE, "the copy is too old");
    // Without `fallback` each request asks.
    let mut bench = LogBench::new();
    bench.follow(0);
    bench.log.is_down = true;
    for millis in [5000, 5001] {
        assert_eq!(bench.at(BOUNDED, millis), unavailable());
    }
}

#[test]
fn a_request_that_waited_in_vain_asks_only_once() {
    for (rules, path) in [(json!({}), BOUNDED), (json!({}), STRICT), (json!({}), EVENTUAL)] {
        let mut bench = LogBench::of(&rules);
        bench.log.is_down = true;
        let decision = bench.decide(&get(path).bearer(&usual()), 0);
        assert_eq!((bench.asks.len(), decision.follows_log), (1, false), "{path}");
    }
    let mut bench = lenient();
    bench.log.is_down = true;
    let waited = bench.decide(&get(BOUNDED).bearer(&usual()), 5000);
    assert_eq!((bench.asks.len(), waited.follows_log), (1, false));
    let did_not = bench.decide(&get(BOUNDED).bearer(&usual()), 5001);
    assert_eq!((bench.asks.len(), did_not.follows_log), (0, true));
}
