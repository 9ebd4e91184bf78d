//! Orders to the log: how long an entry stays, what is lifted, what is listed and imported.

use edgeward::gateway::{Gateway, LiftOrder, Rejection};
use edgeward::revocation::{LogEntry, Reason, RevocationKind, RevocationName};
use serde_json::{Value, json};

use super::{MAIN_ISSUER, NOW, SECRET_ISSUER, claims_of, configuration};
use crate::support::sign::Key;
use crate::support::{NOW_SECONDS, gateway, gateway_with_log};

/// How much longer than its tokens an entry stays, in seconds: the greatest leeway, and a minute.
const RETENTION: i64 = 300 + 60;
/// The greatest: so far ahead may be the clock of a token that passes.
const LEEWAY: i64 = 300;

fn with_log() -> Gateway {
    gateway_with_log(&configuration(), true)
}

/// Tokens live for an hour at most.
fn limited() -> Gateway {
    let mut raw = configuration();
    raw["revocation"] = json!({ "longest_token_seconds": 3600 });
    gateway_with_log(&raw, true)
}

fn entry(gateway: &Gateway, body: &Value) -> LogEntry {
    let order = gateway.revocation_order(body.to_string().as_bytes(), NOW).expect("an order");
    gateway.log_entry(&order, Some("actor".to_owned()), NOW)
}

/// The cut-off, and the seconds after `NOW` until the entry expires.
fn times(gateway: &Gateway, body: &Value) -> (Option<i64>, Option<i64>) {
    let entry = entry(gateway, body);
    (entry.before, entry.expires_at.map(|at| at.seconds() - NOW_SECONDS))
}

#[test]
fn an_entry_says_what_was_revoked_why_and_by_whom() {
    let entry = entry(
        &with_log(),
        &json!({ "issuer": "main", "tenant": "acme", "before": 7, "reason": "event" }),
    );
    let expected = LogEntry {
        name: RevocationName::new(RevocationKind::Tenant, MAIN_ISSUER, "acme"),
        reason: Reason::Event,
        is_lifted: false,
        before: Some(7),
        expires_at: None,
        issuer: "main".to_owned(),
        tenant: Some("acme".to_owned()),
        actor: Some("actor".to_owned()),
    };
    assert_eq!(entry, expected);
}

#[test]
fn an_entry_stays_longer_than_its_tokens() {
    for gateway in [with_log(), limited()] {
        for (expires_in, stays) in [(600, 600 + RETENTION), (1, 1 + RETENTION)] {
            let body =
                json!({ "issuer": "secret", "jti": "t-1", "expires_at": NOW_SECONDS + expires_in });
            assert_eq!(times(&gateway, &body), (None, Some(stays)));
        }
    }
}

#[test]
fn without_a_longest_life_what_has_no_expiry_stays_for_good() {
    let gateway = with_log();
    let token = Key::named("SECRET").token(&claims_of(SECRET_ISSUER));
    for (body, before) in [
        (json!({ "issuer": "secret", "session": "s-1" }), None),
        (json!({ "token": token }), None),
        (json!({ "issuer": "secret", "before": 7 }), Some(7)),
        (json!({ "issuer": "secret", "subject": "a" }), Some(NOW_SECONDS + 1)),
    ] {
        assert_eq!(times(&gateway, &body), (before, None), "{body}");
    }
}

#[test]
fn with_a_longest_life_an_entry_stays_until_the_last_token_has_expired() {
    let gateway = limited();
    let token = Key::named("SECRET").token(&claims_of(SECRET_ISSUER));
    let before = NOW_SECONDS - 600;
    for (body, cutoff, stays) in [
        // A token that is issued now may still be the one that is meant.
        (json!({ "issuer": "secret", "jti": "t-1" }), None, 3600 + LEEWAY + RETENTION),
        (json!({ "token": token }), None, 3600 + LEEWAY + RETENTION),
        (json!({ "issuer": "secret", "tenant": "a" }), Some(NOW_SECONDS + 1), 3601 + RETENTION),
        (
            json!({ "issuer": "secret", "subject": "a", "before": before }),
            Some(before),
            3000 + RETENTION,
        ),
        (json!({ "issuer": "secret", "before": before }), Some(before), 3000 + RETENTION),
    ] {
        assert_eq!(times(&gateway, &body), (cutoff, Some(stays)), "{body}");
    }
    // It goes on with tokens that are issued later.
    assert_eq!(times(&gateway, &json!({ "issuer": "secret", "session": "s-1" })), (None, None));
}

#[test]
fn a_reason_is_one_of_six_and_needs_the_log() {
    let order = |gateway: &Gateway, reason: Value| {
        let body = json!({ "issuer": "secret", "jti": "t-1", "reason": reason }).to_string();
        gateway.revocation_order(body.as_bytes(), NOW).map(|order| order.reason)
    };
    let with_log = with_log();
    for reason in Reason::ALL {
        assert_eq!(order(&with_log, json!(reason.as_str())), Ok(reason));
        assert!(order(&gateway(&configuration()), json!(reason.as_str())).is_err());
    }
    for bad in [json!("Admin"), json!(""), json!(1), json!(null)] {
        assert_eq!(order(&with_log, bad.clone()).expect_err("refused").status(), 400, "{bad}");
    }
}

#[test]
fn a_lift_names_the_entry_or_what_was_revoked() {
    let gateway = with_log();
    let lift = |body: &Value| gateway.lift_order(body.to_string().as_bytes());
    let name = RevocationName::new(RevocationKind::Session, SECRET_ISSUER, "s-1");
    let order = |reason, of| Ok(LiftOrder { name: name.clone(), reason, of, token: None });
    let entry = json!({ "entry": name.to_string() });
    assert_eq!(lift(&entry), order(Reason::Admin, None));
    let entry = json!({ "entry": name.to_string(), "reason": "logout" });
    assert_eq!(lift(&entry), order(Reason::Logout, None));
    let named = json!({ "issuer": "secret", "session": "s-1" });
    assert_eq!(lift(&named), order(Reason::Admin, Some((1, None))));
    let named = json!({ "issuer": "secret", "session": "s-1", "reason": "logout" });
    assert_eq!(lift(&named), order(Reason::Logout, Some((1, None))));
    let tenant = lift(&json!({ "issuer": "main", "tenant": "acme" })).expect("an order");
    assert_eq!(tenant.of, Some((0, Some("acme".to_owned()))));
    for bad in [
        json!({}),
        json!({ "reason": "admin" }),
        json!({ "issuer": "secret" }),
        json!({ "entry": name.to_string(), "issuer": "secret" }),
        json!({ "entry": name.to_string(), "reason": "other" }),
        json!({ "entry": "revoked:session:short" }),
        json!({ "session": "s-1" }),
        json!({ "issuer": "nobody", "session": "s-1" }),
    ] {
        assert_eq!(lift(&bad).expect_err("refused").status(), 400, "{bad}");
    }
}

#[test]
fn the_filters_of_a_list_become_the_logs() {
    let gateway = with_log();
    let list = |query: &str| gateway.revocation_list(query, None);
    for (query, expected) in [
        ("", json!({})),
        ("limit=1", json!({ "limit": 1 })),
        ("cursor=9007199254740991", json!({ "before": 9_007_199_254_740_991_u64 })),
        ("since=0", json!({ "since": 0 })),
        ("kind=input", json!({ "kind": "input" })),
        ("reason=backchannel", json!({ "reason": "backchannel" })),
        ("issuer=secret", json!({ "issuers": ["secret"] })),
        ("tenant=a+b%26c", json!({ "tenants": ["a b&c"] })),
        (
            "kind=session&reason=logout&limit=10&since=5",
            json!({ "kind": "session", "reason": "logout", "limit": 10, "since": 5 }),
        ),
    ] {
        assert_eq!(list(query), Ok(expected), "{query}");
    }
    let own = json!([{ "issuers": ["main"], "tenants": null }]);
    let scoped = gateway.revocation_list("kind=token", Some(own.clone()));
    assert_eq!(scoped, Ok(json!({ "scopes": own, "kind": "token" })));
}

#[test]
fn a_filter_that_is_not_understood_is_refused() {
    let gateway = with_log();
    for query in [
        "x=1",
        "limit",
        "limit=-1",
        "limit=ten",
        "limit=4294967296",
        "since=1.5",
        "since=-1",
        "cursor=x",
        "cursor=9007199254740992",
        "cursor=-1",
        "kind=Token",
        "kind=",
        "reason=x",
        "issuer=nobody",
        "issuer=https://secret.example.com",
        "scopes=",
        "issuers=main",
        "before=1",
        "limit=1&limit=2",
        "limit=1&limit=1",
        "tenant=%ff",
    ] {
        let refused = gateway.revocation_list(query, None).expect_err(query);
        assert_eq!((refused.status(), refused.wire_code()), (400, "invalid_request"), "{query}");
    }
}

#[test]
fn an_import_takes_no_body_or_a_pause_of_an_hour_at_most() {
    let gateway = with_log();
    let import = |body: &str| gateway.import_order(body.as_bytes());
    assert_eq!(import(""), Ok(json!({})));
    assert_eq!(import("{}"), Ok(json!({})));
    for pause in [0, 120, 3600] {
        let order = json!({ "pause_seconds": pause });
        assert_eq!(import(&order.to_string()), Ok(order));
    }
    for bad in [
        r#"{"pause_seconds":3601}"#,
        r#"{"pause_seconds":-1}"#,
        r#"{"pause_seconds":"120"}"#,
        r#"{"pause_seconds":1.5}"#,
        r#"{"pause_seconds":1,"x":1}"#,
        r#"{"pause":1}"#,
        "[]",
        "pause_seconds=1",
    ] {
        let refused: Rejection = import(bad).expect_err(bad);
        assert_eq!((refused.status(), refused.wire_code()), (400, "invalid_request"), "{bad}");
    }
}
