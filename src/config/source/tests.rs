use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::config::ConfigLocation;

fn settled(
    document: Option<&str>,
    last_good: Option<&str>,
    deployed: &Value,
    has_one: bool,
) -> (Option<(String, ConfigInForce)>, Vec<String>) {
    let environment = Environment {
        secret: &|_| None,
        has_service: &|_| false,
        limiter: &|_| None,
        has_store: true,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: true,
    };
    let deployed = deployed.into();
    let (successor, errors) = match succeed(document, &deployed, &environment) {
        Ok(successor) => (Some(successor), Vec::new()),
        Err(errors) => {
            let fallback = || fall_back(last_good, &deployed, &environment);
            let errors = errors.as_slice().iter().map(ToString::to_string).collect();
            ((!has_one).then(fallback).flatten(), errors)
        }
    };
    (successor.map(|(config, from)| (config.realm, from)), errors)
}

fn good(realm: &str) -> Value {
    json!({
        "realm": realm,
        "origins": [{ "name": "main", "url": "https://api.example.com" }],
        "routes": [{ "path": "/**", "access": "public" }],
    })
}

fn deployed() -> Value {
    let mut deployed = good("deployed");
    deployed["config_from"] = json!("kv");
    deployed
}

fn alone() -> Value {
    json!({ "config_from": "kv", "config_refresh_seconds": 60 })
}

const BAD: &str = r#"{"realm":"bad"}"#;

#[test]
fn a_good_document_takes_the_place_of_the_deployed_table_and_of_what_was_in_force() {
    let text = good("new").to_string();
    for has_one in [false, true] {
        for deployed in [deployed(), alone(), json!(null)] {
            let (successor, errors) = settled(Some(&text), Some("{}"), &deployed, has_one);
            assert_eq!(successor, Some(("new".to_owned(), ConfigInForce::Document)));
            assert_eq!(errors, [""; 0]);
        }
    }
}

#[test]
fn a_bad_document_changes_nothing_where_something_is_in_force() {
    let last_good = good("old").to_string();
    for text in [BAD, "", "{", "[]", "null", &format!("{last_good} x")] {
        let (successor, errors) = settled(Some(text), Some(&last_good), &deployed(), true);
        assert_eq!(successor, None, "{text}");
        assert!(!errors.is_empty(), "{text}");
    }
}

#[test]
fn a_bad_document_leaves_a_fresh_isolate_the_last_good_one_and_not_the_deployed_table() {
    let last_good = good("old").to_string();
    let (successor, errors) = settled(Some(BAD), Some(&last_good), &deployed(), false);
    assert_eq!(successor, Some(("old".to_owned(), ConfigInForce::LastGood)));
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn a_last_good_document_that_is_no_longer_good_leaves_nothing() {
    let (successor, errors) = settled(Some(BAD), Some(BAD), &deployed(), false);
    assert_eq!(successor, None);
    assert!(!errors.is_empty());
}

#[test]
fn a_bad_first_document_leaves_the_deployed_table() {
    let (successor, errors) = settled(Some(BAD), None, &deployed(), false);
    assert_eq!(successor, Some(("deployed".to_owned(), ConfigInForce::Table)));
    assert!(!errors.is_empty());
    assert_eq!(settled(Some(BAD), None, &alone(), false).0, None);
}

#[test]
fn without_a_document_the_deployed_table_is_in_force_again() {
    let last_good = good("old").to_string();
    for has_one in [false, true] {
        let (successor, errors) = settled(None, Some(&last_good), &deployed(), has_one);
        assert_eq!(successor, Some(("deployed".to_owned(), ConfigInForce::Table)));
        assert_eq!(errors, [""; 0]);
    }
}

#[test]
fn without_a_document_and_with_nothing_deployed_the_last_good_document_stays() {
    let last_good = good("old").to_string();
    let (successor, errors) = settled(None, Some(&last_good), &alone(), false);
    assert_eq!(successor, Some(("old".to_owned(), ConfigInForce::LastGood)));
    assert_eq!(errors, ["EDGEWARD: expected a document `config` in EDGEWARD_KV"]);
    assert_eq!(settled(None, Some(&last_good), &alone(), true).0, None);
    assert_eq!(settled(None, None, &alone(), false).0, None);
}

#[test]
fn a_document_is_strict_json_of_bounded_size() {
    let text = good("x").to_string();
    assert!(read_document(&text).is_ok());
    assert!(read_document(&text.replacen('{', r#"{"realm":"x","#, 1)).is_err());
    let padded = |bytes: usize| format!("{text}{}", " ".repeat(bytes - text.len()));
    assert!(read_document(&padded(limits::CONFIG_BYTES)).is_ok());
    let errors = read_document(&padded(limits::CONFIG_BYTES + 1)).expect_err("too large");
    assert_eq!(errors.to_string(), "config: expected a document of at most 4 MiB");
}

#[test]
fn the_copy_of_the_last_good_document_follows_what_is_in_force() {
    let keeping = |document: Option<&str>, last_good: Option<&str>| {
        BackupAction::of(document.as_ref(), last_good.as_ref())
    };
    assert_eq!(keeping(Some("a"), Some("a")), BackupAction::Leave);
    assert_eq!(keeping(None, None), BackupAction::Leave);
    assert_eq!(keeping(Some("a"), Some("b")), BackupAction::Replace);
    assert_eq!(keeping(Some("a"), None), BackupAction::Replace);
    assert_eq!(keeping(None, Some("a")), BackupAction::Remove);
}

#[test]
fn only_config_from_kv_with_a_store_leads_to_the_store() {
    let of = |value: Value| ConfigLocation::of(&(&value).into(), true);
    let every = |seconds| ConfigLocation::Store { refresh: Duration::from_secs(seconds) };
    assert_eq!(of(json!({ "config_from": "kv" })), every(30));
    assert_eq!(of(alone()), every(60));
    for faulty in [json!(0), json!(3601), json!("9"), json!(-1)] {
        assert_eq!(of(json!({ "config_from": "kv", "config_refresh_seconds": faulty })), every(30));
    }
    for other in [json!({}), json!(null), json!({ "config_from": "KV" }), good("x")] {
        assert_eq!(of(other), ConfigLocation::Table);
    }
    assert_eq!(ConfigLocation::of(&(&alone()).into(), false), ConfigLocation::Table);
}

#[test]
fn config_from_kv_without_a_store_is_an_error() {
    let environment = |has_store| Environment {
        secret: &|_| None,
        has_service: &|_| false,
        limiter: &|_| None,
        has_store,
        has_log: false,
        has_sessions: false,
        has_database: false,
        has_metrics: false,
        is_edge: true,
    };
    assert!(Config::check(&(&deployed()).into(), &environment(true)).is_ok());
    let errors = Config::check(&(&deployed()).into(), &environment(false)).expect_err("no store");
    assert_eq!(errors.to_string(), "config_from: expected a KV binding `EDGEWARD_KV` for it");
}

#[test]
fn a_table_with_nothing_but_the_switch_is_left_to_the_document() {
    assert!(is_left_to_document(&(&alone()).into()));
    assert!(is_left_to_document(&(&json!({ "config_from": "kv" })).into()));
    for other in [json!({ "config_from": "vars" }), json!({}), json!(null), deployed()] {
        assert!(!is_left_to_document(&(&other).into()), "{other}");
    }
}
