use std::time::Duration;

use serde_json::{Value, json};

use super::{check, check_beside, minimal};
use crate::config::Config;
use crate::revocation::RevocationLevel;
use crate::route::{OwnResource, Target};

const LOG_MISSING: &str =
    "expected the Durable Object `RevocationLog` bound as `EDGEWARD_REVOCATION_LOG` with it";
const NOBODY_TO_ASK: &str = "routes[0].revocation: expected a KV binding `EDGEWARD_KV`, the Durable Object `RevocationLog` \
     bound as `EDGEWARD_REVOCATION_LOG`, or `revocation = \"off\"`";

fn with(revocation: &Value) -> Value {
    let mut raw = minimal();
    raw["revocation"] = revocation.clone();
    raw
}

/// Checks these rules beside the log.
fn beside_log(revocation: &Value) -> Result<Config, Vec<String>> {
    check_beside(&with(revocation), true, true)
}

#[track_caller]
fn refused(revocation: &Value) -> Vec<String> {
    beside_log(revocation).expect_err("refused")
}

#[test]
fn without_the_table_the_copy_may_be_5_seconds_old_and_nothing_else_is_set() {
    for (has_kv, has_log) in [(true, false), (true, true), (false, true)] {
        let config = check_beside(&minimal(), has_kv, has_log).expect("valid");
        let rules = &config.revocation;
        assert_eq!((rules.has_kv, rules.has_log), (has_kv, has_log));
        assert_eq!(rules.bound, Duration::from_secs(5));
        assert_eq!((rules.fallback, rules.longest_token), (None, None));
        assert!(rules.location.is_none() && rules.clients.is_empty());
        assert!(config.issuers.iter().all(|issuer| issuer.policy.longest_life.is_none()));
    }
}

#[test]
fn every_rule_is_read_beside_the_log() {
    let config = beside_log(&json!({
        "bound_seconds": 2, "fallback": "copy", "fallback_seconds": 600, "location": "weur",
        "longest_token_seconds": 3600,
        "clients": [{ "client_id": "app", "client_secret": "SECRET" }],
    }));
    let config = config.expect("valid");
    let rules = &config.revocation;
    assert_eq!((rules.has_log, rules.bound), (true, Duration::from_secs(2)));
    assert_eq!(rules.fallback, Some(Duration::from_secs(600)));
    assert_eq!(rules.location.as_deref(), Some("weur"));
    assert_eq!(rules.longest_token, Some(Duration::from_secs(3600)));
    assert_eq!((rules.clients.len(), rules.clients[0].id.as_str()), (1, "app"));
    assert_eq!(rules.clients[0].secret, "s".repeat(32));
    assert_eq!(config.issuers[0].policy.longest_life, Some(Duration::from_secs(3600)));
}

#[test]
fn numbers_are_accepted_up_to_their_ends_and_not_beyond() {
    let copy = |seconds: u64| json!({ "bound_seconds": 1, "fallback": "copy", "fallback_seconds": seconds });
    let bound = |seconds: u64| json!({ "bound_seconds": seconds });
    let longest = |seconds: u64| json!({ "longest_token_seconds": seconds });
    for rules in [bound(1), bound(60), copy(2), copy(86_400), longest(60), longest(31_536_000)] {
        assert!(beside_log(&rules).is_ok(), "{rules}");
    }
    for (rules, field, first, last) in [
        (bound(0), "bound_seconds", 1, 60),
        (bound(61), "bound_seconds", 1, 60),
        (copy(0), "fallback_seconds", 1, 86_400),
        (copy(86_401), "fallback_seconds", 1, 86_400),
        (longest(59), "longest_token_seconds", 60, 31_536_000),
        (longest(31_536_001), "longest_token_seconds", 60, 31_536_000),
    ] {
        let expected =
            format!("revocation.{field}: expected a whole number from {first} to {last}");
        assert_eq!(refused(&rules), [expected], "{rules}");
    }
}

#[test]
fn a_fallback_to_the_copy_says_for_how_long_and_longer_than_the_bound() {
    assert!(beside_log(&json!({ "fallback": "refuse" })).is_ok());
    assert_eq!(
        refused(&json!({ "fallback": "copy" })),
        ["revocation.fallback: expected `fallback_seconds` with it"]
    );
    let alone = ["revocation.fallback_seconds: expected `fallback = \"copy\"` with it"];
    assert_eq!(refused(&json!({ "fallback_seconds": 60 })), alone);
    assert_eq!(refused(&json!({ "fallback": "refuse", "fallback_seconds": 3 })), alone);
    let rules = |seconds: u64| json!({ "bound_seconds": 10, "fallback": "copy", "fallback_seconds": seconds });
    assert_eq!(
        refused(&rules(10)),
        ["revocation.fallback_seconds: expected more than `bound_seconds`, which is 10"]
    );
    assert!(beside_log(&rules(11)).is_ok());
    assert_eq!(
        refused(&json!({ "fallback": "cache" })),
        ["revocation.fallback: expected \"refuse\" or \"copy\""]
    );
}

#[test]
fn a_location_is_one_of_the_hints_that_the_platform_knows() {
    for hint in
        ["wnam", "enam", "sam", "weur", "eeur", "apac", "apac-ne", "apac-se", "oc", "afr", "me"]
    {
        let config = beside_log(&json!({ "location": hint })).expect(hint);
        assert_eq!(config.revocation.location.as_deref(), Some(hint));
    }
    for other in ["WEUR", "eu", ""] {
        let found = refused(&json!({ "location": other }));
        assert!(found[0].starts_with("revocation.location: expected \"wnam\" or "), "{found:?}");
    }
}

#[test]
fn rules_about_the_log_are_errors_without_it() {
    for (field, rules) in [
        ("bound_seconds", json!({ "bound_seconds": 5 })),
        ("fallback", json!({ "fallback": "refuse" })),
        ("location", json!({ "location": "me" })),
        ("clients", json!({ "clients": [{ "client_id": "a", "client_secret": "SECRET" }] })),
    ] {
        let found = check(&with(&rules)).expect_err("refused");
        assert_eq!(found, [format!("revocation.{field}: {LOG_MISSING}")]);
        assert!(beside_log(&rules).is_ok(), "{rules}");
    }
    let longest = json!({ "longest_token_seconds": 60 });
    let config = check(&with(&longest)).expect("of use without the log");
    assert_eq!(config.issuers[0].policy.longest_life, Some(Duration::from_secs(60)));
}

#[test]
fn a_client_has_an_id_of_its_own_and_a_secret_that_is_set() {
    let clients = |list: Value| json!({ "clients": list });
    let client = |id: &str, secret: &str| json!({ "client_id": id, "client_secret": secret });
    assert!(beside_log(&clients(json!([client("a", "SECRET"), client("b", "SECRET")]))).is_ok());
    for (list, expected) in [
        (json!([]), "clients: expected at least one client, or no `clients` at all"),
        (
            json!([client("a", "SECRET"), client("a", "SECRET")]),
            "clients[1].client_id: expected an id that no other client has",
        ),
        (json!([{ "client_secret": "SECRET" }]), "clients[0].client_id: is required"),
        (json!([{ "client_id": "a" }]), "clients[0].client_secret: is required"),
        (
            json!([client("a", "OTHER")]),
            "clients[0].client_secret: expected the name of a Worker secret, got one that is not set",
        ),
        (
            json!([client("a", "EMPTY")]),
            "clients[0].client_secret: expected the name of a Worker secret, got one that is not set",
        ),
        (
            json!([{ "client_id": "a", "client_secret": "SECRET", "x": 1 }]),
            "clients[0].x: unknown field",
        ),
    ] {
        assert_eq!(refused(&clients(list)), [format!("revocation.{expected}")]);
    }
}

#[test]
fn the_secret_of_a_client_is_not_shown() {
    let rules = json!({ "clients": [{ "client_id": "app", "client_secret": "SECRET" }] });
    let shown = format!("{:?}", beside_log(&rules).expect("valid").revocation);
    assert!(shown.contains("app") && !shown.contains("sss"), "{shown}");
}

fn at_level(level: &str, access: &str) -> Value {
    let mut raw = minimal();
    raw["routes"][0]["revocation"] = json!(level);
    raw["routes"][0]["access"] = json!(access);
    raw
}

#[test]
fn strict_needs_the_log_whatever_else_is_bound() {
    for access in ["authenticated", "optional", "public"] {
        let raw = at_level("strict", access);
        for has_store in [false, true] {
            let config = check_beside(&raw, has_store, true).expect("the log is bound");
            assert_eq!(config.routes.routes()[0].revocation, RevocationLevel::Strict);
            let found = check_beside(&raw, has_store, false).expect_err("no log");
            assert_eq!(found, [format!("routes[0].revocation: {LOG_MISSING}")], "{access}");
        }
    }
}

#[test]
fn a_route_that_asks_needs_kv_or_the_log() {
    for level in ["bounded", "eventual"] {
        for access in ["authenticated", "optional"] {
            let raw = at_level(level, access);
            for (has_store, has_log) in [(true, false), (false, true), (true, true)] {
                assert!(check_beside(&raw, has_store, has_log).is_ok(), "{raw}");
            }
            assert_eq!(
                check_beside(&raw, false, false).err(),
                Some(vec![NOBODY_TO_ASK.to_owned()])
            );
        }
        assert!(check_beside(&at_level(level, "public"), false, false).is_ok());
    }
    assert!(check_beside(&at_level("off", "authenticated"), false, false).is_ok());
}

#[test]
fn a_level_that_is_none_is_one_error() {
    assert_eq!(
        check(&at_level("always", "authenticated")).err(),
        Some(vec![
            "routes[0].revocation: expected \"strict\" or \"bounded\" or \"eventual\" or \"off\""
                .to_owned()
        ])
    );
}

#[test]
fn an_administrator_revokes_where_kv_or_the_log_is_bound() {
    let mut raw = at_level("off", "authenticated");
    raw["admin"] = json!({ "require": { "role": "admin" } });
    for (has_store, has_log) in [(true, true), (true, false), (false, true), (false, false)] {
        let config = check_beside(&raw, has_store, has_log).expect("valid");
        let mut routes = config.routes.routes().iter();
        let route = routes.find(|route| route.target == Target::Own(OwnResource::Revocations));
        assert_eq!(route.is_some(), has_store || has_log);
        assert!(route.is_none_or(|route| route.revocation == RevocationLevel::Strict));
    }
}
