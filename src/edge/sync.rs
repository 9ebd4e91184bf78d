//! The Rust side of `sync.js`: a tenant's origin is told what another origin has changed.

use std::time::Duration;

use js_sys::{Array, Promise};
use wasm_bindgen::prelude::*;

use crate::config::{Address, Config};
use crate::gateway::{ForwardPlan, Record};
use crate::limits;

#[wasm_bindgen(raw_module = "./sync.js")]
extern "C" {
    pub(super) fn follow(
        given: &JsValue,
        answer: &Promise,
        order: &str,
        identity: &Array,
    ) -> Promise;
}

/// What `follow` has to know, a line each; `None` where nobody is told.
pub(super) fn order(config: &Config, plan: &ForwardPlan, record: &Record) -> Option<String> {
    let sync = plan.sync()?;
    let origin = config.origins.get(sync.origin)?;
    let tenant = config.tenants.tenants().get(record.tenant?)?;
    let binding = match &origin.address {
        Address::Url(_) => "",
        Address::Service(binding) => binding,
    };
    // Tellings of one caller go in order. The caller comes last: a subject may hold a line break.
    let claims = plan.passage().caller().map(|caller| caller.token().claims());
    let issuer = claims.and_then(|claims| claims.issuer.as_deref()).unwrap_or_default();
    let subject = claims.and_then(|claims| claims.subject.as_deref()).unwrap_or_default();
    let timeout = millis(origin.timeout.min(limits::SYNC_TIMEOUT));
    Some(
        [&sync.url, binding, record.id.as_str(), &tenant.name, &timeout, issuer, subject]
            .join("\n"),
    )
}

fn millis(span: Duration) -> String {
    span.as_millis().to_string()
}
