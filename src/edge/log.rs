//! The log: one JSON line per event that an operator must know of. A line never has a token, a
//! subject or a header value.

mod flood;
mod line;

use std::cell::Cell;
use std::thread::LocalKey;

use crate::config::{Config, ConfigErrors, Issuer, PassLog};
use crate::gateway::{BreakerChange, EndpointId, Record, Rejection, RemoteReport, RevocationCheck};
use crate::jose::{JwkSet, NoKeys, UnusableKey};
use crate::limits;
use crate::platform::{clock, random};
use crate::revocation::{Reason, RevocationName};
use flood::{Kind, write};
use line::Line;

pub(super) use flood::admit_audited_refusal;
pub use flood::admit_line;

/// One in this many passes is logged with `passes = "sampled"`.
const SAMPLE: u64 = 100;

/// The longest `kid` in a line, in characters. A `kid` comes from the client before anything is
/// verified, so longer ones are cut.
const KID_CHARACTERS: usize = 64;

pub(super) fn refused(config: Option<&Config>, rejection: &Rejection, record: &Record) {
    let most = config.map_or(limits::REFUSALS_LOGGED, |config| config.log.refusals_per_second);
    write(Kind::Refused, most, record.started_at, || {
        let mut line = decision("refused", config, record);
        line.text("code", rejection.code());
        line.number("status", rejection.answered_status(record).into());
        // Nobody is told whether it was carried out: who looks for it needs its name.
        if let Rejection::StoreUnavailable(order) = rejection {
            line.text("entry", &order.0.to_string());
            line.text("reason", order.1.as_str());
        }
        line
    });
}

/// Logs a request that would have been refused, but for shadow mode. `count` is the number of such
/// requests that this isolate has let pass.
pub(super) fn shadow(config: &Config, rejection: &Rejection, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let count = one_more(&COUNT);
    write(Kind::Shadow, config.log.refusals_per_second, record.started_at, || {
        let mut line = decision("shadow", Some(config), record);
        line.text("code", rejection.code());
        line.number("status", rejection.status().into());
        line.number("count", count);
        line
    });
}

/// Logs a rate limiting binding that did not answer; the request passes. `count` is the number of
/// such requests in this isolate.
pub(super) fn limit_unavailable(config: &Config, binding: &str, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let count = one_more(&COUNT);
    write(Kind::LimitUnavailable, limits::LINES_LOGGED, record.started_at, || {
        let mut line = decision("limit_unavailable", Some(config), record);
        line.text("binding", binding);
        line.number("count", count);
        line
    });
}

fn one_more(count: &'static LocalKey<Cell<u64>>) -> u64 {
    let more = count.get().saturating_add(1);
    count.set(more);
    more
}

pub(super) fn passed(config: &Config, record: &Record) {
    let wanted = match config.log.passes {
        PassLog::Off => false,
        PassLog::All => true,
        PassLog::Sampled => random::one_in(SAMPLE),
    };
    if wanted {
        write(Kind::Passed, config.log.passes_per_second, record.started_at, || {
            decision("passed", Some(config), record)
        });
    }
}

pub(super) fn configuration_read(config: &Config, from: &str) {
    event("configuration_read", |line| {
        let routes = config.routes.routes().iter().filter(|route| route.is_configured());
        line.text("from", from);
        for (name, count) in [
            ("issuers", config.issuers.len()),
            ("origins", config.origins.len()),
            ("tenants", config.tenants.tenants().len()),
            ("routes", routes.count()),
        ] {
            line.number(name, u64::try_from(count).unwrap_or(u64::MAX));
        }
    });
}

pub(super) fn configuration_invalid(errors: &ConfigErrors) {
    event("configuration_invalid", |line| line.value("errors", &listed(errors).into()));
}

fn listed(errors: &ConfigErrors) -> Vec<String> {
    errors.as_slice().iter().map(ToString::to_string).collect()
}

/// Logs that a configuration was rejected. `in_force` names the one that is in force instead.
pub(super) fn configuration_rejected(errors: &ConfigErrors, in_force: &str) {
    event("configuration_rejected", |line| {
        line.value("errors", &listed(errors).into());
        line.text("in_force", in_force);
    });
}

pub(super) fn configuration_unread() {
    event("configuration_unread", |_| {});
}

pub(super) fn keys_fetched(issuer: &Issuer, set: &JwkSet) {
    event("keys_fetched", |line| describe_keys(line, issuer, set));
}

pub(super) fn keys_loaded(issuer: &Issuer, set: &JwkSet) {
    event("keys_loaded", |line| describe_keys(line, issuer, set));
}

fn describe_keys(line: &mut Line, issuer: &Issuer, set: &JwkSet) {
    line.text("issuer", &issuer.name);
    line.number("usable", u64::try_from(set.usable()).unwrap_or(u64::MAX));
    line.value("unusable", &told(set.unusable()));
}

/// Logs that keys could not be loaded. `are_stale` says whether keys that should have been replaced
/// remain in use.
pub(super) fn keys_failed(issuer: &Issuer, reason: &NoKeys, are_stale: bool) {
    event(if are_stale { "keys_stale" } else { "keys_failed" }, |line| {
        line.text("issuer", &issuer.name);
        line.text("code", reason.code);
        if !reason.unusable.is_empty() {
            line.value("unusable", &told(&reason.unusable));
        }
    });
}

fn told(unusable: &[UnusableKey]) -> serde_json::Value {
    unusable.iter().map(ToString::to_string).collect()
}

/// Logs the outcome of a call to an auth server, where it is more than an answer.
pub(super) fn asked(config: &Config, place: EndpointId, report: &RemoteReport) {
    let (of, name) = match place {
        EndpointId::Issuer(index) => {
            ("issuer", config.issuers.get(index).map(|issuer| issuer.name.as_str()))
        }
        EndpointId::Origin(index) => {
            ("origin", config.origins.get(index).map(|origin| origin.name.as_str()))
        }
    };
    let tell = |name_of_event: &str, more: &dyn Fn(&mut Line)| {
        event(name_of_event, |line| {
            line.text(of, name.unwrap_or_default());
            more(line);
        });
    };
    if let Some(failure) = report.failure {
        tell("auth_server_failed", &|line| line.text("code", failure.code()));
    }
    if let Some(error) = report.refusal {
        tell("exchange_refused", &|line| line.text("error", error));
    }
    match report.change {
        None => {}
        Some(BreakerChange::Closed) => tell("auth_server_closed", &|_| {}),
        Some(BreakerChange::Opened(rest)) => {
            tell("auth_server_open", &|line| line.number("seconds", rest.as_secs()));
        }
    }
}

pub(super) fn revoked(name: &RevocationName, reason: Reason, record: &Record) {
    revocation("revoked", name, reason, record);
}

/// Logs a revocation that an administrator has lifted.
pub(super) fn revocation_lifted(name: &RevocationName, reason: Reason, record: &Record) {
    revocation("revocation_lifted", name, reason, record);
}

fn revocation(name_of_event: &str, name: &RevocationName, reason: Reason, record: &Record) {
    write(Kind::Revocation, limits::LINES_LOGGED, clock::now(), || {
        let mut line = Line::new(name_of_event);
        line.text("request_id", record.id.as_str());
        line.text("kind", name.kind().as_str());
        line.text("entry", &name.to_string());
        line.text("reason", reason.as_str());
        line
    });
}

/// Logs that the revocation log gave no answer.
pub(super) fn revocation_log_unavailable() {
    write(Kind::RevocationLog, limits::LINES_LOGGED, clock::now(), || {
        Line::new("revocation_log_unavailable")
    });
}

/// Logs a request that passes by a copy of the revocation log that is too old. `count` is the number
/// of such requests in this isolate.
pub(super) fn revocation_degraded(config: &Config, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let count = one_more(&COUNT);
    write(Kind::RevocationLog, limits::LINES_LOGGED, record.started_at, || {
        let mut line = decision("revocation_degraded", Some(config), record);
        line.number("count", count);
        line
    });
}

/// A line about the gateway itself, and not about one request.
fn event(name: &str, fill: impl FnOnce(&mut Line)) {
    write(Kind::Event, limits::LINES_LOGGED, clock::now(), || {
        let mut line = Line::new(name);
        fill(&mut line);
        line
    });
}

fn decision(event: &str, config: Option<&Config>, record: &Record) -> Line {
    let mut line = Line::new(event);
    line.text("request_id", record.id.as_str());
    let spent = clock::now().since(record.started_at).as_millis();
    line.number("ms", u64::try_from(spent).unwrap_or(u64::MAX));
    let routes = config.map_or(&[][..], |config| config.routes.routes());
    if let Some(route) = record.route.and_then(|index| routes.get(index)) {
        line.text("route", route.pattern.as_str());
    }
    let tenants = config.map_or(&[][..], |config| config.tenants.tenants());
    if let Some(tenant) = record.tenant.and_then(|index| tenants.get(index)) {
        line.text("tenant", &tenant.name);
    }
    if let Some(RevocationCheck { level, copy_age, is_degraded }) = record.revocation {
        line.text("revocation", level.as_str());
        if let Some(age) = copy_age {
            line.number("copy_age_ms", u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
        }
        if is_degraded {
            line.value("revocation_degraded", &true.into());
        }
    }
    if let Some(kid) = &record.kid {
        line.text("kid", &kid.chars().take(KID_CHARACTERS).collect::<String>());
    }
    let issuers = config.map_or(&[][..], |config| &config.issuers);
    if let Some(issuer) = record.issuer.and_then(|index| issuers.get(index)) {
        line.text("issuer", &issuer.name);
    }
    line
}
