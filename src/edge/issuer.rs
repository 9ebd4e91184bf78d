//! Gets the keys of an issuer: who fetches, who waits, what is kept.

use std::rc::Rc;

use wasm_bindgen_futures::JsFuture;

use super::exchange::Exchange;
use super::{bindings, clock, keys, keystore, log};
use crate::config::Issuer;
use crate::gateway::{KeyUpdate, Lease};
use crate::limits;

/// Sees to it that an attempt to get keys ends after `attempts` had ended.
///
/// One request fetches under a lease; all others look at the outcome from timers of their own,
/// because none may await what another request started. `from_issuer` leaves the store's copy
/// aside: the key that is looked for is not in it.
pub(super) async fn obtain(
    exchange: &Rc<Exchange>,
    index: usize,
    attempts: u64,
    from_issuer: bool,
) {
    loop {
        match exchange.gateway.keys().lease(index, attempts, clock::now()) {
            Lease::Settled => return,
            // Under `waitUntil` the fetch goes on when this client hangs up: others wait for it.
            Lease::Taken => {
                let own = exchange.during(attempt(Rc::clone(exchange), index, from_issuer));
                let _ = JsFuture::from(bindings::within(limits::JWKS_LEASE, &own)).await;
            }
            Lease::Held => {
                // A wait that fails has waited, too.
                let _ = JsFuture::from(bindings::wait(limits::JWKS_POLL)).await;
            }
        }
    }
}

/// Fetches stale keys again, after the answer that they still served.
pub(super) async fn refresh(exchange: Rc<Exchange>, index: usize) {
    let keys = exchange.gateway.keys();
    // The keys may have become fresh while the answer was made.
    let is_stale = keys.state(index, clock::now()).is_none_or(|state| state.is_stale);
    if is_stale && keys.lease(index, keys.attempts(index), clock::now()) == Lease::Taken {
        attempt(Rc::clone(&exchange), index, false).await;
    }
}

async fn attempt(exchange: Rc<Exchange>, index: usize, from_issuer: bool) {
    let gateway = &exchange.gateway;
    let Some(issuer) = gateway.config().issuers.get(index) else {
        return;
    };
    if !from_issuer && let Some(copy) = newer_copy(&exchange, index, issuer).await {
        log::keys_loaded(issuer, &copy.set);
        return gateway.keys().install(index, copy);
    }
    match keys::fetch(&exchange.env(), issuer).await {
        Ok(fetched) => {
            log::keys_fetched(issuer, &fetched.update.set);
            let copy = keystore::entry(issuer, &fetched);
            gateway.keys().install(index, fetched.update);
            // Nobody waits for the store: the keys are in use already.
            exchange.after(keystore::save(exchange.env(), copy));
        }
        Err(reason) => {
            let now = clock::now();
            gateway.keys().fail(index, now);
            let held = gateway.keys().state(index, now);
            log::keys_failed(issuer, &reason, held.is_some_and(|held| held.is_stale));
        }
    }
}

/// The store's copy, when it is newer than what is held, and fresh wherever something is held.
async fn newer_copy(exchange: &Exchange, index: usize, issuer: &Issuer) -> Option<KeyUpdate> {
    let now = clock::now();
    let copy = keystore::load(&exchange.env(), issuer, now).await?;
    match exchange.gateway.keys().state(index, now) {
        None => Some(copy),
        Some(held) => {
            let is_fresh = now < copy.fetched_at.plus(copy.fresh_for);
            (is_fresh && copy.fetched_at > held.fetched_at).then_some(copy)
        }
    }
}
