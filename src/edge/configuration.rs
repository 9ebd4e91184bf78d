//! The configuration in force: the deployed table, or the document in KV.

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
    /// The configuration that was read before the first request.
    static PREPARED: Cell<Option<VarsConfig>> = const { Cell::new(None) };
}

/// The isolate's gateway, when there is one; starts a reading of the document in the store when one
/// is due.
pub(super) fn gateway(now: NumericDate) -> Option<Rc<Gateway>> {
    if state::is_due(now) {
        document::look_again(now);
    }
    state::current()
}

/// The state that explains why there is no gateway. The first request to ask has the deployed table
/// read.
#[cold]
#[inline(never)]
pub(super) fn state() -> State {
    if matches!(state::get(), State::New) {
        start(&bridge::current().env());
    }
    state::get()
}

/// The result of reading the deployed table.
enum VarsConfig {
    /// The configuration is in the store.
    InStore { refresh: Duration },
    /// The table itself is the configuration, or has faults.
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

/// Reads the deployed table for the first request. That request puts it in force: the platform
/// keeps no log line that was written outside a request.
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
