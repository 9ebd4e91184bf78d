use std::any::Any;
use std::cell::OnceCell;
use std::fmt;
use std::rc::Rc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{KeyMaterial, UnusableKey, VerificationKey, base64url};
use crate::json::{self, Object};

/// A private key of the gateway itself: Ed25519, the one algorithm whose signatures need neither
/// randomness nor a choice of parameters ([RFC 8037]).
///
/// Whether `x` belongs to `d` is *not* checked here: the signer has to try.
///
/// [RFC 8037]: https://www.rfc-editor.org/rfc/rfc8037
pub struct SigningKey {
    published: PublishedKey,
    seed: String,
    prepared: OnceCell<Rc<dyn Any>>,
}

/// The public half of such a key, as it is published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    kid: String,
    x: String,
}

impl SigningKey {
    /// Reads a private JSON Web Key (`OKP`, `Ed25519`, with `d`); `key_ops` must be absent or with
    /// `sign`.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`], which repeats nothing of the text.
    pub fn parse(text: &str) -> Result<Self, UnusableKey> {
        let jwk = json::parse_object(text.as_bytes()).map_err(|_| UnusableKey::KeyType)?;
        let Some(Value::String(seed)) = jwk.get("d") else {
            return Err(UnusableKey::Member("d"));
        };
        if base64url::decode(seed).is_none_or(|bytes| bytes.len() != 32) {
            return Err(UnusableKey::Member("d"));
        }
        match jwk.get("key_ops") {
            None | Some(Value::Null) => {}
            Some(Value::Array(operations)) if operations.iter().any(|op| op == "sign") => {}
            Some(_) => return Err(UnusableKey::KeyOperations),
        }
        let verifier = VerificationKey::from_jwk(&public(&jwk))?;
        let published = PublishedKey::of(&verifier).ok_or(UnusableKey::KeyType)?;
        Ok(Self { published, seed: seed.clone(), prepared: OnceCell::new() })
    }

    /// The public half.
    #[must_use]
    pub fn published(&self) -> &PublishedKey {
        &self.published
    }

    /// The private key `d`, in base64url: for the signer and nobody else.
    #[must_use]
    pub fn seed(&self) -> &str {
        &self.seed
    }

    /// The form of this key that a signer has kept with it, such as an imported `CryptoKey`.
    pub fn prepared<T: 'static>(&self) -> Option<Rc<T>> {
        Rc::clone(self.prepared.get()?).downcast().ok()
    }

    /// Keeps a signer's form of this key. Only the first form is kept.
    pub fn prepare(&self, form: Rc<dyn Any>) {
        // A second one says the same.
        let _ = self.prepared.set(form);
    }
}

impl PublishedKey {
    /// The published form of an Ed25519 key, `None` for others. Without a `kid` of its own it is
    /// named by its thumbprint ([RFC 7638]).
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    #[must_use]
    pub fn of(key: &VerificationKey) -> Option<Self> {
        let KeyMaterial::Ed25519 { x } = key.material() else { return None };
        let x = base64url::encode(x);
        let kid = key.kid().map_or_else(|| thumbprint(&x), str::to_owned);
        Some(Self { kid, x })
    }

    /// `kid`.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// `x`, in base64url.
    #[must_use]
    pub fn x(&self) -> &str {
        &self.x
    }

    /// The JSON Web Key, with public members only.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let members = [
            ("kty", "OKP"),
            ("crv", "Ed25519"),
            ("x", &self.x),
            ("kid", &self.kid),
            ("use", "sig"),
            ("alg", "EdDSA"),
        ];
        let mut jwk = Object::new();
        for (name, value) in members {
            jwk.insert(name.to_owned(), value.into());
        }
        jwk.into()
    }
}

/// A copy of a key with the members that the public half is checked by.
fn public(jwk: &Object) -> Object {
    let mut public = Object::new();
    for name in ["kty", "crv", "x", "kid", "use", "alg"] {
        if let Some(value) = jwk.get(name) {
            public.insert(name.to_owned(), value.clone());
        }
    }
    public
}

/// The required members in this order, without white space (RFC 7638 §3.2, RFC 8037 §2).
fn thumbprint(x: &str) -> String {
    let members = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    base64url::encode(&Sha256::digest(members))
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SigningKey")
            .field("kid", &self.published.kid)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    // RFC 8037 appendix A.1 and A.3.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    const D: &str = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

    fn parse(changes: &Value) -> Result<SigningKey, UnusableKey> {
        let mut jwk = json!({ "kty": "OKP", "crv": "Ed25519", "x": X, "d": D });
        for (name, value) in changes.as_object().expect("an object") {
            jwk[name] = value.clone();
        }
        SigningKey::parse(&jwk.to_string())
    }

    #[test]
    fn a_key_without_a_kid_is_named_by_its_thumbprint() {
        let kid = |changes: Value| parse(&changes).expect("a key").published().kid().to_owned();
        assert_eq!(kid(json!({})), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(kid(json!({ "kid": "2026" })), "2026");
    }

    #[test]
    fn only_public_members_are_published_and_shown() {
        let key =
            parse(&json!({ "kid": "2026", "ext": true, "key_ops": ["sign"] })).expect("a key");
        let published = key.published().to_jwk();
        let names: Vec<_> = published.as_object().expect("an object").keys().collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x"]);
        assert_eq!((&published["x"], key.seed()), (&json!(X), D));
        assert!(!format!("{key:?}").contains(D));
    }

    #[test]
    fn what_is_no_private_ed25519_key_is_refused() {
        for (changes, error) in [
            (json!({ "d": null }), UnusableKey::Member("d")),
            (json!({ "d": "AAAA" }), UnusableKey::Member("d")),
            (json!({ "d": format!("{D}=") }), UnusableKey::Member("d")),
            (json!({ "x": "AAAA" }), UnusableKey::Ed25519),
            (json!({ "crv": "X25519" }), UnusableKey::Curve),
            (json!({ "kty": "oct", "k": X }), UnusableKey::Symmetric),
            (json!({ "use": "enc" }), UnusableKey::Use),
            (json!({ "alg": "ES256" }), UnusableKey::Algorithm),
            (json!({ "key_ops": ["verify"] }), UnusableKey::KeyOperations),
            (json!({ "kid": 1 }), UnusableKey::Member("kid")),
        ] {
            assert_eq!(parse(&changes).err(), Some(error), "{changes}");
        }
        let point = json!({
            "kty": "EC", "crv": "P-256",
            "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
        });
        assert!(parse(&point).is_err());
        assert_eq!(SigningKey::parse("secret").err(), Some(UnusableKey::KeyType));
    }
}
