//! Warnings: each is given where it is due, and not where it is not.

use std::path::Path;

use edgeward::config::{Config, Environment};
use serde_json::{Value, json};

/// The warnings for these routes and whatever else is changed, as `code path`.
fn warnings(routes: &Value, changes: &Value) -> Vec<String> {
    let mut raw = json!({
        "origins": [{ "name": "main", "url": "https://api.example.com" }],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "discovery": true },
        }],
        "routes": routes,
    });
    for (name, value) in changes.as_object().expect("an object") {
        raw[name] = value.clone();
    }
    let environment = Environment {
        secret: &|name| (name == "SECRET").then(|| "s".repeat(32)),
        has_service: &|_| true,
        limiter: &|_| Some(None),
        has_store: true,
        has_log: true,
        has_sessions: true,
        has_database: true,
        has_metrics: true,
        is_edge: true,
    };
    let config =
        Config::check(&(&raw).into(), &environment).unwrap_or_else(|errors| panic!("{errors}"));
    config.warnings(&raw).iter().map(|found| format!("{} {}", found.code, found.path)).collect()
}

fn of_routes(routes: &Value) -> Vec<String> {
    warnings(routes, &json!({}))
}

fn route(path: &str) -> Value {
    json!({ "path": path, "access": "authenticated" })
}

fn with(path: &str, changes: &Value) -> Value {
    let mut route = route(path);
    for (name, value) in changes.as_object().expect("an object") {
        route[name] = value.clone();
    }
    route
}

fn public(path: &str) -> Value {
    with(path, &json!({ "access": "public", "authorization": "strip" }))
}

#[test]
fn a_plain_configuration_has_no_warnings() {
    assert_eq!(of_routes(&json!([route("/api/**"), public("/public/**")])), Vec::<String>::new());
}

#[test]
fn a_route_that_closer_routes_leave_nothing_to_is_unreachable() {
    let shadowed = json!([route("/a/**"), route("/a"), route("/a/*/**")]);
    assert_eq!(of_routes(&shadowed), ["route_unreachable routes[0].path"]);
    let deeper = json!([route("/a/**"), route("/a"), route("/a/*"), route("/a/*/*/**")]);
    assert_eq!(of_routes(&deeper), ["route_unreachable routes[0].path"]);
    for open in [
        json!([route("/a/**"), route("/a/*/**")]),
        json!([route("/a/**"), route("/a"), route("/a/*")]),
        json!([route("/a/**"), route("/a"), route("/a/b/**")]),
    ] {
        assert_eq!(of_routes(&open), Vec::<String>::new(), "{open}");
    }
}

#[test]
fn methods_that_a_wider_route_would_serve_are_named() {
    let get = with("/a/b", &json!({ "methods": ["GET"] }));
    assert_eq!(of_routes(&json!([route("/a/**"), get])), ["methods_shadowed routes[1].methods"]);
    let rest = with("/a/b", &json!({ "methods": ["*"] }));
    assert_eq!(of_routes(&json!([route("/a/**"), get, rest])), Vec::<String>::new());
    let wider = with("/a/**", &json!({ "methods": ["GET", "HEAD"] }));
    assert_eq!(of_routes(&json!([wider, get])), Vec::<String>::new());
}

#[test]
fn a_way_in_beneath_a_protected_prefix_is_shown() {
    let routes = json!([route("/a/**"), public("/a/b")]);
    assert_eq!(of_routes(&routes), ["public_beneath_protected routes[1].access"]);
    let optional = with("/a/b", &json!({ "access": "optional", "authorization": "strip" }));
    assert_eq!(
        of_routes(&json!([route("/a/**"), optional])),
        ["public_beneath_protected routes[1].access"]
    );
    assert_eq!(of_routes(&json!([public("/a/**"), route("/a/b")])), Vec::<String>::new());
}

#[test]
fn a_public_catch_all_is_shown() {
    let routes = json!([route("/a/**"), public("/**")]);
    assert_eq!(of_routes(&routes), ["public_catch_all routes[1]"]);
    assert_eq!(of_routes(&json!([route("/a/**"), public("/b/**")])), Vec::<String>::new());
}

#[test]
fn a_requirement_that_stops_at_a_closer_route_is_shown() {
    let admin = with("/a/**", &json!({ "require": { "role": "admin" } }));
    assert_eq!(of_routes(&json!([admin, route("/a/b")])), ["requirement_not_inherited routes[1]"]);
    let own = with("/a/b", &json!({ "require": { "role": "user" } }));
    assert_eq!(of_routes(&json!([admin, own])), Vec::<String>::new());
    assert_eq!(of_routes(&json!([admin, route("/b")])), Vec::<String>::new());
}

#[test]
fn revocation_that_is_off_is_shown() {
    let off = json!({ "revocation": "off" });
    assert_eq!(of_routes(&json!([with("/a", &off)])), ["revocation_off routes[0].revocation"]);
    let public =
        with("/b", &json!({ "revocation": "off", "access": "public", "authorization": "strip" }));
    assert_eq!(of_routes(&json!([route("/a"), public])), Vec::<String>::new());
}

#[test]
fn a_token_that_nobody_verified_and_that_may_be_trusted_is_shown() {
    let kept = with("/b", &json!({ "access": "public" }));
    assert_eq!(
        of_routes(&json!([route("/a"), kept])),
        ["authorization_unverified routes[1].authorization"]
    );
    let elsewhere = with("/b", &json!({ "access": "public", "origin": "other" }));
    let origins = json!({ "origins": [
        { "name": "main", "url": "https://a.example" }, { "name": "other", "url": "https://b.example" },
    ] });
    assert_eq!(warnings(&json!([route("/a"), elsewhere]), &origins), Vec::<String>::new());
    // It gets no client's: a token of its own, or none. And nothing is exchanged on this machine.
    let exchange = json!({
        "endpoint": "http://localhost/token", "audience": "a", "client_id": "a", "client_secret": "SECRET",
    });
    let origins = json!({ "origins": [
        { "name": "main", "url": "https://a.example", "exchange": exchange },
    ] });
    assert_eq!(
        warnings(&json!([route("/a"), kept]), &origins),
        ["loopback_url origins[0].exchange"]
    );
}

#[test]
fn issuers_and_origins_that_nothing_uses_are_shown() {
    assert_eq!(of_routes(&json!([public("/a")])), ["issuers_unused issuers"]);
    let origins = json!({ "origins": [
        { "name": "main", "url": "https://a.example" }, { "name": "other", "url": "https://b.example" },
    ] });
    assert_eq!(warnings(&json!([route("/a")]), &origins), ["origin_unused origins[1]"]);
}

#[test]
fn a_route_that_refuses_nobody_is_shown() {
    let shadow = json!({ "mode": "shadow" });
    assert_eq!(of_routes(&json!([with("/a", &shadow)])), ["shadow_mode routes[0].mode"]);
    assert_eq!(warnings(&json!([route("/a")]), &shadow), ["shadow_mode routes[0].mode"]);
    let enforced = with("/a", &json!({ "mode": "enforce" }));
    assert_eq!(warnings(&json!([enforced]), &shadow), Vec::<String>::new());
    // One that is open to all refuses nobody anyway, unless it has a limit.
    let mut open = public("/open");
    assert_eq!(warnings(&json!([enforced, open]), &shadow), Vec::<String>::new());
    open["limit"] = json!({ "binding": "LIMIT", "per": "address" });
    assert_eq!(warnings(&json!([enforced, open]), &shadow), ["shadow_mode routes[1].mode"]);
}

#[test]
fn an_ordinary_split_of_methods_is_none() {
    let split = |path: &str, methods: &[&str], changes: &Value| {
        let mut route = with(path, changes);
        route["methods"] = json!(methods);
        route
    };
    let strip = json!({ "access": "public", "authorization": "strip" });
    let admin = json!({ "require": { "role": "admin" } });
    for routes in [
        json!([
            route("/api/**"),
            split("/api/a", &["GET"], &strip),
            split("/api/a", &["POST"], &json!({}))
        ]),
        json!([
            with("/api/**", &admin),
            split("/api/a", &["GET"], &json!({})),
            split("/api/a", &["POST", "DELETE"], &admin),
        ]),
    ] {
        assert_eq!(of_routes(&routes), Vec::<String>::new(), "{routes}");
    }
    // Nothing on the path is as closed as what is around it.
    let open = json!([
        route("/api/**"),
        split("/api/a", &["GET"], &strip),
        split("/api/a", &["POST"], &strip),
    ]);
    assert_eq!(
        of_routes(&open),
        ["public_beneath_protected routes[1].access", "public_beneath_protected routes[2].access"]
    );
}

#[test]
fn loopback_addresses_are_shown() {
    let origins = json!({ "origins": [{ "name": "main", "url": "http://127.0.0.1:8000" }] });
    assert_eq!(warnings(&json!([route("/a")]), &origins), ["loopback_url origins[0].url"]);
    let issuer = |verify: Value| {
        json!({ "issuers": [{ "name": "m", "issuer": "i", "audiences": ["a"], "algorithms": ["RS256"],
                              "verify": verify }] })
    };
    let jwks = issuer(json!({ "jwks": "http://localhost/k" }));
    assert_eq!(warnings(&json!([route("/a")]), &jwks), ["loopback_url issuers[0].verify"]);
    for me in ["http://127.0.0.1:3931/me", "https://localhost/me", "https://[::1]/me"] {
        let mut asked = issuer(json!({ "me": me }));
        asked["issuers"][0].as_object_mut().expect("an issuer").remove("algorithms");
        assert_eq!(warnings(&json!([route("/a")]), &asked)[0], "loopback_url issuers[0].verify");
    }
    let bound = issuer(json!({ "jwks": "http://localhost/k", "service": "S" }));
    assert_eq!(warnings(&json!([route("/a")]), &bound), Vec::<String>::new());
}

#[test]
fn every_warning_is_listed() {
    let read = |path: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
    };
    let parts = ["", "/admins", "/issuers", "/origins", "/revocation", "/tenants"];
    let source: String = parts.map(|part| read(&format!("src/config/warnings{part}.rs"))).concat();
    let (tests, list) = (read("tests/it/warnings.rs"), read("docs/errors.md"));
    let given = source.split("self.add(").skip(1).filter_map(|rest| rest.split('"').nth(1));
    let other = source.split("code: \"").skip(1).filter_map(|rest| rest.split('"').next());
    let codes: Vec<_> = given.chain(other).collect();
    assert!(codes.len() >= 23, "{codes:?}");
    for code in codes {
        assert!(list.contains(&format!("`{code}`")), "`{code}` is not in docs/errors.md");
        assert!(tests.contains(&format!("\"{code} ")), "`{code}` has no test");
    }
}

fn of_tenants(tenants: &Value, routes: &Value) -> Vec<String> {
    warnings(routes, &json!({ "tenants": tenants }))
}

#[test]
fn a_tenant_that_no_route_leads_to_is_unused() {
    let hosts =
        json!([{ "name": "a", "hosts": ["a.example.com"], "origin": "https://a.example.com" }]);
    let to_main = with("/**", &json!({ "origin": "main" }));
    assert_eq!(of_tenants(&hosts, &json!([to_main])), ["tenant_unused tenants[0]"]);
    assert_eq!(of_tenants(&hosts, &json!([route("/a/**"), to_main])), Vec::<String>::new());
    let paths = json!([
        { "name": "a", "path_prefix": "/a", "origin": "main" },
        { "name": "b", "path_prefix": "/b/c", "origin": "main" },
    ]);
    for (path, expected) in [
        ("/a/**", vec!["tenant_unused tenants[1]"]),
        ("/a", vec!["tenant_unused tenants[1]"]),
        ("/b/**", vec!["tenant_unused tenants[0]"]),
        ("/b/c/d", vec!["tenant_unused tenants[0]"]),
        ("/*/**", vec![]),
        ("/*/x", vec!["tenant_unused tenants[1]"]),
        ("/**", vec![]),
    ] {
        assert_eq!(of_tenants(&paths, &json!([route(path)])), expected, "{path}");
    }
}

#[test]
fn a_tenant_that_looks_at_no_tenant_of_the_token_is_pointed_out() {
    let tenant = |claim: Value| json!([{ "name": "a", "hosts": ["a.example.com"], "origin": "main", "claim": claim }]);
    let routes = json!([route("/**")]);
    let expected = ["tenant_unchecked tenants[0].claim"];
    assert_eq!(of_tenants(&tenant(json!(false)), &routes), expected);
    assert_eq!(of_tenants(&tenant(json!("a")), &routes), Vec::<String>::new());
}

#[test]
fn an_issuer_that_no_tenant_takes_is_unused() {
    let issuer = |name: &str| {
        json!({ "name": name, "issuer": format!("https://{name}.example.com"), "audiences": ["api"],
                "algorithms": ["RS256"], "verify": { "discovery": true } })
    };
    let tenants = json!([
        { "name": "a", "hosts": ["a.example.com"], "origin": "main", "issuers": ["main"] },
    ]);
    let changes = |admin: bool| {
        let mut changes =
            json!({ "tenants": tenants, "issuers": [issuer("main"), issuer("other")] });
        if admin {
            changes["admin"] = json!({ "require": { "issuer": "other" } });
        }
        changes
    };
    let to_tenants = json!([route("/**")]);
    assert_eq!(warnings(&to_tenants, &changes(false)), ["issuer_unused issuers[1]"]);
    assert_eq!(warnings(&to_tenants, &changes(true)), Vec::<String>::new());
    let beside = json!([route("/**"), with("/me", &json!({ "origin": "main" }))]);
    assert_eq!(warnings(&beside, &changes(false)), Vec::<String>::new());
}

#[test]
fn the_address_of_a_tenant_is_looked_at_like_an_origins() {
    let tenant = json!([
        { "name": "a", "hosts": ["a.example.com"], "origin": "http://127.0.0.1:8000" },
        { "name": "b", "hosts": ["b.example.com"], "origin": "main" },
    ]);
    let expected = ["loopback_url tenants[0].origin"];
    assert_eq!(of_tenants(&tenant, &json!([route("/**")])), expected);
}

#[test]
fn a_login_that_looks_at_a_token_is_shown() {
    let optional = |path: &str, methods: &Value| {
        with(path, &json!({ "access": "optional", "authorization": "strip", "methods": methods }))
    };
    for path in ["/api/auth/**", "/login", "/api/token/refresh", "/auth/verify-email", "/Sign-In"] {
        let found = of_routes(&json!([optional(path, &json!(["*"]))]));
        let expected: &[&str] =
            if path == "/Sign-In" { &[] } else { &["login_refused routes[0].access"] };
        assert_eq!(found, expected, "{path}");
    }
    for (path, methods) in [
        ("/api/auth/me", json!(["*"])),
        ("/api/auth/**", json!(["GET", "PUT"])),
        ("/api/items", json!(["*"])),
    ] {
        assert_eq!(of_routes(&json!([optional(path, &methods)])), Vec::<String>::new(), "{path}");
    }
    assert_eq!(of_routes(&json!([public("/login"), route("/api/**")])), Vec::<String>::new());
    for (path, is_shown) in [
        ("/api/token/refresh", true),
        ("/login", true),
        ("/api/auth/**", false),
        ("/x/token", false),
    ] {
        let found = of_routes(&json!([route(path)]));
        assert_eq!(found == ["login_refused routes[0].access"], is_shown, "{path}: {found:?}");
    }
}

#[test]
fn an_issuer_that_need_not_say_for_whom_its_tokens_are_is_shown() {
    let found = |changes: &Value| {
        let mut issuer = json!({
            "name": "a", "issuer": "https://a.example.com", "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "discovery": true },
        });
        for (name, value) in changes.as_object().expect("an object") {
            issuer[name] = value.clone();
        }
        warnings(&json!([route("/**")]), &json!({ "issuers": [issuer] }))
    };
    assert_eq!(found(&json!({})), Vec::<String>::new());
    assert_eq!(
        found(
            &json!({ "issuer": "https://a.example/{tid}", "allowed": "any", "verify": { "jwks": "https://a.example/k" } })
        ),
        ["any_issuer issuers[0].allowed"]
    );
    assert_eq!(
        found(
            &json!({ "issuer": "https://a.example/{tid}", "allowed": ["a"], "verify": { "jwks": "https://a.example/k" } })
        ),
        Vec::<String>::new()
    );
    assert_eq!(
        found(&json!({ "any_audience": true, "audience_claim": "client_id" })),
        ["any_audience issuers[0].any_audience", "audience_claim issuers[0].audience_claim"]
    );
}

#[test]
fn an_administrator_of_several_issuers_or_tenants_is_shown() {
    let issuer = |name: &str| {
        json!({
            "name": name, "issuer": format!("https://{name}.example.com"), "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "discovery": true },
        })
    };
    let found = |require: &Value, count: usize| {
        let issuers: Vec<_> = ["a", "b"].into_iter().take(count).map(issuer).collect();
        let admin = json!({ "require": require });
        warnings(&json!([route("/**")]), &json!({ "issuers": issuers, "admin": admin }))
    };
    let of_all = ["admin_of_all admin.require"];
    let role = json!({ "role": "admin" });
    assert_eq!(found(&role, 2), of_all);
    assert_eq!(found(&role, 1), Vec::<String>::new());
    let named = json!({ "issuer": "a" });
    for (require, is_shown) in [
        (json!({ "all": [role, named] }), false),
        (json!({ "any": [role, named] }), true),
        (json!({ "any": [named, { "issuer": "b" }] }), false),
        (json!({ "all": [role, { "tenant": "t" }] }), false),
        (json!({ "all": [role, { "not": named }] }), true),
    ] {
        assert_eq!(found(&require, 2) == of_all, is_shown, "{require}");
    }
}

#[test]
fn an_administrator_of_every_tenant_of_a_template_is_shown() {
    let found = |require: Value, allowed: Value, claims: Value| {
        let issuer = json!({
            "name": "entra", "issuer": "https://a.example/{tid}", "allowed": allowed,
            "audiences": ["api"], "algorithms": ["RS256"], "claims": claims,
            "verify": { "jwks": "https://a.example/k" },
        });
        let admin = json!({ "require": require });
        warnings(&json!([route("/**")]), &json!({ "issuers": [issuer], "admin": admin }))
    };
    let two = || json!(["a", "b"]);
    let by_tid = || json!({ "tenant": "tid" });
    let of_all = ["admin_of_all admin.require"];
    let role = json!({ "role": "admin" });
    assert_eq!(found(role.clone(), two(), by_tid()), of_all);
    assert_eq!(found(json!({ "all": [role, { "issuer": "entra" }] }), two(), by_tid()), of_all);
    for require in [
        json!({ "all": [role, { "tenant": "a" }] }),
        json!({ "all": [role, { "claim": "tid", "equals": "a" }] }),
    ] {
        assert_eq!(found(require.clone(), two(), by_tid()), Vec::<String>::new(), "{require}");
    }
    assert_eq!(found(role.clone(), json!(["a"]), by_tid()), Vec::<String>::new(), "one tenant");
    // The claim that says the tenant is another than the one that is bound to `iss`.
    let tenant = json!({ "all": [role, { "tenant": "a" }] });
    let unbound = ["template_tenant issuers[0].claims.tenant"];
    assert_eq!(found(tenant.clone(), two(), json!({})), unbound);
    assert_eq!(found(tenant, json!(["a"]), json!({})), Vec::<String>::new());
}

#[test]
fn an_origin_that_believes_the_client_is_shown() {
    let origin = |changes: &Value| {
        let mut origin = json!({ "name": "main", "url": "https://api.example.com" });
        for (name, value) in changes.as_object().expect("an object") {
            origin[name] = value.clone();
        }
        warnings(&json!([route("/**")]), &json!({ "origins": [origin] }))
    };
    assert_eq!(origin(&json!({ "forwarded": "keep" })), ["forwarded_kept origins[0].forwarded"]);
    let kept = origin(&json!({ "method_override": "keep" }));
    assert_eq!(kept, ["method_override_kept origins[0].method_override"]);
    let usual = json!({ "forwarded": "strip", "method_override": "strip" });
    assert_eq!(origin(&usual), Vec::<String>::new());
}

#[test]
fn a_rewritten_path_that_another_route_protects_is_shown() {
    let strip = |path: &str| {
        with(
            path,
            &json!({ "access": "public", "authorization": "strip", "strip_prefix": "/open" }),
        )
    };
    let admin = with("/admin/**", &json!({ "require": { "role": "admin" } }));
    let shown = ["rewritten_past_protected routes[0]"];
    assert_eq!(of_routes(&json!([strip("/open/**"), admin])), shown);
    assert_eq!(of_routes(&json!([strip("/open/admin/x"), admin])), shown);
    assert_eq!(of_routes(&json!([strip("/open/files/**"), admin])), Vec::<String>::new());
    // Both are rewritten: at the origin the one is `/**`, and the other `/admin/**`.
    let moved = json!({ "strip_prefix": "/api", "require": { "role": "admin" } });
    assert_eq!(of_routes(&json!([strip("/open/**"), with("/api/admin/**", &moved)])), shown);
    let added = json!({ "add_prefix": "/v2", "require": { "role": "admin" } });
    assert_eq!(of_routes(&json!([strip("/open/v2/**"), with("/admin/**", &added)])), shown);
    assert_eq!(
        of_routes(&json!([strip("/open/v1/**"), with("/admin/**", &added)])),
        Vec::<String>::new()
    );
    let elsewhere = json!({ "origins": [
        { "name": "main", "url": "https://api.example.com" },
        { "name": "other", "url": "https://other.example.com" },
    ] });
    let mut other = admin.clone();
    other["origin"] = json!("other");
    assert_eq!(warnings(&json!([strip("/open/**"), other]), &elsewhere), Vec::<String>::new());
}

#[test]
fn an_audit_trail_that_nobody_may_read_is_shown() {
    let found = |changes: &Value| warnings(&json!([route("/**")]), changes);
    assert_eq!(found(&json!({ "audit": "database" })), ["registry_unread audit"]);
    let admin = json!({ "require": { "role": "admin" } });
    assert_eq!(found(&json!({ "audit": "database", "admin": admin })), Vec::<String>::new());
}

#[test]
fn each_administrator_of_a_list_is_shown_at_its_place() {
    let issuer = |name: &str| {
        json!({
            "name": name, "issuer": format!("https://{name}.example.com"), "audiences": ["api"],
            "algorithms": ["RS256"], "verify": { "discovery": true },
        })
    };
    let admin = json!([
        { "require": { "all": [{ "role": "admin" }, { "issuer": "a" }] } },
        { "require": { "role": "support" }, "issuers": ["a"] },
    ]);
    let changes = json!({ "issuers": [issuer("a"), issuer("b")], "admin": admin });
    assert_eq!(warnings(&json!([route("/**")]), &changes), ["admin_of_all admin[1].require"]);
}

#[test]
fn an_administrator_of_a_tenant_that_is_none_is_shown() {
    let tenants = json!([
        { "name": "a", "hosts": ["a.example.com"], "origin": "main", "claim": "acme" },
        { "name": "b", "hosts": ["b.example.com"], "origin": "main" },
    ]);
    let found = |named: Value, tenants: &Value| {
        let admin = json!({ "require": { "tenant": "acme" }, "tenants": named });
        let mut changes = json!({ "admin": admin });
        if !tenants.is_null() {
            changes["tenants"] = tenants.clone();
        }
        warnings(&json!([route("/**")]), &changes)
    };
    assert_eq!(found(json!(["acme", "b"]), &tenants), Vec::<String>::new());
    let unknown = ["admin_tenant_unknown admin.tenants[1]"];
    assert_eq!(found(json!(["acme", "a"]), &tenants), unknown, "its name, and not what tokens say");
    assert_eq!(found(json!(["acme", "Acme"]), &tenants), unknown);
    assert_eq!(found(json!(["anything"]), &json!(null)), Vec::<String>::new());
}

#[test]
fn an_older_copy_of_the_log_is_shown_with_what_it_costs() {
    let found = |rules: Value| warnings(&json!([route("/**")]), &json!({ "revocation": rules }));
    let copy = json!({ "fallback": "copy", "fallback_seconds": 60 });
    assert_eq!(found(copy), ["revocation_fallback revocation.fallback"]);
    assert_eq!(found(json!({ "fallback": "refuse" })), Vec::<String>::new());
    assert_eq!(found(json!({ "bound_seconds": 60 })), Vec::<String>::new());
}

#[test]
fn private_addresses_are_shown_and_public_ones_are_not() {
    let found = |url: &str| {
        let origins = json!({ "origins": [{ "name": "main", "url": url }] });
        warnings(&json!([route("/a")]), &origins)
    };
    for host in [
        "10.0.0.4",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.4:8443",
        "169.254.1.1",
        "100.64.0.1",
        "0.0.0.0",
        "[fd00::1]",
        "[fe80::1]:8443",
        "nas.local",
        "api.internal",
        "router.lan",
        "a.home.arpa",
        "intranet",
    ] {
        assert_eq!(
            found(&format!("https://{host}/base")),
            ["private_url origins[0].url"],
            "{host}"
        );
    }
    for host in [
        "172.15.0.1",
        "172.32.0.1",
        "100.63.0.1",
        "100.128.0.1",
        "11.0.0.1",
        "[2001:db8::1]",
        "api.internal.example.com",
        "local.example.com",
        "notlocal.example",
    ] {
        assert_eq!(found(&format!("https://{host}")), Vec::<String>::new(), "{host}");
    }
    assert_eq!(found("service:API"), Vec::<String>::new());
}

#[test]
fn a_handler_that_asks_no_auth_server_hands_no_authorization_on() {
    let refresh = json!({ "issuers": [{
        "name": "main", "issuer": "https://auth.example.com", "audiences": ["api"],
        "algorithms": ["RS256"], "verify": { "discovery": true },
        "refresh": { "preset": "node", "register": ["pairs"] },
    }], "admin": { "require": { "role": "admin" } } });
    let handler = |kind: &str, more: &Value| {
        let mut route = public("/auth");
        route["authorization"] = "keep".into();
        route["handler"] = kind.into();
        route["methods"] = json!(["POST"]);
        for (name, value) in more.as_object().expect("an object") {
            route[name] = value.clone();
        }
        warnings(&json!([self::route("/api/**"), route]), &refresh)
    };
    let warned = ["authorization_unverified routes[1].authorization"];
    assert_eq!(handler("logout", &json!({})), warned);
    assert_eq!(handler("logout", &json!({ "forward": false })), Vec::<String>::new());
    assert_eq!(handler("expire", &json!({})), Vec::<String>::new());
}
