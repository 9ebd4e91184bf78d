//! Hits of the copy: the log confirms them before they refuse, and what it said is kept for a while.

use serde_json::json;

use super::*;

#[test]
fn a_hit_asks_the_log_by_the_names_of_the_token() {
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    bench.follow(0);
    let others = token(&json!({ "jti": "t-2" }));
    assert_eq!(bench.with_token(BOUNDED, &others, 0), (passed(BOUNDED), 0), "no hit");
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
    assert_eq!(bench.asks[0].names[0], jti());
}

#[test]
fn a_confirmed_hit_refuses_for_less_than_a_minute_without_asking() {
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
    for millis in [0, 1, 59_999] {
        bench.follow(millis);
        assert_eq!(bench.at(BOUNDED, millis), (REVOKED.to_owned(), 0), "{millis}");
    }
    bench.follow(60_000);
    assert_eq!(bench.at(BOUNDED, 60_000), (REVOKED.to_owned(), 1));
    assert_eq!(bench.at(BOUNDED, 60_001), (REVOKED.to_owned(), 0));
}

#[test]
fn what_the_log_said_in_the_future_counts_for_nothing() {
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    bench.follow(0);
    // An answer that does not complete the copy leaves its age as it was.
    bench.log.page = 1;
    for value in ["a", "b"] {
        bench.revoke(&name(RevocationKind::Session, value));
    }
    assert_eq!(bench.at(STRICT, 1000), (REVOKED.to_owned(), 1));
    assert_eq!(bench.at(BOUNDED, 1000), (REVOKED.to_owned(), 0));
    assert_eq!(bench.at(BOUNDED, 999), (REVOKED.to_owned(), 1), "the clock was set back");
}

#[test]
fn a_false_hit_passes_for_less_than_a_minute_without_asking() {
    let mut bench = LogBench::new();
    bench.log.revoke_beside(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
    for millis in [0, 1, 59_999] {
        bench.follow(millis);
        assert_eq!(bench.at(BOUNDED, millis), (passed(BOUNDED), 0), "{millis}");
    }
    bench.follow(60_000);
    assert_eq!(bench.at(BOUNDED, 60_000), (passed(BOUNDED), 1));
}

#[test]
fn one_false_hit_does_not_hide_another_hit() {
    let mut bench = LogBench::new();
    let session = name(RevocationKind::Session, "s-1");
    bench.log.revoke_beside(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
    bench.revoke(&session);
    bench.follow(1);
    assert_eq!(bench.at(BOUNDED, 1), (REVOKED.to_owned(), 1));
    assert_eq!(bench.at(BOUNDED, 2), (REVOKED.to_owned(), 0));
}

#[test]
fn a_newer_state_drops_what_was_said_of_a_false_hit() {
    let mut bench = LogBench::new();
    bench.log.revoke_beside(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 1));
    // The state in the copy stays the same: the change alone says that the answer is outdated.
    bench.revoke(&jti());
    bench.follow(1);
    assert_eq!(bench.at(BOUNDED, 1), (REVOKED.to_owned(), 1));
}

#[test]
fn a_newer_state_drops_what_was_said_of_a_confirmed_hit() {
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
    bench.lift(&jti());
    bench.follow(1);
    assert_eq!(bench.at(BOUNDED, 1), (passed(BOUNDED), 0), "nothing is a hit now");
    let mut bench = LogBench::new();
    bench.revoke(&jti());
    bench.log.revoke_beside(&jti());
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (REVOKED.to_owned(), 1));
    bench.lift(&jti());
    bench.follow(1);
    assert_eq!(bench.at(BOUNDED, 1), (passed(BOUNDED), 1), "it is a hit of another name");
}

#[test]
fn a_token_that_was_found_clear_is_looked_up_again_when_the_copy_changes() {
    let mut bench = LogBench::new();
    bench.follow(0);
    assert_eq!(bench.at(BOUNDED, 0), (passed(BOUNDED), 0));
    bench.revoke(&jti());
    assert_eq!(bench.at(BOUNDED, 1), (passed(BOUNDED), 0), "the copy does not have it yet");
    bench.follow(1);
    assert_eq!(bench.at(BOUNDED, 1), (REVOKED.to_owned(), 1));
}

#[test]
fn a_cut_off_in_the_copy_is_a_hit_for_older_tokens_alone() {
    let mut bench = LogBench::new();
    bench.log.set(&name(RevocationKind::Subject, "user-1"), RevocationState::Before(NOW_SECONDS));
    bench.follow(0);
    let issued = |iat: Value| token(&json!({ "iat": iat }));
    assert_eq!(bench.with_token(BOUNDED, &issued(json!(NOW_SECONDS)), 0), (passed(BOUNDED), 0));
    for older in [json!(NOW_SECONDS - 1), json!(null)] {
        let asked = usize::from(!older.is_null());
        assert_eq!(bench.with_token(BOUNDED, &issued(older), 0), (REVOKED.to_owned(), asked));
    }
}

#[test]
fn a_revoked_token_is_not_remembered_as_verified() {
    let mut bench = LogBench::new();
    let published = with(claims_of(MAIN_ISSUER), &json!({ "exp": NOW_SECONDS + 86_400 }));
    let published = Key::p256(1).token_by("k1", &published);
    let own = RevocationName::new(RevocationKind::Token, MAIN_ISSUER, "t-1");
    assert_eq!(bench.with_token(STRICT, &published, 0).0, passed(STRICT));
    assert_eq!(bench.with_token(STRICT, &published, 0).0, passed(STRICT));
    assert_eq!(bench.world.asked.signatures, 0, "it was remembered");
    bench.revoke(&own);
    assert_eq!(bench.with_token(STRICT, &published, 0).0, REVOKED);
    assert_eq!(bench.with_token(STRICT, &published, 0).0, REVOKED);
    assert_eq!(bench.world.asked.signatures, 1);
}
