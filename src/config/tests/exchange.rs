use serde_json::{Value, json};

use super::{check, errors, minimal};
use crate::config::ClientAuth;

fn exchange(changes: &Value) -> Value {
    let mut exchange = json!({
        "endpoint": "https://auth.example.com/token", "audience": "billing",
        "client_id": "gateway", "client_secret": "SECRET",
    });
    for (name, value) in changes.as_object().expect("an object") {
        exchange[name] = value.clone();
        if value.is_null() {
            exchange.as_object_mut().expect("an object").remove(name);
        }
    }
    exchange
}

const SECRET_MISSING: &str =
    "client_secret: expected the name of a Worker secret, got one that is not set";

#[test]
fn an_exchange_has_the_defaults_of_an_introspection() {
    let mut raw = minimal();
    raw["origins"][0]["exchange"] = exchange(&json!({}));
    let config = check(&raw).expect("valid");
    let exchange = config.origins[0].exchange.as_ref().expect("an exchange");
    assert_eq!(exchange.url, "https://auth.example.com/token");
    assert_eq!((exchange.client.auth, exchange.timeout.as_secs()), (ClientAuth::Basic, 5));
    assert_eq!((exchange.breaker.failures, exchange.breaker.open_for.as_secs()), (5, 30));
    assert_eq!(exchange.subject_token_type, "urn:ietf:params:oauth:token-type:access_token");
}

#[test]
fn what_an_exchange_lacks_or_has_too_much_is_said() {
    for (changes, expected) in [
        (json!({ "audience": null }), "audience: is required"),
        (json!({ "endpoint": null }), "endpoint: is required"),
        (
            json!({ "endpoint": "http://auth.example.com/token" }),
            "endpoint: expected https (http is for loopback hosts)",
        ),
        (json!({ "client_id": null }), "client_id: is required"),
        (json!({ "client_secret": "OTHER" }), SECRET_MISSING),
        (
            json!({ "client_secret": "no name" }),
            "client_secret: expected the name of a Worker secret, and not the secret: letters, digits \
             and `_`, 64 at most",
        ),
        (json!({ "client_secret": "EMPTY" }), SECRET_MISSING),
        (json!({ "client_auth": "none" }), "client_auth: expected \"basic\" or \"post\""),
        (json!({ "service": "OTHER" }), "service: no service binding `OTHER`"),
        (json!({ "timeout_ms": 0 }), "timeout_ms: expected a whole number from 1 to 30000"),
        (json!({ "resource": "a b" }), "resource: expected a URI of visible ASCII characters"),
        (json!({ "scope": "a\nb" }), "scope: expected words of visible ASCII characters"),
        (
            json!({ "subject_token_type": "saml2" }),
            "subject_token_type: expected \"access_token\" or \"jwt\"",
        ),
        (
            json!({ "breaker": { "failures": 0 } }),
            "breaker.failures: expected a whole number from 1 to 1000",
        ),
        (json!({ "cache_seconds": 60 }), "cache_seconds: unknown field"),
    ] {
        let got = errors("/origins/0/exchange", exchange(&changes));
        assert_eq!(got, [format!("origins[0].exchange.{expected}")], "{changes}");
    }
}
