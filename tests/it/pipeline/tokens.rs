//! What a token may say, each rule at its boundary.

use std::rc::Rc;

use edgeward::jose::{JwkSet, VerificationKey};
use edgeward::token::{ClaimsPolicy, TokenStep, UnverifiedToken};
use serde_json::{Value, json};

use super::{Bench, MAIN_ISSUER, NOW, PASSED, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::NOW_SECONDS;

/// Outcomes of tokens with changed claims under the default leeway of 30 s.
#[track_caller]
fn verdicts(cases: &[(Value, &str)]) {
    let mut bench = Bench::new();
    for (changes, expected) in cases {
        let token = bench.token(changes);
        assert_eq!(bench.verdict(&token), *expected, "{changes}");
    }
}

#[test]
fn exp_is_required_and_over_when_it_is_now_less_the_leeway() {
    verdicts(&[
        (json!({ "exp": NOW_SECONDS - 29 }), PASSED),
        (json!({ "exp": NOW_SECONDS - 30 }), "401 token_expired"),
        (json!({ "exp": null }), "401 claim_missing"),
        (json!({ "exp": "9999999999" }), "401 claim_malformed"),
        (json!({ "exp": -1 }), "401 claim_malformed"),
        (json!({ "exp": 1e300 }), "401 claim_malformed"),
    ]);
}

#[test]
fn nbf_and_iat_may_lie_as_far_ahead_as_the_leeway() {
    verdicts(&[
        (json!({ "nbf": NOW_SECONDS + 30 }), PASSED),
        (json!({ "nbf": NOW_SECONDS + 31 }), "401 token_not_yet_valid"),
        (json!({ "nbf": true }), "401 claim_malformed"),
        (json!({ "iat": NOW_SECONDS + 30 }), PASSED),
        (json!({ "iat": NOW_SECONDS + 31 }), "401 issued_in_future"),
        (json!({ "iat": null }), PASSED),
    ]);
}

#[test]
fn the_audience_must_name_us_to_the_letter() {
    verdicts(&[
        (json!({ "aud": ["web", "api"] }), PASSED),
        (json!({ "aud": "API" }), "401 audience_mismatch"),
        (json!({ "aud": "api " }), "401 audience_mismatch"),
        (json!({ "aud": [] }), "401 audience_mismatch"),
        (json!({ "aud": null }), "401 audience_mismatch"),
        (json!({ "aud": ["api", 1] }), "401 claim_malformed"),
    ]);
}

#[test]
fn the_issuer_must_be_a_configured_one_to_the_letter() {
    verdicts(&[
        (json!({ "iss": "https://secret.example.com/" }), "401 issuer_unknown"),
        (json!({ "iss": "HTTPS://secret.example.com" }), "401 issuer_unknown"),
        (json!({ "iss": "https://evil.example" }), "401 issuer_unknown"),
        (json!({ "iss": null }), "401 issuer_unknown"),
        (json!({ "iss": [SECRET_ISSUER] }), "401 issuer_unknown"),
    ]);
}

#[test]
fn a_claim_of_the_wrong_type_is_refused_wherever_it_is_read() {
    for changes in [
        json!({ "sub": 1 }),
        json!({ "jti": ["t-1"] }),
        json!({ "roles": 1 }),
        json!({ "scope": [1] }),
        json!({ "email": {} }),
        json!({ "sid": true }),
        json!({ "tenant": -1 }),
        json!({ "token_type": 1 }),
    ] {
        verdicts(&[(changes, "401 claim_malformed")]);
    }
}

#[test]
fn a_refresh_or_logout_token_opens_nothing() {
    let mut bench = Bench::new();
    verdicts(&[
        (json!({ "token_type": "access" }), PASSED),
        (json!({ "token_type": "refresh" }), "401 token_type_refused"),
    ]);
    for (typ, expected) in [
        ("at+jwt", PASSED),
        ("application/at+JWT", PASSED),
        ("logout+jwt", "401 token_type_refused"),
        ("dpop+jwt", "401 token_type_refused"),
        ("", "401 token_type_refused"),
    ] {
        let header = json!({ "alg": "HS256", "typ": typ });
        let token = bench.secret.token_under(&header, &claims_of(SECRET_ISSUER));
        assert_eq!(bench.verdict(&token), expected, "{typ}");
    }
}

#[test]
fn the_issuers_own_rules_on_types_age_and_claims_are_kept() {
    let mut raw = configuration();
    raw["issuers"][1]["token_types"] = json!(["access"]);
    raw["issuers"][1]["max_age_seconds"] = json!(100);
    raw["issuers"][1]["required_claims"] = json!(["sub", "org.plan"]);
    let mut bench = Bench::of(&raw);
    let good = json!({ "token_type": "access", "org": { "plan": "pro" } });
    for (changes, expected) in [
        (json!({}), PASSED),
        (json!({ "token_type": null }), "401 token_type_refused"),
        (json!({ "iat": NOW_SECONDS - 129 }), PASSED),
        (json!({ "iat": NOW_SECONDS - 130 }), "401 token_too_old"),
        (json!({ "iat": null }), "401 claim_missing"),
        (json!({ "sub": null }), "401 claim_missing"),
        (json!({ "org": {} }), "401 claim_missing"),
    ] {
        let mut all = good.clone();
        all.as_object_mut().expect("an object").extend(changes.as_object().cloned().expect("too"));
        let token = bench.token(&all);
        assert_eq!(bench.verdict(&token), expected, "{changes}");
    }
}

#[test]
fn a_policy_takes_no_token_that_names_another_issuer() {
    let bench = Bench::new();
    for (named, expected) in [(SECRET_ISSUER, Ok(())), (MAIN_ISSUER, Err("issuer_mismatch"))] {
        let token = bench.secret.token(&claims_of(named));
        let token = UnverifiedToken::parse(token).expect("well-formed");
        let secret = VerificationKey::from_secret(vec_of("SECRET")).expect("long enough");
        let keys = JwkSet::from_keys(vec![secret]).select(token.header()).expect("a key");
        let TokenStep::Verified(token) = token.check(keys) else {
            panic!("its signature holds");
        };
        let policy = &bench.gateway.config().issuers[1].policy;
        let found = policy.check(Rc::new(token), NOW);
        assert_eq!(found.map(|_| ()).map_err(|error| error.code()), expected, "{named}");
    }
}

#[test]
fn only_an_issuers_yes_waives_the_audience() {
    let bench = Bench::new();
    let token = bench.secret.token(&with(claims_of(SECRET_ISSUER), &json!({ "aud": "x" })));
    let token = UnverifiedToken::parse(token).expect("well-formed");
    let secret = VerificationKey::from_secret(vec_of("SECRET")).expect("long enough");
    let keys = JwkSet::from_keys(vec![secret]).select(token.header()).expect("a key");
    let TokenStep::Verified(token) = token.check(keys) else {
        panic!("its signature holds");
    };
    let policy = &bench.gateway.config().issuers[1].policy;
    let policy = ClaimsPolicy { any_audience: true, ..policy.clone() };
    let found = policy.check(Rc::new(token), NOW);
    assert_eq!(found.map(|_| ()).map_err(|error| error.code()), Err("audience_mismatch"));
}

fn vec_of(secret: &str) -> Vec<u8> {
    crate::support::sign::secret(secret).expect(secret).into_bytes()
}
