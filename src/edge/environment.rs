//! The environment of a deployed configuration: the table, secrets and bindings.

use wasm_bindgen::JsValue;

use super::{bridge, limiter, revocation_log, session};
use crate::config::Environment;
use crate::json::{self, ValueRef};
use crate::platform::bindings::member;
use crate::platform::kv;

/// The deployed table `EDGEWARD` as JSON; an empty text when it cannot be written as such.
pub(super) fn deployed(env: &JsValue) -> String {
    let text = js_sys::JSON::stringify(&member(env, "EDGEWARD")).ok();
    text.map(|text| bridge::text(&text)).unwrap_or_default()
}

/// The value of that text; null when it is not valid JSON.
pub(super) fn parsed(deployed: &str) -> ValueRef<'_> {
    json::parse_ref(deployed).unwrap_or(ValueRef::Null)
}

/// Calls `work` with the environment of this Worker.
pub(super) fn with_environment<T>(env: &JsValue, work: impl FnOnce(&Environment<'_>) -> T) -> T {
    work(&Environment {
        secret: &|name| member(env, name).as_string(),
        has_service: &|name| member(&member(env, name), "fetch").is_function(),
        limiter: &|name| limiter::is_bound(env, name).then_some(None),
        has_store: kv::is_bound(env),
        has_log: revocation_log::is_bound(env),
        has_sessions: session::are_bound(env),
        has_database: session::has_database(env),
        has_metrics: session::has_metrics(env),
        is_edge: true,
    })
}
