//! Shadow mode: everything is judged, what would be refused passes as nobody's, and says so.

use edgeward::gateway::{Admission, ForwardPlan, Outcome};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration};
use crate::support::request::{Request, get, request};

/// A bench all of whose routes are in shadow mode.
fn bench() -> Bench {
    let mut raw = configuration();
    raw["mode"] = json!("shadow");
    Bench::of(&raw)
}

#[track_caller]
fn plan(bench: &mut Bench, request: &Request) -> ForwardPlan {
    match bench.decide_at(request, NOW).outcome {
        Outcome::Forward(plan) => plan,
        other => panic!("refused: {other:?}"),
    }
}

/// The mark that the origin sees.
fn mark(plan: &ForwardPlan) -> Option<&str> {
    let (_, value) = plan.replaced().iter().find(|(name, _)| name == "x-auth-shadow")?;
    value.strip_prefix("would-refuse code=")
}

/// Requests that are refused, and with which code.
fn refused(bench: &Bench) -> Vec<(Request, &'static str)> {
    let token = |changes: Value| bench.token(&changes);
    vec![
        (get("/private/a"), "credential_missing"),
        (get("/private/a").bearer("a.b.c"), "token_malformed"),
        (get("/private/a").header("authorization", "Bearer"), "credential_malformed"),
        (get("/private/a").bearer("a").bearer("b"), "credential_ambiguous"),
        (get("/private/a").bearer(&token(json!({ "exp": 1 }))), "token_expired"),
        (get("/private/a").bearer(&token(json!({ "iss": "https://x" }))), "issuer_unknown"),
        (get("/admin/a").bearer(&token(json!({}))), "insufficient_scope"),
        (get("/optional/a").bearer("rubbish"), "token_malformed"),
        (
            get("/private/a").bearer(&token(json!({ "email": "\u{fc}".repeat(1100) }))),
            "identity_too_large",
        ),
    ]
}

#[test]
fn what_would_be_refused_passes_with_its_code_and_without_identity() {
    let mut bench = bench();
    for (request, code) in refused(&bench) {
        let plan = plan(&mut bench, &request);
        assert_eq!(mark(&plan), Some(code));
        assert!(plan.identity().is_empty() && plan.admission().caller().is_none(), "{code}");
        assert!(matches!(plan.admission(), Admission::Shadow(..)), "{code}");
    }
}

#[test]
fn the_same_is_refused_where_the_route_enforces() {
    let mut raw = configuration();
    raw["mode"] = json!("shadow");
    for route in raw["routes"].as_array_mut().expect("routes") {
        route["mode"] = json!("enforce");
    }
    let mut bench = Bench::of(&raw);
    for (request, code) in refused(&bench) {
        assert!(bench.now(&request).ends_with(&format!(" {code}")), "{code}");
    }
}

#[test]
fn what_passes_anyway_is_not_marked_and_has_its_identity() {
    let mut bench = bench();
    let request = get("/private/a").bearer(&bench.token(&json!({})));
    let plan = plan(&mut bench, &request);
    assert_eq!(mark(&plan), None);
    assert!(plan.identity().contains(&("x-auth-subject".to_owned(), "user-1".to_owned())));
}

#[test]
fn a_client_cannot_mark_its_request_nor_bring_an_identity() {
    let mut bench = bench();
    let token = bench.token(&json!({}));
    let forged = |request: Request| {
        request
            .header("x-auth-shadow", "forged")
            .header("x_auth_shadow", "forged")
            .header("x-auth-subject", "admin")
    };
    for request in [forged(get("/private/a")), forged(get("/private/a").bearer(&token))] {
        let plan = plan(&mut bench, &request);
        assert_eq!(
            plan.removed().collect::<Vec<_>>(),
            ["x-auth-shadow", "x-auth-subject", "x_auth_shadow"]
        );
    }
}

#[test]
fn a_route_alone_may_be_in_shadow_mode_and_the_mark_follows_the_prefix() {
    let mut raw = configuration();
    raw["headers"] = json!({ "prefix": "x-id-" });
    raw["routes"][2]["mode"] = json!("shadow");
    let mut bench = Bench::of(&raw);
    let plan = plan(&mut bench, &get("/private/a"));
    let marked = ("x-id-shadow".to_owned(), "would-refuse code=credential_missing".to_owned());
    assert_eq!(plan.replaced(), [marked]);
    assert_eq!(bench.now(&get("/off/a")), "401 credential_missing");
}

#[test]
fn what_has_two_readings_or_no_route_is_refused_all_the_same() {
    let mut bench = bench();
    for (request, expected) in [
        (get("/private/a%2fb"), "400 path_ambiguous"),
        (get("//admin/a"), "400 path_ambiguous"),
        (get("/private/a").header("host", "a/b"), "400 request_ambiguous"),
        (
            request("POST", "/private/a")
                .header("content-length", "1")
                .header("transfer-encoding", "chunked"),
            "400 request_ambiguous",
        ),
        (get("/nowhere"), "404 route_not_found"),
        (request("TRACE", "/private/a"), "404 route_not_found"),
    ] {
        assert_eq!(bench.now(&request), expected, "{request:?}");
    }
}

#[test]
fn the_gateways_own_resources_are_never_in_shadow_mode() {
    let mut bench = bench();
    for path in ["/.edgeward/me", "/.edgeward/admin/revocations"] {
        assert_eq!(bench.now(&get(path)), "401 credential_missing", "{path}");
    }
}

#[test]
fn keys_and_stores_that_are_away_hold_nobody_up() {
    let mut bench = bench();
    let published = get("/private/a").bearer(&bench.published(&json!({})));
    bench.world.store_is_down = true;
    let without_store = plan(&mut bench, &published);
    assert_eq!(mark(&without_store), Some("revocation_unavailable"));
    let mut bench = self::bench();
    bench.world.published.clear();
    let without_keys = plan(&mut bench, &published);
    assert_eq!(mark(&without_keys), Some("keys_unavailable"));
    assert!(without_store.identity().is_empty() && without_keys.identity().is_empty());
}
