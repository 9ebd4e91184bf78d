//! Paths that pass: what they match, and what the origin receives.

use super::{configuration, decide, reading, routes, signed_in};
use crate::support::drive::route;
use crate::support::request::get;
use edgeward::gateway::Outcome;
use edgeward::route::Access;

/// Path and query as they stand in the URL, the route that they match, and what is forwarded.
const FORWARDED: [(&str, &str, &str); 96] = [
    // Plain, and the trailing slash.
    ("", "/", "/"),
    ("/", "/", "/"),
    ("/public", "/public/**", "/public"),
    ("/public/", "/public/**", "/public/"),
    ("/public/a/b/", "/public/**", "/public/a/b/"),
    ("/api/status", "/api/status", "/api/status"),
    ("/api/status/", "/api/status", "/api/status/"),
    ("/api/status/x", "/api/**", "/api/status/x"),
    ("/api", "/api/**", "/api"),
    ("/api/users", "/api/**", "/api/users"),
    ("/api/users/me", "/api/users/me", "/api/users/me"),
    ("/api/users/me/", "/api/users/me", "/api/users/me/"),
    ("/api/users/7", "/api/users/*", "/api/users/7"),
    ("/api/users/me/posts", "/api/users/*/posts", "/api/users/me/posts"),
    ("/api/users/7/posts/1", "/api/**", "/api/users/7/posts/1"),
    ("/api/users/7/secret", "/api/users/*/secret/**", "/api/users/7/secret"),
    ("/api/users/7/secret/a/b", "/api/users/*/secret/**", "/api/users/7/secret/a/b"),
    ("/public/admin", "/public/admin/**", "/public/admin"),
    ("/public/admin/x", "/public/admin/**", "/public/admin/x"),
    ("/public/administrator", "/public/**", "/public/administrator"),
    ("/public/Admins", "/public/**", "/public/Admins"),
    ("/public/admins.", "/public/**", "/public/admins."),
    // Needless encodings of unreserved characters are undone before anything is compared.
    ("/%61pi/status", "/api/status", "/api/status"),
    ("/public/%61dmin", "/public/admin/**", "/public/admin"),
    ("/public/adm%69n/x", "/public/admin/**", "/public/admin/x"),
    ("/%70%75%62%6C%69%63/%61%64%6d%69%6e", "/public/admin/**", "/public/admin"),
    ("/public/%41dmins", "/public/**", "/public/Admins"),
    ("/api/users/%6d%65", "/api/users/me", "/api/users/me"),
    ("/public/%2Da%5f%2e%7E%30", "/public/**", "/public/-a_.~0"),
    ("/tilde/~", "/%74ilde/%7E", "/tilde/~"),
    ("/tilde/%7e", "/%74ilde/%7E", "/tilde/~"),
    // Encodings of reserved characters are kept, with upper-case digits.
    ("/public/a%21b!", "/public/**", "/public/a%21b!"),
    ("/public/%3a:", "/public/**", "/public/%3A:"),
    ("/public/%40@", "/public/**", "/public/%40@"),
    ("/public/%2b+", "/public/**", "/public/%2B+"),
    ("/public/%26%3d&=", "/public/**", "/public/%26%3D&="),
    ("/public/a,b$c'(d)", "/public/**", "/public/a,b$c'(d)"),
    ("/public/%3f", "/public/**", "/public/%3F"),
    ("/public/%3fadmin", "/public/**", "/public/%3Fadmin"),
    ("/public/%23admin", "/public/**", "/public/%23admin"),
    ("/public/%25", "/public/**", "/public/%25"),
    ("/public/100%25/x", "/public/**", "/public/100%25/x"),
    ("/public/a%20b", "/public/**", "/public/a%20b"),
    // What may not stand in a path is encoded.
    ("/public/a b", "/public/**", "/public/a%20b"),
    ("/public/\"<>", "/public/**", "/public/%22%3C%3E"),
    ("/public/[x]|{y}^`", "/public/**", "/public/%5Bx%5D%7C%7By%7D%5E%60"),
    // A star in a path is a character like any other.
    ("/api/users/*", "/api/users/*", "/api/users/*"),
    ("/api/users/%2a", "/api/users/*", "/api/users/%2A"),
    ("/api/users/**", "/api/users/*", "/api/users/**"),
    ("/public/*/x", "/public/**", "/public/*/x"),
    ("/api/users/*/posts", "/api/users/*/posts", "/api/users/*/posts"),
    // UTF-8, raw and encoded, is one text; its normal forms are not.
    ("/caf\u{e9}", "/caf\u{e9}", "/caf%C3%A9"),
    ("/caf%c3%a9", "/caf\u{e9}", "/caf%C3%A9"),
    ("/c%61f%C3%a9/", "/caf\u{e9}", "/caf%C3%A9/"),
    ("/public/e\u{301}", "/public/**", "/public/e%CC%81"),
    ("/public/%F0%9F%98%80", "/public/**", "/public/%F0%9F%98%80"),
    ("/public/\u{1f600}", "/public/**", "/public/%F0%9F%98%80"),
    ("/public/%ef%bf%bd", "/public/**", "/public/%EF%BF%BD"),
    ("/public/%e2%80%ae", "/public/**", "/public/%E2%80%AE"),
    ("/public/\u{2215}admin", "/public/**", "/public/%E2%88%95admin"),
    ("/public/%c2%a0admin", "/public/**", "/public/%C2%A0admin"),
    // Dots that are no dot segment.
    ("/public/...", "/public/**", "/public/..."),
    ("/public/%2e%2e%2e", "/public/**", "/public/..."),
    ("/public/.a", "/public/**", "/public/.a"),
    ("/public/a..", "/public/**", "/public/a.."),
    ("/public/..a", "/public/**", "/public/..a"),
    ("/public/.%2ea", "/public/**", "/public/..a"),
    ("/public/.well-known", "/public/**", "/public/.well-known"),
    ("/public/%20..", "/public/**", "/public/%20.."),
    // Layers of encoding that come to the same route.
    ("/public/%252561", "/public/**", "/public/%252561"),
    // Parameters and empty segments that change no rule.
    ("/public/a;v=1", "/public/**", "/public/a;v=1"),
    ("/public/a%3bv=1", "/public/**", "/public/a%3Bv=1"),
    ("/public/a;", "/public/**", "/public/a;"),
    ("/public/;x", "/public/**", "/public/;x"),
    ("/public/a;../b", "/public/**", "/public/a;../b"),
    ("/public/a;x=1;y=2/b;z", "/public/**", "/public/a;x=1;y=2/b;z"),
    ("/api/users/7;v=2", "/api/users/*", "/api/users/7;v=2"),
    ("/api/7;v=2/posts", "/api/**", "/api/7;v=2/posts"),
    ("/public/admin/x;y", "/public/admin/**", "/public/admin/x;y"),
    ("/public//a", "/public/**", "/public//a"),
    ("/public///", "/public/**", "/public///"),
    ("/public/a//", "/public/**", "/public/a//"),
    ("/public/admin//", "/public/admin/**", "/public/admin//"),
    ("/api/users//", "/api/**", "/api/users//"),
    ("/public//;x//a", "/public/**", "/public//;x//a"),
    // The query is no part of the path, and goes on as it came.
    ("?", "/", "/?"),
    ("?q=1", "/", "/?q=1"),
    ("/?/public", "/", "/?/public"),
    ("/public?", "/public/**", "/public?"),
    ("/public?/admin", "/public/**", "/public?/admin"),
    ("/public/a?x=/../admin", "/public/**", "/public/a?x=/../admin"),
    ("/public/a?x=%2f%00%zz", "/public/**", "/public/a?x=%2f%00%zz"),
    ("/public/a??b?c", "/public/**", "/public/a??b?c"),
    ("/public/a?;%3b;//", "/public/**", "/public/a?;%3b;//"),
    ("/public/a?\u{e9}\\", "/public/**", "/public/a?\u{e9}\\"),
    ("/api/status?access_token=x", "/api/status", "/api/status?access_token=x"),
];

#[test]
fn each_path_matches_one_route_and_is_forwarded_in_its_canonical_form() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for (raw, pattern, forwarded) in FORWARDED {
        let expected = Ok((pattern.to_owned(), forwarded.to_owned()));
        assert_eq!(reading(&gateway, &signed_in(get(raw))), expected, "{raw:?}");
    }
}

#[test]
fn what_is_forwarded_is_read_in_the_same_way_again() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for (_, pattern, forwarded) in FORWARDED {
        let expected = Ok((pattern.to_owned(), forwarded.to_owned()));
        assert_eq!(reading(&gateway, &signed_in(get(forwarded))), expected, "{forwarded:?}");
    }
}

#[test]
fn no_spelling_of_an_authenticated_path_passes_without_a_token() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    let mut refused = 0;
    for (raw, pattern, _) in FORWARDED {
        let decision = decide(&gateway, &get(raw));
        let access = route(&gateway, &decision).expect("a route").access;
        match decision.outcome {
            Outcome::Forward(_) => assert_eq!(access, Access::Public, "{raw:?} {pattern}"),
            Outcome::Refuse(rejection) => {
                refused += 1;
                assert_eq!(rejection.code(), "credential_missing", "{raw:?}");
                assert_eq!(access, Access::Authenticated, "{raw:?} {pattern}");
            }
            Outcome::Serve(_) => panic!("{raw:?} is no path of the gateway's own"),
        }
    }
    assert!(refused > 15, "only {refused} rows are about authenticated routes");
}
