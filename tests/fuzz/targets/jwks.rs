//! Whatever a key set says, only public keys of sound size come out of it, and one for each name.

use edgeward::jose::{Algorithm, JoseHeader, JwkSet, KeyMaterial};

const NAMES: [&str; 14] = [
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K",
    "EdDSA", "HS256", "HS384", "HS512",
];

pub(crate) fn check(data: &[u8]) {
    let Ok(set) = JwkSet::parse(data) else {
        return;
    };
    let document: serde_json::Value = serde_json::from_slice(data).expect("JSON");
    let jwks = document["keys"].as_array().expect("an array");
    assert_eq!(set.usable().checked_add(set.unusable().len()), Some(jwks.len()));
    assert!(jwks.len() <= 64 && data.len() <= 128 * 1024);
    let kids = jwks.iter().map(|key| key.get("kid").and_then(|kid| kid.as_str()));
    for kid in kids.chain([None, Some("unheard of")]) {
        for name in NAMES {
            let algorithm = Algorithm::from_name(name).expect(name);
            selects_sound_keys(&set, algorithm, kid);
        }
    }
}

fn selects_sound_keys(set: &JwkSet, algorithm: Algorithm, kid: Option<&str>) {
    let header = JoseHeader { algorithm, kid: kid.map(Into::into), typ: None };
    let Ok(found) = set.select(&header) else {
        return;
    };
    assert!(!algorithm.is_symmetric(), "a published key serves as a secret");
    assert!(found.others.len() <= 3 && (kid.is_none() || found.others.is_empty()));
    for key in std::iter::once(&found.first).chain(&found.others) {
        assert!(key.verifies(algorithm));
        assert!(kid.is_none() || key.kid() == kid);
        is_sound(key.material());
    }
}

fn is_sound(material: &KeyMaterial) {
    match material {
        KeyMaterial::Rsa { modulus, exponent } => {
            assert!((256..=1024).contains(&modulus.len()) && modulus[0] != 0);
            assert!(modulus.last().is_some_and(|byte| byte & 1 == 1));
            assert!((1..=5).contains(&exponent.len()) && exponent != &[1]);
        }
        KeyMaterial::Ec { curve, x, y } => {
            assert!(x.len() == curve.coordinate_bytes() && y.len() == x.len());
            assert!(x.iter().chain(y).any(|byte| *byte != 0), "the point at infinity");
        }
        KeyMaterial::Ed25519 { x } => assert!(x.len() == 32 && x[1..31] != [0; 30]),
        other => panic!("a published key is no {other:?}"),
    }
}
