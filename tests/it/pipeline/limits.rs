//! A route's limit: asked for last, under a key that tells nobody apart who should not be.

use edgeward::gateway::{LimitAnswer, NeedLimit, Step};
use serde_json::{Value, json};

use super::{Bench, NOW, configuration};
use crate::support::request::{Request, get, request};

/// A bench with limits of each kind; its bindings let two requests pass.
fn bench(more: &Value) -> Bench {
    let mut raw = configuration();
    let limit = |per: &str| json!({ "binding": "LIMIT", "per": per, "window_seconds": 10 });
    let routes = raw["routes"].as_array_mut().expect("routes");
    routes.extend([
        json!({ "path": "/subject/**", "access": "authenticated", "limit": limit("subject"),
                "cors_preflight": true }),
        json!({ "path": "/second/**", "access": "authenticated", "limit": limit("subject") }),
        json!({ "path": "/tenant/**", "access": "authenticated", "limit": limit("tenant") }),
        json!({ "path": "/address/**", "access": "public", "limit": limit("address"),
                "cors_preflight": true }),
    ]);
    for (name, value) in more.as_object().expect("an object") {
        raw[name] = value.clone();
    }
    Bench::of(&raw)
}

#[track_caller]
fn need(bench: &mut Bench, request: &Request) -> NeedLimit {
    let mut step = request.begin(&bench.gateway, NOW);
    loop {
        step = match step {
            Step::NeedLimit(need) => return *need,
            other => match bench.world.answer(&bench.gateway, other, NOW) {
                Ok(decision) => panic!("no limit was asked for: {decision:?}"),
                Err(next) => next,
            },
        };
    }
}

fn key(bench: &mut Bench, request: &Request) -> String {
    need(bench, request).key().to_owned()
}

#[test]
fn what_is_within_the_limit_passes_and_one_more_is_429() {
    let mut bench = bench(&json!({}));
    let request = get("/subject/a").bearer(&bench.token(&json!({})));
    let passed = "forward https://origin.example/subject/a";
    assert_eq!(bench.now(&request), passed);
    assert_eq!(bench.now(&request), passed);
    assert_eq!(bench.now(&request), "429 rate_limited");
    let other = get("/subject/a").bearer(&bench.token(&json!({ "sub": "user-2" })));
    assert_eq!(bench.now(&other), passed);
}

#[test]
fn the_window_stands_in_retry_after() {
    let mut bench = bench(&json!({}));
    let need = need(&mut bench, &get("/address/a"));
    assert_eq!(need.binding(), "LIMIT");
    let Step::Done(decision) = need.resume(LimitAnswer::Exceeded) else { panic!("a decision") };
    let edgeward::gateway::Outcome::Refuse(rejection) = decision.outcome else { panic!("refused") };
    let answer = rejection.answer("api", &decision.record);
    assert_eq!(answer.status, 429);
    assert!(answer.headers.contains(&("retry-after", "10".to_owned())));
}

#[test]
fn a_binding_that_does_not_answer_lets_pass() {
    let mut bench = bench(&json!({}));
    bench.world.limiter_is_down = true;
    for _ in 0..4 {
        assert_eq!(bench.now(&get("/address/a")), "forward https://origin.example/address/a");
    }
}

#[test]
fn who_is_refused_anyway_is_not_counted() {
    let mut bench = bench(&json!({}));
    for _ in 0..4 {
        assert_eq!(bench.now(&get("/subject/a")), "401 credential_missing");
    }
    assert!(bench.world.counts.is_empty());
}

#[test]
fn a_preflight_counts_against_the_limit_of_its_address() {
    let mut bench = bench(&json!({}));
    let preflight = request("OPTIONS", "/address/a")
        .header("origin", "https://app.example")
        .header("access-control-request-method", "POST");
    for expected in ["forward https://origin.example/address/a", "429 rate_limited"] {
        for _ in 0..2 {
            assert_eq!(bench.now(&preflight), expected);
        }
    }
    // Without a caller there is no subject: all preflights together would share one count.
    let preflight = |address: &str| {
        let request = request("OPTIONS", "/subject/a").header("origin", "https://app.example");
        request.header("access-control-request-method", "POST").header("cf-connecting-ip", address)
    };
    assert_ne!(key(&mut bench, &preflight("192.0.2.1")), key(&mut bench, &preflight("192.0.2.2")));
}

#[test]
fn subjects_are_told_apart_by_issuer_and_route_and_by_nothing_else() {
    let mut bench = bench(&json!({}));
    let of = |bench: &Bench, changes: Value| get("/subject/a").bearer(&bench.token(&changes));
    let (one, again) = (of(&bench, json!({})), of(&bench, json!({ "jti": "t-2", "sid": "s-2" })));
    let first = key(&mut bench, &one);
    assert_eq!(first, key(&mut bench, &again));
    let other_subject = of(&bench, json!({ "sub": "user-2" }));
    let no_subject = of(&bench, json!({ "sub": null }));
    let empty_subject = of(&bench, json!({ "sub": "" }));
    let other_issuer = get("/subject/a").bearer(&bench.published(&json!({})));
    let other_route = get("/second/a").bearer(&bench.token(&json!({})));
    // A subject without a name is none.
    assert_eq!(key(&mut bench, &no_subject), key(&mut bench, &empty_subject));
    let all = [one, other_subject, no_subject, other_issuer, other_route];
    let mut keys: Vec<_> = all.iter().map(|request| key(&mut bench, request)).collect();
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), all.len());
    assert!(keys.iter().all(|key| key.len() == 43 && !key.contains("user")), "{keys:?}");
}

#[test]
fn a_tenant_shares_one_count() {
    let mut bench = bench(&json!({}));
    let of = |bench: &Bench, tenant: &str, subject: &str| {
        let changes = json!({ "org": { "id": tenant }, "sub": subject });
        get("/tenant/a").bearer(&bench.published(&changes))
    };
    let (one, same, other) = (of(&bench, "a", "1"), of(&bench, "a", "2"), of(&bench, "b", "1"));
    let first = key(&mut bench, &one);
    assert_eq!(first, key(&mut bench, &same));
    assert_ne!(first, key(&mut bench, &other));
}

#[test]
fn addresses_are_told_apart_and_ipv6_by_its_network() {
    let mut bench = bench(&json!({}));
    let mut of =
        |address: &str| key(&mut bench, &get("/address/a").header("cf-connecting-ip", address));
    assert_eq!(of("192.0.2.1"), of("192.0.2.1"));
    assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    assert_eq!(of("2001:db8:0:1::1"), of("2001:db8:0:1:ffff::2"));
    assert_ne!(of("2001:db8:0:1::1"), of("2001:db8:0:2::1"));
    let none = key(&mut bench, &get("/address/a"));
    assert_ne!(none, key(&mut bench, &get("/address/a").header("cf-connecting-ip", "")));
}

#[test]
fn in_shadow_mode_one_too_many_passes_marked() {
    let mut bench = bench(&json!({ "mode": "shadow" }));
    let need = need(&mut bench, &get("/address/a"));
    let Step::Done(decision) = need.resume(LimitAnswer::Exceeded) else { panic!("a decision") };
    let edgeward::gateway::Outcome::Forward(plan) = decision.outcome else { panic!("forwarded") };
    let marked = ("x-auth-shadow".to_owned(), "would-refuse code=rate_limited".to_owned());
    assert_eq!(plan.replaced(), [marked]);
}

#[test]
fn a_subject_that_is_read_from_another_claim_is_counted_by_itself() {
    let mut raw = configuration();
    raw["issuers"][1]["claims"] = json!({ "subject": "user.id" });
    let limit = json!({ "binding": "LIMIT", "per": "subject", "window_seconds": 10 });
    let route = json!({ "path": "/subject/**", "access": "authenticated", "limit": limit });
    raw["routes"].as_array_mut().expect("routes").push(route);
    let mut bench = Bench::of(&raw);
    let mut of = |id: &str| {
        let token = bench.token(&json!({ "user": { "id": id } }));
        key(&mut bench, &get("/subject/a").bearer(&token))
    };
    assert_eq!(of("1"), of("1"));
    assert_ne!(of("1"), of("2"));
}
