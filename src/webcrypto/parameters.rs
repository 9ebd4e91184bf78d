use js_sys::{JsString, Object};
use wasm_bindgen::prelude::*;

use crate::jose::{Algorithm, Family};

/// The algorithm as `verify` wants to hear it: by its name, where the key says the rest. Each member of
/// an object would be looked for with each call.
pub(super) fn for_verify(algorithm: Algorithm) -> JsValue {
    match algorithm.family() {
        Family::RsaPkcs1 | Family::Ed25519 => JsString::from(name(algorithm)).into(),
        _ => parameters(algorithm).into(),
    }
}

/// The algorithm as WebCrypto wants to hear it (Web Cryptography API, §20–§26).
pub(super) fn parameters(algorithm: Algorithm) -> Object {
    // Without prototypes: the platform looks there, too, for every parameter that is not set.
    let parameters = Object::create(JsValue::NULL.unchecked_ref());
    set(&parameters, "name", &JsString::from(name(algorithm)));
    set(&parameters, "hash", &JsString::from(algorithm.hash().name()));
    if algorithm.family() == Family::RsaPss {
        let salt_bytes = u32::try_from(algorithm.hash().bytes()).unwrap_or(0);
        set(&parameters, "saltLength", &JsValue::from(salt_bytes));
    }
    parameters
}

fn name(algorithm: Algorithm) -> &'static str {
    match algorithm.family() {
        Family::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
        Family::RsaPss => "RSA-PSS",
        Family::Ecdsa(_) => "ECDSA",
        Family::Ed25519 => "Ed25519",
        Family::Hmac => "HMAC",
    }
}

/// Sets a member of an object that was made here.
pub(super) fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a fresh plain object cannot fail.
    let _ = js_sys::Reflect::set(object, &JsString::from(name), value);
}
