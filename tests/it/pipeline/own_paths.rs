//! The gateway's own resources are admitted by the same machine as any route.

use edgeward::gateway::{Outcome, Rejection};
use edgeward::route::OwnResource;
use serde_json::json;

use super::{Bench, NOW, configuration};
use crate::support::request::{get, request};

#[test]
fn health_needs_no_token_and_me_needs_one() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    assert_eq!(bench.now(&get("/.edgeward/health")), "serve Health");
    assert_eq!(bench.now(&get("/.edgeward/health").bearer("rubbish")), "serve Health");
    assert_eq!(bench.now(&get("/.edgeward/me")), "401 credential_missing");
    assert_eq!(bench.now(&get("/.edgeward/me").bearer("a.b.c")), "401 token_malformed");
    let decision = bench.decide_at(&get("/.edgeward/me").bearer(&token), NOW);
    let Outcome::Serve(own) = decision.outcome else {
        panic!("refused");
    };
    assert_eq!((own.resource, own.method.as_str()), (OwnResource::Me, "GET"));
    let caller = own.admission.caller().expect("a caller");
    assert_eq!(caller.token().claims().subject.as_deref(), Some("user-1"));
    assert_eq!(caller.identity().session.as_deref(), Some("s-1"));
}

#[test]
fn ready_is_for_everybody_and_knows_an_administrator() {
    let mut bench = Bench::new();
    assert_eq!(bench.now(&get("/.edgeward/ready")), "serve Ready");
    assert_eq!(bench.now(&get("/.edgeward/ready").bearer("a.b.c")), "401 token_malformed");
    let admin = get("/.edgeward/ready").bearer(&bench.token(&json!({ "roles": ["admin"] })));
    let Outcome::Serve(own) = bench.decide_at(&admin, NOW).outcome else {
        panic!("refused");
    };
    assert_eq!(own.admission.caller().expect("a caller").identity().roles, ["admin"]);
}

#[test]
fn only_an_administrator_may_revoke() {
    let mut bench = Bench::new();
    let post = || request("POST", "/.edgeward/admin/revocations");
    let (user, admin) =
        (bench.token(&json!({ "jti": "t-2" })), bench.token(&json!({ "roles": ["admin"] })));
    assert_eq!(bench.now(&post()), "401 credential_missing");
    assert_eq!(bench.now(&post().bearer(&user)), "403 insufficient_scope");
    assert_eq!(bench.now(&post().bearer(&admin)), "serve Revocations");
}

#[test]
fn any_of_several_administrators_may_revoke() {
    let mut raw = configuration();
    raw["admin"] = json!([
        { "require": { "role": "admin" } },
        { "require": { "role": "support" }, "issuers": ["secret"], "tenants": ["acme"] },
    ]);
    let mut bench = Bench::of(&raw);
    for (role, expected) in [
        ("admin", "serve Revocations"),
        ("support", "serve Revocations"),
        ("user", "403 insufficient_scope"),
    ] {
        let token = bench.token(&json!({ "roles": [role] }));
        let post = request("POST", "/.edgeward/admin/revocations").bearer(&token);
        assert_eq!(bench.now(&post), expected, "{role}");
    }
}

#[test]
fn an_administrators_token_is_asked_for_every_time() {
    let mut bench = Bench::new();
    let admin = bench.token(&json!({ "roles": ["admin"] }));
    let post = request("POST", "/.edgeward/admin/revocations").bearer(&admin);
    assert_eq!(bench.now(&get("/private/a").bearer(&admin)), super::PASSED);
    for _ in 0..2 {
        assert_eq!(bench.now(&post), "serve Revocations");
        assert_eq!(bench.world.asked.store, 1);
    }
    bench.world.store_is_down = true;
    assert_eq!(bench.now(&post), "503 revocation_unavailable");
}

#[test]
fn without_an_administrator_there_is_nothing_to_revoke_with() {
    let mut raw = configuration();
    raw.as_object_mut().expect("a table").remove("admin");
    let mut bench = Bench::of(&raw);
    let admin = bench.token(&json!({ "roles": ["admin"] }));
    let post = request("POST", "/.edgeward/admin/revocations").bearer(&admin);
    assert_eq!(bench.now(&post), "serve Unknown");
}

#[test]
fn a_page_is_for_everybody_at_its_canonical_path_and_to_be_read_only() {
    let mut bench = Bench::new();
    for (path, canonical) in [
        ("/.edgeward/playground", "/.edgeward/playground"),
        ("/.edgeward/playground/?q=/..", "/.edgeward/playground/"),
        ("/.edgewar%64/playground/a%2djs", "/.edgeward/playground/a-js"),
        ("/.edgeward/docs/guides/start.html", "/.edgeward/docs/guides/start.html"),
    ] {
        let Outcome::Serve(own) = bench.decide_at(&get(path).bearer("rubbish"), NOW).outcome else {
            panic!("{path} refused");
        };
        assert_eq!((own.resource, own.path()), (OwnResource::Page, canonical));
        assert_eq!(own.refusal(), None);
    }
    let post = request("POST", "/.edgeward/playground/");
    let Outcome::Serve(own) = bench.decide_at(&post, NOW).outcome else {
        panic!("refused");
    };
    assert_eq!(own.refusal(), Some(Rejection::MethodNotAllowed("GET, HEAD".into())));
    for path in ["/.edgeward/playground/..%2fhealth", "/.edgeward/playground/%2e%2e/health"] {
        assert_eq!(bench.now(&get(path)), "400 path_ambiguous", "{path}");
    }
    assert_eq!(bench.now(&get("/.edgeward/playgroundx")), "serve Unknown");
}

#[test]
fn every_own_path_that_is_none_is_answered_by_the_gateway() {
    let mut raw = configuration();
    raw["routes"][0] = json!({ "path": "/**", "access": "public" });
    let mut bench = Bench::of(&raw);
    for path in ["/.edgeward", "/.edgeward/x", "/.edgeward/admin", "/.edgeward/console/"] {
        for method in ["GET", "POST", "OPTIONS"] {
            assert_eq!(bench.now(&request(method, path)), "serve Unknown", "{method} {path}");
        }
    }
    assert_eq!(bench.now(&request("TRACE", "/.edgeward/health")), "404 route_not_found");
}
