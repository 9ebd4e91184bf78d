//! What a forger does to tokens that he has seen.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::oracle::{Issuer, Signed};
use crate::support::sign::{Key, decode, encode, twin};

#[derive(Clone, Debug)]
pub(crate) enum Forgery {
    /// Some bits of one character.
    Flip(Index, u8),
    Insert(Index, char),
    Delete(Index),
    Cut(Index),
    /// One of the three parts from another token.
    Part(usize, Index),
    /// A member of the header set or, with `null`, taken away.
    Header(&'static str, Value),
    /// The same for a claim.
    Claim(&'static str, Value),
    /// Header or payload written anew, with the same meaning.
    Respell(usize),
    /// Signed by a stranger, with what he has.
    Resign(usize),
    Signature(&'static str),
    Twin,
    Append(&'static str),
}

pub(crate) fn forgeries() -> impl Strategy<Value = Vec<Forgery>> {
    let one = prop_oneof![
        4 => (any::<Index>(), 1_u8..128).prop_map(|(at, bits)| Forgery::Flip(at, bits)),
        1 => (any::<Index>(), select(vec!['A', '.', '=', '-', '\n', '\u{e9}']))
            .prop_map(|(at, c)| Forgery::Insert(at, c)),
        1 => any::<Index>().prop_map(Forgery::Delete),
        1 => any::<Index>().prop_map(Forgery::Cut),
        4 => (0..3_usize, any::<Index>()).prop_map(|(part, of)| Forgery::Part(part, of)),
        3 => select(headers()).prop_map(|(name, value)| Forgery::Header(name, value)),
        3 => select(claims()).prop_map(|(name, value)| Forgery::Claim(name, value)),
        1 => (0..2_usize).prop_map(Forgery::Respell),
        4 => (0..5_usize).prop_map(Forgery::Resign),
        1 => select(vec!["", "AA", "AAAA"]).prop_map(Forgery::Signature),
        2 => Just(Forgery::Twin),
        1 => select(vec!["=", ".", ".AA", " ", "A"]).prop_map(Forgery::Append),
    ];
    // A good part of all tokens comes as it was signed.
    prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(one, 1..3)]
}

fn headers() -> Vec<(&'static str, Value)> {
    let mut changes: Vec<_> = ["none", "None", "HS256", "ES256", "EdDSA", "Ed25519", "RS256"]
        .map(|name| ("alg", json!(name)))
        .to_vec();
    changes.extend([
        ("kid", json!("k1")),
        ("kid", json!("k2")),
        ("kid", Value::Null),
        ("typ", json!("at+jwt")),
        ("typ", Value::Null),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("jwk", Key::p256(9).jwk("k1")),
    ]);
    changes
}

fn claims() -> Vec<(&'static str, Value)> {
    vec![
        ("iss", json!("https://main.example")),
        ("iss", json!("https://second.example")),
        ("iss", json!("https://secret.example")),
        ("sub", json!("root")),
        ("aud", json!("api")),
        ("exp", json!(9_999_999_999_i64)),
        ("nbf", Value::Null),
        ("iat", json!(1)),
        ("jti", Value::Null),
        ("roles", json!(["admin"])),
        ("tenant", json!("acme")),
        ("token_type", Value::Null),
    ]
}

/// The text after all of that.
pub(crate) fn forge(
    of: &Signed,
    all: &[Signed],
    issuers: &[Issuer],
    forgeries: &[Forgery],
) -> String {
    forgeries.iter().fold(of.text.clone(), |text, forgery| forgery.apply(text, all, issuers))
}

impl Forgery {
    fn apply(&self, text: String, all: &[Signed], issuers: &[Issuer]) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        match self {
            Self::Insert(at, c) => characters.insert(at.index(characters.len() + 1), *c),
            Self::Append(end) => characters.extend(end.chars()),
            Self::Twin => return twinned(text),
            _ if characters.is_empty() => {}
            Self::Flip(at, bits) => {
                let at = at.index(characters.len());
                characters[at] = flipped(characters[at], *bits);
            }
            Self::Delete(at) => drop(characters.remove(at.index(characters.len()))),
            Self::Cut(at) => characters.truncate(at.index(characters.len())),
            _ => return self.apply_to_parts(&text, all, issuers),
        }
        characters.into_iter().collect()
    }

    fn apply_to_parts(&self, text: &str, all: &[Signed], issuers: &[Issuer]) -> String {
        let mut parts: Vec<String> = text.split('.').map(str::to_owned).collect();
        if parts.len() != 3 {
            return text.to_owned();
        }
        match self {
            Self::Part(part, of) => {
                let other = of.get(all).text.split('.').nth(*part).expect("three parts");
                other.clone_into(&mut parts[*part]);
            }
            Self::Header(name, value) => set(&mut parts[0], name, value),
            Self::Claim(name, value) => set(&mut parts[1], name, value),
            Self::Respell(part) => respell(&mut parts[*part]),
            Self::Signature(signature) => (*signature).clone_into(&mut parts[2]),
            Self::Resign(with) => resign(&mut parts, *with, issuers),
            _ => {}
        }
        parts.join(".")
    }
}

fn flipped(c: char, bits: u8) -> char {
    u8::try_from(c).map_or(c, |byte| char::from((byte ^ bits) & 0x7F))
}

/// The second form of a signature of 64 bytes, whatever made it.
fn twinned(text: String) -> String {
    let signature = text.rsplit_once('.').and_then(|(_, signature)| decode(signature));
    if signature.is_some_and(|signature| signature.len() == 64) { twin(&text) } else { text }
}

fn json_of(part: &str) -> Option<Value> {
    serde_json::from_slice(&decode(part)?).ok().filter(Value::is_object)
}

fn set(part: &mut String, name: &str, value: &Value) {
    let Some(mut object) = json_of(part) else {
        return;
    };
    object[name] = value.clone();
    if value.is_null() {
        object.as_object_mut().expect("an object").remove(name);
    }
    *part = encode(object.to_string().as_bytes());
}

fn respell(part: &mut String) {
    if let Some(object) = json_of(part) {
        *part = encode(serde_json::to_string_pretty(&object).expect("JSON").as_bytes());
    }
}

/// A stranger has keys of his own and everything that is public.
fn resign(parts: &mut [String], with: usize, issuers: &[Issuer]) {
    let public = issuers[0].keys[0].1.jwk("k1");
    let x = public["x"].as_str().and_then(decode).expect("a coordinate");
    let key = match with {
        0 => Key::p256(9),
        1 => Key::ed25519(9),
        2 => Key::Secret(public.to_string().into_bytes()),
        3 => Key::Secret(x),
        _ => Key::Secret(vec![0; 32]),
    };
    set(&mut parts[0], "alg", &json!(key.algorithm()));
    parts[2] = encode(&key.sign(&format!("{}.{}", parts[0], parts[1])));
}
