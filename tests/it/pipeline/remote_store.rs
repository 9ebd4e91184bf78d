//! A yes in the store: what it holds, for whom it counts, and for how long.

use serde_json::{Value, json};

use super::remote::{configuration, verifying};
use super::{Bench, PASSED};
use crate::support::request::get;
use crate::support::{NOW_SECONDS, after_ms};

/// Decides on a token that another isolate of this configuration finds copies for.
fn isolate(configuration: &Value, from: &Bench) -> Bench {
    let mut bench = Bench::of(configuration);
    bench.world.entries.clone_from(&from.world.entries);
    bench
}

fn seen(configuration: &Value, token: &str, answer: &Value) -> Bench {
    let mut bench = Bench::of(configuration);
    bench.says_json(200, answer);
    assert_eq!(bench.verdict(token), PASSED);
    bench
}

fn copy(bench: &Bench) -> (&String, &String) {
    let mut copies = bench.world.entries.iter().filter(|(name, _)| name.starts_with("remote:"));
    let copy = copies.next().expect("a copy");
    assert!(copies.next().is_none());
    copy
}

#[test]
fn a_copy_holds_what_is_read_and_neither_the_token_nor_anything_else() {
    let answer = json!({
        "id": 7, "role": "rvt", "user": { "email": "e", "phone": "p" }, "password_hint": "h",
    });
    let bench = seen(&configuration(), "opaque-token", &answer);
    let (name, text) = copy(&bench);
    let expected = json!({
        "asked_at": NOW_SECONDS, "fresh_until": NOW_SECONDS + 60,
        "claims": {
            "id": 7, "role": "rvt", "user": { "email": "e" }, "iss": "https://me.example.com",
        },
    });
    assert_eq!(serde_json::from_str::<Value>(text).expect("JSON"), expected);
    assert!(!name.contains("opaque-token") && name.len() == "remote:".len() + 43, "{name}");
}

#[test]
fn another_isolate_uses_it_until_its_deadline() {
    let first = seen(&configuration(), "t", &json!({ "id": 1 }));
    for (millis, calls) in [(0, 0), (59_999, 0), (60_000, 1)] {
        let mut other = isolate(&configuration(), &first);
        other.says_json(200, &json!({ "id": 1 }));
        assert_eq!(other.at(&get("/private/a").bearer("t"), after_ms(millis)), PASSED);
        assert_eq!(other.world.calls, calls, "{millis}");
    }
}

#[test]
fn it_counts_for_no_other_token_endpoint_client_or_reading() {
    let answer = json!({ "id": 1, "active": true, "aud": "api" });
    let first = seen(&configuration(), "t", &answer);
    let mut calls = Vec::new();
    let mut change = |configuration: &Value, token: &str| {
        let mut other = isolate(configuration, &first);
        other.says_json(401, &json!({}));
        let _ = other.verdict(token);
        calls.push(other.world.calls);
    };
    change(&configuration(), "t");
    change(&configuration(), "t=");
    change(&verifying(&json!({ "me": "https://me.example.com/api/me" })), "t");
    let mut issuer = configuration();
    issuer["issuers"][0]["issuer"] = json!("https://other.example.com");
    change(&issuer, "t");
    let mut reading = configuration();
    reading["issuers"][0]["claims"]["tenant"] = json!("org");
    change(&reading, "t");
    let introspection = |client: &str| {
        verifying(&json!({
            "me": null, "introspection": "https://me.example.com/api/me/", "any_audience": true,
            "client_id": client, "client_secret": "SECRET",
        }))
    };
    change(&introspection("a"), "t");
    assert_eq!(calls, [0, 1, 1, 1, 1, 1]);
    let first = seen(&introspection("a"), "t", &answer);
    for (client, calls) in [("a", 0), ("b", 1)] {
        let mut other = isolate(&introspection(client), &first);
        let _ = other.verdict("t");
        assert_eq!(other.world.calls, calls, "{client}");
    }
}

#[test]
fn a_no_and_a_silence_leave_nothing_behind() {
    let mut bench = Bench::of(&configuration());
    assert_eq!(bench.verdict("t"), "503 auth_server_unavailable");
    bench.says_json(401, &json!({}));
    assert_eq!(bench.verdict("t"), "401 refused_by_auth_server");
    bench.says_json(200, &json!({ "id": null }));
    assert_eq!(bench.verdict("u"), "401 claim_missing");
    bench.says_json(200, &json!({ "id": 1, "exp": NOW_SECONDS - 5 }));
    assert_eq!(bench.verdict("v"), PASSED);
    assert!(bench.world.entries.is_empty(), "{:?}", bench.world.entries);
}

#[test]
fn none_is_written_or_read_when_the_issuer_says_so() {
    let off = verifying(&json!({ "cache_in_kv": false }));
    assert!(seen(&off, "t", &json!({ "id": 1 })).world.entries.is_empty());
    let first = seen(&configuration(), "t", &json!({ "id": 1 }));
    let mut other = isolate(&off, &first);
    assert_eq!(other.verdict("t"), "503 auth_server_unavailable");
    assert_eq!(other.world.calls, 1);
}

#[test]
fn whoever_writes_there_cannot_make_it_last_longer() {
    let first = seen(&configuration(), "t", &json!({ "id": 1 }));
    let (name, _) = copy(&first);
    let written = |asked_at: i64, fresh_until: i64, exp: Option<i64>| {
        let mut claims = json!({ "id": 1 });
        if let Some(exp) = exp {
            claims["exp"] = json!(exp);
        }
        json!({ "asked_at": asked_at, "fresh_until": fresh_until, "claims": claims }).to_string()
    };
    let now = NOW_SECONDS;
    for (text, calls) in [
        (written(now, now + 60, None), 0),
        (written(now - 59, now + 1, None), 0),
        (written(now - 60, now + 600, None), 1),
        (written(now - 59, now, None), 1),
        (written(now + 1, now + 61, None), 1),
        (written(now, now + 60, Some(now)), 1),
        (written(now, now + 60, Some(now + 1)), 0),
        ("{}".to_owned(), 1),
        (String::new(), 1),
    ] {
        let mut other = isolate(&configuration(), &first);
        other.world.entries.insert(name.clone(), text.clone());
        let _ = other.verdict("t");
        assert_eq!(other.world.calls, calls, "{text}");
    }
}

#[test]
fn a_no_that_was_heard_since_is_not_taken_back_by_it() {
    let mut bench = seen(&configuration(), "t", &json!({ "id": 1 }));
    bench.gateway.forget_verdicts();
    let entries = std::mem::take(&mut bench.world.entries);
    bench.says_json(401, &json!({}));
    let request = get("/private/a").bearer("t");
    let no = "401 refused_by_auth_server";
    assert_eq!(bench.at(&request, after_ms(1_000)), no);
    bench.world.entries = entries;
    assert_eq!(bench.at(&request, after_ms(20_000)), no);
    assert_eq!(bench.world.calls, 1);
    // Not even when all that was said is forgotten.
    bench.gateway.forget_verdicts();
    assert_eq!(bench.at(&request, after_ms(20_001)), no);
    assert_eq!(bench.world.calls, 0);
    bench.world.auth_server = None;
    assert_eq!(bench.at(&request, after_ms(40_000)), no);
}

#[test]
fn an_isolate_that_starts_during_an_outage_uses_a_stale_one_where_the_issuer_lets_it() {
    let stale = verifying(&json!({ "stale_if_error_seconds": 100 }));
    for (configuration, millis, outcome) in [
        (&stale, 60_000, PASSED),
        (&stale, 159_999, PASSED),
        (&stale, 160_000, "503 auth_server_unavailable"),
        (&configuration(), 60_000, "503 auth_server_unavailable"),
    ] {
        let first = seen(configuration, "t", &json!({ "id": 1 }));
        let mut other = isolate(configuration, &first);
        let request = get("/private/a").bearer("t");
        assert_eq!(other.at(&request, after_ms(millis)), outcome, "{millis}");
        assert_eq!(other.world.calls, 1);
    }
}

#[test]
fn the_store_may_keep_it_for_60_seconds_at_least_and_until_it_is_stale() {
    for (changes, body, ttl) in [
        (json!({}), json!({ "id": 1 }), 60),
        (json!({ "cache_seconds": 5 }), json!({ "id": 1 }), 60),
        (json!({ "stale_if_error_seconds": 100 }), json!({ "id": 1 }), 160),
        (json!({ "stale_if_error_seconds": 100 }), json!({ "id": 1, "exp": NOW_SECONDS + 90 }), 90),
    ] {
        let bench = seen(&verifying(&changes), "t", &body);
        let copy = bench.world.reports[0].copy.as_ref().expect("a copy");
        assert_eq!(copy.ttl.as_secs(), ttl, "{changes} {body}");
    }
}

#[test]
fn a_copy_is_asked_about_revocation_like_any_answer() {
    let first = seen(&configuration(), "t", &json!({ "id": "user-1" }));
    let order = json!({ "issuer": "me", "subject": "user-1", "before": NOW_SECONDS }).to_string();
    let mut other = isolate(&configuration(), &first);
    let order = other.gateway.revocation_order(order.as_bytes(), super::NOW).expect("an order");
    other.world.entries.insert(order.entry.name.to_string(), order.entry.value());
    assert_eq!(other.verdict("t"), "401 token_revoked");
}
