//! The `Authorization` header: one clear bearer token, or a refusal that says so.

use serde_json::json;

use super::{Bench, PASSED};
use crate::support::request::{get, request};

#[test]
fn a_protected_route_without_a_bearer_token_is_401_with_a_bare_challenge() {
    let mut bench = Bench::new();
    for request in [
        get("/private/a"),
        get("/private/a").header("authorization", ""),
        get("/private/a").header("authorization", "Basic YTpi"),
        get("/private/a").header("authorization", "Token a.b.c"),
        get("/private/a?access_token=a.b.c"),
        get("/private/a").header("cookie", "access_token=a.b.c"),
        get("/admin/a"),
    ] {
        assert_eq!(bench.now(&request), "401 credential_missing", "{request:?}");
    }
}

#[test]
fn a_malformed_or_double_credential_is_400() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    let send = |value: &str| get("/private/a").header("authorization", value);
    for value in [
        "Bearer",
        "Bearer ",
        "Bearer=a.b.c",
        "Bearer\ta.b.c",
        "Bearer \"a\"",
        &format!("Bearer {token} x"),
    ] {
        assert_eq!(bench.now(&send(value)), "400 credential_malformed", "{value}");
    }
    for value in [
        format!("Bearer {token}, Bearer {token}"),
        format!("Bearer {token},Basic YTpi"),
        format!("Basic YTpi, Bearer {token}"),
        format!("Bearer {token},"),
    ] {
        assert_eq!(bench.now(&send(&value)), "400 credential_ambiguous", "{value}");
    }
}

#[test]
fn two_authorization_headers_are_one_refusal_whichever_is_good() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    let twice = get("/private/a").bearer(&token).bearer(&token);
    assert_eq!(bench.now(&twice), "400 credential_ambiguous");
    let mixed = get("/private/a").header("authorization", "Basic YTpi").bearer(&token);
    assert_eq!(bench.now(&mixed), "400 credential_ambiguous");
}

#[test]
fn the_scheme_is_read_without_case_and_spaces_around_the_token_do_not_count() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    for value in
        [format!("bearer {token}"), format!("BEARER   {token}"), format!("Bearer {token} ")]
    {
        assert_eq!(bench.now(&get("/private/a").header("authorization", &value)), PASSED);
    }
}

#[test]
fn two_framings_of_one_body_are_refused() {
    let mut bench = Bench::new();
    let framed = request("POST", "/public/a").header("content-length", "1");
    assert_eq!(bench.now(&framed), "forward https://origin.example/public/a");
    let twice = framed.header("transfer-encoding", "chunked");
    assert_eq!(bench.now(&twice), "400 request_ambiguous");
}
