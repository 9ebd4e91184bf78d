//! The state of the isolate: the gateway in force, or why there is none.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::{audit, log, metrics, name_lists};
use crate::config::{Config, ConfigInForce};
use crate::gateway::Gateway;
use crate::platform::clock;
use crate::time::NumericDate;

thread_local! {
    static STATE: RefCell<State> = const { RefCell::new(State::New) };
    /// When the document in the store is due to be looked at.
    static DUE: Cell<NumericDate> = const { Cell::new(NEVER) };
    /// When the gateway in force took another one's place.
    static SINCE: Cell<NumericDate> = const { Cell::new(NumericDate::from_millis(i64::MIN)) };
}

const NEVER: NumericDate = NumericDate::from_millis(i64::MAX);

/// How far the isolate has come.
#[derive(Clone)]
pub(super) enum State {
    /// No request has come yet.
    New,
    /// The configuration stands in the store, and was not read yet.
    Unread,
    /// There is none that is good: nothing is decided.
    Invalid,
    /// This one decides.
    Serving(Rc<Gateway>),
}

/// The isolate's gateway, when there is one.
pub(super) fn current() -> Option<Rc<Gateway>> {
    STATE.with_borrow(|state| match state {
        State::Serving(gateway) => Some(Rc::clone(gateway)),
        _ => None,
    })
}

/// Whether what was recorded at `started_at` was recorded under the gateway in force.
pub(super) fn is_since(started_at: NumericDate) -> bool {
    SINCE.get() < started_at
}

/// Puts a successor in force. `None` keeps the current gateway; with none the state becomes
/// `Invalid`.
pub(super) fn succeed(successor: Option<(Config, ConfigInForce)>, due: NumericDate) {
    DUE.set(due);
    match successor {
        Some((config, from)) => {
            let gateway = match current() {
                Some(before) => {
                    SINCE.set(clock::now());
                    Gateway::succeeding(config, &before)
                }
                None => Gateway::new(config),
            };
            install(Rc::new(gateway), from);
        }
        None if current().is_none() => STATE.set(State::Invalid),
        None => {}
    }
}

/// Requests that are under way go on under the gateway that they began with.
pub(super) fn install(gateway: Rc<Gateway>, from: ConfigInForce) {
    name_lists::forget();
    log::configuration_read(gateway.config(), from.as_str());
    audit::configure(gateway.config(), from.as_str());
    metrics::configure(gateway.config());
    STATE.set(State::Serving(gateway));
}

/// How far the isolate has come.
pub(super) fn get() -> State {
    STATE.with_borrow(State::clone)
}

/// Puts another state in the place of the present one.
pub(super) fn set(state: State) {
    STATE.set(state);
}

/// Whether the document in KV is due to be looked at.
pub(super) fn is_due(now: NumericDate) -> bool {
    DUE.get() <= now
}

/// Says when the document is due to be looked at.
pub(super) fn set_due(due: NumericDate) {
    DUE.set(due);
}
