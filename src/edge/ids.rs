//! Ids of requests.

use wasm_bindgen::prelude::*;

use super::bridge;
use crate::http::RequestId;
use crate::platform::random;

/// The random prefix of the ids of this isolate's requests, which distinguishes them from those of
/// other isolates. A counter follows it; the ids are not secret.
#[wasm_bindgen]
#[must_use]
pub fn ids_begin_with() -> String {
    // If the platform has no random numbers, the count still tells requests apart.
    format!("{:016x}-", random::bits().unwrap_or_default())
}

/// A fresh id for a request whose own is lost.
pub(super) fn request_id() -> RequestId {
    RequestId::made(&bridge::fresh_id())
}
