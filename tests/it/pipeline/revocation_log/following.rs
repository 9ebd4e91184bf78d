//! When the copy is brought up to date, and what lets it not decide.

use edgeward::revocation::RevocationAnswer;
use serde_json::json;

use super::*;
use crate::support::check_with_log;

/// Whether the edge should bring the copy up to date after this response.
fn follows(bench: &mut LogBench, path: &str, millis: i64) -> bool {
    let decision = bench.decide(&get(path).bearer(&usual()), millis);
    assert_eq!((line(&decision), bench.asks.len()), (passed(path), 0), "{path} {millis}");
    assert_eq!(decision.has_more(), decision.follows_log);
    decision.follows_log
}

#[test]
fn the_copy_is_followed_at_half_its_bound_and_not_sooner() {
    for (rules, path, half) in [
        (json!({}), BOUNDED, 2500),
        (json!({ "bound_seconds": 1 }), BOUNDED, 500),
        (json!({}), EVENTUAL, 30_000),
    ] {
        let mut bench = LogBench::of(&rules);
        bench.follow(0);
        assert!(!follows(&mut bench, path, 0), "{rules} {path}");
        assert!(!follows(&mut bench, path, half - 1), "{rules} {path}");
        assert!(follows(&mut bench, path, half), "{rules} {path}");
    }
}

#[test]
fn one_question_at_a_time_follows_the_log() {
    let mut bench = LogBench::of(&json!({ "bound_seconds": 10 }));
    bench.follow(0);
    assert!(bench.gateway.follow_log(after_ms(4999)).is_none(), "the copy is not due");
    assert!(follows(&mut bench, BOUNDED, 5000));
    let ask = bench.gateway.follow_log(after_ms(5000)).expect("a question");
    assert_eq!(ask.names, []);
    assert!(bench.gateway.follow_log(after_ms(5000)).is_none());
    assert!(!follows(&mut bench, BOUNDED, 7499), "a question is on its way");
    assert!(follows(&mut bench, BOUNDED, 7500), "the request that asked may be gone");
    let answer = bench.log.answer(&ask);
    bench.gateway.log_answered(&ask, (after_ms(5000), after_ms(5000)), answer.as_ref());
    assert!(!follows(&mut bench, BOUNDED, 9999));
    assert!(follows(&mut bench, BOUNDED, 10_000));
}

#[test]
fn a_question_that_failed_may_be_put_again_at_once() {
    let mut bench = LogBench::new();
    bench.follow(0);
    let ask = bench.gateway.follow_log(after_ms(2500)).expect("a question");
    bench.gateway.log_answered(&ask, (after_ms(2500), after_ms(2500)), None);
    assert!(follows(&mut bench, BOUNDED, 2501));
}

#[test]
fn a_copy_of_several_pages_is_followed_to_its_end() {
    let mut bench = LogBench::new();
    bench.log.page = 2;
    for value in ["a", "b", "c", "d", "e"] {
        bench.revoke(&name(RevocationKind::Session, value));
    }
    let decision = bench.decide(&get(BOUNDED).bearer(&usual()), 0);
    assert_eq!((line(&decision), bench.asks.len()), (passed(BOUNDED), 1));
    assert_eq!(bench.asks[0].page, 0, "a request that waits loads nothing");
    assert!(decision.follows_log);
    let mut pages = 0;
    while let Some(ask) = bench.gateway.follow_log(after_ms(1)) {
        pages += 1;
        assert!(pages < 4, "there are three");
        bench.gateway.log_answered(
            &ask,
            (after_ms(1), after_ms(1)),
            bench.log.answer(&ask).as_ref(),
        );
    }
    assert_eq!((pages, bench.gateway.log_copy().entries()), (3, 5));
    assert_eq!(bench.at(BOUNDED, 5000), (passed(BOUNDED), 0));
    assert_eq!(bench.at(BOUNDED, 5001), (passed(BOUNDED), 1), "as old as its first page");
}

#[test]
fn the_pages_after_the_first_are_asked_for_though_the_copy_is_not_due() {
    let mut bench = LogBench::new();
    bench.follow(0);
    bench.log.page = 1;
    for value in ["a", "b"] {
        bench.revoke(&name(RevocationKind::Session, value));
    }
    let decision = bench.decide(&get(STRICT).bearer(&usual()), 1000);
    assert_eq!((line(&decision), decision.follows_log), (passed(STRICT), true));
    let ask = bench.gateway.follow_log(after_ms(1000)).expect("the second page");
    bench.gateway.log_answered(
        &ask,
        (after_ms(1000), after_ms(1000)),
        bench.log.answer(&ask).as_ref(),
    );
    assert!(bench.gateway.follow_log(after_ms(1000)).is_none());
    assert_eq!(bench.gateway.log_copy().age(after_ms(1000)), Some(millis(0)));
}

#[test]
fn a_copy_that_is_read_after_a_revocation_refuses_without_asking() {
    for path in [BOUNDED, EVENTUAL] {
        let mut bench = LogBench::new();
        bench.follow(0);
        assert_eq!(bench.at(path, 0), (passed(path), 0));
        bench.revoke(&jti());
        bench.follow(0);
        // The first hit is confirmed by the log.
        assert_eq!(bench.at(path, 0), (REVOKED.to_owned(), 1), "{path}");
        assert_eq!(bench.at(path, 0), (REVOKED.to_owned(), 0), "{path}");
    }
}

/// What is revoked while a request waits was not acknowledged before the request came.
#[test]
fn an_answer_to_the_question_of_a_request_decides_whatever_is_revoked_meanwhile() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        let mut bench = LogBench::new();
        let asking = need(&bench.gateway, &get(path).bearer(&usual()), 0);
        let answer = bench.log.answer(asking.ask().expect("a question")).expect("an answer");
        bench.revoke(&jti());
        bench.gateway.forget_verdicts();
        let answer = RevocationAnswer::Log(answer);
        let step = asking.resume(&bench.gateway, &answer, after_ms(0));
        let Step::Done(decision) = step else { panic!("{path}: decided") };
        assert_eq!(line(&decision), passed(path), "{path}");
    }
}

#[test]
fn a_gateway_under_another_configuration_keeps_the_copy() {
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
    let raw = configured(&json!({ "bound_seconds": 10 }));
    let config = check_with_log(&raw, true).expect("valid");
    bench.gateway = Gateway::succeeding(config, &bench.gateway);
    assert_eq!(bench.at(BOUNDED, 9_999), (REVOKED.to_owned(), 0));
    assert_eq!(bench.at(BOUNDED, 10_000), (REVOKED.to_owned(), 1));
    let mut other = LogBench::new();
    other.revoke(&jti());
    assert_eq!(other.at(BOUNDED, 1), (REVOKED.to_owned(), 1), "a new one has none");
}
