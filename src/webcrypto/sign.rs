//! Signatures by the gateway's own key.

use std::rc::Rc;

use js_sys::{Array, JsString, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::{CryptoKey, parameters, set, subtle, verify_raw};
use crate::jose::{Algorithm, SigningKey};

const TRIAL: &[u8] = b"trial";

/// The imported form of `key`; none before its [`import_signer`].
#[must_use]
pub fn signer(key: &SigningKey) -> Option<Rc<CryptoKey>> {
    key.prepared()
}

/// Imports `key` for signing, and sees that its two halves belong together: with another's public
/// half it would sign what no origin can verify.
///
/// # Errors
///
/// What `WebCrypto` says of a key that it does not take; `null` for halves of two keys.
pub async fn import_signer(key: &SigningKey) -> Result<(), JsValue> {
    if signer(key).is_some() {
        return Ok(());
    }
    let jwk = Object::new();
    let members =
        [("kty", "OKP"), ("crv", "Ed25519"), ("x", key.published().x()), ("d", key.seed())];
    for (name, value) in members {
        set(&jwk, name, &JsString::from(value));
    }
    let (algorithm, usages) = (parameters(Algorithm::EdDsa), Array::of1(&JsString::from("sign")));
    let importing = subtle::crypto().import_key("jwk", &jwk, &algorithm, false, &usages)?;
    let imported: CryptoKey = JsFuture::from(importing).await?.unchecked_into();
    let signing = subtle::crypto().sign(&algorithm, &imported, TRIAL)?;
    let signature = Uint8Array::new(&JsFuture::from(signing).await?).to_vec();
    if !verify_raw(Algorithm::EdDsa, key.verifier(), TRIAL, &signature).await? {
        return Err(JsValue::NULL);
    }
    key.prepare(Rc::new(imported));
    Ok(())
}
