//! Introspection whose answers are signed (RFC 9701): believed when everything about them fits.

use edgeward::gateway::{Lease, Step};
use edgeward::token::RemoteReply;
use serde_json::{Value, json};

use super::remote::verifying;
use super::{Bench, MAIN, PASSED, with};
use crate::support::drive::reply;
use crate::support::request::get;
use crate::support::sign::{Key, key_set};
use crate::support::{NOW_SECONDS, after_ms};

const ISSUER: &str = "https://me.example.com";
const NONE: &str = "503 auth_server_unavailable";

fn bench() -> Bench {
    let mut configuration = verifying(&json!({
        "me": null, "introspection": "https://me.example.com/introspect", "any_audience": true,
        "client_id": "gateway", "client_secret": "SECRET", "cache_in_kv": false,
        "signed_by": { "jwks": "https://me.example.com/jwks.json" },
    }));
    configuration["issuers"][0]["algorithms"] = json!(["ES256"]);
    Bench::of(&configuration)
}

fn claims(changes: &Value) -> Value {
    let claims = json!({
        "iss": ISSUER, "aud": "gateway", "iat": NOW_SECONDS,
        "token_introspection": { "active": true, "id": "user-1" },
    });
    with(claims, changes)
}

fn header(changes: &Value) -> Value {
    with(json!({ "alg": "ES256", "kid": "k1", "typ": "token-introspection+jwt" }), changes)
}

impl Bench {
    fn signs(&mut self, text: String) {
        self.says(move |call| {
            let accept = call.headers.iter().find(|(name, _)| *name == "accept").expect("accept");
            assert_eq!(accept.1, "application/token-introspection+jwt");
            Ok(RemoteReply { is_signed: true, ..reply(200, &text) })
        });
    }
}

#[test]
fn a_good_one_is_a_yes_or_a_no() {
    let mut bench = bench();
    bench.signs(bench.p256.token_under(&header(&json!({})), &claims(&json!({}))));
    assert_eq!(bench.verdict("a"), PASSED);
    assert_eq!((bench.world.asked.keys, bench.world.asked.signatures), (1, 1));
    let no = claims(&json!({ "token_introspection": { "active": false } }));
    bench.signs(bench.p256.token_under(&header(&json!({})), &no));
    assert_eq!(bench.verdict("b"), "401 refused_by_auth_server");
    assert_eq!((bench.world.asked.keys, bench.world.asked.signatures), (0, 1));
}

#[test]
fn one_about_which_anything_is_wrong_says_nothing() {
    let cases = [
        (json!({}), json!({ "iss": "https://other.example.com" })),
        (json!({}), json!({ "iss": null })),
        (json!({}), json!({ "aud": "another" })),
        (json!({}), json!({ "aud": [] })),
        (json!({}), json!({ "aud": null })),
        (json!({}), json!({ "iat": null })),
        (json!({}), json!({ "iat": "now" })),
        (json!({}), json!({ "iat": NOW_SECONDS - 31 })),
        (json!({}), json!({ "iat": NOW_SECONDS + 31 })),
        (json!({}), json!({ "token_introspection": null })),
        (json!({}), json!({ "token_introspection": "active" })),
        (json!({}), json!({ "token_introspection": { "active": "true" } })),
        (json!({}), json!({ "token_introspection": null, "active": true, "id": "user-1" })),
        (json!({ "typ": "JWT" }), json!({})),
        (json!({ "typ": null }), json!({})),
        (json!({ "kid": "k9" }), json!({})),
        (json!({ "kid": "k2" }), json!({})),
    ];
    for (in_header, in_claims) in cases {
        let mut bench = bench();
        bench.signs(bench.p256.token_under(&header(&in_header), &claims(&in_claims)));
        assert_eq!(bench.verdict("t"), NONE, "{in_header} {in_claims}");
    }
    for iat in [NOW_SECONDS - 30, NOW_SECONDS + 30] {
        let mut bench = bench();
        let claims = claims(&json!({ "iat": iat, "aud": ["x", "gateway"] }));
        bench.signs(bench.p256.token_under(&header(&json!({})), &claims));
        assert_eq!(bench.verdict("t"), PASSED, "{iat}");
    }
}

#[test]
fn another_key_or_an_algorithm_that_is_not_listed_says_nothing() {
    let mut bench = bench();
    bench.signs(Key::p256(9).token_under(&header(&json!({})), &claims(&json!({}))));
    assert_eq!(bench.verdict("a"), NONE);
    let eddsa = header(&json!({ "alg": "EdDSA", "kid": "k2" }));
    bench.signs(bench.ed25519.token_under(&eddsa, &claims(&json!({}))));
    assert_eq!(bench.verdict("b"), NONE);
    bench.signs("a.b.c".to_owned());
    assert_eq!(bench.verdict("c"), NONE);
}

#[test]
fn without_keys_it_says_nothing_and_the_issuer_is_left_alone_for_a_while() {
    let mut bench = bench();
    let set = bench.world.published.remove(&MAIN).expect("a set");
    bench.signs(bench.p256.token_under(&header(&json!({})), &claims(&json!({}))));
    assert_eq!((bench.verdict("a").as_str(), bench.world.asked.keys), (NONE, 1));
    bench.world.published.insert(MAIN, set);
    let at = |bench: &mut Bench, token: &str, millis| {
        let outcome = bench.at(&get("/private/a").bearer(token), after_ms(millis));
        (outcome, bench.world.asked.keys)
    };
    assert_eq!(at(&mut bench, "b", 29_999), (NONE.to_owned(), 0));
    assert_eq!(at(&mut bench, "c", 30_000), (PASSED.to_owned(), 1));
}

#[test]
fn its_lease_lasts_as_long_as_its_keys_may_take() {
    let bench = bench();
    let lease = |millis| match get("/private/a").bearer("t").begin(&bench.gateway, after_ms(millis))
    {
        Step::NeedRemoteClaims(need) => need.lease(&bench.gateway, after_ms(millis)),
        other => panic!("{other:?}"),
    };
    // Store 2 s, call 5 s, keys 7 s, and a second.
    assert_eq!((lease(0), lease(14_999), lease(15_000)), (Lease::Taken, Lease::Held, Lease::Taken));
}

#[test]
fn a_copy_of_an_answer_that_was_not_signed_is_not_used() {
    let introspection = |signed: bool| {
        let mut configuration = verifying(&json!({
            "me": null, "introspection": "https://me.example.com/introspect", "any_audience": true,
            "client_id": "gateway", "client_secret": "SECRET",
        }));
        if signed {
            let jwks = json!({ "jwks": "https://me.example.com/jwks.json" });
            configuration["issuers"][0]["verify"]["signed_by"] = jwks;
            configuration["issuers"][0]["algorithms"] = json!(["ES256"]);
        }
        Bench::of(&configuration)
    };
    let mut first = introspection(false);
    first.says_json(200, &json!({ "active": true, "id": "user-1" }));
    assert_eq!(first.verdict("t"), PASSED);
    for (signed, calls) in [(false, 0), (true, 1)] {
        let mut other = introspection(signed);
        other.world.entries.clone_from(&first.world.entries);
        let _ = other.verdict("t");
        assert_eq!(other.world.calls, calls);
    }
}

#[test]
fn one_without_a_signature_is_not_believed_where_they_are_signed() {
    let mut bench = bench();
    for body in [json!({ "active": true, "id": "user-1" }), json!({ "active": false })] {
        bench.says_json(200, &body);
        assert_eq!(bench.verdict("t"), NONE, "{body}");
    }
}

#[test]
fn a_new_key_is_looked_for_once() {
    let mut bench = bench();
    bench.signs(bench.p256.token_under(&header(&json!({})), &claims(&json!({}))));
    assert_eq!(bench.verdict("a"), PASSED);
    let new = Key::p256(5);
    bench.world.published.insert(MAIN, key_set(&[("k1", &bench.p256), ("k9", &new)]));
    let claims = claims(&json!({ "iat": NOW_SECONDS + 1 }));
    bench.signs(new.token_under(&header(&json!({ "kid": "k9" })), &claims));
    assert_eq!(bench.at(&get("/private/a").bearer("b"), after_ms(1_000)), PASSED);
    assert_eq!(bench.world.asked.keys, 1);
    bench.signs(new.token_under(&header(&json!({ "kid": "k8" })), &claims));
    assert_eq!(bench.at(&get("/private/a").bearer("c"), after_ms(2_000)), NONE);
    assert_eq!(bench.world.asked.keys, 0);
}

#[test]
fn stale_keys_are_fetched_first_and_serve_when_they_cannot_be() {
    let mut bench = bench();
    let minutes_11 = 11 * 60;
    let text = |bench: &Bench, iat: i64| {
        bench.p256.token_under(&header(&json!({})), &claims(&json!({ "iat": iat })))
    };
    bench.signs(text(&bench, NOW_SECONDS));
    assert_eq!(bench.verdict("a"), PASSED);
    bench.world.published.clear();
    bench.signs(text(&bench, NOW_SECONDS + minutes_11));
    let request = get("/private/a").bearer("b");
    assert_eq!(bench.at(&request, after_ms(minutes_11 * 1000)), PASSED);
    assert_eq!(bench.world.asked.keys, 1);
}

#[test]
fn its_keys_verify_no_token_and_a_token_is_no_answer() {
    let mut bench = bench();
    let token = bench.p256.token_by("k1", &json!({
        "iss": ISSUER, "aud": "gateway", "sub": "u", "exp": NOW_SECONDS + 600, "iat": NOW_SECONDS,
        "token_introspection": { "active": true, "id": "user-1" },
    }));
    assert_eq!(bench.verdict(&token), NONE);
    bench.signs(token);
    assert_eq!(bench.verdict("opaque"), NONE);
}
