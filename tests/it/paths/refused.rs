//! Paths that do not pass, because they could be read in two ways or lead nowhere.

use super::{configuration, reading, routes, signed_in};
use crate::support::request::{HOST, Request, get};

/// Ambiguous to some server, and never repaired.
const AMBIGUOUS: [&str; 98] = [
    // Dot segments in every encoding.
    "/public/../api/users/7",
    "/public/./a",
    "/public/..",
    "/public/.",
    "/..",
    "/.",
    "/./",
    "/public/%2e%2e/api",
    "/public/%2E%2e/api",
    "/public/.%2e/api",
    "/public/%2e./api",
    "/public/%2e",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/public/../",
    "/public/../public/a",
    // With parameters, which some servers drop before they walk the path.
    "/public/..;/admin",
    "/public/..;x=1/admin",
    "/public/.;/admin",
    "/public/%2e%2e;/admin",
    "/public/..%3b/admin",
    "/public/%2e%2e%3B",
    // Separators that hide.
    "/public/%2fadmin",
    "/public%2Fadmin",
    "/public/a%2f..%2fadmin",
    "/public/..%2fadmin",
    "/%2f",
    "/%2fpublic",
    "/public\\admin",
    "/public/..\\admin",
    "/public/%5cadmin",
    "/public/%5C..%5Cadmin",
    "/\\evil.example/a",
    // Control characters.
    "/public/%00",
    "/public/a%00.png",
    "/public/admin%00",
    "/public/%0d%0ax-auth-subject:%20a",
    "/public/%0a",
    "/public/%09",
    "/public/admin%09",
    "/public/%1f",
    "/public/%7f",
    "/public/%c2%80",
    "/public/%C2%85",
    "/public/\u{0}",
    "/public/a\tb",
    "/public/a\r\nb",
    "/public/\u{7f}",
    "/public/\u{85}",
    // The same under a second layer of encoding.
    "/public/%252e%252e/admin",
    "/public/%252e",
    "/public/.%252e/admin",
    "/public/%2e%252E/admin",
    "/public/%252e%252e%3bx/admin",
    "/public/%252fadmin",
    "/public/..%252fadmin",
    "/public/%255cadmin",
    "/public/%2500",
    "/public/%250aadmin",
    "/public/%257f",
    "/public/%25%32%66admin",
    "/public/%25%32e%25%32e",
    "/public/%25c2%2585",
    // Encodings that are none.
    "/public/%",
    "/public/%2",
    "/public/%%",
    "/public/a%/b",
    "/public/%zz",
    "/public/%g0",
    "/public/%-1",
    "/public/%u002e",
    "/public/%%32%66",
    "/public/%2 f",
    "/public/%\u{ff12}\u{ff26}",
    // Bytes that are no UTF-8: cut off, overlong, a surrogate, beyond the last code point.
    "/public/%ff",
    "/public/%c3",
    "/public/%c3/%a9",
    "/public/%a9",
    "/public/%c0%af",
    "/public/%c0%ae%c0%ae/admin",
    "/public/%e0%80%af",
    "/public/%f0%80%80%af",
    "/public/%ed%a0%80",
    "/public/%f5%80%80%80",
    // Parameters and empty segments without which another rule would match.
    "/public/admin;x",
    "/public/admin;/x",
    "/public/admin%3bx",
    "/public;x/a",
    "/api/users/me;v=1",
    "/api/users/;x",
    "/api/status;jsessionid=1",
    "/;x",
    "//",
    "//public/a",
    "///public",
    "/public//admin",
    "/public/;/admin",
    "/api//status",
    "/api/users//7",
];

#[test]
fn each_path_that_has_two_readings_is_refused() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for raw in AMBIGUOUS {
        let found = reading(&gateway, &signed_in(get(raw)));
        assert_eq!(found, Err("path_ambiguous"), "{raw:?}");
    }
}

/// A decoder that leaves alone what it cannot decode still finds the separator beside it.
#[test]
fn a_hidden_separator_is_seen_beside_a_broken_second_encoding() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for raw in [
        "/public/x%252fadmin%25",
        "/public/%252e%252e%252fadmin%25zz",
        "/public/%25zz%255cadmin",
        "/public/%252e%252e%252f%25ff",
        "/public/%2500%25",
        "/public/%25%252f",
    ] {
        let found = reading(&gateway, &signed_in(get(raw)));
        assert_eq!(found, Err("path_ambiguous"), "{raw:?}");
    }
}

#[test]
fn a_path_that_is_another_routes_for_some_servers_is_refused() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for raw in [
        "/API/status",
        "/Public/a",
        "/public/Admin",
        "/public/ADMIN/x",
        "/CAF\u{c9}",
        "/public/admin%20",
        "/public/admin%20/x",
        "/public/admin./x",
        "/public/admin%c2%a0",
        "/public/admin%3fx",
        "/public/admin%23x",
        "/public/x%3f/../admin".trim_end_matches("/../admin"),
        "/public/%ef%bd%81dmin",
        "/public/adm%c4%b1n",
        "/public/%e2%80%a5/admin",
        "/public/\u{ff0e}\u{ff0e}",
        "/public/..%20",
        "/public/%25252e%25252e",
        "/public/%252561dmin",
        "/public/x%ef%bc%8f%e2%80%a5%ef%bc%8fadmin",
        "/public/\u{ff21}DMIN;x//.",
    ] {
        let found = reading(&gateway, &signed_in(get(raw)));
        if raw == "/public/x%3f" {
            assert!(found.is_ok(), "the same route in every reading");
        } else {
            assert_eq!(found, Err("path_ambiguous"), "{raw:?}");
        }
    }
}

#[test]
fn an_origin_that_distinguishes_case_gets_what_was_matched() {
    let mut raw = configuration(&routes());
    raw["origins"][0]["case_sensitive_paths"] = serde_json::json!(true);
    let gateway = crate::support::gateway(&raw);
    for (path, expected) in [
        ("/public/Admin", Ok("/public/**")),
        ("/public/ADMIN/x", Ok("/public/**")),
        ("/API/status", Err("route_not_found")),
        // What has nothing to do with case stays ambiguous.
        ("/public/admin./x", Err("path_ambiguous")),
        ("/public/%ef%bd%81dmin", Err("path_ambiguous")),
    ] {
        let found = reading(&gateway, &signed_in(get(path)));
        assert_eq!(
            found.as_ref().map(|(pattern, _)| pattern.as_str()),
            expected.as_ref().copied(),
            "{path}"
        );
    }
}

#[test]
fn a_path_that_no_rule_knows_has_no_route() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for raw in [
        "/nowhere",
        "/publicx",
        "/caf\u{e9}/x",
        "/cafe\u{301}",
        "/tilde/~~",
        "/nowhere;x",
        "/nowhere//x",
        "/%70ublicx",
    ] {
        let found = reading(&gateway, &signed_in(get(raw)));
        assert_eq!(found, Err("route_not_found"), "{raw:?}");
    }
}

#[test]
fn a_url_with_a_fragment_or_without_a_plain_host_is_refused() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for url in [
        &format!("{HOST}/public/a#b"),
        &format!("{HOST}/public/a?b#c"),
        &format!("{HOST}#/public"),
        &format!("{HOST}\\public"),
        &format!("{HOST}@evil.example/public/a"),
        "https:///public/a",
        "https://a b/public/a",
        "/public/a",
        "*",
        "",
    ] {
        let (method, headers) = ("GET".to_owned(), Vec::new());
        let request = Request { method, url: url.to_owned(), headers };
        assert_eq!(reading(&gateway, &request), Err("request_ambiguous"), "{url:?}");
    }
}

#[test]
fn a_host_that_is_none_is_refused() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for host in ["a\\b", "a/b", "u@a", "a:b", ""] {
        let found = reading(&gateway, &get("/public/a").header("host", host));
        assert_eq!(found, Err("request_ambiguous"), "{host:?}");
    }
    assert!(reading(&gateway, &get("/public/a").header("host", "a.example:8")).is_ok());
}

#[test]
fn a_path_of_8_kib_is_taken_and_one_byte_more_is_not() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    let path = |bytes: usize| format!("/public/{}", "a".repeat(bytes - "/public/".len()));
    assert!(reading(&gateway, &get(&path(8192))).is_ok());
    assert_eq!(reading(&gateway, &get(&path(8193))), Err("path_ambiguous"));
    let deep = format!("/public{}", "/a".repeat(4000));
    assert!(reading(&gateway, &get(&deep)).is_ok());
}
