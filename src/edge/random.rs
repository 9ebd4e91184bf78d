use wasm_bindgen::prelude::*;

use super::crossing;
use crate::http::RequestId;

/// What the ids of this isolate's requests begin with: random, so that no other isolate's do. They
/// are counted from there, and no secret.
#[wasm_bindgen]
#[must_use]
pub fn ids_begin_with() -> String {
    let mut bytes = [0; 8];
    // Should the platform have none, the count still tells requests apart.
    let _ = getrandom::fill(&mut bytes);
    format!("{:016x}-", u64::from_be_bytes(bytes))
}

/// The id for a request whose own is lost.
pub(super) fn request_id() -> RequestId {
    RequestId::made(&crossing::fresh_id())
}
