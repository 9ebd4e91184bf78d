//! The configuration in the store: read before the first decision, then looked at again and again.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::crossing::Given;
use super::isolate::State;
use super::{bindings, clock, crossing, future, isolate, log, store};
use crate::config::{self, ConfigErrors, Keeping, Origination, Stored};
use crate::limits;
use crate::time::NumericDate;

const DOCUMENT: &str = "config";
const LAST_GOOD: &str = "config:good";

/// What is known of the store. Documents stay with the platform: they may be large, and most
/// readings find what the one before has found.
#[derive(Default)]
struct Known {
    /// The document that was looked at last.
    document: Option<JsValue>,
    /// What is in force, when something is.
    in_force: Option<Origination>,
    /// Why what should be in force is not.
    errors: Option<ConfigErrors>,
    /// How many readings have ended.
    readings: u64,
    /// Until when reading is another request's: one that has hung up may never end it.
    lease_until: Option<NumericDate>,
    /// Whether the last reading failed.
    is_unread: bool,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
    static REFRESH: Cell<Duration> = const { Cell::new(limits::CONFIG_REFRESH) };
}

/// Says how long a reading is good for.
pub(super) fn refresh_after(refresh: Duration) {
    REFRESH.set(refresh);
}

/// Which configuration is in force, and what is wrong with the one that should be; nothing where
/// none comes from the store.
pub(super) fn report() -> Option<(&'static str, Vec<String>)> {
    KNOWN.with_borrow(|known| {
        let errors = known.errors.iter().flat_map(ConfigErrors::as_slice);
        Some((known.in_force?.word(), errors.map(ToString::to_string).collect()))
    })
}

/// Reads the store again beside the current request, which does not wait for it.
#[cold]
#[inline(never)]
pub(super) fn look_again(now: NumericDate) {
    isolate::set_due(now.plus(REFRESH.get()));
    if lease(now) {
        let _ = start(&crossing::current());
    }
}

/// Sees to it that a reading ends after this request has come, while there is no configuration.
///
/// One request reads under a lease; the others look at the outcome from timers of their own,
/// because none may await what another request started.
pub(super) async fn obtain(given: &Given) {
    let seen = readings();
    while matches!(isolate::state(), State::Unread) && readings() == seen {
        let waiting =
            if lease(clock::now()) { start(given) } else { bindings::wait(limits::CONFIG_POLL) };
        // A wait that fails has waited, too.
        let _ = JsFuture::from(waiting).await;
    }
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

/// Under `waitUntil` a reading goes on when its client hangs up: others wait for it.
fn start(given: &Given) -> Promise {
    after(given, read(given.clone()))
}

fn after(given: &Given, work: impl Future<Output = ()> + 'static) -> Promise {
    let promise = future::promise(async move {
        work.await;
        Ok(JsValue::UNDEFINED)
    });
    // Fails only when the request has ended, and then there is nothing left to go on with.
    let _ = given.context().wait_until(&promise);
    promise
}

async fn read(given: Given) {
    let env = given.env();
    let found = store::get_both(&env, [DOCUMENT, LAST_GOOD]).await;
    let is_unread = found.is_err();
    if let Ok(found) = found {
        let [document, last_good] = found.map(|value| value.is_string().then_some(value));
        let stored = Stored { document, last_good };
        let keeping = settle(&env, &stored);
        // Nobody waits for the store: what is good is in force already.
        if keeping != Keeping::Leave {
            let _ = after(&given, keep(env, stored.document));
        }
    }
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

/// Puts in force what follows from what the store holds.
fn settle(env: &JsValue, stored: &Stored<JsValue>) -> Keeping {
    let has_one = isolate::current().is_some();
    let is_new =
        KNOWN.with_borrow(|known| known.readings == 0 || known.document != stored.document);
    if is_new || !has_one {
        succeed(env, stored, has_one, is_new);
    }
    // Only whoever runs under it knows that it is good.
    if KNOWN.with_borrow(|known| known.errors.is_some()) {
        return Keeping::Leave;
    }
    stored.keeping()
}

fn succeed(env: &JsValue, stored: &Stored<JsValue>, has_one: bool, is_new: bool) {
    let text = |value: &Option<JsValue>| value.as_ref().and_then(JsValue::as_string);
    let (document, last_good) = (text(&stored.document), text(&stored.last_good));
    let texts = Stored { document: document.as_deref(), last_good: last_good.as_deref() };
    let deployed = isolate::deployed(env);
    let succession = isolate::surrounded(env, |environment| {
        config::succeed(&texts, &deployed, has_one, environment)
    });
    let successor = succession.successor.as_ref().map(|(_, from)| *from);
    let in_force = KNOWN.with_borrow_mut(|known| {
        known.document.clone_from(&stored.document);
        known.in_force = successor.or(known.in_force);
        known.errors.clone_from(&succession.errors);
        known.in_force
    });
    if let Some(errors) = succession.errors.filter(|_| is_new) {
        match in_force {
            Some(from) => log::configuration_rejected(&errors, from.word()),
            None => log::configuration_invalid(&errors),
        }
    }
    isolate::succeed(succession.successor, clock::now().plus(REFRESH.get()));
}

/// Stores the document as the last good one, or without one removes that. What fails is tried
/// again after the next reading.
async fn keep(env: JsValue, document: Option<JsValue>) {
    let _ = match document.and_then(|document| document.as_string()) {
        Some(text) => store::put(&env, LAST_GOOD, &text, None).await,
        None => store::delete(&env, LAST_GOOD).await,
    };
}
