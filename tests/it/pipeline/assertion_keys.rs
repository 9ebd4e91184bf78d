//! What the table `assertion` may hold, and what is published of it.

use serde_json::{Value, json};

use super::Bench;
use super::assertion::signing;
use crate::support::request::get;
use crate::support::sign::{Key, private_jwk};

#[test]
fn the_published_set_has_the_signing_key_first_and_no_private_member() {
    let public = |seed: u8, kid: &str| Key::ed25519(seed).jwk(kid);
    let raw = signing(
        &json!({ "published": { "keys": [public(8, "a8"), public(9, "a9"), public(10, "a10")] } }),
    );
    let config = crate::support::check(&raw).expect("valid");
    let jwks = config.assertion.expect("an assertion").jwks();
    let keys = jwks["keys"].as_array().expect("a list");
    let kids: Vec<_> = keys.iter().map(|key| key["kid"].as_str().expect("a kid")).collect();
    assert_eq!(kids, ["a9", "a8", "a10"]);
    for key in keys {
        let names: Vec<_> = key.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
    }
}

#[test]
fn the_key_set_is_served_to_everybody_where_there_is_one() {
    let mut bench = Bench::of(&signing(&json!({})));
    assert_eq!(bench.now(&get("/.edgeward/jwks.json")), "serve KeySet");
    assert_eq!(bench.now(&get("/.edgeward/jwks.json").bearer("rubbish")), "serve KeySet");
    assert_eq!(Bench::new().now(&get("/.edgeward/jwks.json")), "serve Unknown");
}

fn errors(raw: &Value) -> Vec<String> {
    let errors = crate::support::check(raw).expect_err("refused");
    errors.as_slice().iter().map(ToString::to_string).collect()
}

#[test]
fn a_key_that_is_missing_or_none_is_an_error_that_repeats_nothing_of_it() {
    for (changes, expected) in [
        (
            json!({ "key": "NONE" }),
            "assertion.key: expected the name of a Worker secret, got one that is not set",
        ),
        (
            json!({ "key": "SECRET" }),
            "assertion.key: expected a private JWK of Ed25519: expected a known `kty`",
        ),
        (
            json!({ "lifetime_seconds": 9 }),
            "assertion.lifetime_seconds: expected a whole number from 10 to 300",
        ),
        (
            json!({ "lifetime_seconds": 301 }),
            "assertion.lifetime_seconds: expected a whole number from 10 to 300",
        ),
        (
            json!({ "published": { "keys": [Key::p256(1).jwk("k1")] } }),
            "assertion.published: expected keys of Ed25519 only",
        ),
        (
            json!({ "published": { "keys": [private_jwk(8)] } }),
            "assertion.published: unusable key: expected a public key, got a private one",
        ),
        (
            json!({ "published": { "keys": [Key::ed25519(8).jwk("a9")] } }),
            "assertion.published: expected a `kid` that no other key has",
        ),
    ] {
        let errors = errors(&signing(&changes));
        assert!(errors.iter().any(|error| error == expected), "{changes}: {errors:?}");
    }
    for seconds in [10, 300] {
        let raw = signing(&json!({ "lifetime_seconds": seconds }));
        assert!(crate::support::check(&raw).is_ok(), "{seconds}");
    }
}

#[test]
fn no_other_header_may_have_the_assertions_name() {
    for headers in [
        json!({ "names": { "subject": "x-auth-assertion" } }),
        json!({ "claims": [{ "header": "x-auth-assertion", "claim": "a" }] }),
    ] {
        let mut raw = signing(&json!({}));
        raw["headers"] = headers;
        let expected =
            "headers: expected one meaning for each header, got two for `x-auth-assertion`";
        assert_eq!(errors(&raw), [expected]);
        raw["headers"]["prefix"] = json!("x-id-");
        let gateway = crate::support::gateway(&raw);
        assert_eq!(gateway.config().headers.assertion(), "x-id-assertion");
    }
}
