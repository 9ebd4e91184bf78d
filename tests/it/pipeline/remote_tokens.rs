//! Whose token it is, for whom, of which kind, for how long; and its revocation.

use serde_json::{Value, json};

use super::remote::{INTROSPECTION, ME, bench, configuration, jwt, verifying};
use super::{Bench, MAIN_ISSUER, NOW, PASSED};
use crate::support::NOW_SECONDS;
use crate::support::drive::reply;

/// A JWT without `iss`, as `SimpleJWT` makes it.
fn unnamed(bench: &Bench, changes: &Value) -> String {
    let claims = json!({
        "token_type": "access", "exp": NOW_SECONDS + 600, "iat": NOW_SECONDS - 60,
    });
    bench.p256.token(&super::with(claims, changes))
}

#[test]
fn a_token_that_names_no_issuer_goes_to_the_issuer_that_takes_those() {
    let mut bench = bench();
    bench.says(|call| {
        assert!(call.url.ends_with("/api/me/"));
        Ok(reply(200, r#"{"id":1}"#))
    });
    let five_parts = "a.b.c.d.e";
    for token in [five_parts, "opaque", "a.b", "1|aB", "a:b:c", &unnamed(&bench, &json!({}))] {
        assert_eq!(bench.verdict(token), PASSED, "{token}");
        assert_eq!(bench.world.calls, 1, "{token}");
    }
}

#[test]
fn what_could_be_two_credentials_or_a_quoted_one_is_asked_about_nowhere() {
    let mut bench = bench();
    bench.says(|_| panic!("asked"));
    for token in ["1|a,b", "\"a\"", "'a'", "1|a b", "\u{e9}"] {
        let verdict = bench.verdict(token);
        assert!(verdict.starts_with("400 credential_"), "{token}: {verdict}");
    }
    let mut without = Bench::new();
    assert_eq!(without.verdict("1|aB"), "400 credential_malformed", "nobody takes such tokens");
}

#[test]
fn a_token_that_names_a_stranger_is_not_shown_to_anybody() {
    let mut bench = bench();
    bench.says(|_| panic!("shown"));
    for (token, verdict) in [
        (jwt(&bench, &json!({ "iss": MAIN_ISSUER })), "401 issuer_unknown"),
        (jwt(&bench, &json!({ "iss": 1 })), "401 issuer_unknown"),
        (jwt(&bench, &json!({ "iss": "" })), "401 issuer_unknown"),
        ("a.b.c".to_owned(), "401 token_malformed"),
        ("eyJhbGciOiJub25lIn0.e30.".to_owned(), "401 algorithm_unknown"),
        ("a".repeat(8193), "401 token_too_large"),
    ] {
        assert_eq!(bench.verdict(&token), verdict, "{token}");
    }
}

#[test]
fn without_such_an_issuer_it_is_malformed_or_unknown() {
    let mut configuration = configuration();
    configuration["issuers"][0]["opaque"] = json!(false);
    let mut bench = Bench::of(&configuration);
    bench.says(|_| panic!("shown"));
    assert_eq!(bench.verdict("opaque"), "401 token_malformed");
    let token = unnamed(&bench, &json!({}));
    assert_eq!(bench.verdict(&token), "401 issuer_unknown");
}

#[test]
fn an_answer_must_not_name_another_issuer() {
    let mut bench = bench();
    bench.says_json(200, &json!({ "id": 1, "iss": ME }));
    assert_eq!(bench.verdict("a"), PASSED);
    for (token, iss) in [("b", MAIN_ISSUER), ("c", INTROSPECTION), ("d", "")] {
        bench.says_json(200, &json!({ "id": 1, "iss": iss }));
        assert_eq!(bench.verdict(token), "401 issuer_mismatch", "{iss}");
    }
}

#[test]
fn an_introspected_token_must_be_for_us() {
    let mut bench = bench();
    for (n, (own, answer, verdict)) in [
        (json!(null), json!("api"), PASSED),
        (json!(null), json!(["x", "api"]), PASSED),
        (json!("api"), json!(null), PASSED),
        (json!(null), json!(null), "401 audience_mismatch"),
        (json!("x"), json!(null), "401 audience_mismatch"),
        (json!("api"), json!("x"), "401 audience_mismatch"),
        (json!("api"), json!([]), "401 audience_mismatch"),
        (json!({}), json!(null), "401 claim_malformed"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({ "active": true, "sub": "user-1" });
        if !answer.is_null() {
            body["aud"] = answer.clone();
        }
        bench.says_json(200, &body);
        let token = jwt(&bench, &json!({ "aud": own, "jti": n.to_string() }));
        assert_eq!(bench.verdict(&token), verdict, "{own} {answer}");
    }
}

#[test]
fn audiences_can_be_waived_and_are_looked_at_where_they_are_given() {
    let mut waived = configuration();
    waived["issuers"][1].as_object_mut().expect("an issuer").remove("audiences");
    waived["issuers"][1]["verify"]["any_audience"] = json!(true);
    let mut bench = Bench::of(&waived);
    bench.says_json(200, &json!({ "active": true }));
    let token = jwt(&bench, &json!({ "aud": "others" }));
    assert_eq!(bench.verdict(&token), PASSED);
    let mut given = configuration();
    given["issuers"][0]["audiences"] = json!(["api"]);
    let mut bench = Bench::of(&given);
    for (token, body, verdict) in [
        ("a", json!({ "id": 1, "aud": "api" }), PASSED),
        ("b", json!({ "id": 1 }), "401 audience_mismatch"),
        ("c", json!({ "id": 1, "aud": "x" }), "401 audience_mismatch"),
    ] {
        bench.says_json(200, &body);
        assert_eq!(bench.verdict(token), verdict, "{body}");
    }
}

#[test]
fn a_refresh_token_opens_nothing_though_it_is_active() {
    let mut bench = bench();
    for (n, (own, answer, verdict)) in [
        (json!("access"), json!("Bearer"), PASSED),
        (json!(null), json!("refresh_token"), "401 token_type_refused"),
        (json!("refresh"), json!(null), "401 token_type_refused"),
        (json!("refresh"), json!("Bearer"), "401 token_type_refused"),
        (json!("access"), json!("DPoP"), "401 token_type_refused"),
        (json!("access"), json!(1), "401 claim_malformed"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({ "active": true, "aud": "api" });
        if !answer.is_null() {
            body["token_type"] = answer.clone();
        }
        bench.says_json(200, &body);
        let token = jwt(&bench, &json!({ "token_type": own, "jti": n.to_string() }));
        assert_eq!(bench.verdict(&token), verdict, "{own} {answer}");
    }
}

#[test]
fn a_yes_to_an_expired_token_is_no_passage() {
    let mut bench = bench();
    for (token, body, verdict) in [
        ("a", json!({ "id": 1, "exp": NOW_SECONDS - 29 }), PASSED),
        ("b", json!({ "id": 1, "exp": NOW_SECONDS - 30 }), "401 token_expired"),
        ("c", json!({ "id": 1, "nbf": NOW_SECONDS + 31 }), "401 token_not_yet_valid"),
        ("d", json!({ "id": 1, "exp": "1" }), "401 claim_malformed"),
    ] {
        bench.says_json(200, &body);
        assert_eq!(bench.verdict(token), verdict, "{body}");
    }
    bench.says_json(200, &json!({ "id": 1, "exp": NOW_SECONDS + 600 }));
    let token = unnamed(&bench, &json!({ "exp": NOW_SECONDS - 30 }));
    assert_eq!(bench.verdict(&token), "401 token_expired");
}

#[test]
fn what_an_administrator_orders_is_refused_after_a_yes() {
    let answer = json!({ "id": "user-1", "sid": "s-1", "tenant": "acme", "jti": "said" });
    let bench_of = || {
        let mut bench = bench();
        bench.says_json(200, &answer);
        bench
    };
    let own = |jti: Value| unnamed(&bench(), &json!({ "jti": jti }));
    for (token, order) in [
        ("opaque".to_owned(), json!({ "token": "opaque" })),
        (own(json!("own")), json!({ "token": own(json!("own")) })),
        (own(json!(null)), json!({ "token": own(json!(null)) })),
        (own(json!("own")), json!({ "issuer": "me", "jti": "own" })),
        (own(json!("own")), json!({ "issuer": "me", "jti": "said" })),
        ("opaque".to_owned(), json!({ "issuer": "me", "jti": "said" })),
        ("opaque".to_owned(), json!({ "issuer": "me", "session": "s-1" })),
        ("opaque".to_owned(), json!({ "issuer": "me", "subject": "user-1" })),
        ("opaque".to_owned(), json!({ "issuer": "me", "tenant": "acme" })),
        ("opaque".to_owned(), json!({ "issuer": "me", "before": 1 })),
    ] {
        let mut bench = bench_of();
        assert_eq!(bench.verdict(&token), PASSED, "{order}");
        let body = order.to_string();
        let entry = bench.gateway.revocation_order(body.as_bytes(), NOW).expect("an order").entry;
        bench.world.entries.insert(entry.name.to_string(), entry.value());
        bench.gateway.forget_verdicts();
        assert_eq!(bench.verdict(&token), "401 token_revoked", "{order}");
    }
}

#[test]
fn an_order_by_an_opaque_token_names_it_by_its_whole_text() {
    let bench = bench();
    let name = |token: &str| {
        let body = json!({ "token": token }).to_string();
        bench.gateway.revocation_order(body.as_bytes(), NOW).expect("an order").entry.name
    };
    // printf 'https://me.example.com\0%s' "$(printf opaque | hash)" | hash, as docs/storage.md has it
    assert_eq!(
        &name("opaque").to_string(),
        "revoked:input:DPGp8eX9DUtguUJ-nhbIWnkR3g6sy43VFgAAgeGMLZ8"
    );
    assert_ne!(name("opaque"), name("opaque="));
}

#[test]
fn the_iat_of_the_jwt_decides_about_cut_offs_where_the_answer_has_none() {
    let mut bench = bench();
    bench.says_json(200, &json!({ "id": "user-1" }));
    let order = json!({ "issuer": "me", "subject": "user-1", "before": NOW_SECONDS - 60 });
    let entry =
        bench.gateway.revocation_order(order.to_string().as_bytes(), NOW).expect("an order").entry;
    bench.world.entries.insert(entry.name.to_string(), entry.value());
    for (iat, verdict) in [
        (json!(NOW_SECONDS - 60), PASSED),
        (json!(NOW_SECONDS - 61), "401 token_revoked"),
        (json!(null), "401 token_revoked"),
    ] {
        let token = unnamed(&bench, &json!({ "iat": iat }));
        assert_eq!(bench.verdict(&token), verdict, "{iat}");
    }
}

#[test]
fn an_algorithm_that_is_not_listed_is_refused_before_anybody_is_asked() {
    let fallback = json!({ "fallback": { "secrets": ["SECRET"] } });
    let mut configuration = verifying(&fallback);
    configuration["issuers"][0]["audiences"] = json!(["api"]);
    configuration["issuers"][0]["algorithms"] = json!(["HS256"]);
    let mut bench = Bench::of(&configuration);
    bench.says(|_| panic!("shown"));
    let token = jwt(&bench, &json!({ "iss": ME }));
    assert_eq!(bench.verdict(&token), "401 algorithm_refused");
}
