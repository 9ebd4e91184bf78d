//! A caller may do something with what is the caller's own, by a segment of the path (docs/migration.md).

use serde_json::{Value, json};

use super::{Bench, configuration};
use crate::support::request::{get, request};

const PATH: &str = "/api/users/*/change-password";
const DENIED: &str = "403 insufficient_scope";

/// Only the owner, or a superuser.
fn bench(claim: &str) -> Bench {
    let mut raw = configuration();
    raw["routes"].as_array_mut().expect("routes").push(json!({
        "path": PATH, "access": "authenticated",
        "require": { "any": [{ "claim": claim, "path_segment": 2 }, { "role": "superuser" }] },
    }));
    Bench::of(&raw)
}

fn verdict(bench: &mut Bench, user: &str, claims: &Value) -> String {
    let path = format!("/api/users/{user}/change-password");
    let token = bench.token(claims);
    bench.now(&request("POST", &path).bearer(&token))
}

#[track_caller]
fn passes(bench: &mut Bench, user: &str, claims: &Value) {
    let expected = format!("forward https://origin.example/api/users/{user}/change-password");
    assert_eq!(verdict(bench, user, claims), expected, "{user} {claims}");
}

#[test]
fn the_owner_passes_and_a_superuser_and_nobody_else() {
    let mut bench = bench("user_id");
    passes(&mut bench, "42", &json!({ "user_id": "42" }));
    passes(&mut bench, "42", &json!({ "user_id": 42 }));
    passes(&mut bench, "42", &json!({ "user_id": 7, "roles": ["superuser"] }));
    passes(&mut bench, "42", &json!({ "user_id": null, "roles": ["superuser"] }));
    for (user, claims) in [
        ("42", json!({ "user_id": "43" })),
        ("42", json!({ "user_id": 4 })),
        ("42", json!({ "user_id": "042" })),
        ("042", json!({ "user_id": 42 })),
        ("42", json!({ "user_id": " 42" })),
        ("42", json!({ "user_id": 42.0 })),
        ("-1", json!({ "user_id": -1 })),
        ("true", json!({ "user_id": true })),
        ("42", json!({ "user_id": ["42"] })),
        ("42", json!({ "user_id": { "42": true } })),
        ("42", json!({ "user_id": "" })),
        ("42", json!({ "user_id": null })),
        ("null", json!({ "user_id": null })),
        ("42", json!({})),
        ("ada", json!({ "user_id": "Ada" })),
    ] {
        assert_eq!(verdict(&mut bench, user, &claims), DENIED, "{user} {claims}");
    }
}

#[test]
fn one_remembered_token_is_judged_by_each_path() {
    let mut bench = bench("user_id");
    let token = bench.token(&json!({ "user_id": "42" }));
    for (user, passes) in [("42", true), ("43", false), ("42", true), ("4", false)] {
        let path = format!("/api/users/{user}/change-password");
        let verdict = bench.now(&get(&path).bearer(&token));
        assert_eq!(verdict.starts_with("forward"), passes, "{user}: {verdict}");
    }
}

#[test]
fn a_segment_that_the_origin_could_read_as_another_users_is_nobodys() {
    let mut bench = bench("sub");
    for (user, sub) in [
        ("ada;x", "ada;x"),
        ("ada%20", "ada "),
        ("ada%3Fx", "ada?x"),
        ("ada.", "ada."),
        ("%2561da", "%61da"),
    ] {
        let verdict = verdict(&mut bench, user, &json!({ "sub": sub }));
        assert!([DENIED, "400 path_ambiguous"].contains(&verdict.as_str()), "{user}: {verdict}");
    }
    passes(&mut bench, "ada@b.example", &json!({ "sub": "ada@b.example" }));
}

#[test]
fn a_segment_below_an_open_pattern_counts_where_it_is_there() {
    let mut raw = configuration();
    raw["routes"].as_array_mut().expect("routes").push(json!({
        "path": "/files/**", "access": "authenticated",
        "require": { "claim": "sub", "path_segment": 1 },
    }));
    let mut bench = Bench::of(&raw);
    let token = bench.token(&json!({ "sub": "ada" }));
    for (path, passes) in [
        ("/files/ada", true),
        ("/files/ada/", true),
        ("/files/ada/a/b", true),
        ("/files", false),
        ("/files/", false),
        ("/files/bob/ada", false),
        ("/files//ada", false),
    ] {
        let verdict = bench.now(&get(path).bearer(&token));
        assert_eq!(verdict.starts_with("forward"), passes, "{path}: {verdict}");
    }
}
