//! Tokens under another scheme than `Bearer`: the auth server is asked under the client's.

use serde_json::{Value, json};

use super::remote::configuration;
use super::{Bench, NOW, PASSED};
use crate::support::after_ms;
use crate::support::drive::reply;
use crate::support::request::{Request, get};

/// A route that takes `Token`, `JWT` and `Bearer`, in front of an auth server that takes one scheme.
fn asked_by(scheme: &'static str, changes: &Value) -> Bench {
    let mut configuration = configuration();
    let verify = configuration["issuers"][0]["verify"].take();
    configuration["issuers"][0]["verify"] = super::with(verify, changes);
    configuration["routes"] = json!([
        {
            "path": "/private/**", "access": "authenticated", "credentials": [
                { "authorization": "Token" }, { "authorization": "JWT" },
                { "authorization": "Bearer" }, { "header": "x-token" },
            ],
        },
        { "path": "/bearer/**", "access": "authenticated" },
    ]);
    let mut bench = Bench::of(&configuration);
    bench.says(move |call| {
        let sent = call.headers.iter().find(|(name, _)| *name == "authorization");
        let is_taken = sent.is_some_and(|(_, value)| *value == format!("{scheme} abc"));
        Ok(if is_taken { reply(200, r#"{"id":1}"#) } else { reply(401, "") })
    });
    bench
}

fn under(scheme: &str) -> Request {
    get("/private/a").header("authorization", &format!("{scheme} abc"))
}

const REFUSED: &str = "401 refused_by_auth_server";

#[test]
fn the_auth_server_is_asked_under_the_scheme_that_the_client_used() {
    for scheme in ["Token", "JWT", "Bearer"] {
        let mut bench = asked_by(scheme, &json!({}));
        for other in ["Token", "JWT", "Bearer"] {
            let expected = if other == scheme { PASSED } else { REFUSED };
            assert_eq!(bench.now(&under(other)), expected, "{scheme} {other}");
            // The spelling is the route's, whatever the client's is.
            assert_eq!(bench.now(&under(&other.to_lowercase())), expected, "{scheme} {other}");
            assert_eq!(bench.now(&under(&other.to_uppercase())), expected, "{scheme} {other}");
        }
    }
}

#[test]
fn a_yes_under_one_scheme_is_none_under_another() {
    let mut bench = asked_by("Token", &json!({}));
    for _ in 0..3 {
        assert_eq!(bench.now(&under("Token")), PASSED);
        assert_eq!(bench.now(&under("Bearer")), REFUSED);
        let plain = get("/bearer/a").bearer("abc");
        assert_eq!(bench.now(&plain), REFUSED);
        let bare = get("/private/a").header("x-token", "abc");
        assert_eq!(bench.now(&bare), REFUSED, "a bare token is asked about as Bearer");
    }
}

#[test]
fn each_scheme_has_its_answer_in_memory() {
    let mut bench = asked_by("Token", &json!({ "cache_in_kv": false }));
    for (scheme, millis, calls) in [
        ("Token", 0, 1),
        ("Bearer", 1, 1),
        ("Token", 2, 0),
        ("Bearer", 3, 0),
        ("Token", 4, 0),
        // A no is 10 s old; a yes is still good.
        ("Bearer", 10_002, 1),
        ("Token", 10_003, 0),
    ] {
        let _ = bench.at(&under(scheme), after_ms(millis));
        assert_eq!(bench.world.calls, calls, "{scheme} {millis}");
    }
}

#[test]
fn copies_of_a_yes_are_named_by_the_scheme() {
    let mut names = Vec::new();
    for scheme in ["Token", "JWT", "Bearer"] {
        let mut bench = asked_by(scheme, &json!({}));
        assert_eq!(bench.at(&under(scheme), NOW), PASSED);
        names
            .extend(bench.world.entries.keys().filter(|name| name.starts_with("remote:")).cloned());
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 3);
}

#[test]
fn an_introspection_is_asked_under_no_scheme() {
    let mut configuration = configuration();
    configuration["issuers"].as_array_mut().expect("issuers").remove(0);
    configuration["issuers"][0]["opaque"] = json!(true);
    configuration["routes"] = json!([{
        "path": "/private/**", "access": "authenticated",
        "credentials": [{ "authorization": "Token" }, { "authorization": "Bearer" }],
    }]);
    let mut bench = Bench::of(&configuration);
    bench.says_json(200, &json!({ "active": true, "aud": "api", "sub": "u" }));
    assert_eq!((bench.now(&under("Token")).as_str(), bench.world.calls), (PASSED, 1));
    assert_eq!((bench.now(&under("Bearer")).as_str(), bench.world.calls), (PASSED, 0));
}

#[test]
fn a_pause_for_a_token_under_one_scheme_is_none_under_another() {
    let mut bench = asked_by("Token", &json!({ "cache_in_kv": false }));
    bench.says(|call| {
        let is_token = call.headers.iter().any(|(_, value)| value == "Token abc");
        Ok(if is_token { reply(200, r#"{"id":1}"#) } else { reply(429, "") })
    });
    assert_eq!(bench.now(&under("Bearer")), "503 auth_server_unavailable");
    assert_eq!(bench.now(&under("Token")), PASSED);
    assert_eq!(
        (bench.now(&under("Bearer")).as_str(), bench.world.calls),
        ("503 auth_server_unavailable", 0)
    );
}
