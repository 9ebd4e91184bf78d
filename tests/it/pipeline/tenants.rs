//! Tenants: the host or the path says whose request it is, the token must be one of theirs.

use edgeward::gateway::Outcome;
use serde_json::{Value, json};

use super::{Bench, SECRET_ISSUER, configuration, with};
use crate::support::request::{Request, get};

/// Tenants by host: one that needs its own name in the token, one with another claim and one issuer
/// of its own, one behind a wildcard, one that does not look, and one for a single port.
fn by_host() -> Value {
    let mut raw = configuration();
    raw["tenants"] = json!([
        { "name": "acme", "hosts": ["acme.example.com", "www.acme.example"],
          "origin": "https://acme.internal" },
        { "name": "beta", "hosts": ["beta.example.com"], "claim": "org-2", "issuers": ["main"],
          "origin": "https://beta.internal" },
        { "name": "wild", "hosts": ["*.example.com"], "origin": "https://wild.internal" },
        { "name": "open", "hosts": ["open.example.com", "[::1]"], "claim": false,
          "origin": "https://open.internal" },
        { "name": "port", "hosts": ["acme.example.com:8443"], "origin": "https://port.internal" },
    ]);
    raw["routes"] = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/public/**", "access": "public" },
        { "path": "/optional/**", "access": "optional" },
        { "path": "/admin/**", "access": "authenticated", "require": { "role": "admin" } },
        { "path": "/auth/me", "access": "authenticated", "origin": "main" },
        { "path": "/signup", "access": "public", "origin": "main" },
    ]);
    raw["issuers"][1]["claims"] = json!({ "tenant": "org.id" });
    raw
}

fn by_path() -> Value {
    let mut raw = by_host();
    raw["tenants"] = json!([
        { "name": "acme", "path_prefix": "/t/acme", "origin": "https://acme.internal/base" },
        { "name": "inner", "path_prefix": "/t/acme/inner", "origin": "https://inner.internal" },
        { "name": "beta", "path_prefix": "/t/b%65ta/", "origin": "https://beta.internal" },
    ]);
    raw
}

fn at(host: &str, path: &str) -> Request {
    Request { url: format!("https://{host}{path}"), ..get(path) }
}

/// A token of the issuer with secrets that names a tenant.
fn of(bench: &Bench, tenant: &Value) -> String {
    bench.token(&json!({ "org": { "id": tenant } }))
}

#[test]
fn the_host_chooses_the_tenant_and_never_another() {
    let mut bench = Bench::of(&by_host());
    for (host, outcome) in [
        ("acme.example.com", "forward https://acme.internal/public/x?q"),
        ("ACME.Example.COM", "forward https://acme.internal/public/x?q"),
        ("www.acme.example", "forward https://acme.internal/public/x?q"),
        ("acme.example.com:443", "forward https://acme.internal/public/x?q"),
        ("acme.example.com.", "forward https://acme.internal/public/x?q"),
        ("acme.example.com.:9", "forward https://acme.internal/public/x?q"),
        ("acme.example.com:8443", "forward https://port.internal/public/x?q"),
        ("acme.example.com.:8443", "forward https://port.internal/public/x?q"),
        ("beta.example.com", "forward https://beta.internal/public/x?q"),
        ("other.example.com", "forward https://wild.internal/public/x?q"),
        ("other.example.com.:80", "forward https://wild.internal/public/x?q"),
        ("[::1]", "forward https://open.internal/public/x?q"),
        ("[::1]:8787", "forward https://open.internal/public/x?q"),
        // Exactly one label, and one that is there.
        ("a.other.example.com", "404 tenant_unknown"),
        ("example.com", "404 tenant_unknown"),
        (".example.com", "400 request_ambiguous"),
        ("acme.example.com..", "400 request_ambiguous"),
        ("acme..example.com", "400 request_ambiguous"),
        ("www.acme.example.com", "404 tenant_unknown"),
        ("acme.example", "404 tenant_unknown"),
        ("acme.example.com.evil.example", "404 tenant_unknown"),
        ("xacme.example", "404 tenant_unknown"),
        ("127.0.0.1", "404 tenant_unknown"),
        ("localhost", "404 tenant_unknown"),
    ] {
        assert_eq!(bench.now(&at(host, "/public/x?q")), outcome, "{host}");
    }
}

#[test]
fn a_host_header_that_names_another_tenant_than_the_url_is_refused() {
    let mut bench = Bench::of(&by_host());
    for (host, outcome) in [
        ("acme.example.com", "forward https://acme.internal/public/x"),
        ("Acme.example.com.", "forward https://acme.internal/public/x"),
        ("acme.example.com:80", "forward https://acme.internal/public/x"),
        ("www.acme.example", "forward https://acme.internal/public/x"),
        ("beta.example.com", "400 request_ambiguous"),
        ("acme.example.com:8443", "400 request_ambiguous"),
        ("nobody.example", "400 request_ambiguous"),
    ] {
        let request = at("acme.example.com", "/public/x").header("host", host);
        assert_eq!(bench.now(&request), outcome, "{host}");
    }
    let unknown = at("nobody.example", "/public/x").header("host", "acme.example.com");
    assert_eq!(bench.now(&unknown), "400 request_ambiguous");
}

#[test]
fn a_token_of_one_tenant_does_not_open_another() {
    let mut bench = Bench::of(&by_host());
    let acme = of(&bench, &json!("acme"));
    for (path, outcome) in [
        ("/x", "forward https://acme.internal/x"),
        ("/optional/x", "forward https://acme.internal/optional/x"),
        ("/auth/me", "forward https://origin.example/auth/me"),
    ] {
        assert_eq!(bench.now(&at("acme.example.com", path).bearer(&acme)), outcome, "{path}");
        // The same text has just been verified, and is remembered.
        let elsewhere = at("other.example.com", path).bearer(&acme);
        assert_eq!(bench.now(&elsewhere), "403 tenant_mismatch", "{path}");
        assert_eq!(bench.now(&at("acme.example.com", path).bearer(&acme)), outcome, "{path}");
    }
    assert_eq!(bench.now(&at("acme.example.com:8443", "/x").bearer(&acme)), "403 tenant_mismatch");
    // What a route requires is no answer for those of another tenant.
    assert_eq!(
        bench.now(&at("other.example.com", "/admin/x").bearer(&acme)),
        "403 tenant_mismatch"
    );
    assert_eq!(
        bench.now(&at("acme.example.com", "/admin/x").bearer(&acme)),
        "403 insufficient_scope"
    );
}

#[test]
fn the_tenant_is_compared_to_the_letter_and_must_be_there() {
    let mut bench = Bench::of(&by_host());
    for (tenant, outcome) in [
        (json!("acme"), "forward https://acme.internal/x"),
        (json!("Acme"), "403 tenant_mismatch"),
        (json!("acme "), "403 tenant_mismatch"),
        (json!(""), "403 tenant_mismatch"),
        (json!("beta"), "403 tenant_mismatch"),
        (json!(7), "403 tenant_mismatch"),
        (json!(null), "403 tenant_mismatch"),
        (json!(["acme"]), "401 claim_malformed"),
        (json!({ "acme": true }), "401 claim_malformed"),
        (json!(true), "401 claim_malformed"),
    ] {
        let token = of(&bench, &tenant);
        for path in ["/x", "/optional/x"] {
            let outcome = outcome.replace("/x", path);
            let request = at("acme.example.com", path).bearer(&token);
            assert_eq!(bench.now(&request), outcome, "{tenant}");
        }
    }
    let without = bench.token(&json!({}));
    assert_eq!(bench.now(&at("acme.example.com", "/x").bearer(&without)), "403 tenant_mismatch");
}

#[test]
fn a_claim_of_its_own_takes_the_place_of_the_name() {
    let mut bench = Bench::of(&by_host());
    let token = |tenant: &str| bench.published(&json!({ "org": { "id": tenant } }));
    let (by_claim, by_name) = (token("org-2"), token("beta"));
    let at_beta = |token: &str| at("beta.example.com", "/x").bearer(token);
    assert_eq!(bench.now(&at_beta(&by_claim)), "forward https://beta.internal/x");
    assert_eq!(bench.now(&at_beta(&by_name)), "403 tenant_mismatch");
}

#[test]
fn a_tenant_takes_tokens_of_its_issuers_alone() {
    let mut bench = Bench::of(&by_host());
    let right = json!({ "org": { "id": "org-2" } });
    let (published, secret) = (bench.published(&right), bench.token(&right));
    for path in ["/x", "/optional/x", "/auth/me"] {
        let request = at("beta.example.com", path);
        assert!(bench.now(&request.clone().bearer(&published)).starts_with("forward"), "{path}");
        assert_eq!(bench.now(&request.bearer(&secret)), "401 issuer_refused", "{path}");
    }
    let decision =
        bench.decide_at(&at("beta.example.com", "/x").bearer(&secret), crate::support::NOW);
    let Outcome::Refuse(rejection) = decision.outcome else { panic!("it passes") };
    assert_eq!(rejection.wire_code(), "invalid_token");
    assert!(rejection.challenge().is_some());
}

#[test]
fn a_tenant_that_does_not_look_takes_tokens_of_all_and_of_none() {
    let mut bench = Bench::of(&by_host());
    for changes in [json!({}), json!({ "org": { "id": "acme" } })] {
        let request = at("open.example.com", "/x").bearer(&bench.token(&changes));
        assert_eq!(bench.now(&request), "forward https://open.internal/x");
    }
    assert_eq!(bench.now(&at("open.example.com", "/x")), "401 credential_missing");
}

#[test]
fn only_routes_with_an_origin_of_their_own_work_on_a_strange_host() {
    let mut bench = Bench::of(&by_host());
    let token = of(&bench, &json!("acme"));
    for (path, outcome) in [
        ("/x", "404 tenant_unknown"),
        ("/optional/x", "404 tenant_unknown"),
        ("/public/x", "404 tenant_unknown"),
        ("/auth/me", "forward https://origin.example/auth/me"),
        ("/signup", "forward https://origin.example/signup"),
        ("/.edgeward/health", "serve Health"),
        ("/.edgeward/me", "serve Me"),
    ] {
        assert_eq!(bench.now(&at("nobody.example", path).bearer(&token)), outcome, "{path}");
    }
    // Nothing is verified for nobody, and a missing token says nothing about the tenant.
    assert_eq!(bench.now(&at("nobody.example", "/x").bearer("a.b.c")), "404 tenant_unknown");
    assert_eq!(bench.now(&at("nobody.example", "/x")), "404 tenant_unknown");
}

#[test]
fn the_gateways_own_paths_are_of_no_tenant() {
    let mut bench = Bench::of(&by_host());
    let token = of(&bench, &json!("acme"));
    for host in ["acme.example.com", "beta.example.com", "nobody.example"] {
        assert_eq!(bench.now(&at(host, "/.edgeward/me").bearer(&token)), "serve Me", "{host}");
        assert_eq!(bench.now(&at(host, "/.edgeward/health")), "serve Health", "{host}");
    }
}

#[test]
fn a_preflight_goes_to_the_tenant_or_nowhere() {
    let mut raw = by_host();
    raw["routes"][0]["cors_preflight"] = json!(true);
    let mut bench = Bench::of(&raw);
    let preflight = |host| {
        Request { method: "OPTIONS".to_owned(), ..at(host, "/x") }
            .header("origin", "https://page.example")
            .header("access-control-request-method", "GET")
    };
    assert_eq!(bench.now(&preflight("acme.example.com")), "forward https://acme.internal/x");
    assert_eq!(bench.now(&preflight("nobody.example")), "404 tenant_unknown");
}

#[test]
fn the_path_chooses_the_tenant_and_arrives_whole() {
    let mut bench = Bench::of(&by_path());
    let acme = of(&bench, &json!("acme"));
    let inner = of(&bench, &json!("inner"));
    for (path, token, outcome) in [
        ("/t/acme/x", &acme, "forward https://acme.internal/base/t/acme/x"),
        ("/t/acme", &acme, "forward https://acme.internal/base/t/acme"),
        ("/t/acme/", &acme, "forward https://acme.internal/base/t/acme/"),
        ("/t/%61cme/x", &acme, "forward https://acme.internal/base/t/acme/x"),
        ("/t/acme/inner/x", &inner, "forward https://inner.internal/t/acme/inner/x"),
        ("/t/acme/inner/x", &acme, "403 tenant_mismatch"),
        ("/t/acme/innerx", &acme, "forward https://acme.internal/base/t/acme/innerx"),
        ("/t/beta/x", &acme, "403 tenant_mismatch"),
        ("/t/acmex", &acme, "404 tenant_unknown"),
        ("/t", &acme, "404 tenant_unknown"),
        ("/", &acme, "404 tenant_unknown"),
        ("/acme/x", &acme, "404 tenant_unknown"),
        ("/auth/me", &acme, "forward https://origin.example/auth/me"),
        // For another reader these are of other tenants.
        ("/t/acme;x/a", &acme, "400 path_ambiguous"),
        ("/t//acme/a", &acme, "400 path_ambiguous"),
        ("/t/acme/inner;v=1/x", &acme, "400 path_ambiguous"),
        ("/t/acme/%2569nner/x", &acme, "400 path_ambiguous"),
        ("/t/acme/x;v=1", &acme, "forward https://acme.internal/base/t/acme/x;v=1"),
    ] {
        assert_eq!(bench.now(&get(path).bearer(token)), outcome, "{path}");
    }
}

#[test]
fn without_tenants_hosts_choose_nothing() {
    let mut bench = Bench::of(&configuration());
    for host in ["acme.example.com", "nobody.example:1", "x."] {
        let request = at(host, "/public/x").header("host", "other.example");
        assert_eq!(bench.now(&request), "forward https://origin.example/public/x");
    }
}

#[test]
fn a_bound_origin_of_a_tenant_sees_the_clients_url() {
    let mut raw = by_host();
    raw["tenants"][0]["origin"] = json!("service:ACME");
    raw["tenants"][1]["origin"] = json!("bound");
    let mut bench = Bench::of(&raw);
    for host in ["acme.example.com", "beta.example.com"] {
        let outcome = format!("forward https://{host}/public/x");
        assert_eq!(bench.now(&at(host, "/public/x")), outcome);
    }
}

#[test]
fn five_hundred_tenants_each_have_their_own() {
    let mut raw = by_host();
    let tenant = |n: usize| {
        json!({ "name": format!("t{n}"), "hosts": [format!("t{n}.example.com")],
                "origin": format!("https://t{n}.internal") })
    };
    raw["tenants"] = (0..500).map(tenant).collect();
    let gateway = crate::support::gateway(&raw);
    let mut world = crate::support::drive::World::default();
    let key = crate::support::sign::Key::named("SECRET");
    for n in [0, 1, 250, 499] {
        let claims =
            with(super::claims_of(SECRET_ISSUER), &json!({ "org": { "id": format!("t{n}") } }));
        let token = key.token(&claims);
        let at = |host: String| at(&host, "/x").bearer(&token);
        let line = |world: &mut crate::support::drive::World, request: Request| {
            crate::support::drive::line(&world.decide(&gateway, &request, crate::support::NOW))
        };
        let own = at(format!("t{n}.example.com"));
        assert_eq!(line(&mut world, own), format!("forward https://t{n}.internal/x"));
        let other = at(format!("t{}.example.com", (n + 1) % 500));
        assert_eq!(line(&mut world, other), "403 tenant_mismatch");
    }
}
