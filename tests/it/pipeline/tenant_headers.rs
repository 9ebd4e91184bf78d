//! What is a tenant's own: identity headers for its origin, and a count of its requests.

use std::time::Duration;

use edgeward::gateway::{ForwardPlan, LimitAnswer, Outcome, Step};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration};
use crate::support::drive::line;
use crate::support::request::{Request, get, request};
use crate::support::sign::decode;

/// Two tenants: `acme` has headers of its own, `beta` those that all have. Both lead to one origin.
fn tenants(more: &Value) -> Value {
    let mut raw = configuration();
    raw["headers"] = json!({ "claims": [{ "header": "x-plan", "claim": "plan" }] });
    raw["tenants"] = json!([
        { "name": "acme", "hosts": ["acme.example.com"], "origin": "main", "claim": false,
          "headers": {
            "names": { "subject": "x-acme-user" },
            "claims": [{ "header": "x-acme-seat", "claim": "seat.number" }],
        } },
        { "name": "beta", "hosts": ["beta.example.com"], "origin": "main", "claim": false },
    ]);
    raw["issuers"][1]["claims"] = json!({ "tenant": "org" });
    raw["routes"] = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/public", "access": "public" },
        { "path": "/me", "access": "authenticated", "origin": "bound", "sync": "/internal/sync" },
    ]);
    for (name, value) in more.as_object().expect("an object") {
        raw[name] = value.clone();
    }
    raw
}

fn at(host: &str, mut request: Request) -> Request {
    request.url = request.url.replace("api.example.com", host);
    request
}

const ACME: &str = "acme.example.com";
const BETA: &str = "beta.example.com";

fn claims() -> Value {
    json!({ "plan": "pro", "seat": { "number": 7 }, "sid": null, "jti": null })
}

#[track_caller]
fn plan(bench: &mut Bench, request: &Request) -> ForwardPlan {
    match bench.decide_at(request, NOW) {
        decision @ edgeward::gateway::Decision { outcome: Outcome::Forward(_), .. } => {
            let Outcome::Forward(plan) = decision.outcome else { panic!("a plan") };
            plan
        }
        decision => panic!("{}", line(&decision)),
    }
}

fn names(headers: &[(String, String)]) -> Vec<String> {
    headers.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// The same of names and values by turns, a line each.
fn of_lines(lines: &str) -> Vec<String> {
    let lines: Vec<_> = lines.split('\n').collect();
    lines.chunks(2).map(|pair| pair.join("=")).collect()
}

const ALL: [&str; 3] =
    ["x-auth-subject=user-1", "x-auth-issuer=https://secret.example.com", "x-plan=pro"];
const OF_ACME: [&str; 4] = [
    "x-acme-user=user-1",
    "x-auth-issuer=https://secret.example.com",
    "x-plan=pro",
    "x-acme-seat=7",
];

#[test]
fn a_tenants_own_origin_has_its_headers_and_all_others_have_those_for_all() {
    let mut bench = Bench::of(&tenants(&json!({})));
    let token = bench.token(&claims());
    // In turn, so that what is kept of one is not taken for the other.
    for _ in 0..2 {
        let acme = plan(&mut bench, &at(ACME, get("/a").bearer(&token)));
        assert_eq!(names(&acme.identity()), OF_ACME);
        assert_eq!(acme.prepared(of_lines).expect("a caller").as_slice(), OF_ACME);
        let beta = plan(&mut bench, &at(BETA, get("/a").bearer(&token)));
        assert_eq!(names(&beta.identity()), ALL);
        assert_eq!(beta.prepared(of_lines).expect("a caller").as_slice(), ALL);
        let main = plan(&mut bench, &at(ACME, get("/me").bearer(&token)));
        assert_eq!(names(&main.identity()), ALL);
    }
}

#[test]
fn what_is_told_to_a_tenant_has_its_headers_too() {
    let mut bench = Bench::of(&tenants(&json!({})));
    let token = bench.token(&claims());
    let plan = plan(&mut bench, &at(ACME, request("PUT", "/me").bearer(&token)));
    assert_eq!(names(&plan.identity()), ALL);
    let config = bench.gateway.config();
    assert_eq!(of_lines(plan.sync_identity(config).expect("a tenant").lines()), OF_ACME);
    let facts: Value =
        serde_json::from_str(&plan.sync_facts(config).expect("a tenant")).expect("JSON");
    assert_eq!(facts["claims"], json!({ "plan": "pro", "seat.number": 7 }));
}

#[test]
fn a_name_of_any_tenants_is_taken_from_clients_of_all() {
    let mut bench = Bench::of(&tenants(&json!({})));
    let token = bench.token(&claims());
    let spoofed = |request: Request| {
        request.header("x_acme_seat", "1").header("x.acme-user", "root").header("x-acme-other", "1")
    };
    for request in [
        at(ACME, get("/a").bearer(&token)),
        at(BETA, get("/a").bearer(&token)),
        at(BETA, get("/me").bearer(&token)),
        at(BETA, get("/public")),
    ] {
        let plan = plan(&mut bench, &spoofed(request));
        let mut removed: Vec<_> = plan.removed().collect();
        removed.sort_unstable();
        assert_eq!(removed, ["x.acme-user", "x_acme_seat"]);
    }
}

#[test]
fn an_assertion_says_what_its_own_set_says() {
    let mut bench = Bench::of(&tenants(&json!({ "assertion": { "key": "ASSERTION_KEY" } })));
    let token = bench.token(&claims());
    let said = |plan: &ForwardPlan| {
        let (_, text) = plan.assertion().expect("an assertion");
        let claims = text.split('.').nth(1).expect("claims");
        let claims: Value =
            serde_json::from_slice(&decode(claims).expect("base64url")).expect("JSON");
        claims["claims"].clone()
    };
    for _ in 0..2 {
        let acme = plan(&mut bench, &at(ACME, get("/a").bearer(&token)));
        assert_eq!(said(&acme), json!({ "plan": "pro", "seat.number": 7 }));
        let beta = plan(&mut bench, &at(BETA, get("/a").bearer(&token)));
        assert_eq!(said(&beta), json!({ "plan": "pro" }));
        let all = acme.prepared(of_lines).expect("a caller");
        assert!(all[..4] == OF_ACME && all.len() == 5);
    }
    assert_eq!(bench.world.signed, 2, "one for each set");
}

#[test]
fn a_set_that_does_not_fit_is_refused_where_it_would_go_and_where_it_would_be_told() {
    let mut bench = Bench::of(&tenants(&json!({})));
    let mut large = claims();
    large["seat"]["number"] = json!("ü".repeat(1100));
    let token = bench.token(&large);
    for (host, request, expected) in [
        (ACME, get("/a"), "431 identity_too_large"),
        (BETA, get("/a"), "forward https://origin.example/a"),
        (ACME, get("/me"), "forward https://acme.example.com/me"),
        (ACME, request("PUT", "/me"), "431 identity_too_large"),
    ] {
        assert_eq!(bench.now(&at(host, request.bearer(&token))), expected, "{host}");
    }
}

fn limited() -> Value {
    let mut raw = tenants(&json!({}));
    raw["tenants"][0]["limit"] = json!({ "binding": "TENANT", "window_seconds": 10 });
    raw["routes"][0]["limit"] = json!({ "binding": "ROUTE", "per": "subject" });
    raw
}

#[test]
fn a_tenants_requests_share_one_count_whoever_asks_and_wherever() {
    let mut bench = Bench::of(&limited());
    let of = |bench: &Bench, sub: &str| bench.token(&json!({ "sub": sub }));
    let (one, other) = (of(&bench, "one"), of(&bench, "other"));
    // Two are within each limit of this bench.
    for (request, expected) in [
        (at(ACME, get("/a").bearer(&one)), "forward https://origin.example/a"),
        (at(ACME, get("/me").bearer(&other)), "forward https://acme.example.com/me"),
        (at(ACME, get("/public")), "429 rate_limited"),
        (at(ACME, get("/a").bearer(&other)), "429 rate_limited"),
        (at(BETA, get("/public")), "forward https://origin.example/public"),
        (at(BETA, get("/a").bearer(&other)), "forward https://origin.example/a"),
    ] {
        let decision = bench.world.decide(&bench.gateway, &request, NOW);
        assert_eq!(line(&decision), expected, "{}", request.url);
    }
}

#[test]
fn the_routes_own_limit_comes_first_and_what_it_refuses_is_not_counted() {
    let mut bench = Bench::of(&limited());
    let request = at(ACME, get("/a").bearer(&bench.token(&json!({}))));
    let mut asked = Vec::new();
    let mut step = request.begin(&bench.gateway, NOW);
    let decision = loop {
        step = match step {
            Step::Done(decision) => break decision,
            Step::NeedLimit(need) => {
                asked.push(need.binding().to_owned());
                need.resume(LimitAnswer::Unavailable)
            }
            step => bench.world.answer(&bench.gateway, step, NOW).expect_err("a need"),
        };
    };
    assert_eq!(
        (line(&decision).as_str(), asked),
        ("forward https://origin.example/a", vec!["ROUTE".to_owned(), "TENANT".to_owned()])
    );
    let Step::NeedLimit(need) = request.begin(&bench.gateway, NOW) else { panic!("the route's") };
    let Step::Done(decision) = need.resume(LimitAnswer::Exceeded) else { panic!("refused") };
    assert_eq!(line(&decision), "429 rate_limited");
    let Outcome::Refuse(rejection) = &decision.outcome else { panic!("refused") };
    assert_eq!(rejection.retry_after(), Some(Duration::from_secs(60)));
}
