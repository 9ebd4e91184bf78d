//! What lives as long as the isolate: the configuration in force, and what was learned under it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::bindings::member;
use super::{clock, crossing, document, head, limiter, log, store};
use crate::config::{Config, ConfigErrors, Environment, Origination, Source};
use crate::gateway::Gateway;
use crate::json::{self, ValueRef};
use crate::time::NumericDate;

thread_local! {
    static STATE: RefCell<State> = const { RefCell::new(State::New) };
    /// What was read before the first request.
    static PREPARED: Cell<Option<Deployed>> = const { Cell::new(None) };
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

/// The isolate's gateway, when there is one; starts to look at the document in the store when that
/// is due.
pub(super) fn gateway(now: NumericDate) -> Option<Rc<Gateway>> {
    if DUE.get() <= now {
        document::look_again(now);
    }
    current()
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

/// Where there is no gateway: why, after the first request has had the deployed table looked at.
#[cold]
#[inline(never)]
pub(super) fn state() -> State {
    if matches!(STATE.with_borrow(State::clone), State::New) {
        start(&crossing::current().env());
    }
    STATE.with_borrow(State::clone)
}

/// What the deployed table comes to.
enum Deployed {
    /// The configuration stands in the store.
    InStore { refresh: Duration },
    /// It is the configuration.
    Table(Result<Rc<Gateway>, ConfigErrors>),
}

impl Deployed {
    fn read(env: &JsValue) -> Self {
        let deployed = deployed(env);
        let deployed = parsed(&deployed);
        match Source::of(&deployed, store::is_bound(env)) {
            Source::Store { refresh } => Self::InStore { refresh },
            Source::Table => {
                let checked = surrounded(env, |around| Config::check(&deployed, around));
                Self::Table(checked.map(|config| Rc::new(Gateway::new(config))))
            }
        }
    }
}

/// Reads the deployed table for the first request. Only that puts it in force: the platform keeps no
/// log line that was written outside a request.
pub(super) fn prepare(env: &JsValue) {
    PREPARED.set(Some(Deployed::read(env)));
}

fn start(env: &JsValue) {
    match PREPARED.take().unwrap_or_else(|| Deployed::read(env)) {
        Deployed::InStore { refresh } => {
            document::refresh_after(refresh);
            STATE.set(State::Unread);
        }
        Deployed::Table(Ok(gateway)) => install(gateway, Origination::Table),
        Deployed::Table(Err(errors)) => {
            log::configuration_invalid(&errors);
            STATE.set(State::Invalid);
        }
    }
}

/// Puts a successor in force. Without one what was in force stays, were it nothing.
pub(super) fn succeed(successor: Option<(Config, Origination)>, due: NumericDate) {
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
fn install(gateway: Rc<Gateway>, from: Origination) {
    head::forget();
    log::configuration_read(gateway.config(), from.word());
    STATE.set(State::Serving(gateway));
}

/// Says when the document is due to be looked at.
pub(super) fn set_due(due: NumericDate) {
    DUE.set(due);
}

/// The table `EDGEWARD` as it was deployed, as JSON; nothing when it is none.
pub(super) fn deployed(env: &JsValue) -> String {
    let text = js_sys::JSON::stringify(&member(env, "EDGEWARD")).ok();
    text.map(|text| crossing::text(&text)).unwrap_or_default()
}

/// What that says; null when it says nothing.
pub(super) fn parsed(deployed: &str) -> ValueRef<'_> {
    json::parse_ref(deployed).unwrap_or(ValueRef::Null)
}

/// Shows `work` what surrounds a configuration here.
pub(super) fn surrounded<T>(env: &JsValue, work: impl FnOnce(&Environment<'_>) -> T) -> T {
    work(&Environment {
        secret: &|name| member(env, name).as_string(),
        has_service: &|name| member(&member(env, name), "fetch").is_function(),
        limiter: &|name| limiter::is_bound(env, name).then_some(None),
        has_store: store::is_bound(env),
        is_edge: true,
    })
}
