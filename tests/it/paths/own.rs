//! The gateway's own paths: served by it in every spelling, and never seen by an origin.

use serde_json::json;

use super::{configuration, reading, signed_in};
use crate::support::request::get;

/// A route for everything: whatever is not the gateway's own goes to the origin.
fn everything() -> serde_json::Value {
    configuration(&json!([{ "path": "/**", "access": "public" }]))
}

#[test]
fn every_spelling_of_an_own_path_is_served_by_the_gateway() {
    let gateway = crate::support::gateway(&everything());
    for (raw, resource) in [
        ("/.edgeward", "Unknown"),
        ("/.edgeward/", "Unknown"),
        ("/.edgeward/health", "Health"),
        ("/.edgeward/health/", "Health"),
        ("/%2eedgeward/health", "Health"),
        ("/.%65dgewar%64/%68ealth", "Health"),
        ("/.edgeward/health?x", "Health"),
        ("/.edgeward/health/x", "Unknown"),
        ("/.edgeward/Health", "Unknown"),
        ("/.edgeward/ready", "Ready"),
        ("/.edgeward/x/y", "Unknown"),
        ("/.edgeward/*", "Unknown"),
        ("/.edgeward/x;y", "Unknown"),
        // Nobody is an administrator here.
        ("/.edgeward/admin/revocations", "Unknown"),
    ] {
        let found = reading(&gateway, &get(raw));
        assert_eq!(found, Ok((resource.to_owned(), String::new())), "{raw:?}");
    }
}

#[test]
fn what_may_be_an_own_path_to_another_server_is_refused() {
    let gateway = crate::support::gateway(&everything());
    for raw in [
        "//.edgeward/health",
        "/.edgeward//health",
        "/.edgeward;x/health",
        "/.edgeward/health;x",
        "/.edgeward/;/health",
        "/;/.edgeward",
        "/x/../.edgeward/health",
        "/.edgeward%2fhealth",
        "/.edgeward%5chealth",
        "/.edgeward/%2e/health",
        "/.edgeward%00",
        "/.edgeward/%252e%252e/x",
    ] {
        assert_eq!(reading(&gateway, &signed_in(get(raw))), Err("path_ambiguous"), "{raw:?}");
    }
}

#[test]
fn another_name_is_the_origins() {
    let gateway = crate::support::gateway(&everything());
    for raw in ["/.edgewardx", "/edgeward", "/x/.edgeward"] {
        assert_eq!(reading(&gateway, &get(raw)), Ok(("/**".to_owned(), raw.to_owned())));
    }
    // An origin that ignores case could take these for the gateway's own.
    for raw in ["/.Edgeward/health", "/.EDGEWARD"] {
        assert_eq!(reading(&gateway, &get(raw)), Err("path_ambiguous"), "{raw}");
    }
}

#[test]
fn no_route_can_be_configured_under_an_own_path_in_any_spelling() {
    for path in
        ["/.edgeward", "/.edgeward/**", "/.edgeward/x", "/%2eedgeward/x", "/.%65dgeward/health"]
    {
        let route = json!([{ "path": path, "access": "public", "methods": ["GET"] }]);
        let errors = crate::support::check(&configuration(&route)).expect_err(path);
        let said: Vec<_> = errors.as_slice().iter().map(ToString::to_string).collect();
        assert_eq!(said, ["routes[0].path: `/.edgeward/` belongs to the gateway"], "{path}");
    }
}
