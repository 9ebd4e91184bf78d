//! What the origin is told about the caller, and in which spelling.

use edgeward::gateway::Outcome;
use serde_json::{Value, json};

use super::{Bench, MAIN_ISSUER, NOW, PASSED, configuration};
use crate::support::request::get;
use crate::support::sign::encode;

/// The identity headers of a request with a published token of these claims.
#[track_caller]
fn headers(bench: &mut Bench, changes: &Value) -> Vec<(String, String)> {
    let request = get("/private/a").bearer(&bench.published(changes));
    match bench.decide_at(&request, NOW).outcome {
        Outcome::Forward(plan) => plan.identity(),
        other => panic!("refused: {other:?}"),
    }
}

fn header(headers: &[(String, String)], name: &str) -> Option<String> {
    let mut found = headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.clone());
    let first = found.next();
    assert_eq!(found.next(), None, "{name} twice");
    first
}

#[test]
fn the_default_headers_carry_the_caller() {
    let all = json!({
        "email": "a@x.example", "roles": ["user", "admin"], "scope": "a b", "org": { "id": 7 },
    });
    let expected = [
        ("x-auth-subject", "user-1"),
        ("x-auth-issuer", MAIN_ISSUER),
        ("x-auth-email", "a@x.example"),
        ("x-auth-roles", r#""user", "admin""#),
        ("x-auth-scope", "a b"),
        ("x-auth-tenant", "7"),
        ("x-auth-session", "s-1"),
        ("x-auth-token-id", "t-1"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers(&mut Bench::new(), &all), expected);
}

#[test]
fn an_empty_fact_and_a_list_of_nothing_have_no_header_and_an_empty_claim_has() {
    let mut configuration = configuration();
    configuration["headers"] = json!({ "claims": [
        { "header": "x-plan", "claim": "plan" }, { "header": "x-org", "claim": "org" },
    ] });
    let mut bench = Bench::of(&configuration);
    let claims =
        json!({ "email": "", "roles": [], "scope": [""], "org": {}, "plan": "", "sid": null });
    let expected = [
        ("x-auth-subject", "user-1"),
        ("x-auth-issuer", MAIN_ISSUER),
        ("x-auth-token-id", "t-1"),
        ("x-plan", ""),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers(&mut bench, &claims), expected);
}

#[test]
fn the_subject_is_the_claim_that_the_issuer_says_and_is_revoked_by_it() {
    let mut configuration = configuration();
    configuration["issuers"][0]["claims"]["subject"] = json!("user.id");
    let mut bench = Bench::of(&configuration);
    for (user, subject) in
        [(json!({ "id": 8 }), Some("8")), (json!({ "id": "x" }), Some("x")), (json!({}), None)]
    {
        let headers = headers(&mut bench, &json!({ "user": user }));
        assert_eq!(header(&headers, "x-auth-subject").as_deref(), subject, "{user}");
    }
    let order = json!({ "issuer": "main", "subject": "8" }).to_string();
    let entry = bench.gateway.revocation_order(order.as_bytes(), NOW).expect("an order").entry;
    bench.world.entries.insert(entry.name.to_string(), entry.value());
    let revoked = bench.published(&json!({ "user": { "id": 8 }, "jti": "t-2" }));
    assert_eq!(bench.verdict(&revoked), "401 token_revoked");
    let other = bench.published(&json!({ "user": { "id": 9 }, "sub": "8" }));
    assert_eq!(bench.verdict(&other), PASSED);
}

#[test]
fn an_absent_claim_has_no_header() {
    let none = json!({ "sub": null, "jti": null, "sid": null, "roles": [], "scope": "" });
    let headers = headers(&mut Bench::new(), &none);
    assert_eq!(headers, [("x-auth-issuer".to_owned(), MAIN_ISSUER.to_owned())]);
}

#[test]
fn a_claim_that_is_null_counts_as_absent() {
    let mut bench = Bench::new();
    let mut claims = super::claims_of(MAIN_ISSUER);
    for name in ["email", "roles", "scope", "sid", "org"] {
        claims[name] = Value::Null;
    }
    let request = get("/private/a").bearer(&bench.p256.token_by("k1", &claims));
    let Outcome::Forward(plan) = bench.decide_at(&request, NOW).outcome else {
        panic!("refused");
    };
    let names: Vec<_> = plan.identity().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["x-auth-subject", "x-auth-issuer", "x-auth-token-id"]);
}

#[test]
fn no_claim_can_end_its_header_or_begin_another() {
    let mut bench = Bench::new();
    for (claim, value, name, expected) in [
        (
            "sub",
            json!("a\r\nx-auth-roles: admin"),
            "x-auth-subject",
            "a%0d%0ax-auth-roles:%20admin",
        ),
        ("sub", json!("100%"), "x-auth-subject", "100%25"),
        ("sub", json!("J\u{f6}rg \u{0}\u{7f}"), "x-auth-subject", "J%c3%b6rg%20%00%7f"),
        ("email", json!("a b@\u{1f600}"), "x-auth-email", "a%20b@%f0%9f%98%80"),
        ("roles", json!(["a\", \"admin"]), "x-auth-roles", r#""a\", \"admin""#),
        ("roles", json!(["a\\"]), "x-auth-roles", r#""a\\""#),
        ("roles", json!(["a\r\nb", "\u{f6}\""]), "x-auth-roles", r#"%"a%0d%0ab", %"%c3%b6%22""#),
        ("scope", json!(["a b", "c\n"]), "x-auth-scope", "a%20b c%0a"),
        ("sid", json!("\u{85}"), "x-auth-session", "%c2%85"),
    ] {
        let headers = headers(&mut bench, &json!({ claim: value }));
        assert_eq!(header(&headers, name).as_deref(), Some(expected), "{value}");
        for (name, value) in &headers {
            let sound = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
            assert!(sound, "{name}: {value:?}");
        }
    }
}

fn configured() -> Bench {
    let mut raw = configuration();
    raw["headers"] = json!({
        "prefix": "x-id-",
        "names": { "subject": "remote-user" },
        "claims": [
            { "header": "x-plan", "claim": "org.plan" },
            { "header": "x-groups", "claim": "groups", "encoding": "list" },
            { "header": "x-org", "claim": "org", "encoding": "json" },
            { "header": "x-vip", "claim": "https://x.example/vip" },
        ],
    });
    Bench::of(&raw)
}

#[test]
fn configured_names_and_claims_have_their_encodings() {
    let mut bench = configured();
    let org = json!({ "plan": "pro \u{f6}", "seats": 3 });
    let changes = json!({ "org": org, "groups": ["a", 1, true], "https://x.example/vip": true });
    let headers = headers(&mut bench, &changes);
    for (name, expected) in [
        ("remote-user", Some("user-1".to_owned())),
        ("x-id-subject", None),
        ("x-id-issuer", Some(MAIN_ISSUER.to_owned())),
        ("x-auth-issuer", None),
        ("x-plan", Some("pro%20%c3%b6".to_owned())),
        ("x-groups", Some(r#""a", "1", "true""#.to_owned())),
        ("x-org", Some(encode(org.to_string().as_bytes()))),
        ("x-vip", Some("true".to_owned())),
    ] {
        assert_eq!(header(&headers, name), expected, "{name}");
    }
}

#[test]
fn a_claim_without_a_form_in_its_encoding_has_no_header() {
    let mut bench = configured();
    let changes = json!({ "org": { "plan": { "a": 1 } }, "groups": [["a"]] });
    let headers = headers(&mut bench, &changes);
    assert_eq!((header(&headers, "x-plan"), header(&headers, "x-groups")), (None, None));
}

#[test]
fn identity_headers_of_6_kib_pass_and_larger_ones_are_refused_and_never_cut() {
    let mut bench = Bench::new();
    let size = |headers: &[(String, String)]| -> usize {
        headers.iter().map(|(name, value)| name.len() + value.len()).sum()
    };
    let plain = size(&headers(&mut bench, &json!({ "email": "a" }))) - 1;
    // A percent sign takes three bytes: the token stays below its own limit.
    let email = |bytes: usize| json!({ "email": format!("{}{}", "%".repeat(bytes / 3), "a".repeat(bytes % 3)) });
    let room = 6 * 1024 - plain;
    assert_eq!(size(&headers(&mut bench, &email(room))), 6 * 1024);
    let over = bench.published(&email(room + 1));
    for path in ["/private/a", "/private/a", "/optional/a"] {
        let request = get(path).bearer(&over);
        assert_eq!(bench.now(&request), "431 identity_too_large", "{path}");
    }
    let mut raw = configuration();
    raw["limits"] = json!({ "identity_bytes": 6 * 1024 + 1 });
    let request = get("/private/a").bearer(&over);
    assert_eq!(Bench::of(&raw).now(&request), PASSED);
    let more = bench.published(&email(room + 2));
    assert_eq!(Bench::of(&raw).now(&get("/private/a").bearer(&more)), "431 identity_too_large");
    // Where no header is written none can be too large.
    assert_eq!(bench.now(&get("/.edgeward/me").bearer(&over)), "serve Me");
}

#[test]
fn no_two_rules_can_write_one_header() {
    for headers in [
        json!({ "names": { "subject": "x-auth-email" } }),
        json!({ "names": { "subject": "x-user", "email": "x-user" } }),
        json!({ "claims": [{ "header": "x-auth-subject", "claim": "email" }] }),
        json!({ "claims": [
            { "header": "x-plan", "claim": "plan" }, { "header": "x-plan", "claim": "email" },
        ] }),
    ] {
        let mut raw = configuration();
        raw["headers"] = headers;
        assert!(crate::support::check(&raw).is_err(), "{}", raw["headers"]);
    }
}
