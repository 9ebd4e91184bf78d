//! Signatures verified by WebCrypto: at the edge, in the browser, in Node.
//!
//! RSA and elliptic curves cost ten times as much in wasm, and would triple its size.

mod import;
mod subtle;

use std::rc::Rc;

use js_sys::{JsString, Object, Promise, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::jose::{Algorithm, Family, SignatureCheck, VerificationKey};
use subtle::CryptoKey;

/// Starts to verify a signature; the promise resolves to a boolean or rejects.
///
/// A rejection means the same as `false`: a key that cannot be imported, a signature of a form that
/// the runtime refuses to look at.
///
/// # Errors
///
/// What WebCrypto throws, before there is a promise.
pub fn verify(check: &SignatureCheck) -> Result<Promise, JsValue> {
    // No verifier is asked about a length that no verifier should accept.
    if !check.has_sound_length() {
        return Ok(Promise::resolve(&JsValue::FALSE));
    }
    let message = check.signing_input().as_bytes();
    verify_raw(check.algorithm(), check.key(), message, check.signature())
}

/// The same for a message that is no JWS.
///
/// # Errors
///
/// What WebCrypto throws, before there is a promise.
pub fn verify_raw(
    algorithm: Algorithm,
    key: &Rc<VerificationKey>,
    message: &[u8],
    signature: &[u8],
) -> Result<Promise, JsValue> {
    // Copied out of wasm memory: WebCrypto reads them later, when that memory may have moved.
    let (message, signature) = (Uint8Array::from(message), Uint8Array::from(signature));
    if let Some(imported) = key.prepared::<CryptoKey>(algorithm) {
        return subtle::crypto().verify(&parameters(algorithm), &imported, &signature, &message);
    }
    let importing = import::key(algorithm, key)?;
    let key = Rc::clone(key);
    let verify = Closure::once_into_js(move |imported: CryptoKey| -> Result<Promise, JsValue> {
        key.prepare(algorithm, Rc::new(imported.clone()));
        subtle::crypto().verify(&parameters(algorithm), &imported, &signature, &message)
    });
    Ok(subtle::then(&importing, verify.unchecked_ref()))
}

/// The algorithm as WebCrypto wants to hear it (Web Cryptography API, §20–§26).
fn parameters(algorithm: Algorithm) -> Object {
    let parameters = Object::new();
    let name = match algorithm.family() {
        Family::RsaPkcs1 => "RSASSA-PKCS1-v1_5",
        Family::RsaPss => "RSA-PSS",
        Family::Ecdsa(_) => "ECDSA",
        Family::Ed25519 => "Ed25519",
        Family::Hmac => "HMAC",
    };
    set(&parameters, "name", &JsString::from(name));
    set(&parameters, "hash", &JsString::from(algorithm.hash().name()));
    if algorithm.family() == Family::RsaPss {
        let salt_bytes = u32::try_from(algorithm.hash().bytes()).unwrap_or(0);
        set(&parameters, "saltLength", &JsValue::from(salt_bytes));
    }
    parameters
}

fn set(object: &Object, name: &str, value: &JsValue) {
    // Setting a member of a fresh plain object cannot fail.
    let _ = js_sys::Reflect::set(object, &JsString::from(name), value);
}
