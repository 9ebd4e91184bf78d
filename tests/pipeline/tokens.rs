//! Each fault that a token can have, at its boundary.

use serde_json::{Value, json};

use super::support::NOW_SECONDS;
use super::support::sign::{Key, encode};
use super::{Bench, MAIN_ISSUER, PASSED, SECRET_ISSUER, claims_of, configuration};

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
fn a_header_that_asks_for_more_than_a_signature_is_refused() {
    let mut bench = Bench::new();
    for (member, value, expected) in [
        ("crit", json!(["exp"]), "401 critical_extension"),
        ("crit", json!([]), "401 critical_extension"),
        ("b64", json!(false), "401 header_refused"),
        ("zip", json!("DEF"), "401 header_refused"),
        ("cty", json!("JWT"), "401 header_refused"),
        ("kid", json!(1), "401 header_refused"),
        ("typ", json!(["JWT"]), "401 header_refused"),
        ("alg", json!("none"), "401 algorithm_unknown"),
        ("alg", json!("hs256"), "401 algorithm_unknown"),
        ("alg", json!(null), "401 algorithm_unknown"),
        ("alg", json!("HS512"), "401 algorithm_refused"),
        ("alg", json!("RS256"), "401 algorithm_refused"),
    ] {
        let mut header = json!({ "alg": "HS256" });
        header[member] = value;
        let token = bench.secret.token_under(&header, &claims_of(SECRET_ISSUER));
        assert_eq!(bench.verdict(&token), expected, "{header}");
    }
}

#[test]
fn keys_that_a_token_brings_along_are_not_used() {
    let mut bench = Bench::new();
    let stranger = Key::p256(9);
    for (member, value) in [
        ("jwk", stranger.jwk("k1")),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": "k1" });
        header[member] = value;
        let forged = stranger.token_under(&header, &claims_of(MAIN_ISSUER));
        assert_eq!(bench.verdict(&forged), "401 signature_invalid", "{header}");
        let genuine = bench.p256.token_under(&header, &claims_of(MAIN_ISSUER));
        assert_eq!(bench.verdict(&genuine), PASSED, "{header}");
    }
}

#[test]
fn a_token_that_is_no_jws_of_json_objects_is_refused() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    let parts: Vec<_> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let array = bench.secret.token_under(&json!({ "alg": "HS256" }), &json!([claims_of("x")]));
    let twice = encode(br#"{"alg":"none","alg":"HS256"}"#);
    for text in [
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}=.{payload}.{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{twice}.{payload}.{signature}"),
        "..".to_owned(),
        array,
    ] {
        assert_eq!(bench.verdict(&text), "401 token_malformed", "{text}");
    }
    assert_eq!(bench.verdict(&format!("{header}.{payload}.")), "401 signature_invalid");
}

#[test]
fn a_token_of_8_kib_is_taken_and_a_longer_one_is_not() {
    let mut bench = Bench::new();
    let token = |bytes: usize| bench.token(&json!({ "pad": "a".repeat(bytes) }));
    let short = token(5700);
    let longest = token(5700 + (8192 - short.len()) / 4 * 3);
    assert!((8189..=8192).contains(&longest.len()), "{}", longest.len());
    let longer = token(5700 + (8192 - short.len()) / 4 * 3 + 3);
    assert!((8193..=8196).contains(&longer.len()), "{}", longer.len());
    assert_eq!(bench.verdict(&longest), PASSED);
    assert_eq!(bench.verdict(&longer), "401 token_too_large");
}
