//! Claims that an issuer signed, judged again by a plain reading of their JSON; and no claim can
//! leave its header.

use std::rc::Rc;
use std::time::Duration;

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeward::identity::{Encoding as As, HeaderRule, HeaderRules, IdentityHeaders};
use edgeward::jose::{JoseHeader, JwkSet, VerificationKey};
use edgeward::time::NumericDate;
use edgeward::token::{
    ClaimPaths, ClaimsPolicy, Identity, TokenStep, TokenTypes, UnverifiedToken, VerifiedToken,
};
use jwt_compact::alg::{Hs256, Hs256Key};
use jwt_compact::{Algorithm as _, AlgorithmSignature as _};
use serde_json::Value;

const NOW: i64 = 1_767_225_600;
const SECRET: [u8; 32] = *b"0123456789abcdef0123456789abcdef";

/// `data` is the payload of a token whose signature is good.
pub(crate) fn check(data: &[u8]) {
    let Some(token) = signed(data) else {
        return;
    };
    let sent: Value = serde_json::from_slice(data).expect("a token of JSON only");
    assert_eq!(Some(&token.claims().all), sent.as_object(), "the claims are what was signed");
    let token = Rc::new(token);
    if policy().check(Rc::clone(&token), NumericDate::from_seconds(NOW)).is_ok() {
        is_in_force(&sent);
    }
    if let Ok(identity) = Identity::read(token.claims(), &ClaimPaths::default()) {
        stays_in_its_headers(&token, &identity);
    }
}

fn signed(payload: &[u8]) -> Option<VerifiedToken> {
    let payload = Base64UrlUnpadded::encode_string(payload);
    let input = format!("eyJhbGciOiJIUzI1NiJ9.{payload}");
    let signature = Hs256.sign(&Hs256Key::new(SECRET), input.as_bytes());
    let signature = Base64UrlUnpadded::encode_string(&signature.as_bytes());
    let token = UnverifiedToken::parse_at_most(format!("{input}.{signature}"), 65_536).ok()?;
    let key = VerificationKey::from_secret(SECRET.to_vec()).expect("long enough");
    let header = JoseHeader { kid: None, ..token.header().clone() };
    match token.check(JwkSet::from_keys(vec![key]).select(&header).expect("a key")) {
        TokenStep::Verified(token) => Some(token),
        TokenStep::Refused(_) => None,
        TokenStep::Pending(_) => panic!("an HMAC needs nobody"),
    }
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy {
        template: None,
        issuer: "https://auth.example.com".to_owned(),
        any_audience: false,
        audience_claim: None,
        accepts_no_audience: false,
        audiences: vec!["api".to_owned()],
        token_types: TokenTypes::default(),
        leeway: Duration::from_secs(30),
        max_age: None,
        longest_life: None,
        required: Vec::new(),
    }
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a small literal")]
fn is_in_force(sent: &Value) {
    let (earliest, latest) = ((NOW - 30) as f64, (NOW + 30) as f64);
    assert!(sent["exp"].as_f64().is_some_and(|exp| exp > earliest), "expired: {sent}");
    for name in ["nbf", "iat"] {
        let time = sent.get(name).map(|time| time.as_f64().expect("a number"));
        // A part of a millisecond may be cut.
        assert!(time.is_none_or(|time| time < latest + 0.001), "{name} lies ahead: {sent}");
    }
    assert_eq!(sent["iss"], "https://auth.example.com");
    let ours = |value: &Value| value == "api";
    assert!(ours(&sent["aud"]) || sent["aud"].as_array().is_some_and(|all| all.iter().any(ours)));
    let kind = sent.get("token_type").map(|kind| kind.as_str().expect("a text").to_lowercase());
    assert!(kind.is_none_or(|kind| !kind.contains("refresh") && !kind.contains("logout")));
}

fn stays_in_its_headers(token: &VerifiedToken, identity: &Identity) {
    let rule = |name: &str, encoding| HeaderRule {
        header: format!("x-{name}"),
        claim: name.to_owned(),
        encoding,
    };
    let claims = vec![rule("a", As::Plain), rule("b", As::List), rule("c.d", As::Json)];
    let Ok(headers) =
        IdentityHeaders::write(&HeaderRules::new("x-auth-", &[], claims), token, identity)
    else {
        return;
    };
    for (name, value) in headers.fields() {
        let visible = value.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        assert!(visible, "{name}: {value:?}");
    }
    let bytes: usize = headers.fields().flat_map(|(name, value)| [name, value]).map(str::len).sum();
    // A line break in a value would make headers of it, and not be counted among their bytes.
    assert_eq!(bytes, headers.bytes());
    assert!(bytes <= 6 * 1024, "{bytes} bytes of headers");
}
