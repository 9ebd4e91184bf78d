//! Ids of requests.

use wasm_bindgen::prelude::*;

use super::bridge;
use crate::http::RequestId;
use crate::platform::random;

/// What the ids of this isolate's requests begin with: random, so that no other isolate's do. They
/// are counted from there, and no secret.
#[wasm_bindgen]
#[must_use]
pub fn ids_begin_with() -> String {
    // If the platform has no random numbers, the count still tells requests apart.
    format!("{:016x}-", random::bits().unwrap_or_default())
}

/// The id for a request whose own is lost.
pub(super) fn request_id() -> RequestId {
    RequestId::made(&bridge::fresh_id())
}
