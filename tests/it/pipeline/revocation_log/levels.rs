//! When the log is asked, and when the copy decides.

use edgeward::gateway::RevocationCheck;
use edgeward::revocation::{RevocationAnswer, RevocationKind, RevocationLevel, RevocationState};
use serde_json::json;

use super::*;

#[test]
fn strict_asks_for_every_request_by_all_names_of_its_token() {
    let mut bench = LogBench::new();
    for millis in [0, 0, 1] {
        assert_eq!(bench.at(STRICT, millis), (passed(STRICT), 1), "{millis}");
        let kinds: Vec<_> = bench.asks[0].names.iter().map(|name| name.kind().as_str()).collect();
        assert_eq!(kinds, ["token", "session", "subject", "issuer"]);
    }
    let check =
        RevocationCheck { level: RevocationLevel::Strict, copy_age: None, is_degraded: false };
    assert_eq!(bench.check(STRICT, 2), Some(check));
}

#[test]
fn strict_never_decides_by_the_copy() {
    let mut bench = LogBench::new();
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
    bench.revoke(&jti());
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 0), "the copy does not have it yet");
    assert_eq!(bench.at(STRICT, 0), (REVOKED.to_owned(), 1));
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 0), "the answer was kept");
    bench.lift(&jti());
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 0));
    assert_eq!(bench.at(STRICT, 0), (passed(STRICT), 1));
}

#[test]
fn strict_without_an_answer_is_503_however_recent_the_copy_is() {
    for rules in [json!({}), json!({ "fallback": "copy", "fallback_seconds": 60 })] {
        let mut bench = LogBench::of(&rules);
        assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
        bench.log.is_down = true;
        for millis in [0, 1, 2000] {
            assert_eq!(bench.at(STRICT, millis), (UNAVAILABLE.to_owned(), 1), "{rules} {millis}");
        }
        bench.log.is_down = false;
        assert_eq!(bench.at(STRICT, 2001), (passed(STRICT), 1));
    }
}

#[test]
fn an_answer_about_another_number_of_names_is_none() {
    for path in [STRICT, BOUNDED, EVENTUAL] {
        for (count, expected) in [(0, UNAVAILABLE), (3, UNAVAILABLE), (5, UNAVAILABLE), (4, "")] {
            let bench = LogBench::of(&json!({ "fallback": "copy", "fallback_seconds": 600 }));
            let need = need(&bench.gateway, &get(path).bearer(&usual()), 0);
            let mut reply = bench.log.answer(need.ask().expect("a question")).expect("an answer");
            reply.verdicts = vec![RevocationState::Absent; count];
            let step = need.resume(&bench.gateway, &RevocationAnswer::Log(reply), after_ms(0));
            let Step::Done(decision) = step else { panic!("decided") };
            let expected = if count == 4 { passed(path) } else { expected.to_owned() };
            assert_eq!(line(&decision), expected, "{path} {count}");
        }
    }
}

#[test]
fn the_copy_decides_while_it_is_younger_than_its_bound_and_not_at_it() {
    for (rules, path, bound) in [
        (json!({}), BOUNDED, 5_000),
        (json!({ "bound_seconds": 10 }), BOUNDED, 10_000),
        (json!({}), EVENTUAL, 60_000),
        (json!({ "bound_seconds": 60 }), BOUNDED, 60_000),
    ] {
        let mut bench = LogBench::of(&rules);
        assert_eq!(bench.at(path, 0), (passed(path), 1), "there is no copy yet");
        for millis in [0, 1, bound - 1] {
            assert_eq!(bench.at(path, millis), (passed(path), 0), "{rules} {path} {millis}");
        }
        assert_eq!(bench.at(path, bound), (passed(path), 1), "{rules} {path}");
        assert_eq!(bench.asks[0].names.len(), 4);
        assert_eq!(bench.at(path, bound + 1), (passed(path), 0), "the answer is a copy");
    }
}

#[test]
fn the_record_has_the_level_and_the_age_of_the_copy_that_decided() {
    let mut bench = LogBench::new();
    let check = |level, copy_age| Some(RevocationCheck { level, copy_age, is_degraded: false });
    assert_eq!(bench.check(BOUNDED, 0), check(RevocationLevel::Bounded, None));
    assert_eq!(bench.check(BOUNDED, 1234), check(RevocationLevel::Bounded, Some(millis(1234))));
    assert_eq!(bench.check(EVENTUAL, 5000), check(RevocationLevel::Eventual, Some(millis(5000))));
    bench.revoke(&jti());
    bench.follow(5000);
    assert_eq!(bench.check(BOUNDED, 5000), check(RevocationLevel::Bounded, None));
    assert_eq!(bench.check(BOUNDED, 5001), check(RevocationLevel::Bounded, Some(millis(1))));
}

#[test]
fn the_age_that_is_reported_is_that_of_the_last_decision_by_the_copy() {
    let mut bench = LogBench::new();
    let age = |bench: &LogBench| bench.gateway.copy_age();
    assert_eq!((bench.at(BOUNDED, 0).1, age(&bench)), (1, None), "the log has decided");
    bench.at(BOUNDED, 1234);
    assert_eq!(age(&bench), Some(millis(1234)));
    // While nobody asks anything of it, it grows old without harm; then the log decides.
    assert_eq!((bench.at(BOUNDED, 100_000).1, age(&bench)), (1, Some(millis(1234))));
    bench.at(BOUNDED, 100_001);
    assert_eq!(age(&bench), Some(millis(1)));
}

#[test]
fn the_age_counts_from_the_question_and_not_from_its_answer() {
    let bench = LogBench::new();
    let request = get(BOUNDED).bearer(&usual());
    let asking = need(&bench.gateway, &request, 0);
    let reply = bench.log.answer(asking.ask().expect("a question")).expect("an answer");
    let step = asking.resume(&bench.gateway, &RevocationAnswer::Log(reply), after_ms(400));
    assert!(matches!(step, Step::Done(_)));
    assert!(matches!(request.begin(&bench.gateway, after_ms(4999)), Step::Done(_)));
    need(&bench.gateway, &request, 5000);
}

#[test]
fn a_clock_that_was_set_back_gives_the_copy_no_age() {
    let mut bench = LogBench::new();
    for path in [BOUNDED, EVENTUAL] {
        bench.follow(0);
        assert_eq!(bench.at(path, 0), (passed(path), 0));
        assert_eq!(bench.at(path, -1), (passed(path), 1));
    }
}

#[test]
fn off_asks_nobody_and_lets_a_revoked_token_pass() {
    let mut bench = LogBench::new();
    bench.log.is_imported = false;
    bench.revoke(&jti());
    bench.follow(0);
    bench.world.entries.insert(jti().to_string(), "{}".to_owned());
    assert_eq!(bench.at(STRICT, 0).0, REVOKED);
    for millis in [0, 4999, 60_000] {
        let decision = bench.decide(&get("/off/a").bearer(&usual()), millis);
        assert_eq!((line(&decision), bench.asks.len()), (passed("/off/a"), 0));
        assert_eq!(bench.world.asked.store, 0);
        assert_eq!((decision.record.revocation, decision.follows_log), (None, false));
    }
}

#[test]
fn every_name_of_a_token_is_asked_for_and_refuses_it() {
    for (kind, value) in [
        (RevocationKind::Token, "t-1"),
        (RevocationKind::Session, "s-1"),
        (RevocationKind::Subject, "user-1"),
        (RevocationKind::Tenant, "acme"),
        (RevocationKind::Issuer, ""),
    ] {
        let before = token(&json!({ "tenant": "acme", "iat": NOW_SECONDS - 1 }));
        let at = token(&json!({ "tenant": "acme", "iat": NOW_SECONDS }));
        for path in [STRICT, BOUNDED, EVENTUAL] {
            let mut bench = LogBench::new();
            let state = if kind.is_cutoff() {
                RevocationState::Before(NOW_SECONDS)
            } else {
                RevocationState::Revoked
            };
            bench.log.set(&name(kind, value), state);
            assert_eq!(bench.with_token(path, &before, 0).0, REVOKED, "{kind:?} {path}");
            assert_eq!(bench.with_token(path, &before, 1).0, REVOKED, "{kind:?} {path}");
            let expected = if kind.is_cutoff() { passed(path) } else { REVOKED.to_owned() };
            assert_eq!(bench.with_token(path, &at, 1).0, expected, "{kind:?} {path}");
        }
    }
}

#[test]
fn one_tenants_revocation_never_refuses_another_tenants_token() {
    let mut bench = LogBench::new();
    let of = |tenant: &str, jti: &str| token(&json!({ "tenant": tenant, "jti": jti, "iat": 1 }));
    let (acme, beta) = (of("acme", "t-1"), of("beta", "t-2"));
    bench.log.set(&name(RevocationKind::Tenant, "acme"), RevocationState::Before(NOW_SECONDS));
    for path in [STRICT, BOUNDED, EVENTUAL] {
        assert_eq!(bench.with_token(path, &acme, 0).0, REVOKED, "{path}");
        assert_eq!(bench.with_token(path, &beta, 0).0, passed(path), "{path}");
    }
    // The same tenant, subject and `jti` under another issuer are another name.
    let other = with(claims_of(MAIN_ISSUER), &json!({ "org": { "id": "acme" }, "iat": 1 }));
    let other = Key::p256(1).token_by("k1", &other);
    bench.revoke(&jti());
    for path in [STRICT, BOUNDED, EVENTUAL] {
        assert_eq!(bench.with_token(path, &other, 0).0, passed(path), "{path}");
    }
}
