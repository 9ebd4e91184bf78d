//! What lives as long as the isolate: the configuration, checked once, and what was learned since.

use std::cell::OnceCell;
use std::rc::Rc;

use serde_json::Value;
use wasm_bindgen::JsValue;

use super::bindings::member;
use super::{crossing, limiter, log, store};
use crate::config::{Config, ConfigErrors, Environment};
use crate::gateway::Gateway;

thread_local! {
    static GATEWAY: OnceCell<Option<Rc<Gateway>>> = const { OnceCell::new() };
}

/// The isolate's gateway, `None` when the configuration is invalid; the first request checks it.
pub(super) fn gateway() -> Option<Rc<Gateway>> {
    let start = || start(&crossing::current().env());
    GATEWAY.with(|gateway| gateway.get_or_init(start).clone())
}

/// The isolate's gateway, when a request has started it.
pub(super) fn current() -> Option<Rc<Gateway>> {
    GATEWAY.with(|gateway| gateway.get().cloned().flatten())
}

#[cold]
#[inline(never)]
fn start(env: &JsValue) -> Option<Rc<Gateway>> {
    match check(env) {
        Ok(config) => {
            log::configuration_read(&config);
            Some(Rc::new(Gateway::new(config)))
        }
        Err(errors) => {
            log::configuration_invalid(&errors);
            None
        }
    }
}

fn check(env: &JsValue) -> Result<Config, ConfigErrors> {
    let raw = member(env, "EDGEWARD");
    let raw: Value = serde_wasm_bindgen::from_value(raw)
        .map_err(|_| ConfigErrors::one("EDGEWARD", "expected a table `[vars.EDGEWARD]`"))?;
    let environment = Environment {
        secret: &|name| member(env, name).as_string(),
        has_service: &|name| member(&member(env, name), "fetch").is_function(),
        limiter: &|name| limiter::is_bound(env, name).then_some(None),
        has_store: store::is_bound(env),
        is_edge: true,
    };
    Config::check(&raw, &environment)
}
