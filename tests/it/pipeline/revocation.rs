//! What the store says, and what becomes of a token then.

use edgeward::gateway::Step;
use edgeward::revocation::{RevocationAnswer, RevocationKind, RevocationName};
use serde_json::json;

use super::{Bench, MAIN_ISSUER, NOW, PASSED, SECRET_ISSUER};
use crate::support::NOW_SECONDS;
use crate::support::request::get;
use crate::support::sign::twin;

/// Stores an entry about the issuer with secrets.
fn store(bench: &mut Bench, kind: RevocationKind, value: &str, entry: &str) {
    let name = RevocationName::new(kind, SECRET_ISSUER, value);
    bench.world.entries.insert(name.to_string(), entry.to_owned());
}

#[test]
fn one_look_up_asks_for_every_name_of_a_token() {
    let bench = Bench::new();
    let names = |changes| {
        let request = get("/private/a").bearer(&bench.token(&changes));
        let Step::NeedRevocation(need) = request.begin(&bench.gateway, NOW) else {
            panic!("the store is to be asked");
        };
        need.names().iter().map(|name| name.kind().as_str()).collect::<Vec<_>>()
    };
    let all = json!({ "tenant": "acme" });
    assert_eq!(names(all), ["token", "session", "subject", "tenant", "issuer"]);
    let none = json!({ "jti": null, "sid": null, "sub": null });
    assert_eq!(names(none), ["input", "issuer"]);
}

#[test]
fn an_entry_for_a_token_or_its_session_refuses_it_whatever_its_value() {
    for (kind, value) in [(RevocationKind::Token, "t-1"), (RevocationKind::Session, "s-1")] {
        for entry in ["{}", "", "rubbish", r#"{"before":0}"#] {
            let mut bench = Bench::new();
            store(&mut bench, kind, value, entry);
            let (one, other) =
                (bench.token(&json!({})), bench.token(&json!({ "jti": "t-2", "sid": "s-2" })));
            assert_eq!(bench.verdict(&one), "401 token_revoked", "{kind:?} {entry}");
            assert_eq!(bench.verdict(&other), PASSED, "{kind:?} {entry}");
        }
    }
}

#[test]
fn a_token_without_jti_is_named_by_its_signing_input() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({ "jti": null }));
    let Step::NeedRevocation(need) = get("/private/a").bearer(&token).begin(&bench.gateway, NOW)
    else {
        panic!("the store is to be asked");
    };
    assert_eq!(need.names()[0].kind(), RevocationKind::Input);
    bench.world.entries.insert(need.names()[0].to_string(), "{}".to_owned());
    assert_eq!(bench.verdict(&token), "401 token_revoked");
    let other = bench.token(&json!({ "jti": null, "n": 1 }));
    assert_eq!(bench.verdict(&other), PASSED);
}

#[test]
fn a_second_signature_over_a_revoked_token_does_not_bring_it_back() {
    for changes in [json!({}), json!({ "jti": null })] {
        let mut bench = Bench::new();
        let token = bench.published(&changes);
        let order = json!({ "token": token }).to_string();
        let entry = bench.gateway.revocation_order(order.as_bytes(), NOW).expect("an order").entry;
        assert_eq!(bench.verdict(&twin(&token)), PASSED, "it verifies, or nothing is shown here");
        bench.world.entries.insert(entry.name.to_string(), entry.value());
        bench.gateway.forget_verdicts();
        for revoked in [&token, &twin(&token)] {
            assert_eq!(bench.verdict(revoked), "401 token_revoked", "{changes}");
        }
    }
}

#[test]
fn a_cut_off_refuses_what_was_issued_before_it_and_nothing_else() {
    for (kind, value) in [
        (RevocationKind::Subject, "user-1"),
        (RevocationKind::Tenant, "acme"),
        (RevocationKind::Issuer, ""),
    ] {
        let mut bench = Bench::new();
        store(&mut bench, kind, value, &format!(r#"{{"before":{NOW_SECONDS}}}"#));
        for (iat, expected) in [
            (json!(NOW_SECONDS), PASSED),
            (json!(NOW_SECONDS - 1), "401 token_revoked"),
            (json!(1_767_225_599.5), "401 token_revoked"),
            (json!(null), "401 token_revoked"),
        ] {
            let token = bench.token(&json!({ "iat": iat, "tenant": "acme" }));
            assert_eq!(bench.verdict(&token), expected, "{kind:?} {iat}");
        }
    }
}

#[test]
fn a_cut_off_that_cannot_be_read_refuses_everything() {
    for entry in ["", "{}", "1", "rubbish", r#"{"before":"1"}"#, r#"{"before":1,"until":2}"#] {
        let mut bench = Bench::new();
        store(&mut bench, RevocationKind::Subject, "user-1", entry);
        let token = bench.token(&json!({}));
        assert_eq!(bench.verdict(&token), "401 token_revoked", "{entry}");
    }
}

#[test]
fn a_revocation_under_one_issuer_is_none_under_another() {
    let mut bench = Bench::new();
    store(&mut bench, RevocationKind::Token, "t-1", "{}");
    let (shared, published) = (bench.token(&json!({})), bench.published(&json!({})));
    assert_eq!(bench.verdict(&shared), "401 token_revoked");
    assert_eq!(bench.verdict(&published), PASSED);
    let name = RevocationName::new(RevocationKind::Tenant, MAIN_ISSUER, "7");
    bench.world.entries.insert(name.to_string(), r#"{"before":9007199254740992}"#.to_owned());
    let numbered = bench.published(&json!({ "org": { "id": 7 }, "jti": "t-2" }));
    assert_eq!(bench.verdict(&numbered), "401 token_revoked");
}

#[test]
fn a_store_that_does_not_answer_is_503_and_leaves_nothing_behind() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    bench.world.store_is_down = true;
    assert_eq!(bench.verdict(&token), "503 revocation_unavailable");
    assert_eq!(bench.verdict(&token), "503 revocation_unavailable");
    // A route that asks nobody does not mind.
    let off = get("/off/a").bearer(&token);
    assert_eq!(bench.now(&off), "forward https://origin.example/off/a");
    bench.world.store_is_down = false;
    assert_eq!(bench.verdict(&token), PASSED);
    assert_eq!(bench.world.asked.store, 1);
}

#[test]
fn an_answer_of_another_length_is_no_answer() {
    let bench = Bench::new();
    for values in [0, 1, 3, 5] {
        let request = get("/private/a").bearer(&bench.token(&json!({})));
        let Step::NeedRevocation(need) = request.begin(&bench.gateway, NOW) else {
            panic!("the store is to be asked");
        };
        assert_eq!(need.names().len(), 4);
        let answer = RevocationAnswer::Entries(vec![None; values]);
        let Step::Done(decision) = need.resume(&bench.gateway, &answer, NOW) else {
            panic!("decided");
        };
        assert_eq!(super::line(&decision), "503 revocation_unavailable", "{values}");
    }
}

#[test]
fn a_bad_token_is_refused_before_the_store_is_asked() {
    let mut bench = Bench::new();
    bench.world.store_is_down = true;
    let expired = bench.token(&json!({ "exp": 1 }));
    assert_eq!(bench.verdict(&expired), "401 token_expired");
    assert_eq!(bench.world.asked.store, 0);
}
