//! One attempt at a time, although no request may await what another one started.

use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen_futures::JsFuture;

use super::bindings;
use crate::gateway::Lease;

/// Returns once an attempt has ended: the request that gets the lease makes it, all others ask for
/// the lease again from timers of their own, every `poll`.
///
/// `attempt` starts the attempt and returns its promise. It must go on when the client of this
/// request hangs up, because others wait for its outcome.
pub(crate) async fn single_flight(
    poll: Duration,
    lease: &dyn Fn() -> Lease,
    attempt: &dyn Fn() -> Promise,
) {
    loop {
        match lease() {
            Lease::Settled => return,
            Lease::Taken => {
                let _ = JsFuture::from(attempt()).await;
                return;
            }
            Lease::Held => {
                // A wait that fails has waited, too.
                let _ = JsFuture::from(bindings::wait(poll)).await;
            }
        }
    }
}
