//! The configuration in the store, which is read before the first decision and then at intervals.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen::JsValue;

use super::bridge::{self, RequestContext};
use super::state::{self, State};
use super::{audit, environment, log};
use crate::config::{self, BackupAction, Config, ConfigErrors, ConfigInForce};
use crate::gateway::Lease;
use crate::limits;
use crate::platform::single_flight::single_flight;
use crate::platform::{clock, future, kv};
use crate::time::NumericDate;

const DOCUMENT: &str = "config";
const LAST_GOOD: &str = "config:good";

/// The state of the document in the store, as last read. Documents stay JavaScript values: they may
/// be large, and most readings find the same one as the reading before.
#[derive(Default)]
struct Known {
    /// The document that was read last.
    document: Option<JsValue>,
    /// The source of the configuration in force, if any is.
    in_force: Option<ConfigInForce>,
    /// The faults of the configuration that should be in force and is not.
    errors: Option<ConfigErrors>,
    /// The number of readings that have ended; it wraps.
    readings: u64,
    /// When the lease of the request that now reads the store ends; a request whose client has hung
    /// up may never finish the reading.
    lease_until: Option<NumericDate>,
    /// Whether the last reading failed.
    is_unread: bool,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
    static REFRESH: Cell<Duration> = const { Cell::new(limits::CONFIG_REFRESH) };
}

/// Sets how long a reading remains valid.
pub(super) fn refresh_after(refresh: Duration) {
    REFRESH.set(refresh);
}

/// The source of the configuration in force, and the faults of the one that should be; `None` where
/// no reading of the store has put one in force.
pub(super) fn report() -> Option<(&'static str, Vec<String>)> {
    KNOWN.with_borrow(|known| {
        let errors = known.errors.iter().flat_map(ConfigErrors::as_slice);
        Some((known.in_force?.as_str(), errors.map(ToString::to_string).collect()))
    })
}

/// Reads the store again in the background of the current request, which does not wait for it.
#[cold]
#[inline(never)]
pub(super) fn look_again(now: NumericDate) {
    state::set_due(now.plus(REFRESH.get()));
    if lease(now) {
        let _ = start(&bridge::current());
    }
}

/// Returns once a reading has ended after this request came, while there is no configuration.
pub(super) async fn obtain(given: &RequestContext) {
    let seen = readings();
    let is_settled = || !matches!(state::get(), State::Unread) || readings() != seen;
    let lease = || match () {
        () if is_settled() => Lease::Settled,
        () if lease(clock::now()) => Lease::Taken,
        () => Lease::Held,
    };
    single_flight(limits::CONFIG_POLL, &lease, &|| start(given)).await;
}

fn readings() -> u64 {
    KNOWN.with_borrow(|known| known.readings)
}

fn lease(now: NumericDate) -> bool {
    KNOWN.with_borrow_mut(|known| {
        let is_free = known.lease_until.is_none_or(|until| until <= now);
        if is_free {
            known.lease_until = Some(now.plus(limits::CONFIG_LEASE));
        }
        is_free
    })
}

/// Starts a reading under `waitUntil`, so that it continues when its client hangs up: others wait
/// for it.
fn start(given: &RequestContext) -> Promise {
    after(given, read(given.clone()))
}

fn after(given: &RequestContext, work: impl Future<Output = ()> + 'static) -> Promise {
    let promise = future::promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    });
    // Fails only when the request has ended, and then there is nothing left to go on with.
    let _ = given.context().wait_until(&promise);
    promise
}

async fn read(given: RequestContext) {
    let is_unread = look(&given).await.is_err();
    KNOWN.with_borrow_mut(|known| {
        // Once for each outage.
        if is_unread && !known.is_unread {
            log::configuration_unread();
        }
        known.is_unread = is_unread;
        known.readings = known.readings.wrapping_add(1);
        known.lease_until = None;
    });
}

/// Reads the document, and puts the resulting configuration in force; an error where the store does
/// not answer.
async fn look(given: &RequestContext) -> Result<(), JsValue> {
    let env = given.env();
    let document = kv::get_text(&env, DOCUMENT).await?;
    let is_new = KNOWN.with_borrow(|known| {
        let is_first = known.in_force.is_none() && known.errors.is_none();
        is_first || known.document != document
    });
    if is_new || state::current().is_none() {
        settle(&env, document.as_ref(), is_new).await?;
    }
    // Only whoever runs under it knows that it is good. Nobody waits for this.
    if KNOWN.with_borrow(|known| known.errors.is_none() && known.document == document) {
        let _ = after(given, keep(env, document));
    }
    Ok(())
}

async fn settle(env: &JsValue, document: Option<&JsValue>, is_new: bool) -> Result<(), JsValue> {
    let (successor, errors) = match succeed(env, document) {
        Ok(successor) => (Some(successor), None),
        Err(errors) if state::current().is_some() => (None, Some(errors)),
        Err(errors) => {
            let last_good = kv::get_text(env, LAST_GOOD).await?;
            // Another reading has ended meanwhile, and has seen a later document.
            if state::current().is_some() {
                return Ok(());
            }
            (fall_back(env, last_good.as_ref()), Some(errors))
        }
    };
    let from = successor.as_ref().map(|(_, from)| *from);
    let in_force = KNOWN.with_borrow_mut(|known| {
        known.document = document.cloned();
        known.in_force = from.or(known.in_force);
        known.errors.clone_from(&errors);
        known.in_force
    });
    if let Some(errors) = errors.filter(|_| is_new) {
        match in_force {
            Some(from) => {
                log::configuration_rejected(&errors, from.as_str());
                if let Some(gateway) = state::current() {
                    audit::configuration_rejected(gateway.config(), &errors, from.as_str());
                }
            }
            None => log::configuration_invalid(&errors),
        }
    }
    state::succeed(successor, clock::now().plus(REFRESH.get()));
    Ok(())
}

type Successor = (Config, ConfigInForce);

fn succeed(env: &JsValue, document: Option<&JsValue>) -> Result<Successor, ConfigErrors> {
    let text = document.map(bridge::text);
    let deployed = environment::deployed(env);
    let deployed = environment::parsed(&deployed);
    environment::with_environment(env, |environment| {
        config::succeed(text.as_deref(), &deployed, environment)
    })
}

fn fall_back(env: &JsValue, last_good: Option<&JsValue>) -> Option<Successor> {
    let text = last_good.map(bridge::text);
    let deployed = environment::deployed(env);
    let deployed = environment::parsed(&deployed);
    environment::with_environment(env, |environment| {
        config::fall_back(text.as_deref(), &deployed, environment)
    })
}

/// Stores the document as the last good one, or without one removes that. A failure is retried
/// after the next reading.
async fn keep(env: JsValue, document: Option<JsValue>) {
    let Ok(last_good) = kv::get_text(&env, LAST_GOOD).await else { return };
    // Another one is in force by now, and its copy is not to be overwritten.
    if KNOWN.with_borrow(|known| known.document != document) {
        return;
    }
    let _ = match (BackupAction::of(document.as_ref(), last_good.as_ref()), &document) {
        (BackupAction::Replace, Some(document)) => kv::put(&env, LAST_GOOD, document, None).await,
        (BackupAction::Remove, _) => kv::delete(&env, LAST_GOOD).await,
        _ => Ok(()),
    };
}
