use serde_json::{Value, json};

use super::errors;

fn limit(value: Value) -> Vec<String> {
    errors("/routes/0/limit", value)
}

#[test]
fn a_limit_needs_its_binding_and_agrees_with_it() {
    let of = |binding: &str, seconds: u64| {
        limit(json!({ "binding": binding, "per": "subject", "window_seconds": seconds }))
    };
    assert_eq!(of("LIMIT", 10), Vec::<String>::new());
    assert_eq!(
        of("LIMIT", 60),
        ["routes[0].limit.window_seconds: expected 10, the binding's period"]
    );
    assert_eq!(of("OTHER", 60), ["routes[0].limit.binding: no rate limiting binding `OTHER`"]);
    let odd =
        "routes[0].limit.window_seconds: expected 10 or 60, which are all that the platform counts";
    assert!(of("LIMIT", 30).contains(&odd.to_owned()));
    assert_eq!(limit(json!({})).len(), 2);
}

#[test]
fn callers_without_a_token_share_no_count_but_by_address() {
    let route = |access: &str, per: &str| {
        let limit = json!({ "binding": "LIMIT", "per": per, "window_seconds": 10 });
        errors("/routes", json!([{ "path": "/a", "access": access, "limit": limit }]))
    };
    let refused = [
        "routes[0].limit.per: expected `access = \"authenticated\"` with it, or `per = \"address\"`",
    ];
    for access in ["public", "optional"] {
        for per in ["subject", "tenant"] {
            assert_eq!(route(access, per), refused, "{access} {per}");
        }
        assert_eq!(route(access, "address"), Vec::<String>::new());
    }
}

#[test]
fn the_mark_of_shadow_mode_has_no_other_meaning() {
    let headers = |prefix: &str| {
        let names = json!({ "subject": "x-auth-shadow" });
        errors("/headers", json!({ "prefix": prefix, "names": names }))
    };
    assert_eq!(headers("x-auth-"), ["headers: expected `x-auth-shadow` for shadow mode alone"]);
    assert_eq!(headers("x-id-"), Vec::<String>::new());
}
