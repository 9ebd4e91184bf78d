//! Verification of signatures by WebCrypto: at the edge, in the browser, in Node.
//!
//! RSA and elliptic curves cost ten times as much in wasm, and would triple its size.

mod import;
mod parameters;
mod subtle;

use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use crate::jose::{Algorithm, SignatureCheck, VerificationKey};
use parameters::for_verify;
pub use subtle::CryptoKey;

/// A key as WebCrypto imported it, and the parameters of its algorithm for `verify`.
#[derive(Debug)]
pub struct Imported {
    /// The key.
    pub key: CryptoKey,
    /// The algorithm, as `verify` takes it.
    pub parameters: JsValue,
}

/// The imported form of a check's key; `None` before its [`import`].
#[must_use]
pub fn imported(check: &SignatureCheck) -> Option<Rc<Imported>> {
    check.key().prepared(check.algorithm())
}

/// Imports a check's key for its algorithm. The imported form is kept as long as the key.
///
/// # Errors
///
/// The exception that WebCrypto throws for a key that it rejects.
pub async fn import(check: &SignatureCheck) -> Result<Rc<Imported>, JsValue> {
    import_key(check.algorithm(), check.key()).await
}

/// Whether a signature holds. A key that cannot be imported verifies nothing, and WebCrypto is not
/// asked about a signature of a length that no verifier should accept.
pub async fn holds(check: &SignatureCheck) -> bool {
    let message = check.signing_input().as_bytes();
    check.has_sound_length()
        && verify_raw(check.algorithm(), check.key(), message, check.signature())
            .await
            .unwrap_or(false)
}

/// Verifies a signature over a message that need not be a JWS. Only `Ok(true)` says that it holds.
///
/// # Errors
///
/// The exception that WebCrypto throws for a key that it rejects, or for a signature that it does
/// not examine.
pub async fn verify_raw(
    algorithm: Algorithm,
    key: &Rc<VerificationKey>,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, JsValue> {
    let imported = import_key(algorithm, key).await?;
    let verifying =
        subtle::crypto().verify(&imported.parameters, &imported.key, signature, message)?;
    Ok(JsFuture::from(verifying).await? == JsValue::TRUE)
}

async fn import_key(
    algorithm: Algorithm,
    key: &Rc<VerificationKey>,
) -> Result<Rc<Imported>, JsValue> {
    if let Some(imported) = key.prepared(algorithm) {
        return Ok(imported);
    }
    let imported = JsFuture::from(import::key(algorithm, key)?).await?;
    let imported =
        Rc::new(Imported { key: imported.unchecked_into(), parameters: for_verify(algorithm) });
    key.prepare(algorithm, Rc::<Imported>::clone(&imported));
    Ok(imported)
}
