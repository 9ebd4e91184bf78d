//! What was compared with what, at the steps where a caller is refused for it.

use edgeward::explain::{Explanation, Stage};
use serde_json::{Value, json};

use super::{at, configuration, explain, lines, token, world};
use crate::support::drive::World;
use crate::support::request::{Request, get, request};
use crate::support::sign::Key;
use crate::support::{self, NOW, NOW_SECONDS};

const ONE: &str = "11111111-aaaa-4aaa-8aaa-111111111111";

/// With these fields of the issuer besides or instead.
fn issuer(changes: &Value) -> Value {
    let mut raw = configuration();
    for (name, value) in changes.as_object().expect("an object") {
        raw["issuers"][0][name] = value.clone();
    }
    for name in ["required_claims", "max_age_seconds"] {
        raw["issuers"][0].as_object_mut().expect("an object").remove(name);
    }
    raw
}

#[track_caller]
fn explained(raw: &Value, request: &Request) -> Explanation {
    support::explain::agrees(raw, &world(), request, NOW);
    support::explain::explained(&world(), &support::gateway(raw), request, NOW)
}

#[track_caller]
fn stop(explanation: &Explanation) -> (&str, &str) {
    let last = explanation.findings.last().expect("a step");
    (last.code.unwrap_or("none"), last.summary.as_str())
}

#[test]
fn a_token_without_a_subject_is_told_of_where_it_passes() {
    let raw = issuer(&json!({ "claims": { "subject": "uid" } }));
    for (uid, shown) in [
        (None, &["no subject > the token has no `uid`"][..]),
        (Some(json!("")), &["no subject > the token's `uid` is empty"]),
        (Some(json!("ada")), &[]),
    ] {
        let changes = uid.map_or_else(|| json!({}), |uid| json!({ "uid": uid }));
        let explanation = explained(&raw, &get("/api/a/b").bearer(&token(&changes)));
        assert_eq!(stop(&explanation).0, "none", "{changes}");
        assert_eq!(lines(&at(&explanation, Stage::Identity).checks), shown, "{changes}");
    }
}

#[test]
fn a_claim_that_must_say_what_iss_does_is_named() {
    let raw =
        issuer(&json!({ "issuer": "https://login.example.com/{tid}/v2.0", "allowed": "any" }));
    let iss = format!("https://login.example.com/{ONE}/v2.0");
    for (tid, got, shown) in [
        (None, "is missing", "missing"),
        (Some(json!("other")), "is other", "other"),
        (Some(json!([ONE])), &*format!("is [\"{ONE}\"]"), &*format!("[\"{ONE}\"]")),
    ] {
        let mut changes = json!({ "iss": iss });
        if let Some(tid) = tid {
            changes["tid"] = tid;
        }
        let explanation = explained(&raw, &get("/api/a").bearer(&token(&changes)));
        let summary = format!("`tid` {got}; expected {ONE}, which `iss` says");
        assert_eq!(stop(&explanation), ("issuer_mismatch", summary.as_str()));
        let shown_checks = lines(&at(&explanation, Stage::Claims).checks);
        let expected = [
            format!("yes iss < https://login.example.com/{{tid}}/v2.0 > {iss}"),
            format!("no tid < {ONE}, as in iss > {shown}"),
        ];
        assert_eq!(shown_checks[2..4], expected);
    }
    let good = token(&json!({ "iss": iss, "tid": ONE }));
    assert_eq!(stop(&explained(&raw, &get("/api/a").bearer(&good))).0, "none");
}

#[test]
fn a_malformed_claim_is_named_with_its_path_and_what_it_is() {
    let roles = "urn:zitadel:iam:org:project:roles";
    let raw = issuer(&json!({
        "claims": { "roles": roles, "tenant": "org.id", "subject": "uid", "scope": { "path": "scp", "keys": true } },
        "audience_claim": "client.id",
    }));
    for (changes, summary) in [
        (
            json!({ roles: { "admin": {} } }),
            "`urn:zitadel:iam:org:project:roles` is an object; expected a text or a list of texts, or an object with `keys = true`",
        ),
        (
            json!({ roles: ["a", 1] }),
            "`urn:zitadel:iam:org:project:roles` is a list with something else in it; expected a text or a list of texts, or an object with `keys = true`",
        ),
        (json!({ "scp": "a" }), "`scp` is a text; expected an object, because of `keys = true`"),
        (json!({ "org": "acme" }), "`org.id`: `org` is a text; expected an object"),
        (json!({ "uid": true }), "`uid` is a boolean; expected a text or a whole number"),
        (
            json!({ "uid": -1 }),
            "`uid` is a number that is negative or a fraction; expected a text or a whole number",
        ),
        (json!({ "exp": "1" }), "`exp` is a text; expected a number of seconds since 1970"),
        (json!({ "nbf": null }), "`nbf` is null; expected a number of seconds since 1970"),
        (
            json!({ "iat": -1 }),
            "`iat` is a number out of range; expected a number of seconds since 1970",
        ),
        (json!({ "jti": 7 }), "`jti` is a number; expected a text"),
        (json!({ "token_use": [] }), "`token_use` is a list; expected a text"),
        (
            json!({ "aud": ["api", {}] }),
            "`aud` is a list with something else in it; expected a text or a list of texts",
        ),
    ] {
        let explanation = explained(&raw, &get("/api/a").bearer(&token(&changes)));
        assert_eq!(stop(&explanation), ("claim_malformed", summary), "{changes}");
    }
    let claims = json!({
        "iss": "https://auth.example.com", "client": { "id": 7 }, "exp": NOW_SECONDS + 600,
    });
    let unnamed = Key::p256(1).token_by("k1", &claims);
    assert_eq!(
        stop(&explained(&raw, &get("/api/a").bearer(&unnamed))).1,
        "`client.id` is a number; expected a text or a list of texts"
    );
    let number = token(&json!({ "sub": 7 }));
    assert_eq!(
        stop(&explain(&get("/api/a").bearer(&number))).1,
        "`sub` is a number; expected a text"
    );
}

#[test]
fn the_segment_that_a_claim_is_compared_with_is_shown() {
    let mut raw = configuration();
    let require = json!({ "claim": "org.id", "path_segment": 1 });
    raw["routes"][1] = json!({ "path": "/api/*", "access": "authenticated", "require": require });
    let explanation = explained(&raw, &get("/api/other").bearer(&token(&json!({}))));
    assert_eq!(
        lines(&at(&explanation, Stage::Requirement).checks),
        ["no claim = \"org.id\", path_segment = 1 < \"other\" > \"o-1\""]
    );
}

#[test]
fn the_handler_of_a_route_is_named() {
    let mut raw = issuer(&json!({ "refresh": { "preset": "node" } }));
    raw["routes"][1] = json!({
        "path": "/api/refresh", "methods": ["POST"], "access": "public", "handler": "refresh",
    });
    let request = request("POST", "/api/refresh");
    let gateway = support::gateway_with_log(&raw, true);
    let explanation = support::explain::explained(&world(), &gateway, &request, NOW);
    let summary = &at(&explanation, Stage::Route).summary;
    assert!(summary.ends_with(", by the handler `refresh`"), "{summary}");
}

#[test]
fn what_stands_in_the_place_of_aud_is_shown() {
    let raw = issuer(&json!({ "audience_claim": "client_id" }));
    for (more, got) in [
        (json!({ "client_id": "web-2" }), "none; client_id is web-2"),
        (json!({ "client_id": ["x"] }), "none; client_id is [\"x\"]"),
        (json!({}), "none, and no client_id"),
        (json!({ "aud": "x" }), "x"),
    ] {
        let mut claims = json!({ "iss": "https://auth.example.com", "exp": NOW_SECONDS + 600 });
        claims.as_object_mut().expect("an object").extend(more.as_object().expect("one").clone());
        let token = Key::p256(1).token_by("k1", &claims);
        let explanation = explained(&raw, &get("/api/a").bearer(&token));
        assert_eq!(stop(&explanation).0, "audience_mismatch");
        let shown = lines(&at(&explanation, Stage::Claims).checks);
        assert_eq!(shown[2], format!("no aud < api or web, or in client_id > {got}"), "{more}");
    }
}

#[test]
fn a_token_without_iss_is_shown_as_taken_for_its_issuer_or_told_what_takes_it() {
    let claims = json!({ "aud": "api", "exp": NOW_SECONDS + 600 });
    let request = get("/api/a").bearer(&Key::p256(1).token_by("k1", &claims));
    let raw = issuer(&json!({ "without_iss": true }));
    let explanation = explained(&raw, &request);
    assert_eq!(
        at(&explanation, Stage::Issuer).summary,
        "no `iss`: taken for `main`, https://auth.example.com"
    );
    assert_eq!(
        lines(&at(&explanation, Stage::Claims).checks)[1],
        "yes iss < https://auth.example.com > none: taken for main"
    );
    assert_eq!(
        stop(&explain(&request)),
        (
            "issuer_unknown",
            "no `iss`, and no issuer has `without_iss = true`, which accepts tokens without one"
        )
    );
    let number = Key::p256(1).token_by("k1", &json!({ "iss": 7 }));
    assert_eq!(stop(&explained(&raw, &get("/api/a").bearer(&number))).1, "`iss` is not a text");
}

#[test]
fn without_a_token_the_places_are_named_that_were_read() {
    let mut raw = configuration();
    raw["routes"][1] = json!({ "path": "/api/*", "access": "authenticated", "credentials": [
        { "cookie": "access", "origins": ["https://app.example.com"] }, { "header": "x-token" }, { "query": "t" },
    ] });
    raw["routes"][0]["credentials"] = json!([{ "authorization": "JWT" }, { "header": "x-token" }]);
    let bare = "no token in `Authorization: Bearer`, and there is no `Authorization`";
    let several = "no token in the cookie `access`, the header `x-token`, the query parameter `t`";
    let basic = ("authorization", "Basic YTpi");
    for (request, summary) in [
        (get("/off"), bare.to_owned()),
        (
            get("/off").header(basic.0, basic.1),
            "no token in `Authorization: Bearer`; `Authorization` has another scheme".to_owned(),
        ),
        (get("/api/a"), several.to_owned()),
        (
            get("/api/a").header(basic.0, basic.1),
            format!("{several}; `Authorization` is not read"),
        ),
        (
            get("/api/a/b").header(basic.0, basic.1),
            "no token in `Authorization: JWT`, the header `x-token`; `Authorization` has another scheme"
                .to_owned(),
        ),
    ] {
        let explanation = explained(&raw, &request);
        assert_eq!(stop(&explanation), ("credential_missing", summary.as_str()));
    }
}

#[test]
fn what_is_malformed_in_an_answer_is_told_by_what_was_expected() {
    let mut raw = issuer(&json!({
        "verify": { "me": "https://auth.example.com/me" }, "claims": { "roles": "groups" },
    }));
    for name in ["audiences", "algorithms"] {
        raw["issuers"][0].as_object_mut().expect("an object").remove(name);
    }
    let answered = World {
        auth_server: Some(std::rc::Rc::new(|_: &_| {
            Ok(support::drive::reply(200, r#"{"sub":"ada","groups":7}"#))
        })),
        ..World::default()
    };
    let request = get("/api/a").bearer(&token(&json!({})));
    let gateway = support::gateway(&raw);
    let explanation = support::explain::explained(&answered, &gateway, &request, NOW);
    assert_eq!(
        stop(&explanation),
        (
            "claim_malformed",
            "the auth server's answer is malformed: expected `groups` to be a text or a list of texts, or an object with `keys = true`"
        )
    );
}

#[test]
fn a_life_that_is_too_long_or_not_known_is_shown_with_what_is_allowed() {
    let mut raw = issuer(&json!({}));
    raw["revocation"] = json!({ "longest_token_seconds": 660 });
    for (changes, code, shown) in [
        (json!({}), "none", "yes life < `iat` to `exp`, at most 11 min > 11 min"),
        (
            json!({ "exp": NOW_SECONDS + 601 }),
            "lifetime_too_long",
            "no life < `iat` to `exp`, at most 11 min > 11 min 1 s",
        ),
        (
            json!({ "iat": null }),
            "lifetime_too_long",
            "no life < `iat` to `exp`, at most 11 min > not known",
        ),
    ] {
        let explanation = explained(&raw, &get("/api/a").bearer(&without_nulls(&changes)));
        assert_eq!(stop(&explanation).0, code, "{changes}");
        let checks = lines(&at(&explanation, Stage::Claims).checks);
        assert!(checks.iter().any(|line| line == shown), "{checks:#?}");
    }
    let unlimited = explained(&issuer(&json!({})), &get("/api/a").bearer(&token(&json!({}))));
    let checks = lines(&at(&unlimited, Stage::Claims).checks);
    assert!(!checks.iter().any(|line| line.contains("life")), "{checks:#?}");
}

/// A token with these claims replaced, or left out where they are null.
fn without_nulls(changes: &Value) -> String {
    let mut claims = json!({
        "iss": "https://auth.example.com", "sub": "ada", "aud": "api",
        "iat": NOW_SECONDS - 60, "exp": NOW_SECONDS + 600,
    });
    for (name, value) in changes.as_object().expect("an object") {
        claims[name] = value.clone();
    }
    claims.as_object_mut().expect("an object").retain(|_, value| !value.is_null());
    Key::p256(1).token_by("k1", &claims)
}
