//! What an administrator may ask to be revoked, and that it then is.

use std::time::Duration;

use edgeward::gateway::{LiftOrder, Rejection};
use edgeward::revocation::Reason;
use serde_json::{Value, json};

use super::{Bench, NOW, PASSED, SECRET_ISSUER, claims_of, with};
use crate::support::NOW_SECONDS;
use crate::support::sign::Key;

/// That of the configuration, by default.
const LEEWAY_SECONDS: i64 = 30;

/// The kind of entry, its value, and its time to live in seconds.
fn order(bench: &Bench, body: &Value) -> Result<(String, String, Option<u64>), Rejection> {
    let order = bench.gateway.revocation_order(body.to_string().as_bytes(), NOW)?;
    let (entry, leeway) = (order.entry, order.leeway);
    let kind = entry.name.kind().as_str().to_owned();
    Ok((kind, entry.value(), entry.ttl(NOW, leeway).map(|ttl: Duration| ttl.as_secs())))
}

#[test]
fn each_thing_that_can_be_revoked_has_its_entry() {
    let bench = Bench::new();
    let now = format!(r#"{{"before":{}}}"#, NOW_SECONDS + 1);
    let before = json!({ "issuer": "secret", "before": 7 });
    let expires = format!(r#"{{"expires_at":{}}}"#, NOW_SECONDS + 600);
    let latest = NOW_SECONDS + LEEWAY_SECONDS + 1;
    let latest_entry = format!(r#"{{"before":{latest}}}"#);
    for (body, kind, value, ttl) in [
        (json!({ "token": bench.token(&json!({})) }), "token", "{}", None),
        (json!({ "token": bench.token(&json!({ "jti": null })) }), "input", "{}", None),
        (json!({ "issuer": "secret", "jti": "t-1" }), "token", "{}", None),
        // To its expiry, the leeway, and a second for rounding.
        (
            json!({ "issuer": "secret", "jti": "t-1", "expires_at": NOW_SECONDS + 600 }),
            "token",
            &expires,
            Some(631),
        ),
        (json!({ "issuer": "secret", "session": "s-1" }), "session", "{}", None),
        (json!({ "issuer": "secret", "subject": "user-1" }), "subject", &now, None),
        (json!({ "issuer": "secret", "tenant": "acme" }), "tenant", &now, None),
        (before, "issuer", r#"{"before":7}"#, None),
        (json!({ "issuer": "secret", "before": latest }), "issuer", &latest_entry, None),
    ] {
        let expected = (kind.to_owned(), value.to_owned(), ttl);
        assert_eq!(order(&bench, &body), Ok(expected), "{body}");
    }
}

#[test]
fn what_was_ordered_is_refused_and_the_rest_passes() {
    for (body, refused, passes) in [
        (json!({ "jti": "t-1" }), json!({}), json!({ "jti": "t-2" })),
        (json!({ "session": "s-1" }), json!({}), json!({ "sid": "s-2" })),
        (json!({ "subject": "user-1" }), json!({}), json!({ "sub": "user-2" })),
        (json!({ "tenant": "7" }), json!({ "tenant": 7 }), json!({ "tenant": 8 })),
        (json!({ "before": NOW_SECONDS + 1 }), json!({}), json!({ "iat": NOW_SECONDS + 1 })),
        (json!({ "before": NOW_SECONDS - 60 }), json!({ "iat": NOW_SECONDS - 61 }), json!({})),
    ] {
        let mut bench = Bench::new();
        let body = with(body, &json!({ "issuer": "secret" }));
        let entry = bench
            .gateway
            .revocation_order(body.to_string().as_bytes(), NOW)
            .expect("an order")
            .entry;
        bench.world.entries.insert(entry.name.to_string(), entry.value());
        let (refused, passes) = (bench.token(&refused), bench.token(&passes));
        assert_eq!(bench.verdict(&refused), "401 token_revoked", "{body}");
        assert_eq!(bench.verdict(&passes), PASSED, "{body}");
    }
}

#[test]
fn the_token_itself_can_be_ordered_with_and_without_jti() {
    for changes in [json!({}), json!({ "jti": null })] {
        let mut bench = Bench::new();
        let token = bench.token(&changes);
        let body = json!({ "token": token }).to_string();
        let entry = bench.gateway.revocation_order(body.as_bytes(), NOW).expect("an order").entry;
        bench.world.entries.insert(entry.name.to_string(), entry.value());
        assert_eq!(bench.verdict(&token), "401 token_revoked", "{changes}");
    }
}

#[test]
fn a_forgery_cannot_shorten_the_life_of_an_order_by_its_exp() {
    let mut bench = Bench::new();
    let genuine = bench.token(&json!({}));
    for exp in [json!(null), json!(1), json!(NOW_SECONDS + 1), json!(NOW_SECONDS + 600)] {
        let claims = with(claims_of(SECRET_ISSUER), &json!({ "exp": exp }));
        let forged = Key::named("OTHER").token(&claims);
        let (forged, _) = forged.rsplit_once('.').expect("three parts");
        let body = json!({ "token": format!("{forged}.AAAA") });
        let (_, _, ttl) = order(&bench, &body).expect("an order");
        assert_eq!(ttl, None, "exp {exp}");
        let entry = bench
            .gateway
            .revocation_order(body.to_string().as_bytes(), NOW)
            .expect("an order")
            .entry;
        bench.world.entries.insert(entry.name.to_string(), entry.value());
    }
    assert_eq!(bench.verdict(&genuine), "401 token_revoked");
}

#[test]
fn an_order_that_is_not_clear_is_refused() {
    let bench = Bench::new();
    let foreign = Key::named("SECRET").token(&claims_of("https://evil.example"));
    for body in [
        json!([]),
        json!({}),
        json!({ "jti": "t-1" }),
        // A forgotten `subject` does not end every session of the issuer.
        json!({ "issuer": "secret" }),
        json!({ "issuer": "nobody", "jti": "t-1" }),
        json!({ "issuer": "https://stranger.example", "jti": "t-1" }),
        json!({ "issuer": "secret", "jti": "" }),
        json!({ "issuer": "secret", "jti": 1 }),
        json!({ "issuer": "secret", "jti": null }),
        json!({ "issuer": "secret", "jti": "t-1", "session": "s-1" }),
        json!({ "issuer": "secret", "subject": "a", "tenant": "b" }),
        json!({ "issuer": "secret", "subject": "a", "reason": "b" }),
        json!({ "issuer": "secret", "jti": "t-1", "before": 1 }),
        json!({ "issuer": "secret", "subject": "a", "expires_at": 1 }),
        json!({ "issuer": "secret", "before": -1 }),
        json!({ "issuer": "secret", "before": 1.5 }),
        json!({ "issuer": "secret", "before": "1" }),
        json!({ "issuer": "secret", "before": null }),
        // Milliseconds would lock everybody out for good.
        json!({ "issuer": "secret", "before": NOW_SECONDS * 1000 }),
        json!({ "issuer": "secret", "before": NOW_SECONDS + LEEWAY_SECONDS + 2 }),
        json!({ "issuer": "secret", "subject": "a", "before": NOW_SECONDS * 1000 }),
        // It would lapse at once.
        json!({ "issuer": "secret", "jti": "t-1", "expires_at": 1 }),
        json!({ "issuer": "secret", "jti": "t-1", "expires_at": NOW_SECONDS }),
        json!({ "issuer": "secret", "session": "s-1", "expires_at": NOW_SECONDS - 1 }),
        // Milliseconds would mean for good.
        json!({ "issuer": "secret", "session": "s-1", "expires_at": (NOW_SECONDS + 60) * 1000 }),
        json!({ "token": 1 }),
        json!({ "token": "a.b.c" }),
        json!({ "token": "" }),
        json!({ "token": "opaque" }),
        json!({ "token": foreign }),
        json!({ "token": bench.token(&json!({})), "jti": "t-1" }),
        json!({ "token": bench.token(&json!({})), "issuer": "secret" }),
        json!({ "token": bench.token(&json!({ "jti": 1 })) }),
    ] {
        let refused = order(&bench, &body).expect_err(&body.to_string());
        assert_eq!((refused.status(), refused.wire_code()), (400, "invalid_request"), "{body}");
        assert!(refused.detail().is_some_and(|detail| !detail.is_empty()), "{body}");
    }
}

#[test]
fn an_entry_is_lifted_by_its_name_alone() {
    let bench = Bench::new();
    let lift = |body: &Value| bench.gateway.lift_order(body.to_string().as_bytes());
    let ordered = json!({ "issuer": "secret", "jti": "t-1" }).to_string();
    let entry = bench.gateway.revocation_order(ordered.as_bytes(), NOW).expect("an order").entry;
    assert_eq!(
        lift(&json!({ "entry": entry.name.to_string() })),
        Ok(LiftOrder { name: entry.name, reason: Reason::Admin, of: None, token: None })
    );
    for body in [
        json!({}),
        json!([]),
        json!({ "entry": "" }),
        json!({ "entry": 1 }),
        json!({ "entry": "config" }),
        json!({ "entry": "jwks:x" }),
        json!({ "entry": "revoked:token:short" }),
        json!({ "issuer": "secret", "jti": "t-1" }),
    ] {
        let refused = lift(&body).expect_err(&body.to_string());
        assert_eq!((refused.status(), refused.wire_code()), (400, "invalid_request"), "{body}");
    }
}

#[test]
fn an_order_with_a_field_twice_or_no_json_is_refused() {
    let bench = Bench::new();
    for body in [
        &br#"{"issuer":"secret","jti":"a","jti":"b"}"#[..],
        br#"{"issuer":"secret"} {}"#,
        b"{\"issuer\":\"secret\",\"jti\":\"\xff\"}",
        b"jti=t-1",
        b"",
    ] {
        let refused = bench.gateway.revocation_order(body, NOW).expect_err("refused");
        assert_eq!(refused.status(), 400);
    }
}
