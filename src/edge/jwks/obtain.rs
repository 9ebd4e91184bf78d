//! Gets the keys of an issuer: who fetches, who waits, what is kept.

use std::rc::Rc;

use super::{fetch, kv_copy};
use crate::config::Issuer;
use crate::edge::in_flight::InFlight;
use crate::edge::log;
use crate::gateway::{KeyUpdate, Lease};
use crate::limits;
use crate::platform::single_flight::single_flight;
use crate::platform::{bindings, clock};

/// Returns once an attempt to get keys has ended after `attempts` had ended.
///
/// `from_issuer` leaves the copy in KV aside: the key that is looked for is not in it.
pub(in crate::edge) async fn obtain(
    exchange: &Rc<InFlight>,
    index: usize,
    attempts: u64,
    from_issuer: bool,
) {
    let lease = || exchange.gateway.keys().lease(index, attempts, clock::now());
    // Under `waitUntil` the fetch goes on when this client hangs up: others wait for it.
    let start = || {
        let attempt = exchange.during(attempt(Rc::clone(exchange), index, from_issuer));
        bindings::within(limits::JWKS_LEASE, &attempt)
    };
    single_flight(limits::JWKS_POLL, &lease, &start).await;
}

/// Fetches stale keys again, after the answer that they still served.
pub(in crate::edge) async fn refresh(exchange: Rc<InFlight>, index: usize) {
    let keys = exchange.gateway.keys();
    // The keys may have become fresh while the answer was made.
    let is_stale = keys.state(index, clock::now()).is_none_or(|state| state.is_stale);
    if is_stale && keys.lease(index, keys.attempts(index), clock::now()) == Lease::Taken {
        attempt(Rc::clone(&exchange), index, false).await;
    }
}

async fn attempt(exchange: Rc<InFlight>, index: usize, from_issuer: bool) {
    let gateway = &exchange.gateway;
    let Some(issuer) = gateway.config().issuers.get(index) else {
        return;
    };
    if !from_issuer && let Some(copy) = newer_copy(&exchange, index, issuer).await {
        log::keys_loaded(issuer, &copy.set);
        return gateway.keys().install(index, copy);
    }
    match fetch::fetch(&exchange.env(), issuer).await {
        Ok(fetched) => {
            log::keys_fetched(issuer, &fetched.update.set);
            let copy = kv_copy::entry(issuer, &fetched);
            gateway.keys().install(index, fetched.update);
            // Nobody waits for the store: the keys are in use already.
            exchange.after(kv_copy::save(exchange.env(), copy));
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
async fn newer_copy(exchange: &InFlight, index: usize, issuer: &Issuer) -> Option<KeyUpdate> {
    let now = clock::now();
    let copy = kv_copy::load(&exchange.env(), issuer, now).await?;
    match exchange.gateway.keys().state(index, now) {
        None => Some(copy),
        Some(held) => {
            let is_fresh = now < copy.fetched_at.plus(copy.fresh_for);
            (is_fresh && copy.fetched_at > held.fetched_at).then_some(copy)
        }
    }
}
