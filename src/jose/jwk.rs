use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use serde_json::Value;

use super::material;
use super::{Algorithm, KeyMaterial, UnusableKey};
use crate::json::Object;

/// A key that may verify signatures. It is checked when it is made, so that no weaker one exists.
pub struct VerificationKey {
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    issuer: Option<String>,
    material: KeyMaterial,
    prepared: RefCell<Vec<(Algorithm, Rc<dyn Any>)>>,
}

impl VerificationKey {
    /// Reads a public JSON Web Key ([RFC 7517 §4]).
    ///
    /// `use` must be absent or `sig`; `key_ops` absent, with `verify`, or empty beside a `use`; `alg` absent or one
    /// that fits. `null` counts as absent everywhere. Symmetric and private keys are refused.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`], with the first fault found.
    ///
    /// [RFC 7517 §4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
    pub fn from_jwk(jwk: &Object) -> Result<Self, UnusableKey> {
        Self::new(jwk, material::public)
    }

    /// Reads a shared secret that is written as a JSON Web Key (`kty: oct`). Do not use it for keys
    /// of a published set.
    ///
    /// # Errors
    ///
    /// [`UnusableKey`]; the secret must be as long as the hash of its `alg`, 32 bytes at least.
    pub fn from_symmetric_jwk(jwk: &Object) -> Result<Self, UnusableKey> {
        Self::new(jwk, material::symmetric)
    }

    fn new(
        jwk: &Object,
        material: fn(&Object) -> Result<KeyMaterial, UnusableKey>,
    ) -> Result<Self, UnusableKey> {
        let kid = match jwk.get("kid") {
            None | Some(Value::Null) => None,
            Some(Value::String(kid)) => Some(kid.clone()),
            Some(_) => return Err(UnusableKey::Member("kid")),
        };
        check_use(jwk)?;
        let material = material(jwk)?;
        let algorithm = algorithm(jwk, &material)?;
        let issuer = jwk.get("issuer").filter(|issuer| !issuer.is_null());
        // What is no text names nobody.
        let issuer = issuer.map(|issuer| issuer.as_str().unwrap_or_default().to_owned());
        Ok(Self { kid, algorithm, issuer, material, prepared: RefCell::default() })
    }

    /// A shared secret, for every HMAC algorithm whose hash is not longer than it (RFC 7518 §3.2).
    ///
    /// # Errors
    ///
    /// [`UnusableKey::SecretLength`] below 32 bytes: it would fit none.
    pub fn from_secret(secret: Vec<u8>) -> Result<Self, UnusableKey> {
        let material = material::secret(secret)?;
        let (kid, algorithm, issuer) = (None, None, None);
        Ok(Self { kid, algorithm, issuer, material, prepared: RefCell::default() })
    }

    /// `kid`, when it has one.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The issuer whose tokens the key is for, from the member `issuer`, where a set has the keys
    /// of several; empty where the member is no text. `Entra` writes it, no RFC defines it.
    #[must_use]
    pub fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Whether it is a shared secret without a `kid`: a `kid` in a token says nothing about it, and
    /// libraries that sign with secrets write one of their own.
    pub(super) fn is_nameless_secret(&self) -> bool {
        self.kid.is_none() && matches!(self.material, KeyMaterial::Secret(_))
    }

    /// Whether another key of a set is the same key, published again under the same `kid`.
    pub(super) fn is_twin_of(&self, other: &Self) -> bool {
        self.kid == other.kid && self.material.is_same_public(&other.material)
    }

    /// The checked key material.
    #[must_use]
    pub fn material(&self) -> &KeyMaterial {
        &self.material
    }

    /// Whether this key may verify `algorithm`: type, curve, length, and its own `alg`.
    #[must_use]
    pub fn verifies(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.material.fits(algorithm)
    }

    /// The form of this key that a verifier has kept with it for `algorithm`, such as an imported
    /// `CryptoKey`.
    pub fn prepared<T: 'static>(&self, algorithm: Algorithm) -> Option<Rc<T>> {
        let kept = self.prepared.borrow();
        let (_, form) = kept.iter().find(|(kept, _)| *kept == algorithm)?;
        Rc::clone(form).downcast().ok()
    }

    /// Keeps a verifier's form of this key for `algorithm`, as long as the key lives.
    pub fn prepare(&self, algorithm: Algorithm, form: Rc<dyn Any>) {
        self.prepared.borrow_mut().push((algorithm, form));
    }
}

fn check_use(jwk: &Object) -> Result<(), UnusableKey> {
    let is_for_signatures = match jwk.get("use") {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) if text == "sig" => true,
        Some(_) => return Err(UnusableKey::Use),
    };
    match jwk.get("key_ops") {
        None | Some(Value::Null) => Ok(()),
        // .NET's Microsoft.IdentityModel 7 writes the member although it knows no operation.
        Some(Value::Array(operations)) if operations.is_empty() && is_for_signatures => Ok(()),
        Some(Value::Array(operations)) if operations.iter().any(|op| op == "verify") => Ok(()),
        Some(_) => Err(UnusableKey::KeyOperations),
    }
}

fn algorithm(jwk: &Object, material: &KeyMaterial) -> Result<Option<Algorithm>, UnusableKey> {
    let name = match jwk.get("alg") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(name)) => name,
        Some(_) => return Err(UnusableKey::Algorithm),
    };
    let algorithm = Algorithm::from_name(name).filter(|algorithm| material.fits(*algorithm));
    algorithm.map(Some).ok_or(UnusableKey::Algorithm)
}

impl fmt::Debug for VerificationKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("VerificationKey");
        debug.field("kid", &self.kid).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
