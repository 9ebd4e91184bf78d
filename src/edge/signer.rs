use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

use super::bridge;
use crate::jose::SigningKey;
use crate::webcrypto::CryptoKey;

/// The imported form of `key`; none before its [`import`].
pub(super) fn imported(key: &SigningKey) -> Option<Rc<CryptoKey>> {
    key.prepared()
}

/// Imports `key`, once for each isolate; whether it can sign.
pub(super) async fn import(key: &SigningKey) -> bool {
    if imported(key).is_some() {
        return true;
    }
    let importing = bridge::import_signer(key.published().x(), key.seed());
    let Ok(imported) = JsFuture::from(importing).await else { return false };
    key.prepare(Rc::<CryptoKey>::new(imported.unchecked_into()));
    true
}
