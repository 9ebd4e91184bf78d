//! The core's parts by themselves, natively: `make bench-native`.
//!
//! Each figure is for code that is warm in every cache. At the edge, between two requests, it is
//! not: `docs/performance.md` tells what that costs.
#![allow(missing_docs, reason = "the macro of criterion makes a public function")]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a benchmark may fail loudly"
)]

#[path = "../tests/it/support/mod.rs"]
mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use edgeward::config;
use edgeward::gateway::{Gateway, Outcome, Step};
use edgeward::identity::HeaderRules;
use edgeward::route::CanonicalPath;
use edgeward::token::UnverifiedToken;
use serde_json::{Value, json};
use std::hint::black_box;

use support::request::{Request, get};
use support::sign::Key;
use support::{NOW, NOW_SECONDS, gateway};

const ISSUER: &str = "https://auth.example.com";

fn configuration(routes: usize) -> Value {
    let route = |number: usize| json!({ "path": format!("/api/r{number}/items/*"), "access": "authenticated", "revocation": "off" });
    json!({
        "origins": [{ "name": "main", "url": "https://origin.example" }],
        "issuers": [{
            "name": "main", "issuer": ISSUER, "audiences": ["api"], "algorithms": ["HS256"],
            "verify": { "secrets": ["SECRET"] },
        }],
        "routes": (0..routes).map(route).collect::<Vec<_>>(),
    })
}

fn token() -> String {
    Key::named("SECRET").token(&json!({
        "iss": ISSUER, "aud": "api", "sub": "user-1", "jti": "token-1",
        "iat": NOW_SECONDS, "exp": NOW_SECONDS + 3600,
    }))
}

fn request() -> Request {
    let request = get("/api/r0/items/42").bearer(&token());
    let fields = [
        ("host", "api.example.com"),
        ("accept", "application/json"),
        ("user-agent", "bench/1.0"),
        ("accept-encoding", "gzip, deflate"),
        ("cf-connecting-ip", "192.0.2.1"),
    ];
    fields.iter().fold(request, |request, (name, value)| request.header(name, value))
}

fn pass(gateway: &Gateway, request: &Request) {
    match request.begin(gateway, NOW) {
        Step::Done(decision) => assert!(matches!(decision.outcome, Outcome::Forward(_))),
        other => panic!("expected a decision, got {other:?}"),
    }
}

fn parse(criterion: &mut Criterion) {
    let token = token();
    criterion.bench_function("parse/token", |bencher| {
        bencher.iter(|| UnverifiedToken::parse(black_box(&token).clone()));
    });
}

fn route(criterion: &mut Criterion) {
    criterion.bench_function("route/path", |bencher| {
        bencher.iter(|| CanonicalPath::parse(black_box("/api/r0/items/42")).is_ok());
    });
    for count in [1, 500, 5000] {
        let gateway = gateway(&configuration(count));
        let path = CanonicalPath::parse("/api/r0/items/42").expect("a path");
        criterion.bench_function(&format!("route/find among {count}"), |bencher| {
            let routes = &gateway.config().routes;
            bencher.iter(|| routes.find("GET", black_box(&path), |_| true).is_ok());
        });
    }
}

fn headers(criterion: &mut Criterion) {
    let rules = HeaderRules::default();
    let names = [
        "host",
        "accept",
        "user-agent",
        "accept-encoding",
        "cookie",
        "x-forwarded-for",
        "x-auth-a",
    ];
    criterion.bench_function("headers/reserved among 7", |bencher| {
        bencher.iter(|| black_box(&names).iter().filter(|name| rules.reserves(name)).count());
    });
}

fn decide(criterion: &mut Criterion) {
    let (gateway, request) = (gateway(&configuration(1)), request());
    pass(&gateway, &request);
    criterion.bench_function("decide/token seen before", |bencher| {
        bencher.iter(|| pass(&gateway, black_box(&request)));
    });
    criterion.bench_function("decide/token not seen before", |bencher| {
        bencher.iter(|| {
            gateway.forget_verdicts();
            pass(&gateway, black_box(&request));
        });
    });
}

/// A document of KV as `bench/document.mjs` has it.
fn document() -> String {
    let route = |n: usize| {
        json!({
            "path": format!("/service-{}/resource-{n}/**", n % 50), "methods": ["GET", "POST"],
            "access": "authenticated", "revocation": "off",
            "require": { "any": [{ "role": "staff" }, { "scope": format!("resource-{n}:read") }] },
        })
    };
    let tenant = |n: usize| {
        json!({
            "name": format!("tenant-{n}"), "hosts": [format!("tenant-{n}.example.com")],
            "origin": format!("https://tenant-{n}.internal.example.com"),
        })
    };
    let mut raw = configuration(0);
    raw["routes"] = (0..5000).map(route).collect();
    raw["tenants"] = (0..500).map(tenant).collect();
    raw.to_string()
}

fn load(criterion: &mut Criterion) {
    let text = document();
    criterion.bench_function("load/text to values, 5000 routes and 500 tenants", |bencher| {
        bencher.iter(|| config::read_document(black_box(&text)).is_ok());
    });
    let raw = config::read_document(&text).expect("JSON");
    criterion.bench_function("load/values to a gateway, the same", |bencher| {
        bencher.iter(|| support::check_ref(black_box(&raw)).map(Gateway::new).is_ok());
    });
}

criterion_group!(all, parse, route, headers, decide, load);
criterion_main!(all);
