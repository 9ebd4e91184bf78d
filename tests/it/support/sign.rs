//! Keys that sign, as an issuer has them.

use base64ct::{Base64UrlUnpadded, Encoding};
use edgeward::jose::JwkSet;
use jwt_compact::alg::{Ed25519, Es256, Hs256, Hs256Key, SigningKey};
use jwt_compact::jwk::JsonWebKey;
use jwt_compact::{Algorithm, AlgorithmSignature};
use serde_json::{Value, json};

type P256Key = <Es256 as Algorithm>::SigningKey;
type Ed25519Key = <Ed25519 as Algorithm>::SigningKey;

/// A key with its private half.
pub(crate) enum Key {
    Secret(Vec<u8>),
    P256(Box<P256Key>),
    Ed25519(Box<Ed25519Key>),
}

/// The secrets of the tests' configurations, by name.
pub(crate) fn secret(name: &str) -> Option<String> {
    match name {
        "SECRET" => Some("0123456789abcdef0123456789abcdef".to_owned()),
        "OTHER" => Some("fedcba9876543210fedcba9876543210".to_owned()),
        "ASSERTION_KEY" => Some(private_jwk(ASSERTION_SEED).to_string()),
        _ => None,
    }
}

const ASSERTION_SEED: u8 = 9;

/// The key under `ASSERTION_KEY`.
pub(crate) fn assertion_key() -> Key {
    Key::ed25519(ASSERTION_SEED)
}

/// An Ed25519 key with its private half, as a Worker secret holds it.
pub(crate) fn private_jwk(seed: u8) -> Value {
    let mut jwk = Key::ed25519(seed).jwk(&format!("a{seed}"));
    jwk["d"] = json!(Base64UrlUnpadded::encode_string(&[seed; 32]));
    jwk
}

impl Key {
    /// The secret of that name.
    pub(crate) fn named(name: &str) -> Self {
        Self::Secret(secret(name).expect(name).into_bytes())
    }

    /// A P-256 key; each `seed` from 1 gives another.
    pub(crate) fn p256(seed: u8) -> Self {
        Self::P256(Box::new(SigningKey::<Es256>::from_slice(&[seed; 32]).expect("a scalar")))
    }

    /// An Ed25519 key; each `seed` gives another.
    pub(crate) fn ed25519(seed: u8) -> Self {
        Self::Ed25519(Box::new(SigningKey::<Ed25519>::from_slice(&[seed; 32]).expect("a seed")))
    }

    pub(crate) fn algorithm(&self) -> &'static str {
        match self {
            Self::Secret(_) => "HS256",
            Self::P256(_) => "ES256",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    pub(crate) fn sign(&self, input: &str) -> Vec<u8> {
        let input = input.as_bytes();
        match self {
            Self::Secret(secret) => Hs256.sign(&Hs256Key::new(secret), input).as_bytes().to_vec(),
            Self::P256(key) => Es256.sign(key, input).as_bytes().to_vec(),
            Self::Ed25519(key) => Ed25519.sign(key, input).as_bytes().to_vec(),
        }
    }

    /// The public half as it is published, under a name.
    pub(crate) fn jwk(&self, kid: &str) -> Value {
        let public = match self {
            Self::Secret(_) => panic!("a secret is not published"),
            Self::P256(key) => serde_json::to_value(JsonWebKey::from(key.verifying_key())),
            Self::Ed25519(key) => serde_json::to_value(JsonWebKey::from(&key.to_verifying_key())),
        };
        let mut jwk = public.expect("JSON");
        jwk["kid"] = json!(kid);
        jwk
    }

    /// A token with the usual header.
    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_under(&json!({ "alg": self.algorithm(), "typ": "JWT" }), claims)
    }

    /// A token whose header names the key.
    pub(crate) fn token_by(&self, kid: &str, claims: &Value) -> String {
        self.token_under(&json!({ "alg": self.algorithm(), "kid": kid }), claims)
    }

    pub(crate) fn token_under(&self, header: &Value, claims: &Value) -> String {
        self.token_of(header.to_string().as_bytes(), claims.to_string().as_bytes())
    }

    /// A token of these very bytes.
    pub(crate) fn token_of(&self, header: &[u8], payload: &[u8]) -> String {
        let input = format!("{}.{}", encode(header), encode(payload));
        let signature = encode(&self.sign(&input));
        format!("{input}.{signature}")
    }
}

pub(crate) fn encode(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// A published set of keys.
pub(crate) fn key_set(keys: &[(&str, &Key)]) -> JwkSet {
    let keys: Vec<_> = keys.iter().map(|(kid, key)| key.jwk(kid)).collect();
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).expect("a key set")
}

/// The same ES256 token under the other form of its signature, (r, n − s): nobody needs the key to
/// make it.
pub(crate) fn twin(token: &str) -> String {
    /// The order of P-256 (SEC 2 §2.4.2).
    const ORDER: [u8; 32] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
        0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63,
        0x25, 0x51,
    ];
    let (input, signature) = token.rsplit_once('.').expect("three parts");
    let mut signature = decode(signature).expect("base64url");
    let mut borrow = 0;
    for (own, order) in signature.iter_mut().skip(32).zip(ORDER).rev() {
        let difference = i32::from(order) - i32::from(*own) - borrow;
        borrow = i32::from(difference < 0);
        *own = u8::try_from(difference.rem_euclid(256)).expect("a byte");
    }
    format!("{input}.{}", encode(&signature))
}
