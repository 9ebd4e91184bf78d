//! The log is asked while something else is waited for, but never about a token that is not verified.

use edgeward::gateway::NeedKeys;
use serde_json::json;

use super::*;

/// A token of the issuer with published keys.
fn published(changes: &Value) -> String {
    let long = with(claims_of(MAIN_ISSUER), &json!({ "exp": NOW_SECONDS + 86_400 }));
    Key::p256(1).token_by("k1", &with(long, changes))
}

fn forged() -> String {
    Key::p256(3).token_by("k1", &claims_of(MAIN_ISSUER))
}

fn own() -> RevocationName {
    RevocationName::new(RevocationKind::Token, MAIN_ISSUER, "t-1")
}

/// The request waits for keys.
#[track_caller]
fn waits_for_keys(bench: &LogBench, path: &str, token: &str, millis: i64) -> Box<NeedKeys> {
    match get(path).bearer(token).begin(&bench.gateway, after_ms(millis)) {
        Step::NeedKeys(need) => need,
        other => panic!("keys are needed: {other:?}"),
    }
}

/// Goes on to the step at which the request waits for the log, or is decided.
fn verified(bench: &mut LogBench, need: Box<NeedKeys>, millis: i64) -> Step {
    let now = after_ms(millis);
    let mut step = Step::NeedKeys(need);
    while !matches!(step, Step::NeedRevocation(_) | Step::Done(_)) {
        step = bench.world.answer(&bench.gateway, step, now).expect_err("not decided yet");
    }
    step
}

#[test]
fn no_question_has_a_name_of_a_token_that_is_not_verified() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        for bad in [forged(), published(&json!({ "exp": 1 })), published(&json!({ "aud": "x" }))] {
            let mut bench = LogBench::new();
            let need = waits_for_keys(&bench, path, &bad, 0);
            if need.wants_log(&bench.gateway, after_ms(0)) {
                let ask = bench.gateway.follow_log(after_ms(0)).expect("a question");
                assert_eq!(ask.names, [], "{path}");
            }
            let Step::Done(decision) = verified(&mut bench, need, 1) else {
                panic!("{path}: the log is asked about {bad}");
            };
            assert!(line(&decision).starts_with("401"), "{path}: {}", line(&decision));
        }
    }
}

#[test]
fn the_log_is_asked_while_keys_are_fetched_if_the_copy_will_be_too_old() {
    let token = published(&json!({}));
    for (path, is_wanted) in [(BOUNDED, true), (EVENTUAL, true), (STRICT, false), ("/off/a", false)]
    {
        let bench = LogBench::new();
        let need = waits_for_keys(&bench, path, &token, 0);
        assert_eq!(need.wants_log(&bench.gateway, after_ms(0)), is_wanted, "{path}");
    }
    let mut bench = LogBench::new();
    bench.follow(0);
    for (millis, is_wanted) in [(0, false), (4999, false), (5000, true), (-1, true)] {
        let need = waits_for_keys(&bench, BOUNDED, &token, millis);
        assert_eq!(need.wants_log(&bench.gateway, after_ms(millis)), is_wanted, "{millis}");
    }
    let need = waits_for_keys(&bench, BOUNDED, &token, 6000);
    bench.gateway.follow_log(after_ms(6000)).expect("a question");
    assert!(!need.wants_log(&bench.gateway, after_ms(8499)), "a question is on its way");
    assert!(need.wants_log(&bench.gateway, after_ms(8500)));
    let without = super::super::Bench::new();
    let Step::NeedKeys(need) = get(BOUNDED).bearer(&token).begin(&without.gateway, after_ms(0))
    else {
        panic!("keys are needed");
    };
    assert!(!need.wants_log(&without.gateway, after_ms(0)), "there is no log");
}

#[test]
fn what_was_asked_meanwhile_decides_unless_it_is_a_hit() {
    for (path, is_revoked) in [(BOUNDED, false), (BOUNDED, true), (EVENTUAL, false)] {
        let mut bench = LogBench::new();
        if is_revoked {
            bench.revoke(&own());
        }
        let need = waits_for_keys(&bench, path, &published(&json!({})), 0);
        let ask = bench.gateway.follow_log(after_ms(0)).expect("a question");
        let Step::NeedRevocation(waiting) = verified(&mut bench, need, 100) else {
            panic!("the answer is not there yet");
        };
        bench.gateway.log_answered(
            &ask,
            (after_ms(0), after_ms(0)),
            bench.log.answer(&ask).as_ref(),
        );
        let step = waiting.resume_with_copy(&bench.gateway, after_ms(200));
        match step {
            Step::Done(decision) if !is_revoked => assert_eq!(line(&decision), passed(path)),
            Step::NeedRevocation(need) if is_revoked => {
                assert_eq!(need.ask().expect("a question").names[0], own());
            }
            other => panic!("{path} {is_revoked}: {other:?}"),
        }
    }
}

#[test]
fn no_answer_to_what_was_asked_meanwhile_is_none_for_the_request_either() {
    for (rules, expected) in [
        (json!({}), UNAVAILABLE.to_owned()),
        (json!({ "fallback": "copy", "fallback_seconds": 30 }), passed(BOUNDED)),
    ] {
        let mut bench = LogBench::of(&rules);
        bench.follow(0);
        let need = waits_for_keys(&bench, BOUNDED, &published(&json!({})), 5000);
        let ask = bench.gateway.follow_log(after_ms(5000)).expect("a question");
        let Step::NeedRevocation(waiting) = verified(&mut bench, need, 5100) else {
            panic!("the answer is not there yet");
        };
        bench.gateway.log_answered(&ask, (after_ms(5000), after_ms(5000)), None);
        let Step::Done(decision) = waiting.resume_with_copy(&bench.gateway, after_ms(5500)) else {
            panic!("decided");
        };
        assert_eq!(line(&decision), expected, "{rules}");
        assert_eq!(decision.is_degraded(), expected == passed(BOUNDED));
    }
}

#[test]
fn an_answer_ends_the_failure_before_it() {
    let mut bench = LogBench::new();
    bench.follow(0);
    let need = waits_for_keys(&bench, BOUNDED, &published(&json!({})), 5000);
    let ask = bench.gateway.follow_log(after_ms(5000)).expect("a question");
    let Step::NeedRevocation(waiting) = verified(&mut bench, need, 5100) else {
        panic!("the answer is not there yet");
    };
    bench.gateway.log_answered(&ask, (after_ms(5000), after_ms(5000)), None);
    bench.follow(5501);
    let Step::Done(decision) = waiting.resume_with_copy(&bench.gateway, after_ms(5600)) else {
        panic!("decided");
    };
    assert_eq!(line(&decision), passed(BOUNDED));
}

#[test]
fn strict_does_not_decide_by_what_was_asked_meanwhile() {
    let mut bench = LogBench::new();
    let need = waits_for_keys(&bench, STRICT, &published(&json!({})), 0);
    let Step::NeedRevocation(waiting) = verified(&mut bench, need, 0) else {
        panic!("the log is to be asked");
    };
    bench.follow(0);
    let step = waiting.resume_with_copy(&bench.gateway, after_ms(0));
    assert!(matches!(step, Step::NeedRevocation(_)), "it asks for itself");
}
