//! An endpoint that fails is left alone, and found again.

use std::time::Duration;

use edgeward::gateway::{BreakerChange, BreakerState, EndpointId, Outcome, RemoteStep};
use edgeward::token::{RemoteFailure, RemoteReply};
use serde_json::json;

use super::remote::{jwt, verifying};
use super::{Bench, NOW, PASSED, line};
use crate::support::after_ms;
use crate::support::drive::reply;
use crate::support::request::get;

const NONE: &str = "503 auth_server_unavailable";
const ME: usize = 0;

fn bench(changes: &serde_json::Value) -> Bench {
    Bench::of(&verifying(&super::with(changes.clone(), &json!({ "cache_in_kv": false }))))
}

impl Bench {
    /// What comes of a token that was never seen, and how many calls that took.
    fn fresh(&mut self, millis: i64) -> (String, usize) {
        let request = get("/private/a").bearer(&format!("fresh-{millis}"));
        (self.at(&request, after_ms(millis)), self.world.calls)
    }

    fn retry_after(&mut self, millis: i64) -> Option<u64> {
        let decision = self.decide_at(&get("/private/a").bearer("t"), after_ms(millis));
        match decision.outcome {
            Outcome::Refuse(rejection) => rejection.retry_after().map(|wait| wait.as_secs()),
            _ => panic!("{}", line(&decision)),
        }
    }

    fn state(&self, millis: i64) -> Option<BreakerState> {
        self.gateway.remote().state(EndpointId::Issuer(ME), after_ms(millis))
    }
}

fn busy(seconds: Option<u64>) -> RemoteReply {
    RemoteReply { retry_after: seconds.map(Duration::from_secs), ..reply(429, "") }
}

#[test]
fn five_failures_in_a_row_open_it_for_30_seconds() {
    let mut bench = bench(&json!({}));
    for n in 0..5 {
        assert_eq!(bench.fresh(n), (NONE.to_owned(), 1), "{n}");
    }
    assert_eq!(bench.world.reports[0].change, Some(BreakerChange::Opened(Duration::from_secs(30))));
    assert_eq!(bench.state(4), Some(BreakerState::Open));
    assert_eq!(bench.fresh(5), (NONE.to_owned(), 0));
    assert_eq!(bench.fresh(30_003), (NONE.to_owned(), 0));
    assert_eq!(bench.state(30_004), Some(BreakerState::HalfOpen));
    bench.says_json(200, &json!({ "id": 1 }));
    assert_eq!(bench.fresh(30_004), (PASSED.to_owned(), 1));
    assert_eq!(bench.world.reports[0].change, Some(BreakerChange::Closed));
    assert_eq!(bench.state(30_004), Some(BreakerState::Closed));
    assert_eq!(bench.fresh(30_005), (PASSED.to_owned(), 1));
}

#[test]
fn the_thresholds_are_the_configured_ones() {
    let mut bench = bench(&json!({ "breaker": { "failures": 2, "open_seconds": 7 } }));
    assert_eq!((bench.fresh(0).1, bench.fresh(1).1, bench.fresh(2).1), (1, 1, 0));
    assert_eq!((bench.fresh(7_000).1, bench.fresh(7_001).1, bench.fresh(7_002).1), (0, 1, 0));
    assert_eq!((bench.fresh(14_000).1, bench.fresh(14_001).1), (0, 1));
}

#[test]
fn a_no_is_an_answer_and_closes_it() {
    let mut bench = bench(&json!({}));
    for n in 0..4 {
        assert_eq!(bench.fresh(n).1, 1);
    }
    bench.says_json(401, &json!({}));
    assert_eq!(bench.fresh(10), ("401 refused_by_auth_server".to_owned(), 1));
    bench.world.auth_server = None;
    for n in 20..24 {
        assert_eq!(bench.fresh(n).1, 1);
    }
    assert_eq!(bench.state(24), Some(BreakerState::Closed));
}

#[test]
fn every_kind_of_silence_counts() {
    for failure in [RemoteFailure::Timeout, RemoteFailure::Unreachable] {
        let mut bench = bench(&json!({ "breaker": { "failures": 1 } }));
        bench.says(move |_| Err(failure));
        assert_eq!((bench.fresh(0).1, bench.fresh(1).1), (1, 0), "{failure:?}");
    }
    for (status, body) in [(200, "<html>"), (302, ""), (500, "{}"), (200, "[]")] {
        let mut bench = bench(&json!({ "breaker": { "failures": 1 } }));
        bench.says(move |_| Ok(reply(status, body)));
        assert_eq!((bench.fresh(0).1, bench.fresh(1).1), (1, 0), "{status} {body}");
    }
}

#[test]
fn an_answer_that_its_caller_may_have_written_is_no_outage() {
    let unread: [fn() -> Result<RemoteReply, RemoteFailure>; 3] = [
        || Err(RemoteFailure::TooLarge),
        || Ok(reply(200, r#"{"id":1,"name":"\ud800"}"#)),
        || Ok(reply(200, r#"{"id":1,"id":2}"#)),
    ];
    for answer in unread {
        let mut bench = bench(&json!({ "breaker": { "failures": 1 } }));
        bench.says(move |_| answer());
        assert_eq!((bench.fresh(0).1, bench.fresh(1).1), (1, 1));
    }
}

#[test]
fn a_request_that_is_refused_is_no_outage() {
    let mut bench = bench(&json!({ "breaker": { "failures": 1, "open_seconds": 5 } }));
    bench.says(|_| Ok(reply(404, "")));
    assert_eq!(bench.fresh(0), (NONE.to_owned(), 1));
    bench.says(|_| Ok(reply(400, "")));
    assert_eq!(bench.fresh(1), (NONE.to_owned(), 1));
    bench.world.auth_server = None;
    assert_eq!((bench.fresh(2).1, bench.fresh(3).1), (1, 0));
    bench.says(|_| Ok(reply(400, "")));
    assert_eq!((bench.fresh(5_002).1, bench.fresh(5_003).1), (1, 1), "it is there again");
}

/// What comes of one token at a time, and how many calls that took.
fn ask(bench: &mut Bench, token: &str, millis: i64) -> (String, usize) {
    let outcome = bench.at(&get("/private/a").bearer(token), after_ms(millis));
    (outcome, bench.world.calls)
}

#[test]
fn a_pause_that_is_asked_for_about_one_token_is_kept_to_the_second_and_holds_up_nobody_else() {
    let mut bench = bench(&json!({}));
    bench.says(|_| Ok(busy(Some(120))));
    assert_eq!(ask(&mut bench, "t", 0), (NONE.to_owned(), 1));
    assert_eq!(bench.world.reports[0].change, None);
    for (millis, seconds) in [(0, 120), (100, 120), (119_001, 1)] {
        assert_eq!(bench.retry_after(millis), Some(seconds), "{millis}");
        assert_eq!(bench.world.calls, 0);
    }
    bench.says_json(200, &json!({ "id": 1 }));
    assert_eq!(bench.fresh(1), (PASSED.to_owned(), 1));
    assert_eq!(ask(&mut bench, "t", 119_999), (NONE.to_owned(), 0));
    assert_eq!(ask(&mut bench, "t", 120_000), (PASSED.to_owned(), 1));
}

#[test]
fn a_429_about_three_tokens_within_ten_seconds_holds_up_everybody_for_open_seconds_at_most() {
    let mut bench = bench(&json!({}));
    bench.says(|_| Ok(busy(Some(120))));
    for (millis, calls) in [(0, 1), (5_000, 1), (9_999, 1), (10_000, 0)] {
        assert_eq!(bench.fresh(millis), (NONE.to_owned(), calls), "{millis}");
    }
    assert_eq!(bench.state(10_000), Some(BreakerState::Open));
    // For as long as after failures: all three may be one caller's.
    assert_eq!(bench.fresh(39_998), (NONE.to_owned(), 0));
    bench.says_json(200, &json!({ "id": 1 }));
    assert_eq!(bench.fresh(39_999), (PASSED.to_owned(), 1));
    assert_eq!(bench.world.reports[0].change, Some(BreakerChange::Closed));
}

#[test]
fn a_pause_without_a_length_is_the_configured_one_and_a_long_one_is_cut() {
    for (seconds, millis) in [(None, 30_000), (Some(0), 1_000), (Some(u64::MAX), 3_600_000)] {
        let mut bench = bench(&json!({}));
        bench.says(move |_| Ok(busy(seconds)));
        let calls = [0, millis - 1, millis].map(|at| ask(&mut bench, "t", at).1);
        assert_eq!(calls, [1, 0, 1], "{seconds:?}");
    }
}

#[test]
fn a_503_may_ask_for_a_pause_too() {
    let mut bench = bench(&json!({}));
    let retry_after = Some(Duration::from_secs(10));
    bench.says(move |_| Ok(RemoteReply { retry_after, ..reply(503, "") }));
    assert_eq!((bench.fresh(0).1, bench.fresh(9_999).1, bench.fresh(10_000).1), (1, 0, 1));
}

#[test]
fn verification_goes_on_from_memory_during_a_pause() {
    let mut bench = bench(&json!({ "stale_if_error_seconds": 60 }));
    bench.says_json(200, &json!({ "id": 1 }));
    assert_eq!(bench.verdict("t"), PASSED);
    bench.says(|_| Ok(busy(Some(600))));
    assert_eq!(bench.fresh(1), (NONE.to_owned(), 1));
    let request = get("/private/a").bearer("t");
    for (millis, outcome, calls) in [
        (59_999, PASSED, 0),
        // QueryKind this token nobody has been asked for a pause yet.
        (60_000, PASSED, 1),
        (60_001, PASSED, 0),
        (119_999, PASSED, 0),
        (120_000, NONE, 0),
    ] {
        assert_eq!(bench.at(&request, after_ms(millis)), outcome, "{millis}");
        assert_eq!(bench.world.calls, calls, "{millis}");
    }
}

#[test]
fn while_one_call_tries_no_other_is_made() {
    let mut bench = bench(&json!({ "breaker": { "failures": 1 } }));
    assert_eq!(bench.fresh(0).1, 1);
    let step = get("/private/a").bearer("probe").begin(&bench.gateway, after_ms(30_000));
    let edgeward::gateway::Step::NeedRemoteClaims(probe) = step else { panic!("asked") };
    assert!(probe.question().call(&bench.gateway, after_ms(30_000)).is_some());
    assert_eq!(bench.fresh(30_001), (NONE.to_owned(), 0));
    assert_eq!(bench.retry_after(30_001), Some(6));
    let answer = Ok(reply(200, r#"{"id":1}"#));
    let step = probe.question().settle(&bench.gateway, after_ms(30_000), answer, after_ms(30_002));
    let RemoteStep::Done(report) = step else { panic!("settled") };
    assert_eq!(report.change, Some(BreakerChange::Closed));
    bench.says_json(200, &json!({ "id": 1 }));
    assert_eq!(bench.fresh(30_003), (PASSED.to_owned(), 1));
}

#[test]
fn each_endpoint_is_judged_by_itself() {
    let mut bench = bench(&json!({ "breaker": { "failures": 1 } }));
    let other = jwt(&bench, &json!({}));
    bench.says(|call| {
        if call.method == "GET" {
            return Err(RemoteFailure::Unreachable);
        }
        Ok(reply(200, r#"{"active":true,"aud":"api"}"#))
    });
    assert_eq!((bench.fresh(0).1, bench.fresh(1).1), (1, 0));
    assert_eq!(bench.verdict(&other), PASSED);
    assert_eq!(
        bench.gateway.remote().state(EndpointId::Issuer(1), NOW),
        Some(BreakerState::Closed)
    );
    assert_eq!(bench.gateway.remote().state(EndpointId::Issuer(2), NOW), None);
}
