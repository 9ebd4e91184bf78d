use std::rc::Rc;

use js_sys::{Array, JsString, Object, Promise};
use wasm_bindgen::JsValue;

use super::parameters::{parameters, set};
use super::subtle;
use crate::jose::{Algorithm, Family, KeyMaterial, VerificationKey, base64url};

/// Starts to import a key for one algorithm.
///
/// Only the checked numbers go in: members such as `use` or `ext` were judged when the key was
/// read, and a runtime that judges them again may judge otherwise.
pub(super) fn key(algorithm: Algorithm, key: &Rc<VerificationKey>) -> Result<Promise, JsValue> {
    let jwk = Object::new();
    let member = |name: &str, value: &str| set(&jwk, name, &JsString::from(value));
    match key.material() {
        KeyMaterial::Rsa { modulus, exponent } => {
            member("kty", "RSA");
            member("n", &base64url(modulus));
            member("e", &base64url(exponent));
        }
        KeyMaterial::Ec { curve, x, y } => {
            member("kty", "EC");
            member("crv", curve.name());
            member("x", &base64url(x));
            member("y", &base64url(y));
        }
        KeyMaterial::Ed25519 { x } => {
            member("kty", "OKP");
            member("crv", "Ed25519");
            member("x", &base64url(x));
        }
        // Secrets never leave the core: HMAC is computed there.
        KeyMaterial::Secret(_) => return Err(JsValue::NULL),
    }
    let parameters = parameters(algorithm);
    if let Family::Ecdsa(curve) = algorithm.family() {
        set(&parameters, "namedCurve", &JsString::from(curve.name()));
    }
    let usages = Array::of1(&JsString::from("verify"));
    subtle::crypto().import_key("jwk", &jwk, &parameters, false, &usages)
}
