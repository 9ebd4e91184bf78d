//! Tokens in other places than `Authorization: Bearer`, where a route says so.

use edgeward::gateway::{ForwardPlan, Outcome};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration, with};
use crate::support::request::{Request, get, request};

/// A bench whose route `/else/**` looks for tokens in these places.
fn bench(credentials: &Value, more: &Value) -> Bench {
    let mut raw = configuration();
    let route = json!({
        "path": "/else/**", "access": "authenticated", "credentials": credentials,
    });
    raw["routes"].as_array_mut().expect("routes").push(with(route, more));
    Bench::of(&raw)
}

#[track_caller]
fn plan(bench: &mut Bench, request: &Request) -> ForwardPlan {
    match bench.decide_at(request, NOW).outcome {
        Outcome::Forward(plan) => plan,
        other => panic!("refused: {other:?}"),
    }
}

/// What the origin receives under a name: nothing, or the value.
fn received(plan: &ForwardPlan, request: &Request, name: &str) -> Option<String> {
    let value = |all: &[(String, String)]| {
        all.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone())
    };
    let kept = !plan.removed().any(|removed| removed == name);
    value(plan.replaced()).or_else(|| value(&request.headers).filter(|_| kept))
}

const PASSED: &str = "forward https://origin.example/else/a";

/// Every place, and a request with the token in it.
fn everywhere(token: &str) -> Vec<(Value, Request)> {
    let at = |name: &str, value: &str| get("/else/a").header(name, value);
    vec![
        (json!({ "authorization": "Bearer" }), get("/else/a").bearer(token)),
        (json!({ "authorization": "Token" }), at("authorization", &format!("token {token}"))),
        (json!({ "cookie": "__Host-at" }), at("cookie", &format!("a=b; __Host-at={token}"))),
        (json!({ "header": "x-access-token" }), at("x-access-token", token)),
        (
            json!({ "subprotocol": "bearer" }),
            at("sec-websocket-protocol", &format!("chat, bearer, {token}")),
        ),
        (json!({ "query": "access_token" }), get(&format!("/else/a?access_token={token}"))),
    ]
}

#[test]
fn a_token_passes_where_the_route_looks_for_it_and_nowhere_else() {
    let token = Bench::new().token(&json!({}));
    for (at, (source, _)) in everywhere(&token).iter().enumerate() {
        let mut bench = bench(&json!([source]), &json!({}));
        for (other, (_, request)) in everywhere(&token).iter().enumerate() {
            let expected = if at == other { PASSED } else { "401 credential_missing" };
            assert_eq!(bench.now(request), expected, "{source} {request:?}");
        }
    }
}

#[test]
fn a_token_that_is_no_good_is_refused_wherever_it_stands() {
    let token = Bench::new().token(&json!({ "exp": 1 }));
    for (source, request) in everywhere(&token) {
        let mut bench = bench(&json!([source]), &json!({}));
        assert_eq!(bench.now(&request), "401 token_expired", "{source}");
    }
}

#[test]
fn what_is_no_token_is_400_wherever_it_stands() {
    for text in ["", "a b", "\"a", "ä"] {
        for (source, request) in everywhere(text) {
            let mut bench = bench(&json!([source]), &json!({}));
            assert_eq!(bench.now(&request), "400 credential_malformed", "{source} {text:?}");
        }
    }
}

#[test]
fn two_tokens_are_400_across_all_places_that_the_route_reads() {
    let token = Bench::new().token(&json!({}));
    let all = everywhere(&token);
    let merged = |one: &Request, other: &Request| {
        let mut merged = one.clone();
        merged.headers.extend(other.headers.clone());
        merged.url = if other.url.contains('?') { other.url.clone() } else { merged.url };
        merged
    };
    for (at, (one, first)) in all.iter().enumerate() {
        for (two, second) in all.iter().skip(at + 1) {
            let request = merged(first, second);
            let mut both = bench(&json!([one, two]), &json!({}));
            let refused = "400 credential_ambiguous";
            assert_eq!(both.now(&request), refused, "{one} {two}");
            // Each alone passes, but for two schemes: they share a header.
            assert_eq!((both.now(first).as_str(), both.now(second).as_str()), (PASSED, PASSED));
            if two["authorization"].is_null() {
                let mut one_alone = bench(&json!([one]), &json!({}));
                assert!(one_alone.now(&request).starts_with(PASSED), "{one}");
            }
        }
    }
}

#[test]
fn the_same_place_twice_is_two_tokens() {
    let token = Bench::new().token(&json!({}));
    for (source, request) in [
        (
            json!({ "cookie": "t" }),
            get("/else/a").header("cookie", &format!("t={token}; t={token}")),
        ),
        (
            json!({ "cookie": "t" }),
            get("/else/a").header("cookie", &format!("t={token}")).header("cookie", "t=x"),
        ),
        (json!({ "header": "x-t" }), get("/else/a").header("x-t", &token).header("x-t", &token)),
        (json!({ "query": "t" }), get(&format!("/else/a?t={token}&%74={token}"))),
        (
            json!({ "subprotocol": "t" }),
            get("/else/a").header("sec-websocket-protocol", &format!("t, {token}, t, {token}")),
        ),
    ] {
        let mut bench = bench(&json!([source]), &json!({}));
        assert_eq!(bench.now(&request), "400 credential_ambiguous", "{request:?}");
    }
}

#[test]
fn a_cookie_may_stand_in_quotes() {
    let token = Bench::new().token(&json!({}));
    let mut bench = bench(&json!([{ "cookie": "t" }]), &json!({}));
    let request = get("/else/a").header("cookie", &format!("x=\"1\"; t=\"{token}\""));
    assert_eq!(bench.now(&request), PASSED);
}

#[test]
fn a_token_in_the_query_or_among_subprotocols_is_never_forwarded() {
    let token = Bench::new().token(&json!({}));
    let credentials = json!([{ "query": "t" }, { "subprotocol": "bearer" }]);
    let mut bench = bench(&credentials, &json!({}));
    for (query, rest) in [("?a=%2f&t={}&b", "?a=%2f&b"), ("?t={}", ""), ("?%74={}&x", "?x")] {
        let request = get(&format!("/else/a{}", query.replace("{}", &token)));
        let plan = plan(&mut bench, &request);
        assert_eq!(plan.url(), format!("https://origin.example/else/a{rest}"));
    }
    for (offered, rest) in
        [("chat.v2, bearer, {}, chat.v1", Some("chat.v2, chat.v1")), ("bearer, {}", None)]
    {
        let offered = offered.replace("{}", &token);
        let request = get("/else/a").header("sec-websocket-protocol", &offered);
        let plan = plan(&mut bench, &request);
        assert_eq!(received(&plan, &request, "sec-websocket-protocol").as_deref(), rest);
    }
}

#[test]
fn strip_takes_the_token_away_wherever_it_stood_and_nothing_else() {
    let token = Bench::new().token(&json!({}));
    let (kept, strip) = (json!({}), json!({ "authorization": "strip" }));
    for (more, cookie, header) in [
        (&kept, Some(format!("a=\"1\"; t={token};b=2")), Some(token.clone())),
        (&strip, Some("a=\"1\";b=2".to_owned()), None),
    ] {
        let of = |source: Value| bench(&json!([source]), more);
        let sent = get("/else/a").header("cookie", &format!("a=\"1\"; t={token};b=2"));
        let received_cookie =
            received(&plan(&mut of(json!({ "cookie": "t" })), &sent), &sent, "cookie");
        assert_eq!(received_cookie, cookie);
        let sent = get("/else/a").header("x-t", &token);
        let received_header =
            received(&plan(&mut of(json!({ "header": "x-t" })), &sent), &sent, "x-t");
        assert_eq!(received_header, header);
    }
    let mut bench = bench(&json!([{ "cookie": "t" }]), &strip);
    let alone = get("/else/a").header("cookie", &format!("t={token}"));
    assert_eq!(received(&plan(&mut bench, &alone), &alone, "cookie"), None);
    let other = get("/else/a")
        .header("cookie", &format!("t={token}"))
        .header("authorization", "Basic YTpi");
    assert_eq!(received(&plan(&mut bench, &other), &other, "authorization"), None);
}

#[test]
fn a_second_spelling_of_the_tokens_header_stays_behind() {
    let token = Bench::new().token(&json!({}));
    let mut bench = bench(&json!([{ "header": "x-t" }]), &json!({}));
    let request =
        get("/else/a").header("x-t", &token).header("x_t", "other").header("x.t", "other");
    let plan = plan(&mut bench, &request);
    assert_eq!(plan.removed().collect::<Vec<_>>(), ["x.t", "x_t"]);
}

#[test]
fn what_the_route_does_not_read_is_forwarded_as_it_is() {
    let token = Bench::new().token(&json!({}));
    let mut bench = bench(&json!([{ "cookie": "t" }]), &json!({}));
    let request = get("/else/a?access_token=x")
        .header("cookie", &format!("t={token}"))
        .header("authorization", "Bearer other")
        .header("sec-websocket-protocol", "bearer,x");
    let plan = plan(&mut bench, &request);
    assert_eq!(plan.url(), "https://origin.example/else/a?access_token=x");
    assert_eq!((plan.removed().count(), plan.replaced()), (0, &[][..]));
}

#[test]
fn a_cookie_changes_nothing_for_another_site() {
    let token = Bench::new().token(&json!({}));
    let credentials = json!([{ "cookie": "t", "origins": ["https://app.example"] }, { "authorization": "Bearer" }]);
    let mut bench = bench(&credentials, &json!({}));
    let cookie = format!("t={token}");
    let refused = "403 cross_site_request";
    for (fields, expected) in [
        (vec![], refused),
        (vec![("origin", "https://evil.example")], refused),
        (vec![("origin", "null")], refused),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://api.example.com")], refused),
        (vec![("sec-fetch-site", "same-site")], refused),
        (vec![("origin", "https://api.example.com")], PASSED),
        (vec![("sec-fetch-site", "same-origin")], PASSED),
        (vec![("sec-fetch-site", "cross-site"), ("origin", "https://app.example")], PASSED),
    ] {
        let with = |request: Request| {
            fields.iter().fold(request, |request, (name, value)| request.header(name, value))
        };
        let post = with(request("POST", "/else/a").header("cookie", &cookie));
        assert_eq!(bench.now(&post), expected, "{fields:?}");
        let socket = get("/else/a").header("cookie", &cookie).header("upgrade", "websocket");
        assert_eq!(bench.now(&with(socket)), expected, "{fields:?}");
        let reading = with(get("/else/a").header("cookie", &cookie));
        assert_eq!(bench.now(&reading), PASSED, "{fields:?}");
        // A page of another site cannot make a browser send this one.
        assert_eq!(
            bench.now(&with(request("POST", "/else/a").bearer(&token))),
            PASSED,
            "{fields:?}"
        );
    }
}

#[test]
fn another_site_does_not_learn_whether_the_cookie_is_good() {
    let mut bench = bench(&json!([{ "cookie": "t" }]), &json!({}));
    let post = request("POST", "/else/a").header("cookie", "t=rubbish");
    assert_eq!(bench.now(&post), "403 cross_site_request");
}

#[test]
fn a_route_that_takes_anybody_takes_callers_without_a_token_in_its_places() {
    let optional = json!({ "access": "optional" });
    let mut bench = bench(&json!([{ "cookie": "t" }]), &optional);
    assert_eq!(bench.now(&get("/else/a").bearer("rubbish")), PASSED);
    assert_eq!(bench.now(&request("POST", "/else/a")), PASSED);
    let bad = get("/else/a").header("cookie", "t=rubbish");
    assert_eq!(bench.now(&bad), "401 token_malformed");
}

#[test]
fn a_preflight_takes_no_token_to_the_origin_and_all_that_holds_none() {
    for (source, with_token) in everywhere("secret") {
        let mut bench = bench(&json!([source]), &json!({ "cors_preflight": true }));
        let fields = [
            ("origin", "https://app.example"),
            ("access-control-request-method", "GET"),
            ("x-kept", "x"),
        ];
        let preflight = Request { method: "OPTIONS".to_owned(), ..with_token };
        let request =
            fields.iter().fold(preflight, |request, (name, value)| request.header(name, value));
        let plan = plan(&mut bench, &request);
        assert_eq!(plan.url(), "https://origin.example/else/a");
        for (name, value) in &request.headers {
            let expected = fields.iter().any(|(own, _)| own == name).then(|| value.clone());
            assert_eq!(received(&plan, &request, name), expected, "{source} {name}");
        }
    }
}
