//! The form of a token: three parts, a header without surprises, one strict JSON object.

use edgeward::gateway::Step;
use serde_json::json;

use super::{Bench, MAIN_ISSUER, NOW, PASSED, SECRET_ISSUER, claims_of, configuration};
use crate::support::request::get;
use crate::support::sign::{Key, decode, encode};

#[test]
fn a_header_that_asks_for_more_than_a_signature_is_refused() {
    let mut bench = Bench::new();
    for (member, value, expected) in [
        ("crit", json!(["exp"]), "401 critical_extension"),
        ("crit", json!([]), "401 critical_extension"),
        ("b64", json!(false), "401 header_refused"),
        ("zip", json!("DEF"), "401 header_refused"),
        ("cty", json!("JWT"), "401 header_refused"),
        ("kid", json!(1), "401 header_refused"),
        ("typ", json!(["JWT"]), "401 header_refused"),
        ("alg", json!("none"), "401 algorithm_unknown"),
        ("alg", json!("hs256"), "401 algorithm_unknown"),
        ("alg", json!(null), "401 algorithm_unknown"),
        ("alg", json!("HS512"), "401 algorithm_refused"),
        ("alg", json!("RS256"), "401 algorithm_refused"),
    ] {
        let mut header = json!({ "alg": "HS256" });
        header[member] = value;
        let token = bench.secret.token_under(&header, &claims_of(SECRET_ISSUER));
        assert_eq!(bench.verdict(&token), expected, "{header}");
    }
}

#[test]
fn keys_that_a_token_brings_along_are_not_used() {
    let mut bench = Bench::new();
    let stranger = Key::p256(9);
    for (member, value) in [
        ("jwk", stranger.jwk("k1")),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let mut header = json!({ "alg": "ES256", "kid": "k1" });
        header[member] = value;
        let forged = stranger.token_under(&header, &claims_of(MAIN_ISSUER));
        assert_eq!(bench.verdict(&forged), "401 signature_invalid", "{header}");
        let genuine = bench.p256.token_under(&header, &claims_of(MAIN_ISSUER));
        assert_eq!(bench.verdict(&genuine), PASSED, "{header}");
    }
}

#[test]
fn a_token_that_is_no_jws_of_json_objects_is_refused() {
    let mut bench = Bench::new();
    let token = bench.token(&json!({}));
    let parts: Vec<_> = token.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    let array = bench.secret.token_under(&json!({ "alg": "HS256" }), &json!([claims_of("x")]));
    let twice = encode(br#"{"alg":"none","alg":"HS256"}"#);
    for text in [
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{signature}="),
        format!("{header}=.{payload}.{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("{twice}.{payload}.{signature}"),
        "..".to_owned(),
        array,
    ] {
        assert_eq!(bench.verdict(&text), "401 token_malformed", "{text}");
    }
    assert_eq!(bench.verdict(&format!("{header}.{payload}.")), "401 signature_invalid");
}

#[test]
fn what_was_signed_must_be_one_strict_json_object() {
    let mut bench = Bench::new();
    let good = claims_of(SECRET_ISSUER).to_string();
    let rest = good.strip_prefix('{').expect("an object");
    let deep = format!("{{\"a\":{}1{},{rest}", "[".repeat(32), "]".repeat(32));
    for payload in [
        format!("{good}x"),
        format!("{good}{{}}"),
        format!("\u{feff}{good}"),
        format!("[{good}]"),
        format!("{{\"sub\":\"a\",{rest}"),
        format!("{{\"a\":{{\"b\":1,\"\\u0062\":1}},{rest}"),
        format!("{{\"a\":\"\\ud800\",{rest}"),
        format!("{{\"a\":1e400,{rest}"),
        deep,
    ] {
        let token = bench.secret.token_of(br#"{"alg":"HS256"}"#, payload.as_bytes());
        assert_eq!(bench.verdict(&token), "401 token_malformed", "{payload}");
    }
    let token = bench.secret.token_of(br#" {"alg" : "HS256"} "#, format!(" {good}\n").as_bytes());
    assert_eq!(bench.verdict(&token), PASSED);
}

#[test]
fn no_verifier_can_make_a_signature_of_the_wrong_length_right() {
    let mut bench = Bench::new();
    let (input, signature) = {
        let token = bench.published(&json!({}));
        let (input, signature) = token.rsplit_once('.').expect("three parts");
        (input.to_owned(), decode(signature).expect("base64url"))
    };
    assert_eq!(bench.verdict(&format!("{input}.{}", encode(&signature))), PASSED);
    for bytes in [0, 63, 65] {
        let resized: Vec<u8> = signature.iter().copied().cycle().take(bytes).collect();
        let request = get("/private/a").bearer(&format!("{input}.{}", encode(&resized)));
        let Step::NeedSignature(need) = request.begin(&bench.gateway, NOW) else {
            panic!("a signature is to be verified");
        };
        let Step::Done(decision) = need.resume(&bench.gateway, true, NOW) else {
            panic!("{bytes} bytes went through");
        };
        assert_eq!(super::line(&decision), "401 signature_invalid", "{bytes}");
    }
}

#[test]
fn a_token_of_8_kib_is_taken_and_one_byte_more_is_not() {
    let mut bench = Bench::new();
    let secret = Key::named("SECRET");
    // Not every length is one of base64url: the header is filled up as well.
    let token = |header: usize, payload: usize| {
        let header = json!({ "alg": "HS256", "x": "a".repeat(header) });
        let mut claims = claims_of(SECRET_ISSUER);
        claims["x"] = json!("a".repeat(payload));
        secret.token_under(&header, &claims)
    };
    let of = |bytes: usize| -> String {
        let payloads = bytes * 3 / 4 - 400..bytes * 3 / 4;
        let all = (0..3).flat_map(|header| payloads.clone().map(move |payload| (header, payload)));
        let mut tokens = all.map(|(header, payload)| token(header, payload));
        tokens.find(|token| token.len() == bytes).expect("a length")
    };
    let (largest, larger) = (of(8192), of(8193));
    assert_eq!(bench.verdict(&largest), PASSED);
    assert_eq!(bench.verdict(&larger), "401 token_too_large");
    for (bytes, largest, larger) in [(16_384, of(16_384), of(16_385)), (1024, of(1024), of(1025))] {
        let mut raw = configuration();
        raw["limits"] = json!({ "token_bytes": bytes });
        let mut bench = Bench::of(&raw);
        assert_eq!(bench.verdict(&largest), PASSED, "{bytes}");
        assert_eq!(bench.verdict(&larger), "401 token_too_large", "{bytes}");
    }
}
