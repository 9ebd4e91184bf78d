use super::*;
use crate::route::{HostPattern, Target, TenantPlace};

fn with_tenants(tenants: Value, routes: Value) -> Value {
    let mut raw = minimal();
    raw["tenants"] = tenants;
    raw["routes"] = routes;
    raw
}

fn private() -> Value {
    json!([{ "path": "/**", "access": "authenticated" }])
}

/// The faults of one tenant after some of its fields were replaced.
fn faults(changes: &Value) -> Vec<String> {
    let mut tenant = json!({ "name": "acme", "hosts": ["acme.example.com"], "origin": "main" });
    for (name, value) in changes.as_object().expect("an object") {
        tenant[name] = value.clone();
    }
    if changes.get("path_prefix").is_some() {
        tenant.as_object_mut().expect("an object").remove("hosts");
    }
    check(&with_tenants(json!([tenant]), private())).err().unwrap_or_default()
}

#[test]
fn a_tenant_is_checked_by_its_name_unless_it_says_otherwise() {
    let tenant = |name: &str, claim: Value| {
        let mut tenant =
            json!({ "name": name, "hosts": [format!("{name}.example")], "origin": "main" });
        if !claim.is_null() {
            tenant["claim"] = claim;
        }
        tenant
    };
    let tenants =
        json!([tenant("a", Value::Null), tenant("b", json!("org")), tenant("c", json!(false))]);
    let config = check(&with_tenants(tenants, private())).expect("valid");
    let claims: Vec<_> =
        config.tenants.tenants().iter().map(|tenant| tenant.claim.as_deref()).collect();
    assert_eq!(claims, [Some("a"), Some("org"), None]);
    assert!(config.tenants.tenants()[0].issuers.is_none());
}

#[test]
fn a_tenant_with_an_address_has_no_other_origins_name() {
    let tenant = |name: &str, origin: &str| json!([{ "name": name, "hosts": ["a.example"], "origin": origin }]);
    let found = check(&with_tenants(tenant("main", "https://a.internal"), private()));
    let expected =
        "tenants[0].name: expected a name that no origin has, or that origin's name as `origin`";
    assert_eq!(found.expect_err("invalid"), [expected]);
    assert!(check(&with_tenants(tenant("main", "main"), private())).is_ok());
    assert!(check(&with_tenants(tenant("a", "https://a.internal"), private())).is_ok());
}

#[test]
fn an_address_in_place_of_a_name_becomes_an_origin() {
    let tenants = json!([
        { "name": "a", "hosts": ["a.example"], "origin": "https://a.internal/" },
        { "name": "b", "hosts": ["*.b.example", "b.example:1"], "origin": "service:API" },
        { "name": "c", "hosts": ["c.example"], "origin": "main" },
    ]);
    let routes = json!([
        { "path": "/**", "access": "authenticated" },
        { "path": "/me", "access": "authenticated", "origin": "main" },
    ]);
    let config = check(&with_tenants(tenants, routes)).expect("valid");
    let origins: Vec<_> = config.origins.iter().map(|origin| origin.name.as_str()).collect();
    assert_eq!(origins, ["main", "a", "b"]);
    assert_eq!(config.origins[1].address, Address::Url("https://a.internal".to_owned()));
    assert_eq!(config.origins[2].timeout, Some(Duration::from_secs(30)));
    let of: Vec<_> = config.tenants.tenants().iter().map(|tenant| tenant.origin).collect();
    assert_eq!(of, [1, 2, 0]);
    let hosts = vec![
        HostPattern::AnyLabel("b.example".to_owned()),
        HostPattern::Exact("b.example:1".to_owned()),
    ];
    assert_eq!(config.tenants.tenants()[1].place, TenantPlace::Hosts(hosts));
    let targets: Vec<_> = config.routes.routes().iter().map(|route| route.target).collect();
    assert_eq!(targets[..2], [Target::Tenant, Target::Origin(0)]);
}

#[test]
fn faulty_tenants_are_found() {
    let host = "expected a host in lower case, with a port at most, or `*.` and a host without one";
    for bad in [
        "Acme.example",
        "a.example.",
        "a..example",
        ".a.example",
        "*",
        "*.",
        "*.*.example",
        "a.*.example",
        "*a.example",
        "*.a.example:1",
        "a.example:0",
        "a.example/x",
        "https://a",
        "u@a",
        "a b",
        "*.example.",
    ] {
        let expected = [format!("tenants[0].hosts[0]: {host}")];
        assert_eq!(faults(&json!({ "hosts": [bad] })), expected, "{bad}");
    }
    for bad in ["/", "acme", "/a//b", "/*", "/a/**", "/a;b", "/..", "/%2F", "/a/%2e"] {
        let expected =
            "tenants[0].path_prefix: expected a plain path with a segment, such as `/acme`";
        assert_eq!(faults(&json!({ "path_prefix": bad })), [expected], "{bad}");
    }
    for (changes, expected) in [
        (
            json!({ "path_prefix": "/.edgeward/x" }),
            "path_prefix: `/.edgeward/` belongs to the gateway",
        ),
        (json!({ "issuers": ["main", "x"] }), "issuers[1]: expected the name of an issuer"),
        (json!({ "issuers": [] }), "issuers: expected a list of texts with at least one entry"),
        (json!({ "claim": true }), "claim: expected a text that is not empty, or false"),
        (json!({ "claim": "" }), "claim: expected a text that is not empty, or false"),
        (json!({ "claim": null }), "claim: expected a text that is not empty, or false"),
        (json!({ "name": "a\nb" }), "name: expected a text of visible ASCII characters and spaces"),
        (json!({ "origin": "service:X" }), "origin: no service binding `X`"),
        (
            json!({ "origin": "other" }),
            "origin: expected the name of an origin, or its address: expected a URL such as https://host/path",
        ),
        (json!({ "colour": "blue" }), "colour: unknown field"),
    ] {
        assert_eq!(faults(&changes), [format!("tenants[0].{expected}")]);
    }
    let both = json!({ "name": "a", "hosts": ["a"], "path_prefix": "/a", "origin": "main" });
    for tenant in [both, json!({ "name": "a", "origin": "main" })] {
        let expected = "tenants[0]: expected exactly one of `hosts`, `path_prefix`";
        let found = check(&with_tenants(json!([tenant]), private())).expect_err("invalid");
        assert!(found.contains(&expected.to_owned()), "{found:?}");
    }
}

#[test]
fn tenants_that_tie_or_choose_differently_are_errors() {
    let tenant = |name: &str, place: Value| {
        let mut tenant = json!({ "name": name, "origin": "main" });
        tenant
            .as_object_mut()
            .expect("an object")
            .append(&mut place.as_object().expect("one").clone());
        tenant
    };
    let ties = "tenants[1]: ties with tenants[0]: same host, or same prefix but for case";
    for (first, second, expected) in [
        (
            json!({ "hosts": ["a.example"] }),
            json!({ "hosts": ["b.example", "a.example"] }),
            Some(ties),
        ),
        (json!({ "hosts": ["*.a.example"] }), json!({ "hosts": ["*.a.example"] }), Some(ties)),
        (json!({ "hosts": ["a.example:1"] }), json!({ "hosts": ["a.example:1"] }), Some(ties)),
        (json!({ "path_prefix": "/a" }), json!({ "path_prefix": "/%61/" }), Some(ties)),
        (json!({ "hosts": ["a.example"] }), json!({ "hosts": ["*.example", "a.example:1"] }), None),
        (json!({ "path_prefix": "/a" }), json!({ "path_prefix": "/a/b" }), None),
        (
            json!({ "hosts": ["a.example"] }),
            json!({ "path_prefix": "/a" }),
            Some("tenants[1]: expected the same of `hosts` and `path_prefix` as tenants[0] has"),
        ),
    ] {
        let tenants = json!([tenant("a", first), tenant("b", second)]);
        let found = check(&with_tenants(tenants, private())).err().unwrap_or_default();
        assert_eq!(found, expected.into_iter().collect::<Vec<_>>());
    }
    let twice =
        json!([tenant("a", json!({ "hosts": ["a"] })), tenant("a", json!({ "hosts": ["b"] }))]);
    let expected = ["tenants[1].name: expected a name that no other tenant has"];
    assert_eq!(check(&with_tenants(twice, private())).expect_err("invalid"), expected);
    let named = |origin: &str| json!([{ "name": "main", "hosts": ["a"], "origin": origin }]);
    let expected =
        ["tenants[0].name: expected a name that no origin has, or that origin's name as `origin`"];
    let address = with_tenants(named("https://a.internal"), private());
    assert_eq!(check(&address).expect_err("invalid"), expected);
    assert!(check(&with_tenants(named("main"), private())).is_ok());
    let expected = ["tenants: expected at least one tenant, or no `tenants` at all"];
    assert_eq!(check(&with_tenants(json!([]), private())).expect_err("invalid"), expected);
}

#[test]
fn sync_needs_somebody_to_tell_and_somebody_who_has_changed_something() {
    let tenants = json!([{ "name": "a", "hosts": ["a.example"], "origin": "https://a.internal" }]);
    let route = |changes: Value| {
        let mut route =
            json!({ "path": "/me", "access": "authenticated", "origin": "main", "sync": "/s" });
        for (name, value) in changes.as_object().expect("an object") {
            route[name] = value.clone();
        }
        route
    };
    let found = |changes: Value| {
        let routes = json!([route(changes)]);
        check(&with_tenants(tenants.clone(), routes)).err().unwrap_or_default()
    };
    assert_eq!(found(json!({})), Vec::<String>::new());
    let access = "routes[0].sync: expected `access = \"authenticated\"` with it";
    assert_eq!(found(json!({ "access": "optional" })), [access]);
    for path in ["s", "/*", "/s/**", "/.edgeward/s", "/%73", "/../s", "/s;x", "/s?x"] {
        let expected = "routes[0].sync: expected a plain path such as `/internal/sync/me`";
        assert_eq!(found(json!({ "sync": path })), [expected], "{path}");
    }
    let mut own = route(json!({}));
    own.as_object_mut().expect("an object").remove("origin");
    let expected = ["routes[0].sync: expected an `origin` of the route with it"];
    assert_eq!(check(&with_tenants(tenants.clone(), json!([own]))).expect_err("invalid"), expected);
    let expected = ["routes[0].sync: expected `tenants`, one of which gets the call"];
    assert_eq!(errors("/routes", json!([route(json!({}))])), expected);
    let open = json!([route(json!({})), { "path": "/s/", "access": "public", "methods": ["GET"] }]);
    let expected =
        ["routes[1].path: gets the calls of another route's `sync`, and is not open to clients"];
    assert_eq!(check(&with_tenants(tenants.clone(), open)).expect_err("invalid"), expected);
    let two = json!([route(json!({})), route(json!({ "path": "/other", "sync": "/s/" }))]);
    assert!(check(&with_tenants(tenants, two)).is_ok());
}

#[test]
fn a_tenants_headers_and_limit_are_checked_as_those_for_all() {
    let of = |more: Value| {
        let mut tenant = json!({ "name": "a", "hosts": ["a"], "origin": "https://a.internal" });
        for (name, value) in more.as_object().expect("an object") {
            tenant[name] = value.clone();
        }
        check(&with_tenants(json!([tenant]), private())).err().unwrap_or_default()
    };
    let claim =
        |header: &str| json!({ "headers": { "claims": [{ "header": header, "claim": "c" }] } });
    let none: [&str; 0] = [];
    assert_eq!(of(claim("x-own")), none);
    assert_eq!(
        of(claim("x-auth-subject")),
        ["tenants[0].headers: expected one meaning for each header, got two for `x-auth-subject`"]
    );
    assert_eq!(
        of(claim("x-auth-shadow")),
        ["tenants[0].headers: expected `x-auth-shadow` for shadow mode alone"]
    );
    assert_eq!(
        of(claim("cookie")),
        [
            "tenants[0].headers.claims[0].header: expected a header name in lower case that has no other meaning"
        ]
    );
    assert_eq!(
        of(json!({ "headers": { "prefix": "x-a-" } })),
        ["tenants[0].headers.prefix: unknown field"]
    );
    let limit = |limit: Value| of(json!({ "limit": limit }));
    assert_eq!(limit(json!({ "binding": "LIMIT", "window_seconds": 10 })), none);
    assert_eq!(
        limit(json!({ "binding": "LIMIT", "window_seconds": 60 })),
        ["tenants[0].limit.window_seconds: expected 10, the binding's period"]
    );
    assert_eq!(
        limit(json!({ "binding": "OTHER" })),
        ["tenants[0].limit.binding: no rate limiting binding `OTHER`"]
    );
    assert_eq!(
        limit(json!({ "binding": "LIMIT", "window_seconds": 10, "per": "subject" })),
        ["tenants[0].limit.per: unknown field"]
    );
}
