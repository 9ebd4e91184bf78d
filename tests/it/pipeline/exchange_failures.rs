//! An auth server that does not exchange, or cannot say: nothing goes to the origin.

use std::time::Duration;

use edgeward::gateway::{BreakerState, EndpointId, Lease, Step};
use edgeward::token::{RemoteFailure, RemoteReply};
use serde_json::json;

use super::exchange::{bench, exchanging, issued};
use super::{Bench, NOW, PASSED};
use crate::support::drive::{line, reply};
use crate::support::request::get;
use crate::support::{NOW_SECONDS, after_ms};

const MAIN_ORIGIN: EndpointId = EndpointId::Origin(0);

#[test]
fn a_refusal_is_403_and_is_asked_for_once_in_ten_seconds() {
    for error in ["invalid_grant", "invalid_target", "invalid_request", "a_word_of_its_own"] {
        let mut bench = bench();
        bench.says_json(400, &json!({ "error": error }));
        let request = get("/off/a").bearer(&bench.token(&json!({})));
        for (at, calls) in [(0, 1), (9_999, 0), (10_000, 1)] {
            assert_eq!(bench.sends(&request, after_ms(at)), "403 exchange_refused", "{error}");
            assert_eq!(bench.world.calls, calls, "{error} at {at}");
        }
        let known = if error.starts_with("invalid") { error } else { "other" };
        assert_eq!(bench.world.reports[0].refusal, Some(known));
        assert_eq!(bench.gateway.remote().state(MAIN_ORIGIN, NOW), Some(BreakerState::Closed));
        bench.says_json(200, &issued(&json!({})));
        assert_eq!(bench.sends(&request, after_ms(20_000)), "Bearer issued-1");
    }
}

type Answer = Box<dyn Fn() -> Result<RemoteReply, RemoteFailure>>;

#[test]
fn what_is_no_answer_is_503_and_is_asked_for_again() {
    let large = || Err(RemoteFailure::TooLarge);
    let text = |status: u16, body: &str| {
        let body = body.to_owned();
        move || Ok(reply(status, &body))
    };
    let answers: [(&str, Answer); 11] = [
        ("too large", Box::new(large)),
        ("timeout", Box::new(|| Err(RemoteFailure::Timeout))),
        ("unreachable", Box::new(|| Err(RemoteFailure::Unreachable))),
        ("500", Box::new(text(500, &issued(&json!({})).to_string()))),
        ("302", Box::new(text(302, ""))),
        ("rubbish", Box::new(text(200, "<html>"))),
        ("no token", Box::new(text(200, "{}"))),
        ("DPoP", Box::new(text(200, &issued(&json!({ "token_type": "DPoP" })).to_string()))),
        ("expired", Box::new(text(200, &issued(&json!({ "expires_in": 0 })).to_string()))),
        ("404", Box::new(text(404, "<html>"))),
        ("the client", Box::new(text(400, r#"{"error":"invalid_client"}"#))),
    ];
    for (what, answer) in answers {
        let mut bench = bench();
        bench.says(move |_| answer());
        let request = get("/off/a").bearer(&bench.token(&json!({})));
        for at in [0, 1] {
            let decision = bench.world.decide(&bench.gateway, &request, after_ms(at));
            assert_eq!(line(&decision), "503 exchange_unavailable", "{what}");
            let edgeward::gateway::Outcome::Refuse(rejection) = &decision.outcome else { panic!() };
            assert_eq!(rejection.retry_after(), Some(Duration::from_secs(5)), "{what}");
            assert_eq!(bench.world.calls, 1, "{what}");
        }
    }
}

#[test]
fn a_token_that_is_still_fresh_outlasts_the_auth_server() {
    let mut bench = bench();
    let request = get("/off/a").bearer(&bench.token(&json!({})));
    assert_eq!(bench.sends(&request, NOW), "Bearer issued-1");
    bench.says(|_| Err(RemoteFailure::Unreachable));
    assert_eq!(bench.sends(&request, after_ms(289_999)), "Bearer issued-1");
    assert_eq!(bench.sends(&request, after_ms(290_000)), "503 exchange_unavailable");
}

#[test]
fn an_endpoint_that_fails_is_left_alone_and_a_pause_is_kept_to() {
    let mut bench =
        Bench::of(&exchanging(&json!({ "breaker": { "failures": 2, "open_seconds": 30 } })));
    bench.says(|_| Err(RemoteFailure::Timeout));
    let requests: Vec<_> = (0..4)
        .map(|n| get("/off/a").bearer(&bench.token(&json!({ "jti": format!("{n}") }))))
        .collect();
    for (n, calls) in [(0, 1), (1, 1), (2, 0), (3, 0)] {
        assert_eq!(bench.sends(&requests[n], after_ms(0)), "503 exchange_unavailable");
        assert_eq!(bench.world.calls, calls, "{n}");
    }
    assert_eq!(bench.gateway.remote().state(MAIN_ORIGIN, NOW), Some(BreakerState::Open));
    bench.says(|_| Ok(RemoteReply { retry_after: Some(Duration::from_secs(7)), ..reply(429, "") }));
    let decision = bench.world.decide(&bench.gateway, &requests[0], after_ms(30_000));
    let edgeward::gateway::Outcome::Refuse(rejection) = &decision.outcome else { panic!() };
    assert_eq!((bench.world.calls, rejection.retry_after()), (1, Some(Duration::from_secs(7))));
    bench.says_json(200, &issued(&json!({})));
    assert_eq!(bench.sends(&requests[0], after_ms(36_999)), "503 exchange_unavailable");
    assert_eq!(bench.sends(&requests[0], after_ms(37_000)), "Bearer issued-1");
    assert_eq!(bench.gateway.remote().state(MAIN_ORIGIN, NOW), Some(BreakerState::Closed));
}

/// A need of this request, which has been asked for the store's answer already.
fn need(bench: &mut Bench, token: &str) -> edgeward::gateway::NeedExchange {
    let request = get("/private/a").bearer(token);
    let mut step = request.begin(&bench.gateway, NOW);
    loop {
        step = match step {
            Step::NeedExchange(need) => return *need,
            step => bench.world.answer(&bench.gateway, step, NOW).expect_err("a need"),
        }
    }
}

#[test]
fn a_burst_of_first_requests_makes_one_call() {
    let mut bench = bench();
    let token = bench.token(&json!({}));
    let needs: Vec<_> = (0..20).map(|_| need(&mut bench, &token)).collect();
    let leases: Vec<_> = needs.iter().map(|need| need.lease(&bench.gateway, NOW)).collect();
    assert_eq!(leases[0], Lease::Taken);
    assert!(leases[1..].iter().all(|lease| *lease == Lease::Held));
    bench.world.attempt(&bench.gateway, needs[0].question(), NOW);
    for need in needs {
        assert_eq!(need.lease(&bench.gateway, NOW), Lease::Settled);
        let Step::Done(decision) = need.resume(&bench.gateway, NOW) else { panic!("decided") };
        assert_eq!(line(&decision), PASSED);
    }
}

#[test]
fn time_and_revocation_are_judged_again_after_the_call() {
    let mut bench = bench();
    let token = bench.token(&json!({ "exp": NOW_SECONDS + 2 }));
    let settled = |bench: &mut Bench| {
        let need = need(bench, &token);
        bench.world.attempt(&bench.gateway, need.question(), NOW);
        need
    };
    // The caller's token ends first, then the new one.
    for (at, expected) in
        [(4_999, PASSED), (32_000, "401 token_expired"), (300_000, "503 exchange_unavailable")]
    {
        bench.gateway.forget_verdicts();
        let step = settled(&mut bench).resume(&bench.gateway, after_ms(at));
        let Step::Done(decision) = step else { panic!("decided") };
        assert_eq!(line(&decision), expected, "at {at}");
    }
    bench.gateway.forget_verdicts();
    let held = settled(&mut bench);
    bench.gateway.forget_verdicts();
    bench.world.attempt(&bench.gateway, held.question(), NOW);
    let step = held.resume(&bench.gateway, NOW);
    assert!(matches!(step, Step::NeedRevocation(_)), "the store is asked anew: {step:?}");
}

#[test]
fn what_a_revoked_token_was_exchanged_for_is_dropped() {
    let mut bench = bench();
    let token = bench.token(&json!({}));
    let request = get("/private/a").bearer(&token);
    assert_eq!(bench.sends(&request, NOW), "Bearer issued-1");
    let mut revoked = bench.world.clone();
    let Step::NeedRevocation(need) = request.begin(&bench.gateway, after_ms(5000)) else {
        panic!("the verdict is no longer fresh")
    };
    for name in need.names().iter().filter(|name| !name.kind().is_cutoff()) {
        revoked.entries.insert(name.to_string(), "{}".to_owned());
    }
    let decision = revoked.decide(&bench.gateway, &request, after_ms(5000));
    assert_eq!(line(&decision), "401 token_revoked");
    assert_eq!(bench.sends(&request, after_ms(5001)), "Bearer issued-1");
    assert_eq!(bench.world.calls, 1, "asked for anew");
}

#[test]
fn in_shadow_mode_a_failure_passes_marked_and_without_any_token() {
    let mut raw = exchanging(&json!({}));
    raw["mode"] = json!("shadow");
    let mut bench = Bench::of(&raw);
    bench.says_json(400, &json!({ "error": "invalid_target" }));
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let decision = bench.world.decide(&bench.gateway, &request, NOW);
    let edgeward::gateway::Outcome::Forward(plan) = &decision.outcome else { panic!("passes") };
    let mark = ("x-auth-shadow".to_owned(), "would-refuse code=exchange_refused".to_owned());
    assert_eq!((plan.replaced(), plan.exchanged().is_none()), (&[mark][..], true));
    assert_eq!(plan.removed().collect::<Vec<_>>(), ["authorization"]);
}

#[test]
fn nothing_shows_the_new_token() {
    let mut bench = bench();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let decision = bench.world.decide(&bench.gateway, &request, NOW);
    let shown = format!("{decision:?} {:?} {:?}", bench.gateway, bench.world.reports);
    assert!(!shown.contains("issued-1"), "{shown}");
    let step = request.begin(&bench.gateway, NOW);
    assert!(!format!("{step:?}").contains("issued-1"));
}
