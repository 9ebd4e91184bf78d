//! Events for the audit trail that the gate has to tell: refusals, revocations, configurations. The authority stores
//! them, after the response.

use serde_json::{Value, json};

use super::bridge;
use super::log::admit_audited_refusal;
use crate::config::{Config, ConfigErrors};
use crate::gateway::{Caller, Record, Rejection};
use crate::json::object;
use crate::platform::clock;
use crate::revocation::{Reason, RevocationName};
use crate::time::NumericDate;

/// Tells the authority whether there is an audit trail, and that a configuration has come in force.
pub(super) fn configure(config: &Config, from: &str) {
    bridge::observe_audit(config.observation.audits);
    if let Some(digest) = &config.observation.digest {
        tell([
            ("event", json!("configuration_read")),
            ("outcome", json!(from)),
            ("detail", json!(digest)),
        ]);
    }
}

/// A configuration was rejected. `config` is in force instead; `in_force` names it.
pub(super) fn configuration_rejected(config: &Config, errors: &ConfigErrors, in_force: &str) {
    if config.observation.audits {
        let count = errors.as_slice().len();
        tell([
            ("event", json!("configuration_rejected")),
            ("outcome", json!(in_force)),
            ("detail", json!(format!("{count} errors"))),
        ]);
    }
}

/// A request was refused. Above a rate only some refusals have a row of their own, which says how many it stands for.
pub(super) fn refused(config: Option<&Config>, rejection: &Rejection, record: &Record) {
    let Some(config) = config.filter(|config| config.observation.audits) else { return };
    let Some(count) = admit_audited_refusal(record.started_at) else { return };
    let route = record.route.and_then(|index| config.routes.routes().get(index));
    // The caller's own, or that of the host.
    let tenant = if let Some(caller) = record.caller.as_deref() {
        caller.identity().tenant.as_deref()
    } else {
        let tenant = record.tenant.and_then(|index| config.tenants.tenants().get(index));
        tenant.and_then(|tenant| tenant.claim.as_deref())
    };
    let issuer = record.issuer.and_then(|index| config.issuers.get(index));
    let spent = clock::now().since(record.started_at).as_millis();
    tell([
        ("event", json!("refused")),
        ("outcome", json!(rejection.code())),
        ("request_id", json!(record.id.as_str())),
        ("issuer", json!(issuer.map(|issuer| issuer.name.as_str()))),
        ("tenant", json!(tenant)),
        ("route", json!(route.map(|route| route.pattern.as_str()))),
        ("duration_ms", json!(u64::try_from(spent).unwrap_or(u64::MAX))),
        ("count", json!(count)),
        ("actor", person(config, record.caller.as_deref())),
    ]);
}

/// Something was revoked, or a revocation lifted, by `actor`. The `event` says which. It belongs to the issuer and
/// tenant of the entry, as far as that has them.
pub(super) fn revocation(
    config: &Config,
    event: &str,
    (name, reason): (&RevocationName, Reason),
    (issuer, tenant): (Option<&str>, Option<&str>),
    (record, actor): (&Record, Option<&Caller>),
) {
    if config.observation.audits {
        let own = actor.and_then(|actor| config.issuers.get(actor.issuer()));
        let own = own.map(|issuer| issuer.name.as_str());
        let own_tenant = actor.and_then(|actor| actor.identity().tenant.as_deref());
        tell([
            ("event", json!(event)),
            ("outcome", json!(reason.as_str())),
            ("request_id", json!(record.id.as_str())),
            ("issuer", json!(issuer.or(own))),
            ("tenant", json!(tenant.or(own_tenant))),
            ("actor", person(config, actor)),
            ("detail", json!(name.to_string())),
        ]);
    }
}

/// An administrator had the blacklist of KV imported.
pub(super) fn import(config: &Config, (record, actor): (&Record, Option<&Caller>)) {
    if config.observation.audits {
        let issuer = actor.and_then(|actor| config.issuers.get(actor.issuer()));
        tell([
            ("event", json!("revocations_imported")),
            ("request_id", json!(record.id.as_str())),
            ("issuer", json!(issuer.map(|issuer| issuer.name.as_str()))),
            ("actor", person(config, actor)),
        ]);
    }
}

/// The subject of a token, as the authority knows subjects; null for nobody.
fn person(config: &Config, caller: Option<&Caller>) -> Value {
    let Some(caller) = caller else { return Value::Null };
    let Some(issuer) = config.issuers.get(caller.issuer()) else { return Value::Null };
    let (claims, identity) = (caller.token().claims(), caller.identity());
    object([
        ("issuer", json!(issuer.name)),
        ("iss", json!(claims.issuer.as_deref().unwrap_or(&issuer.policy.issuer))),
        ("tenant", json!(identity.tenant)),
        ("subject", json!(identity.subject)),
        ("issued_at", json!(claims.issued_at.map(NumericDate::seconds))),
    ])
}

fn tell<const N: usize>(members: [(&str, Value); N]) {
    bridge::audit(&object(members).to_string());
}
