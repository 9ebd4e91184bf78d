//! What the origin gets in place of what the client asked for: the path, the forwarded headers, and
//! nothing from a cache.

use edgeward::gateway::{ForwardPlan, Outcome};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration};
use crate::support::request::{Request, get, request};

#[track_caller]
fn plan(bench: &mut Bench, request: &Request) -> ForwardPlan {
    match bench.decide_at(request, NOW).outcome {
        Outcome::Forward(plan) => plan,
        other => panic!("refused: {other:?}"),
    }
}

/// A gateway with these routes before its own.
fn bench(routes: Value) -> Bench {
    let mut raw = configuration();
    let own = raw["routes"].as_array().expect("routes").clone();
    let Value::Array(mut routes) = routes else { panic!("routes") };
    routes.extend(own);
    raw["routes"] = routes.into();
    Bench::of(&raw)
}

#[test]
fn a_prefix_is_exchanged_and_the_rest_stays_as_it_was_judged() {
    let mut bench = bench(json!([
        { "path": "/old/api/**", "access": "public", "strip_prefix": "/old" },
        { "path": "/shop/**", "access": "public", "strip_prefix": "/shop", "add_prefix": "/v2/s" },
        { "path": "/more/**", "access": "public", "add_prefix": "/v2" },
        { "path": "/one", "access": "public", "strip_prefix": "/one" },
    ]));
    for (path, expected) in [
        ("/old/api/a?b=/old/api", "/api/a?b=/old/api"),
        ("/old/api", "/api"),
        ("/old/api/", "/api/"),
        ("/%6fld/api/%7ea%20b", "/api/~a%20b"),
        ("/shop/a/", "/v2/s/a/"),
        ("/shop", "/v2/s"),
        ("/shop/", "/v2/s/"),
        ("/more/a", "/v2/more/a"),
        ("/one", "/"),
        ("/one/?x", "/?x"),
    ] {
        let url = plan(&mut bench, &get(path)).url().to_owned();
        assert_eq!(url.strip_prefix("https://origin.example"), Some(expected), "{path}");
    }
}

#[test]
fn no_prefix_makes_an_ambiguous_path_pass() {
    let mut bench = bench(json!([
        { "path": "/old/**", "access": "public", "strip_prefix": "/old" },
    ]));
    for path in ["/old//a", "/old/%2e%2e/a", "/old/..%2fa", "/old/%2fa"] {
        let line = bench.now(&get(path));
        assert!(line.starts_with("400 path_ambiguous") || line == "404 route_not_found", "{line}");
    }
}

#[test]
fn an_encoded_slash_stays_encoded_and_separates_nothing_where_the_route_keeps_it() {
    let mut bench = bench(json!([
        { "path": "/projects/*", "access": "public", "encoded_slashes": "keep" },
        { "path": "/projects/*/secret", "access": "authenticated" },
        { "path": "/packages/**", "access": "public" },
    ]));
    let kept = plan(&mut bench, &get("/projects/group%2fname"));
    assert_eq!(kept.url(), "https://origin.example/projects/group%2Fname");
    for path in [
        "/projects/group%2fsecret",
        "/projects/group%2fSECRET",
        "/projects/a%2F..%2Fb",
        "/projects/a%2F%2e%2e",
        "/projects/..%2fa",
        "/projects/a%252fb",
        "/projects/a%5cb",
        "/packages/@scope%2fname",
    ] {
        assert_eq!(bench.now(&get(path)), "400 path_ambiguous", "{path}");
    }
}

#[test]
fn an_origin_is_told_the_clients_host_and_scheme_or_what_it_is_configured_to_get() {
    let client =
        [("x-forwarded-host", "evil"), ("forwarded", "host=evil"), ("x_real.ip", "127.0.0.1")];
    let asked = || {
        client.iter().fold(get("/public/a"), |request, (name, value)| request.header(name, value))
    };
    let of = |rule: &str| {
        let mut raw = configuration();
        raw["origins"][0]["forwarded"] = json!(rule);
        let plan = plan(&mut Bench::of(&raw), &asked());
        let set = plan.forwarded().map(|set| set.fields().map(|(_, value)| value.to_owned()));
        (set, plan.removed().count())
    };
    let own = ["api.example.com", "https"].map(str::to_owned);
    assert_eq!(of("set"), (Some(own), 3));
    assert_eq!(of("strip"), (None, 3));
    assert_eq!(of("keep"), (None, 0));
}

#[test]
fn a_method_override_stays_behind_unless_the_origin_keeps_it() {
    let asked = || {
        request("POST", "/public/a")
            .header("x-http-method-override", "DELETE")
            .header("x_http_method", "PUT")
            .header("x+method+override", "PATCH")
    };
    for (rule, removed) in [("strip", 3), ("keep", 0)] {
        let mut raw = configuration();
        raw["origins"][0]["method_override"] = json!(rule);
        assert_eq!(plan(&mut Bench::of(&raw), &asked()).removed().count(), removed, "{rule}");
    }
}

#[test]
fn headers_that_say_another_path_stay_behind_whatever_the_origin_keeps() {
    let mut raw = configuration();
    raw["origins"][0]["forwarded"] = json!("keep");
    raw["origins"][0]["method_override"] = json!("keep");
    let asked = get("/public/a").header("script_name", "/public").header("x-path-info", "/admin");
    assert_eq!(plan(&mut Bench::of(&raw), &asked).removed().count(), 2);
}

#[test]
fn second_spellings_of_what_the_platform_and_the_body_say_stay_behind() {
    let mut bench = Bench::new();
    let stay = [
        "cf+visitor",
        "cf-connecting_ip",
        "cf.ray",
        "cf_connecting_ip",
        "content+type",
        "content_length",
        "keep_alive",
        "transfer_encoding",
    ];
    let go = ["cf-connecting-ip", "cf-visitor", "cf-access-token", "content-type", "cfx", "x-cf_a"];
    let names = stay.iter().chain(&go);
    let asked = names.fold(get("/public/a"), |request, name| request.header(name, "1"));
    let plan = plan(&mut bench, &asked);
    let mut removed: Vec<_> = plan.removed().collect();
    removed.sort_unstable();
    assert_eq!(removed, stay);
}

#[test]
fn only_a_get_becomes_a_websocket() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({ "roles": ["admin"] }));
    for (method, stays) in [("GET", false), ("POST", true), ("OPTIONS", true), ("HEAD", true)] {
        let asked = request(method, "/private/a").header("upgrade", "websocket").bearer(&token);
        let plan = plan(&mut bench, &asked);
        assert_eq!(plan.removed().any(|name| name == "upgrade"), stays, "{method}");
    }
    let preflight = request("OPTIONS", "/cors/a")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "GET")
        .header("upgrade", "websocket");
    assert!(plan(&mut bench, &preflight).removed().any(|name| name == "upgrade"));
}

#[test]
fn only_nobody_on_a_route_that_says_so_uses_the_zones_cache() {
    let mut bench = bench(json!([
        { "path": "/files/**", "access": "public", "cache": "zone" },
        { "path": "/may/**", "access": "optional", "cache": "zone" },
    ]));
    let token = bench.token(&json!({}));
    for (request, uses) in [
        (get("/files/a"), true),
        (get("/may/a"), true),
        (get("/may/a").bearer(&token), false),
        (get("/public/a"), false),
        (get("/private/a").bearer(&token), false),
    ] {
        let plan = plan(&mut bench, &request.header("cache-control", "no-cache"));
        assert_eq!(plan.uses_zone_cache(), uses, "{}", plan.url());
        assert_eq!(
            plan.forwarded().is_none(),
            uses,
            "a client chooses nothing that is kept for all"
        );
        // With `no-store` the platform writes the header itself.
        assert_eq!(plan.removed().any(|name| name == "cache-control"), !uses, "{}", plan.url());
    }
}

#[test]
fn a_refusal_is_read_by_pages_that_may_send_the_cookie_and_by_others_where_there_is_none() {
    let mut bench = bench(json!([
        { "path": "/by-cookie", "access": "authenticated", "cors_preflight": true,
          "credentials": [{ "cookie": "t", "origins": ["https://app.example"] }] },
        { "path": "/by-header", "access": "authenticated", "cors_preflight": true },
        { "path": "/closed", "access": "authenticated" },
        { "path": "/get/**", "methods": ["GET"], "access": "public", "cors_preflight": true },
        { "path": "/stripped-cookie", "access": "authenticated", "cors_preflight": true,
          "authorization": "strip",
          "credentials": [{ "cookie": "t", "origins": ["https://app.example"] }] },
    ]));
    let post = request("POST", "/get/a").header("origin", "https://a.example");
    let preflight = request("OPTIONS", "/get/a")
        .header("origin", "https://a.example")
        .header("access-control-request-method", "POST");
    for asked in [post, preflight] {
        assert_eq!(bench.now(&asked), "405 method_not_allowed");
        let reader = bench.decide_at(&asked, NOW).record.reader;
        assert_eq!(reader.as_deref(), Some("https://a.example"));
    }
    let undecodable = get("/stripped-cookie")
        .header("origin", "https://app.example")
        .header("cookie", "a=\u{fffd}; t=x");
    assert_eq!(bench.now(&undecodable), "400 header_not_utf8");
    let record = bench.decide_at(&undecodable, NOW).record;
    assert!(record.reader.is_some() && record.route.is_some(), "{record:?}");
    for (path, origin, reads) in [
        ("/by-cookie", "https://app.example", true),
        ("/by-cookie", "https://evil.example", false),
        ("/by-cookie", "null", false),
        ("/by-header", "https://evil.example", true),
        ("/closed", "https://app.example", false),
    ] {
        let decision = bench.decide_at(&get(path).header("origin", origin), NOW);
        let reader = decision.record.reader;
        assert_eq!(reader.as_deref(), Some(origin).filter(|_| reads), "{path} {origin}");
    }
}

#[test]
fn what_is_printed_for_debugging_holds_nothing_that_a_client_sent() {
    let mut bench = Bench::of(&super::assertion::signing(&json!({})));
    let token = bench.token(&json!({ "sub": "subject-in-the-token" }));
    let sent = ["https://page.example", "cookie-value", "query-value", "header-value"];
    let asked = |path: &str| {
        get(&format!("{path}?q=query-value"))
            .bearer(&token)
            .header("origin", "https://page.example")
            .header("cookie", "c=cookie-value")
            .header("x-custom", "header-value")
    };
    for path in ["/private/a", "/cors/a", "/public/a", "/.edgeward/me", "/admin/a"] {
        let printed = format!("{:?}", bench.decide_at(&asked(path), NOW));
        for text in sent.iter().chain([&token.as_str(), &"subject-in-the-token"]) {
            assert!(!printed.contains(text), "{path}: {text} in {printed}");
        }
    }
}
