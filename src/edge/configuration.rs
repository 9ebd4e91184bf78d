//! The configuration that decides: the deployed table, or the document in KV.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use wasm_bindgen::JsValue;

use super::state::{self, State};
use super::{bridge, document, environment, log};
use crate::config::{Config, ConfigErrors, ConfigInForce, ConfigLocation};
use crate::gateway::Gateway;
use crate::platform::kv;
use crate::time::NumericDate;

thread_local! {
    /// What was read before the first request.
    static PREPARED: Cell<Option<VarsConfig>> = const { Cell::new(None) };
}

/// The isolate's gateway, when there is one; starts to look at the document in the store when that
/// is due.
pub(super) fn gateway(now: NumericDate) -> Option<Rc<Gateway>> {
    if state::is_due(now) {
        document::look_again(now);
    }
    state::current()
}

/// Where there is no gateway: why, after the first request has had the deployed table looked at.
#[cold]
#[inline(never)]
pub(super) fn state() -> State {
    if matches!(state::get(), State::New) {
        start(&bridge::current().env());
    }
    state::get()
}

/// What the deployed table comes to.
enum VarsConfig {
    /// The configuration stands in the store.
    InStore { refresh: Duration },
    /// It is the configuration.
    Table(Result<Rc<Gateway>, ConfigErrors>),
}

impl VarsConfig {
    fn read(env: &JsValue) -> Self {
        let deployed = environment::deployed(env);
        let deployed = environment::parsed(&deployed);
        match ConfigLocation::of(&deployed, kv::is_bound(env)) {
            ConfigLocation::Store { refresh } => Self::InStore { refresh },
            ConfigLocation::Table => {
                let checked =
                    environment::with_environment(env, |around| Config::check(&deployed, around));
                Self::Table(checked.map(|config| Rc::new(Gateway::new(config))))
            }
        }
    }
}

/// Reads the deployed table for the first request. Only that puts it in force: the platform keeps no
/// log line that was written outside a request.
pub(super) fn prepare(env: &JsValue) {
    PREPARED.set(Some(VarsConfig::read(env)));
}

fn start(env: &JsValue) {
    match PREPARED.take().unwrap_or_else(|| VarsConfig::read(env)) {
        VarsConfig::InStore { refresh } => {
            document::refresh_after(refresh);
            state::set(State::Unread);
        }
        VarsConfig::Table(Ok(gateway)) => state::install(gateway, ConfigInForce::Table),
        VarsConfig::Table(Err(errors)) => {
            log::configuration_invalid(&errors);
            state::set(State::Invalid);
        }
    }
}
