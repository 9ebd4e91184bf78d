//! One JSON line per event that an operator must know. Never a token, a subject, a header value.

use std::cell::Cell;
use std::thread::LocalKey;

use serde_json::{Value, json};

use super::bindings::console_log;
use super::clock;
use crate::config::{Config, ConfigErrors, Issuer, PassLog};
use crate::gateway::{Record, Rejection};
use crate::jose::JwkSet;
use crate::revocation::RevocationName;

/// Of how many passes one is logged, with `passes = "sampled"`.
const SAMPLE: u64 = 100;

/// A `kid` comes from the client before anything is verified: long ones are cut.
const KID_CHARACTERS: usize = 64;

pub(super) fn refused(config: Option<&Config>, rejection: &Rejection, record: &Record) {
    let mut line = decision("refused", config, record);
    add(&mut line, "code", rejection.code().into());
    add(&mut line, "status", rejection.status().into());
    console_log(&line.to_string());
}

/// What would have been refused. `count` says how many this isolate has let pass so.
pub(super) fn shadow(config: &Config, rejection: &Rejection, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let mut line = decision("shadow", Some(config), record);
    add(&mut line, "code", rejection.code().into());
    add(&mut line, "status", rejection.status().into());
    add(&mut line, "count", one_more(&COUNT).into());
    console_log(&line.to_string());
}

/// A binding that did not answer; the request passes. `count` says how many did so in this isolate.
pub(super) fn limit_unavailable(config: &Config, binding: &str, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let mut line = decision("limit_unavailable", Some(config), record);
    add(&mut line, "binding", binding.into());
    add(&mut line, "count", one_more(&COUNT).into());
    console_log(&line.to_string());
}

fn one_more(count: &'static LocalKey<Cell<u64>>) -> u64 {
    let more = count.get().saturating_add(1);
    count.set(more);
    more
}

pub(super) fn passed(config: &Config, record: &Record) {
    let wanted = match config.passes {
        PassLog::Off => false,
        PassLog::All => true,
        PassLog::Sampled => is_sampled(record),
    };
    if wanted {
        console_log(&decision("passed", Some(config), record).to_string());
    }
}

pub(super) fn configuration_read(config: &Config) {
    let line = json!({
        "event": "configuration_read",
        "issuers": config.issuers.len(),
        "origins": config.origins.len(),
        "routes": config.routes.routes().iter().filter(|route| route.is_configured()).count(),
    });
    console_log(&line.to_string());
}

pub(super) fn configuration_invalid(errors: &ConfigErrors) {
    let errors: Vec<_> = errors.as_slice().iter().map(ToString::to_string).collect();
    console_log(&json!({ "event": "configuration_invalid", "errors": errors }).to_string());
}

pub(super) fn keys_fetched(issuer: &Issuer, set: &JwkSet) {
    console_log(&keys("keys_fetched", issuer, set).to_string());
}

pub(super) fn keys_loaded(issuer: &Issuer, set: &JwkSet) {
    console_log(&keys("keys_loaded", issuer, set).to_string());
}

/// `are_stale` says whether keys go on serving that should have been replaced.
pub(super) fn keys_failed(issuer: &Issuer, reason: &str, are_stale: bool) {
    let event = if are_stale { "keys_stale" } else { "keys_failed" };
    console_log(&json!({ "event": event, "issuer": issuer.name, "code": reason }).to_string());
}

pub(super) fn revoked(name: &RevocationName, record: &Record) {
    let line = json!({
        "event": "revoked",
        "request_id": record.id.as_str(),
        "kind": name.kind().word(),
        "entry": name.as_str(),
    });
    console_log(&line.to_string());
}

fn keys(event: &str, issuer: &Issuer, set: &JwkSet) -> Value {
    let unusable: Vec<_> = set.unusable().iter().map(ToString::to_string).collect();
    json!({ "event": event, "issuer": issuer.name, "usable": set.usable(), "unusable": unusable })
}

fn decision(event: &str, config: Option<&Config>, record: &Record) -> Value {
    let mut line = json!({
        "event": event,
        "request_id": record.id.as_str(),
        "ms": u64::try_from(clock::now().since(record.started_at).as_millis()).unwrap_or(u64::MAX),
    });
    let routes = config.map_or(&[][..], |config| config.routes.routes());
    if let Some(route) = record.route.and_then(|index| routes.get(index)) {
        add(&mut line, "route", route.pattern.as_str().into());
    }
    if let Some(kid) = &record.kid {
        add(&mut line, "kid", kid.chars().take(KID_CHARACTERS).collect::<String>().into());
    }
    let issuers = config.map_or(&[][..], |config| &config.issuers);
    if let Some(issuer) = record.issuer.and_then(|index| issuers.get(index)) {
        add(&mut line, "issuer", issuer.name.as_str().into());
    }
    line
}

fn add(line: &mut Value, name: &str, value: Value) {
    if let Some(line) = line.as_object_mut() {
        line.insert(name.to_owned(), value);
    }
}

/// By the request's id, so that every log of one request agrees.
fn is_sampled(record: &Record) -> bool {
    let sum = record
        .id
        .as_str()
        .bytes()
        .fold(0_u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    sum.is_multiple_of(SAMPLE)
}
