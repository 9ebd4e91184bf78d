//! A compact JWS has one spelling, and nothing in it is lost or made up.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeward::jose::UnverifiedJws;

const MAX_BYTES: usize = 8192;

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(jws) = UnverifiedJws::parse(text.to_owned(), MAX_BYTES) else {
        return;
    };
    assert!(text.len() <= MAX_BYTES);
    assert_eq!(jws.text(), text);
    let parts: Vec<_> = text.split('.').collect();
    assert_eq!(parts.len(), 3);
    assert_eq!(jws.signing_input(), format!("{}.{}", parts[0], parts[1]));
    // What was decoded has this spelling and no other.
    assert_eq!(Base64UrlUnpadded::encode_string(jws.unverified_payload()), parts[1]);
    assert_eq!(Base64UrlUnpadded::encode_string(jws.signature()), parts[2]);
    has_the_header_that_was_sent(&jws, parts[0]);
    assert!(!format!("{jws:?}").contains(parts[0]), "a token shows in `Debug`");
    assert!(UnverifiedJws::parse(text.to_owned(), text.len().saturating_sub(1)).is_err());
}

/// Read by another parser, which keeps the last of two members with one name.
fn has_the_header_that_was_sent(jws: &UnverifiedJws, part: &str) {
    let decoded = Base64UrlUnpadded::decode_vec(part).expect("canonical base64url");
    let sent: serde_json::Value = serde_json::from_slice(&decoded).expect("JSON");
    let name = sent["alg"].as_str().expect("a name");
    assert!(name == jws.header().algorithm.name() || name == "Ed25519");
    assert_eq!(sent.get("kid").and_then(|kid| kid.as_str()), jws.header().kid.as_deref());
    assert_eq!(sent.get("typ").and_then(|typ| typ.as_str()), jws.header().typ.as_deref());
    for refused in ["crit", "enc", "zip"] {
        assert!(sent.get(refused).is_none(), "{refused} was let through");
    }
    assert!(sent.get("b64").is_none_or(|b64| b64 == &serde_json::Value::Bool(true)));
}
