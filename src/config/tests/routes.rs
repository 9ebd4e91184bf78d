//! Tests of a route's fields for paths, caches and the body of a 401.

use serde_json::{Value, json};

use super::{check, errors, minimal};

fn of_route(more: &Value) -> Vec<String> {
    let mut route = json!({ "path": "/api/**", "access": "public" });
    for (name, value) in more.as_object().expect("an object") {
        route[name] = value.clone();
    }
    errors("/routes", json!([route]))
}

fn of_paths(paths: &[&str]) -> Vec<String> {
    let route = |path: &&str| json!({ "path": path, "access": "authenticated" });
    errors("/routes", paths.iter().map(route).collect())
}

#[test]
fn the_syntax_of_a_framework_is_no_path() {
    for path in ["/users/:id", "/users/{id}", "/u/<int:pk>", "/u/[id]", "/u/*name", "/u/(.*)"] {
        let found = of_paths(&[path]);
        assert!(found[0].starts_with("routes[0].path: expected literal segments"), "{found:?}");
        assert!(found[0].contains("use `*` for one segment"), "{found:?}");
    }
    for path in ["/users/*", "/users/**", "/books:cancel", "/$metadata", "/%7Bid%7D"] {
        assert_eq!(of_paths(&[path]), Vec::<String>::new(), "{path}");
    }
}

#[test]
fn routes_that_differ_in_case_alone_are_errors_where_the_origin_may_ignore_it() {
    let problem = "routes[1].path: ties with routes[0] but for case: expected one of them, or \
                   `case_sensitive_paths = true` at their origins";
    assert_eq!(of_paths(&["/a/Admin", "/A/admin"]), [problem]);
    assert_eq!(of_paths(&["/a/Admin/*", "/A/admin/**"]), Vec::<String>::new(), "one is closer");
    let mut raw = minimal();
    raw["routes"] = json!([
        { "path": "/a/Admin", "access": "authenticated" },
        { "path": "/A/admin", "access": "authenticated" },
    ]);
    raw["origins"][0]["case_sensitive_paths"] = json!(true);
    assert!(check(&raw).is_ok());
}

#[test]
fn a_prefix_that_is_stripped_is_the_beginning_of_the_path() {
    for (strip, add) in [("/api", ""), ("/api", "/v2"), ("/api", "/v2/b"), ("", "/v2")] {
        let mut more = json!({});
        for (name, value) in [("strip_prefix", strip), ("add_prefix", add)] {
            if !value.is_empty() {
                more[name] = json!(value);
            }
        }
        assert_eq!(of_route(&more), Vec::<String>::new(), "{more}");
    }
    let expected = "expected the first segments of `path`, as literals";
    for strip in ["/ap", "/API", "/api/x", "/other"] {
        let found = of_route(&json!({ "strip_prefix": strip }));
        assert_eq!(found, [format!("routes[0].strip_prefix: {expected}")], "{strip}");
    }
    let plain = "expected a plain path with a segment, such as `/api`";
    for text in ["/", "api", "/a//b", "/*", "/a/../b", "/a?b", "/a;b", "/%61", "/:id"] {
        for field in ["strip_prefix", "add_prefix"] {
            let found = of_route(&json!({ field: text }));
            assert_eq!(found, [format!("routes[0].{field}: {plain}")], "{text}");
        }
    }
}

#[test]
fn the_zones_cache_answers_nobody_who_is_somebody_and_no_two_hosts() {
    let zone = json!({ "cache": "zone" });
    assert_eq!(of_route(&zone), Vec::<String>::new());
    assert_eq!(of_route(&json!({ "cache": "zone", "access": "optional" })), Vec::<String>::new());
    let somebody = of_route(&json!({ "cache": "zone", "access": "authenticated" }));
    assert!(somebody[0].starts_with("routes[0].cache: expected `access = \"public\"`"));
    let mut raw = minimal();
    raw["origins"] = json!([{ "name": "main", "url": "service:API" }]);
    raw["routes"] = json!([{ "path": "/api/**", "access": "public", "cache": "zone" }]);
    let bound = check(&raw).err().unwrap_or_default();
    assert!(bound[0].starts_with("routes[0].cache: expected an origin with a URL"), "{bound:?}");
}

#[test]
fn the_zones_cache_is_for_one_tenant_with_one_host() {
    let tenant = |name: &str, host: &str, origin: &str| json!({ "name": name, "hosts": [host], "origin": origin });
    let of = |tenants: Value| {
        let mut raw = minimal();
        raw["tenants"] = tenants;
        raw["issuers"][0]["claims"] = json!({ "tenant": "t" });
        raw["routes"] = json!([{ "path": "/api/**", "access": "public", "cache": "zone" }]);
        check(&raw).err().unwrap_or_default()
    };
    let (one, other) = ("https://one.example", "https://other.example");
    let apart = json!([tenant("a", "a.example", one), tenant("b", "b.example", other)]);
    assert_eq!(of(apart), Vec::<String>::new());
    let problem = ["routes[0].cache: expected an origin with one host and tenant for it: the \
                    zone's cache knows its URL alone"];
    assert_eq!(of(json!([tenant("a", "a.example", one), tenant("b", "b.example", one)])), problem);
    assert_eq!(of(json!([tenant("a", "*.example", one)])), problem);
    let two = json!([{ "name": "a", "hosts": ["a.example", "b.example"], "origin": one }]);
    assert_eq!(of(two), problem);
}

#[test]
fn words_that_are_no_choice_are_errors() {
    for (field, value) in
        [("cache", "edge"), ("encoded_slashes", "decode"), ("error_style", "simplejwt-6")]
    {
        let found = of_route(&json!({ field: value }));
        assert!(found[0].starts_with(&format!("routes[0].{field}: expected ")), "{found:?}");
    }
    for (field, value) in [("forwarded", "trust"), ("method_override", "set")] {
        let found = errors(&format!("/origins/0/{field}"), json!(value));
        assert!(found[0].starts_with(&format!("origins[0].{field}: expected ")), "{found:?}");
    }
    assert!(errors("/error_style", json!("plain"))[0].starts_with("error_style: expected "));
}

#[test]
fn a_slip_in_a_name_is_told_with_the_name_that_is_meant() {
    for (field, value, expected) in [
        ("origin", "mian", "origin: expected the name of an origin: did you mean `main`?"),
        ("origin", "other", "origin: expected the name of an origin"),
        ("acess", "public", "acess: unknown field: did you mean `access`?"),
        ("colour", "blue", "colour: unknown field"),
    ] {
        assert_eq!(of_route(&json!({ field: value })), [format!("routes[0].{expected}")]);
    }
}

#[test]
fn no_identity_header_has_the_name_of_a_forwarded_one() {
    for name in ["x-forwarded-host", "x-forwarded-for", "x-forwarded-proto"] {
        let found = errors("/headers", json!({ "names": { "subject": name } }));
        assert!(found[0].contains("expected a header name in lower case"), "{found:?}");
    }
}
