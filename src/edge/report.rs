//! The report of an isolate to the object `MetricsSink`: its counts, and the states of now.

use std::time::Duration;

use serde_json::{Map, Value, json};
use wasm_bindgen::prelude::*;

use super::{metrics, state};
use crate::config::KeySource;
use crate::gateway::{BreakerState, EndpointId, Gateway};
use crate::json::object;
use crate::metrics::key;
use crate::platform::clock;

/// The counts since the isolate started and the states of now, as `{ "counts": { … }, "gauges": { … } }`.
#[must_use]
#[wasm_bindgen]
pub fn metrics_report() -> String {
    let counts = metrics::counts();
    let gauges = state::current().map(|gateway| gauges(&gateway)).unwrap_or_default();
    object([("counts", counts.into()), ("gauges", gauges.into())]).to_string()
}

/// Most issuers, and most origins, whose state is reported.
const NAMED: usize = 50;

fn gauges(gateway: &Gateway) -> Map<String, Value> {
    let (now, config) = (clock::now(), gateway.config());
    let mut gauges = Map::new();
    let seconds = |age: Duration| json!(age.as_secs_f64());
    for (index, issuer) in config.issuers.iter().enumerate().take(NAMED) {
        let labels = [("kind", "issuer"), ("name", issuer.name.as_str())];
        let is_fetched =
            matches!(issuer.keys, KeySource::Jwks { .. } | KeySource::Discovery { .. });
        if let Some(state) = gateway.keys().state(index, now).filter(|_| is_fetched) {
            let labels = [("issuer", issuer.name.as_str())];
            let age = seconds(now.since(state.fetched_at));
            gauges.insert(key("edgeward_key_age_seconds", &labels), age);
        }
        breaker(gateway, EndpointId::Issuer(index), &labels, &mut gauges);
    }
    for (index, origin) in config.origins.iter().enumerate().take(NAMED) {
        let labels = [("kind", "origin"), ("name", origin.name.as_str())];
        breaker(gateway, EndpointId::Origin(index), &labels, &mut gauges);
    }
    if let Some(age) = gateway.copy_age().filter(|_| config.revocation.has_log) {
        gauges.insert("edgeward_revocation_copy_age_seconds".to_owned(), seconds(age));
    }
    gauges
}

fn breaker(
    gateway: &Gateway,
    endpoint: EndpointId,
    labels: &[(&str, &str)],
    gauges: &mut Map<String, Value>,
) {
    let state = gateway.remote().state(endpoint, clock::now());
    let number = match state {
        None => return,
        Some(BreakerState::Closed) => 0,
        Some(BreakerState::HalfOpen) => 1,
        Some(BreakerState::Open) => 2,
    };
    gauges.insert(key("edgeward_breaker_state", labels), json!(number));
}
