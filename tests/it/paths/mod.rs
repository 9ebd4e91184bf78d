//! One path, one reading: what tricky paths match, what is forwarded of them, what is refused.

mod canonical;
mod forwarded;
mod own;
mod refused;
mod specificity;

use edgeward::gateway::{Decision, Gateway, Outcome, Rejection, Step};
use serde_json::{Value, json};

use crate::support::NOW;
use crate::support::drive::route;
use crate::support::request::{Request, get, request};
use crate::support::sign::Key;

/// Routes that overlap in every way that patterns can.
fn routes() -> Value {
    json!([
        { "path": "/", "access": "public" },
        { "path": "/public/**", "access": "public" },
        { "path": "/public/admin/**", "access": "authenticated", "revocation": "off" },
        { "path": "/api/**", "access": "authenticated", "revocation": "off" },
        { "path": "/api/status", "access": "public" },
        { "path": "/api/reports", "access": "public", "methods": ["GET"] },
        { "path": "/api/users/*", "access": "authenticated", "revocation": "off" },
        { "path": "/api/users/me", "access": "public" },
        { "path": "/api/users/*/posts", "access": "public" },
        { "path": "/api/users/*/secret/**", "access": "authenticated", "revocation": "off" },
        { "path": "/caf\u{e9}", "access": "public" },
        { "path": "/%74ilde/%7E", "access": "public" },
    ])
}

fn configuration(routes: &Value) -> Value {
    json!({
        "origins": [{ "name": "main", "url": "https://origin.example/base" }],
        "issuers": [{
            "name": "main", "issuer": "https://auth.example.com", "audiences": ["api"],
            "algorithms": ["HS256"], "verify": { "secrets": ["SECRET"] },
        }],
        "routes": routes,
    })
}

/// A caller whom every route of these tests takes.
fn signed_in(request: Request) -> Request {
    let claims = json!({ "iss": "https://auth.example.com", "aud": "api", "exp": 1_767_229_200 });
    request.bearer(&Key::named("SECRET").token(&claims))
}

/// Decides by memory alone: an HMAC costs no need, and no route asks the store.
fn decide(gateway: &Gateway, request: &Request) -> Decision {
    match request.begin(gateway, NOW) {
        Step::Done(decision) => *decision,
        need => panic!("undecided: {need:?}"),
    }
}

/// The pattern of the matched route and the forwarded path, or the refusal's code.
fn reading(gateway: &Gateway, request: &Request) -> Result<(String, String), &'static str> {
    let decision = decide(gateway, request);
    let route = route(gateway, &decision);
    match decision.outcome {
        Outcome::Forward(plan) => {
            let path = plan.url().strip_prefix("https://origin.example/base").expect("the origin");
            Ok((route.expect("a route").pattern.as_str().to_owned(), path.to_owned()))
        }
        Outcome::Serve(own) => Ok((format!("{:?}", own.resource), String::new())),
        Outcome::Refuse(rejection) => Err(rejection.code()),
    }
}

#[test]
fn a_method_that_the_closest_path_does_not_list_is_not_allowed() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    let found = |method| reading(&gateway, &signed_in(request(method, "/api/reports")));
    let matched = ("/api/reports".to_owned(), "/api/reports".to_owned());
    for method in ["GET", "HEAD"] {
        assert_eq!(found(method), Ok(matched.clone()), "{method}");
    }
    for method in ["POST", "OPTIONS", "get", "PURGE"] {
        assert_eq!(found(method), Err("method_not_allowed"), "{method}");
        let Outcome::Refuse(rejection) = decide(&gateway, &request(method, "/api/reports")).outcome
        else {
            panic!("{method} passed");
        };
        // Before anybody is asked for a token.
        assert_eq!(rejection, Rejection::MethodNotAllowed("GET, HEAD".into()), "{method}");
    }
}

#[test]
fn trace_and_connect_have_no_route_in_any_spelling() {
    let gateway = crate::support::gateway(&configuration(&routes()));
    for method in ["TRACE", "trace", "Track", "CONNECT"] {
        let found = reading(&gateway, &request(method, "/public/a"));
        assert_eq!(found, Err("route_not_found"), "{method}");
    }
    assert!(reading(&gateway, &get("/public/a")).is_ok());
}
