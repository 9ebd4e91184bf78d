//! The Rust side of `sync.js`, which tells a tenant's origin of a change that another origin has
//! made.

use std::time::Duration;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::state::State;
use super::{bridge, configuration, document, signer, state};
use crate::config::{Address, Config, ForwardedRule};
use crate::gateway::{ForwardPlan, Forwarded, Gateway, Record};
use crate::limits;
use crate::platform::{clock, future};

#[wasm_bindgen(raw_module = "./sync.js")]
extern "C" {
    pub(super) fn follow(
        given: &JsValue,
        answer: &Promise,
        order: &str,
        identity: &Array,
    ) -> Promise;
}

/// The order for `follow`, one value a line; `None` where no origin is to be told.
pub(super) fn order(config: &Config, plan: &ForwardPlan, record: &Record) -> Option<String> {
    let sync = plan.sync()?;
    let tenant = config.tenants.tenants().get(record.tenant?)?;
    let facts = plan.sync_facts(config)?;
    // Tellings of one caller go in order. The caller comes last: a subject may hold a line break.
    let caller = plan.admission().caller();
    let issuer = caller.and_then(|caller| caller.token().claims().issuer.as_deref());
    let subject = caller.and_then(|caller| caller.identity().subject.as_deref());
    let (path, authority, id) = (&sync.path, &sync.authority, record.id.as_str());
    let (issuer, subject) = (issuer.unwrap_or_default(), subject.unwrap_or_default());
    Some([path, authority, id, &tenant.name, &facts, issuer, subject].join("\n"))
}

/// The current target of a notification, one value a line: URL, binding or nothing, timeout in ms,
/// and alternately the names and values of headers to set. A single line says why nobody can be
/// told.
///
/// By now another configuration may be in force, or, behind a queue, none may have been read yet.
#[wasm_bindgen]
pub fn sync_target(tenant: &str, path: &str, authority: &str, facts: &str) -> Promise {
    let given = bridge::current();
    let held = configuration::gateway(clock::now());
    let is_unread = held.is_none() && matches!(configuration::state(), State::Unread);
    let [tenant, path, authority, facts] = [tenant, path, authority, facts].map(str::to_owned);
    future::promise(async move {
        if is_unread {
            document::obtain(&given).await;
        }
        let lines = match state::current() {
            Some(gateway) => target(&gateway, &tenant, (&path, &authority), &facts).await,
            None => "sync_unconfigured".to_owned(),
        };
        Ok(lines.into())
    })
}

async fn target(gateway: &Gateway, tenant: &str, place: (&str, &str), facts: &str) -> String {
    let Some(target) = gateway.sync_target(tenant, place, facts, clock::now()) else {
        return "sync_gone".to_owned();
    };
    let binding = match &target.origin.address {
        Address::Url(_) => "",
        Address::Service(binding) => binding,
    };
    let timeout =
        millis(target.origin.timeout.unwrap_or(limits::SYNC_TIMEOUT).min(limits::SYNC_TIMEOUT));
    let mut lines = [&target.url, binding, &timeout, "user-agent", limits::USER_AGENT].join("\n");
    if target.origin.forwarded == ForwardedRule::Set {
        for line in Forwarded::of(place.1).fields().into_iter().flat_map(<[&str; 2]>::from) {
            lines.push('\n');
            lines.push_str(line);
        }
    }
    if let Some(unsigned) = target.unsigned {
        let signature = sign(gateway, unsigned.signing_input()).await;
        let assertion = signature.and_then(|signature| unsigned.sign(&signature));
        let Some(assertion) = assertion else { return "sync_not_attested".to_owned() };
        for line in [gateway.config().headers.assertion(), assertion.text()] {
            lines.push('\n');
            lines.push_str(line);
        }
    }
    lines
}

async fn sign(gateway: &Gateway, input: &str) -> Option<Vec<u8>> {
    let rules = gateway.config().assertion.as_ref()?;
    let key = signer::import(&rules.key).await.then(|| signer::imported(&rules.key))??;
    let signature = JsFuture::from(bridge::signature(&key, input.as_bytes())).await.ok()?;
    Some(Uint8Array::new(&signature).to_vec())
}

fn millis(span: Duration) -> String {
    span.as_millis().to_string()
}
