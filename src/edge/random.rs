use std::cell::Cell;

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

thread_local! {
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// True once in `n` times, by a random number of ours: a client that could know it would choose what
/// is logged.
pub(super) fn one_in(n: u64) -> bool {
    let mut state = STATE.get();
    while state == 0 {
        let mut seed = [0; 8];
        if getrandom::fill(&mut seed).is_err() {
            return false;
        }
        state = u64::from_be_bytes(seed);
    }
    // xorshift64 (Marsaglia 2003): no secret depends on it.
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    STATE.set(state);
    state.is_multiple_of(n)
}

/// The id for a request whose own is lost.
pub(super) fn request_id() -> RequestId {
    RequestId::made(&crossing::fresh_id())
}
