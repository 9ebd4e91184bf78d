use serde_json::{Value, json};

use super::errors;

#[test]
fn places_of_a_token_are_checked() {
    let credentials = |value: Value| errors("/routes/0/credentials", value);
    assert_eq!(credentials(json!([{ "authorization": "Bearer" }])), Vec::<String>::new());
    let cookie = |origin: &str| credentials(json!([{ "cookie": "t", "origins": [origin] }]));
    assert_eq!(cookie("https://app.example.com"), Vec::<String>::new());
    for origin in ["https://a.example/", "https://a.example:443", "http://a.example", "null", "*"] {
        let found =
            ["routes[0].credentials[0].origins[0]: expected an origin: https://host[:port]"];
        assert_eq!(cookie(origin), found, "{origin}");
    }
    let list = "routes[0].credentials";
    for (value, expected) in [
        (json!([]), format!("{list}: expected at least one credential")),
        (
            json!([{ "cookie": "a" }, { "cookie": "a" }]),
            format!("{list}[1]: expected each place once"),
        ),
        (
            json!([{ "authorization": "Token" }, { "authorization": "token" }]),
            format!("{list}[1]: expected each place once"),
        ),
        (
            json!([{ "cookie": "a", "query": "b" }]),
            format!(
                "{list}[0]: expected exactly one of `authorization`, `cookie`, `header`, \
                 `subprotocol`, `query`"
            ),
        ),
        (
            json!([{ "query": "a", "origins": ["https://a"] }]),
            format!("{list}[0].origins: unknown field"),
        ),
        (
            json!([{ "cookie": "a b" }]),
            format!("{list}[0].cookie: expected letters, digits and `._-`"),
        ),
        (
            json!([{ "header": "cookie" }]),
            format!(
                "{list}[0].header: expected a header name in lower case that has no other meaning"
            ),
        ),
    ] {
        let found = credentials(value);
        assert!(found.contains(&expected), "{found:?}");
    }
}

#[test]
fn a_public_route_looks_for_no_token_anywhere() {
    let route = json!([{ "path": "/a", "access": "public", "credentials": [{ "cookie": "t" }] }]);
    assert_eq!(
        errors("/routes", route),
        ["routes[0].credentials: expected `access = \"authenticated\"` or \"optional\" with it"]
    );
}
