//! Keys belong to their issuer: nothing that one issuer has vouches for another's token.

use edgeward::jose::{JwkSet, UnusableKey};
use serde_json::{Value, json};

use super::{Bench, MAIN_ISSUER, NOW, PASSED, SECRET_ISSUER, claims_of, configuration, with};
use crate::support::request::get;
use crate::support::sign::{Key, encode, key_set};

const SECOND_ISSUER: &str = "https://second.example.com";

/// Two issuers of the same kind, each with a key of its own under the same name.
fn two_of_a_kind() -> (Bench, Key) {
    let mut raw = configuration();
    raw["issuers"].as_array_mut().expect("issuers").push(json!({
        "name": "second", "issuer": SECOND_ISSUER, "audiences": ["api"], "algorithms": ["ES256"],
        "verify": { "jwks": "https://second.example.com/jwks.json" },
    }));
    let (mut bench, second) = (Bench::of(&raw), Key::p256(7));
    bench.world.published.insert(2, key_set(&[("k1", &second)]));
    (bench, second)
}

#[test]
fn a_key_of_one_issuer_never_verifies_anothers_token() {
    let (mut bench, second) = two_of_a_kind();
    for (issuer, key, expected) in [
        (MAIN_ISSUER, &bench.p256, PASSED),
        (SECOND_ISSUER, &second, PASSED),
        (MAIN_ISSUER, &second, "401 signature_invalid"),
    ] {
        for token in [key.token_by("k1", &claims_of(issuer)), key.token(&claims_of(issuer))] {
            let request = get("/private/a").bearer(&token);
            let decision = bench.world.decide(&bench.gateway, &request, NOW);
            assert_eq!(super::line(&decision), expected, "{issuer}");
        }
    }
    let crossed = bench.p256.token_by("k1", &claims_of(SECOND_ISSUER));
    assert_eq!(bench.verdict(&crossed), "401 signature_invalid");
}

#[test]
fn a_token_that_one_issuer_signed_for_its_own_name_is_not_taken_under_anothers() {
    let (mut bench, second) = two_of_a_kind();
    // What decides is `iss` under the signature; there is nothing to make the two differ.
    let token = second.token_by("k1", &claims_of(SECOND_ISSUER));
    assert_eq!(bench.verdict(&token), PASSED);
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[1] = encode(claims_of(MAIN_ISSUER).to_string().as_bytes());
    assert_eq!(bench.verdict(&parts.join(".")), "401 signature_invalid");
}

#[test]
fn the_audience_of_one_issuer_is_not_that_of_another() {
    let mut bench = Bench::new();
    let web = json!({ "aud": "web" });
    let (published, shared) = (bench.published(&web), bench.token(&web));
    assert_eq!(bench.verdict(&published), PASSED);
    assert_eq!(bench.verdict(&shared), "401 audience_mismatch");
}

#[test]
fn an_algorithm_that_is_not_on_the_issuers_list_is_refused_before_any_key_is_fetched() {
    let mut bench = Bench::new();
    let shared = bench.secret.token(&claims_of(MAIN_ISSUER));
    assert_eq!(bench.verdict(&shared), "401 algorithm_refused");
    let published = bench.p256.token(&claims_of(SECRET_ISSUER));
    assert_eq!(bench.verdict(&published), "401 algorithm_refused");
    assert_eq!(bench.world.asked.keys, 0);
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let mut bench = Bench::new();
    let jwk = bench.p256.jwk("k1").to_string();
    for secret in [jwk.as_bytes(), b"k1".repeat(16).as_slice(), &[0; 32]] {
        let forged = Key::Secret(secret.to_vec());
        assert_eq!(bench.verdict(&forged.token(&claims_of(MAIN_ISSUER))), "401 algorithm_refused");
        assert_eq!(
            bench.verdict(&forged.token(&claims_of(SECRET_ISSUER))),
            "401 signature_invalid"
        );
    }
}

#[test]
fn a_kid_says_nothing_about_secrets() {
    let mut bench = Bench::new();
    for secret in ["SECRET", "OTHER"] {
        for kid in ["k1", "2026", ""] {
            let token = Key::named(secret).token_by(kid, &claims_of(SECRET_ISSUER));
            assert_eq!(bench.verdict(&token), PASSED, "{secret} {kid}");
        }
    }
    let foreign = Key::Secret(b"k1".repeat(16)).token_by("k1", &claims_of(SECRET_ISSUER));
    assert_eq!(bench.verdict(&foreign), "401 signature_invalid");
}

#[test]
fn each_of_an_issuers_secrets_verifies_and_no_other_does() {
    let mut bench = Bench::new();
    for (key, expected) in [
        (Key::named("SECRET"), PASSED),
        (Key::named("OTHER"), PASSED),
        (Key::Secret(vec![b'x'; 32]), "401 signature_invalid"),
    ] {
        assert_eq!(bench.verdict(&key.token(&claims_of(SECRET_ISSUER))), expected);
    }
}

/// An issuer whose keys stand in the configuration.
fn with_inline_keys(keys: &Value) -> Bench {
    let mut raw = configuration();
    raw["issuers"][0]["verify"] = json!({ "keys": { "keys": keys } });
    Bench::of(&raw)
}

#[test]
fn keys_in_the_configuration_are_all_that_there_is_to_ask() {
    let (one, two) = (Key::p256(1), Key::p256(2));
    let mut bench = with_inline_keys(&json!([one.jwk("k1")]));
    assert_eq!(bench.verdict(&one.token_by("k1", &claims_of(MAIN_ISSUER))), PASSED);
    assert_eq!(
        bench.verdict(&two.token_by("k1", &claims_of(MAIN_ISSUER))),
        "401 signature_invalid"
    );
    assert_eq!(bench.verdict(&one.token_by("k9", &claims_of(MAIN_ISSUER))), "401 key_unknown");
    assert_eq!(bench.world.asked.keys, 0);
}

#[test]
fn two_keys_under_one_name_verify_nothing() {
    let (one, two) = (Key::p256(1), Key::p256(2));
    let mut bench = with_inline_keys(&json!([one.jwk("k1"), two.jwk("k1"), one.jwk("k2")]));
    for key in [&one, &two] {
        let token = key.token_by("k1", &claims_of(MAIN_ISSUER));
        assert_eq!(bench.verdict(&token), "401 key_ambiguous");
    }
    assert_eq!(bench.verdict(&one.token_by("k2", &claims_of(MAIN_ISSUER))), PASSED);
}

#[test]
fn one_key_that_is_published_twice_is_one_key() {
    let (one, two) = (Key::p256(1), Key::p256(2));
    let mut certified = one.jwk("k1");
    certified["x5c"] = json!(["MIIB"]);
    let mut unnamed = one.jwk("k1");
    unnamed.as_object_mut().expect("an object").remove("alg");
    let mut bench = with_inline_keys(&json!([one.jwk("k1"), certified, unnamed]));
    assert_eq!(bench.verdict(&one.token_by("k1", &claims_of(MAIN_ISSUER))), PASSED);
    let twice = [one.jwk("k1"), one.jwk("k1"), two.jwk("k1")];
    let mut bench = with_inline_keys(&json!(twice));
    let token = one.token_by("k1", &claims_of(MAIN_ISSUER));
    assert_eq!(bench.verdict(&token), "401 key_ambiguous");
    // Twins take no place among the four that are tried.
    let mut keys = vec![one.jwk("k"); 5];
    keys.push(two.jwk("k"));
    let mut bench = with_inline_keys(&json!(keys));
    let header = json!({ "alg": "ES256" });
    assert_eq!(bench.verdict(&two.token_under(&header, &claims_of(MAIN_ISSUER))), PASSED);
}

#[test]
fn a_member_that_is_null_is_absent_and_padding_changes_no_key() {
    let key = Key::p256(1);
    let token = key.token_by("k1", &claims_of(MAIN_ISSUER));
    let with = |name: &str, value: Value| {
        let mut jwk = key.jwk("k1");
        jwk[name] = value;
        jwk
    };
    for name in ["d", "use", "key_ops", "alg", "x5c", "n", "k"] {
        let mut bench = with_inline_keys(&json!([with(name, Value::Null)]));
        assert_eq!(bench.verdict(&token), PASSED, "{name}");
    }
    let x = key.jwk("k1")["x"].as_str().expect("x").to_owned();
    let mut bench = with_inline_keys(&json!([with("x", json!(format!("{x}=")))]));
    assert_eq!(bench.verdict(&token), PASSED);
    for x in [format!("{x}=="), format!("={x}"), format!("{x}===="), format!("{x} ")] {
        let text = json!({ "keys": [with("x", json!(x))] }).to_string();
        let set = JwkSet::parse(text.as_bytes()).expect("a set");
        assert_eq!((set.usable(), set.unusable().len()), (0, 1), "{x}");
    }
    for d in [json!("AA"), json!(""), json!(1), json!(false)] {
        let text = json!({ "keys": [with("d", d.clone())] }).to_string();
        let set = JwkSet::parse(text.as_bytes()).expect("a set");
        assert_eq!(set.unusable(), [UnusableKey::Private], "{d}");
    }
    // A token has one spelling.
    assert_eq!(bench.verdict(&format!("{token}=")), "401 token_malformed");
}

#[test]
fn a_token_that_names_no_key_is_tried_with_four_keys_and_no_more() {
    let keys: Vec<_> = (1..=5).map(Key::p256).collect();
    let jwks: Vec<_> = keys.iter().map(|key| key.jwk("k")).collect();
    let mut bench = with_inline_keys(&json!(jwks));
    for (index, key) in keys.iter().enumerate() {
        let expected = if index < 4 { PASSED } else { "401 signature_invalid" };
        assert_eq!(bench.verdict(&key.token(&claims_of(MAIN_ISSUER))), expected, "{index}");
        assert_eq!(bench.world.asked.signatures, (index + 1).min(4));
    }
}

#[test]
fn a_key_for_another_algorithm_or_use_is_not_tried() {
    let one = Key::p256(1);
    let mut jwk = one.jwk("k1");
    jwk["alg"] = json!("ES256");
    let ed25519 = Key::ed25519(2);
    let mut bench = with_inline_keys(&json!([jwk, ed25519.jwk("k2")]));
    let claims = with(claims_of(MAIN_ISSUER), &json!({}));
    assert_eq!(bench.verdict(&one.token_by("k2", &claims)), "401 key_unknown");
    assert_eq!(bench.verdict(&ed25519.token_by("k1", &claims)), "401 key_unknown");
    assert_eq!(bench.verdict(&ed25519.token_by("k2", &claims)), PASSED);
}
