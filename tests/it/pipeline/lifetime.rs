//! `revocation.longest_token_seconds`: how long a token may live, from `iat` to `exp`.

use serde_json::{Value, json};

use super::{Bench, PASSED, configuration, remote, with};
use crate::support::NOW_SECONDS;
use crate::support::request::get;

const TOO_LONG: &str = "401 lifetime_too_long";

fn limited(mut raw: Value) -> Value {
    raw["revocation"] = json!({ "longest_token_seconds": 660 });
    raw
}

#[test]
fn a_token_that_lives_exactly_as_long_as_is_allowed_passes_and_a_longer_one_does_not() {
    let mut bench = Bench::of(&limited(configuration()));
    let (iat, exp) = (NOW_SECONDS - 60, NOW_SECONDS + 600);
    for (changes, expected) in [
        (json!({ "iat": iat, "exp": exp }), PASSED),
        (json!({ "iat": iat, "exp": exp - 1 }), PASSED),
        (json!({ "iat": iat, "exp": exp + 1 }), TOO_LONG),
        (json!({ "iat": iat - 1, "exp": exp }), TOO_LONG),
    ] {
        let by_secret = bench.token(&changes);
        assert_eq!(bench.verdict(&by_secret), expected, "{changes}");
        let published = bench.published(&changes);
        assert_eq!(bench.verdict(&published), expected, "{changes}");
    }
}

#[test]
fn a_token_that_does_not_say_how_long_it_lives_is_refused() {
    let mut bench = Bench::of(&limited(configuration()));
    let token = bench.token(&json!({ "iat": null }));
    assert_eq!(bench.verdict(&token), TOO_LONG);
    let token = bench.token(&json!({ "exp": null }));
    assert_eq!(bench.verdict(&token), "401 claim_missing", "which every token needs");
}

#[test]
fn without_the_limit_a_token_may_live_for_any_time() {
    let mut bench = Bench::new();
    for changes in [json!({ "exp": NOW_SECONDS + 999_999_999 }), json!({ "iat": null })] {
        let token = bench.token(&changes);
        assert_eq!(bench.verdict(&token), PASSED, "{changes}");
    }
}

#[test]
fn a_token_in_memory_is_refused_as_well() {
    let mut bench = Bench::of(&limited(configuration()));
    let token = bench.token(&json!({ "exp": NOW_SECONDS + 601 }));
    for _ in 0..2 {
        assert_eq!(bench.now(&get("/private/a").bearer(&token)), TOO_LONG);
    }
}

#[test]
fn what_an_auth_server_vouches_for_is_measured_only_where_it_has_both_times() {
    let mut bench = Bench::of(&limited(remote::configuration()));
    for (token, times, expected) in [
        ("a", json!({}), PASSED),
        ("b", json!({ "exp": NOW_SECONDS + 999_999 }), PASSED),
        ("c", json!({ "iat": NOW_SECONDS - 60 }), PASSED),
        ("d", json!({ "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 600 }), PASSED),
        ("e", json!({ "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 601 }), TOO_LONG),
    ] {
        bench.says_json(200, &with(json!({ "id": 1 }), &times));
        assert_eq!(bench.verdict(token), expected, "{times}");
    }
}
