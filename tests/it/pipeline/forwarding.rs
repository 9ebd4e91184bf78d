//! What of a request goes on to the origin, and what stays behind.

use edgeward::config::Address;
use edgeward::gateway::{ForwardPlan, Outcome};
use serde_json::json;

use super::{Bench, NOW, configuration};
use crate::support::request::{Request, get, request};

#[track_caller]
fn plan(bench: &mut Bench, request: &Request) -> ForwardPlan {
    match bench.decide_at(request, NOW).outcome {
        Outcome::Forward(plan) => plan,
        other => panic!("refused: {other:?}"),
    }
}

/// Which of these inbound headers stay behind.
fn removed(bench: &mut Bench, path: &str, headers: &[(&str, &str)]) -> Vec<String> {
    let with = |request: Request, (name, value): &(&str, &str)| request.header(name, value);
    let request = headers.iter().fold(get(path), with);
    let plan = plan(bench, &request);
    let mut removed: Vec<_> = plan.removed().map(str::to_owned).collect();
    removed.sort();
    removed
}

#[test]
fn headers_that_could_be_taken_for_ours_stay_behind_on_every_route() {
    let mut bench = Bench::new();
    let spoofed = [
        ("x-auth-subject", "admin"),
        ("x_auth_subject", "admin"),
        ("x.auth.roles", "admin"),
        ("x-auth_zzz", "1"),
        ("x-auth-", "1"),
        ("x-edgeward-anything", "1"),
        ("x_edgeward.token", "1"),
    ];
    let kept = [("x-auth", "1"), ("x-author", "1"), ("accept", "*/*"), ("xauth-subject", "1")];
    let mut expected: Vec<_> = spoofed.iter().map(|(name, _)| (*name).to_owned()).collect();
    expected.sort();
    let token = format!("Bearer {}", bench.token(&json!({})));
    for path in ["/public/a", "/optional/a", "/private/a"] {
        let all = [&spoofed[..], &kept, &[("authorization", token.as_str())]].concat();
        assert_eq!(removed(&mut bench, path, &all), expected, "{path}");
    }
}

#[test]
fn renamed_headers_and_headers_of_claims_stay_behind_in_every_spelling() {
    let mut raw = configuration();
    raw["headers"] = json!({
        "prefix": "x-id-", "names": { "subject": "remote-user" },
        "claims": [{ "header": "x-plan", "claim": "plan" }],
    });
    let mut bench = Bench::of(&raw);
    let headers = [
        ("remote_user", "a"),
        ("x.plan", "a"),
        ("x-id-roles", "a"),
        ("x-edgeward-a", "a"),
        ("x-auth-subject", "a"),
    ];
    let expected = ["remote_user", "x-edgeward-a", "x-id-roles", "x.plan"];
    assert_eq!(removed(&mut bench, "/public/a", &headers), expected);
}

#[test]
fn connection_headers_stay_behind_and_cannot_take_others_along() {
    let mut raw = configuration();
    raw["origins"][0]["forwarded"] = json!("keep");
    let mut bench = Bench::of(&raw);
    let named = "close, X-Custom, Authorization, x-forwarded-for, cf-ray, host, x-request-id";
    let headers = [
        ("connection", named),
        ("keep-alive", "1"),
        ("te", "trailers"),
        ("upgrade", "h2c"),
        ("transfer-encoding", "chunked"),
        ("proxy-authorization", "Basic YTpi"),
        ("x-custom", "1"),
        ("authorization", "Basic YTpi"),
        ("x-forwarded-for", "1.2.3.4"),
        ("cf-ray", "1"),
        ("x-request-id", "a"),
        ("accept", "*/*"),
    ];
    let expected = [
        "connection",
        "keep-alive",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
        "x-custom",
    ];
    assert_eq!(removed(&mut bench, "/public/a", &headers), expected);
}

#[test]
fn only_a_websocket_keeps_its_upgrade() {
    let mut bench = Bench::new();
    for (upgrade, is_websocket) in
        [("websocket", true), ("WebSocket", true), ("h2c", false), ("websocket, h2c", false)]
    {
        let request = get("/public/a").header("connection", "Upgrade").header("upgrade", upgrade);
        let plan = plan(&mut bench, &request);
        let stays = plan.removed().any(|name| name == "upgrade");
        assert_eq!(stays, !is_websocket, "{upgrade}");
    }
}

#[test]
fn authorization_goes_on_unless_the_route_strips_it() {
    let mut bench = Bench::new();
    let token = format!("Bearer {}", bench.token(&json!({})));
    for (path, value, stays) in [
        ("/private/a", token.as_str(), false),
        ("/public/a", "Bearer rubbish", false),
        ("/stripped/a", token.as_str(), true),
        ("/stripped/a", "Basic YTpi", true),
    ] {
        let removed = removed(&mut bench, path, &[("authorization", value)]);
        assert_eq!(removed.contains(&"authorization".to_owned()), stays, "{path}");
    }
}

#[test]
fn a_second_spelling_of_the_request_id_stays_behind() {
    let mut bench = Bench::new();
    let headers = [("x-request-id", "a"), ("x_request_id", "b"), ("x.request-id", "c")];
    assert_eq!(removed(&mut bench, "/public/a", &headers), ["x.request-id", "x_request_id"]);
    assert_eq!(plan(&mut bench, &get("/public/a")).id().as_str(), "r-1");
}

#[test]
fn a_host_is_taken_for_the_urls_own_only_when_it_is_that() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    let mut ask = |host: &str| bench.now(&get("/private/a").bearer(&token).header("host", host));
    for host in ["api.example.com", "other.example:8080", "example.com"] {
        assert_eq!(ask(host), crate::pipeline::PASSED, "{host}");
    }
    for host in ["", "//api.example.com", "s://api.example.com", "https://api.example.com", "/"] {
        assert_eq!(ask(host), "400 request_ambiguous", "{host}");
    }
}

#[test]
fn a_service_binding_sees_the_host_that_the_client_asked_for() {
    let mut bench = Bench::new();
    let bound = plan(&mut bench, &get("/bound/a?b"));
    assert_eq!(bound.url(), "https://api.example.com/bound/a?b");
    let origin = bound.origin(bench.gateway.config()).expect("an origin");
    assert_eq!(origin.address, Address::Service("API".to_owned()));
    let main = plan(&mut bench, &get("/public/a?b"));
    assert_eq!(main.url(), "https://origin.example/public/a?b");
    assert_eq!(main.origin(bench.gateway.config()).expect("an origin").name, "main");
}

/// A preflight as browsers send it.
fn preflight(path: &str, method: &str) -> Request {
    request("OPTIONS", path)
        .header("origin", "https://app.example")
        .header("access-control-request-method", method)
}

#[test]
fn a_real_preflight_passes_without_a_token_where_the_route_says_so() {
    let mut bench = Bench::new();
    let passed = plan(&mut bench, &preflight("/cors/a", "DELETE"));
    assert_eq!(passed.url(), "https://origin.example/cors/a");
    assert!(passed.admission().caller().is_none() && passed.identity().is_empty());
}

#[test]
fn what_only_looks_like_a_preflight_needs_a_token() {
    let mut bench = Bench::new();
    let origin = ("origin", "https://app.example");
    let asks = ("access-control-request-method", "GET");
    for request in [
        request("OPTIONS", "/cors/a"),
        request("OPTIONS", "/cors/a").header(origin.0, origin.1),
        request("OPTIONS", "/cors/a").header(asks.0, asks.1),
        request("OPTIONS", "/cors/a").header(origin.0, origin.1).header(asks.0, ""),
        request("options", "/cors/a").header(origin.0, origin.1).header(asks.0, asks.1),
        get("/cors/a").header(origin.0, origin.1).header(asks.0, asks.1),
        preflight("/private/a", "GET"),
    ] {
        assert_eq!(bench.now(&request), "401 credential_missing", "{request:?}");
    }
}

#[test]
fn a_preflight_is_judged_by_the_route_of_the_method_that_it_asks_about() {
    let mut raw = configuration();
    raw["routes"].as_array_mut().expect("routes").extend([
        json!({ "path": "/split", "access": "authenticated", "methods": ["GET"],
                "cors_preflight": true }),
        json!({ "path": "/split", "access": "authenticated", "methods": ["POST"] }),
    ]);
    let mut bench = Bench::of(&raw);
    let passed = "forward https://origin.example/split";
    assert_eq!(bench.now(&preflight("/split", "GET")), passed);
    assert_eq!(bench.now(&preflight("/split", "POST")), "405 method_not_allowed");
    assert_eq!(bench.now(&preflight("/split", "DELETE")), "405 method_not_allowed");
    // A path that may be another one is never let through, whatever the refusal is called.
    assert_eq!(bench.now(&preflight("//split", "GET")), "404 route_not_found");
    assert_eq!(bench.now(&preflight("//cors/a", "GET")), "400 path_ambiguous");
}
