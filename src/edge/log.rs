//! One JSON line per event that an operator must know. Never a token, a subject, a header value.

use std::cell::{Cell, RefCell};
use std::thread::LocalKey;
use std::time::Duration;

use serde_json::{Value, json};

use super::bindings::console_log;
use super::clock;
use crate::config::{Config, ConfigErrors, Issuer, PassLog};
use crate::gateway::{BreakerChange, Record, Rejection, RemotePlace, RemoteReport};
use crate::jose::JwkSet;
use crate::limits;
use crate::revocation::RevocationName;
use crate::time::NumericDate;

/// Of how many passes one is logged, with `passes = "sampled"`.
const SAMPLE: u64 = 100;

/// A `kid` comes from the client before anything is verified: long ones are cut.
const KID_CHARACTERS: usize = 64;

pub(super) fn refused(config: Option<&Config>, rejection: &Rejection, record: &Record) {
    let most = config.map_or(limits::REFUSALS_LOGGED, |config| config.refusals_per_second);
    // The time when the request came is known; to ask for the time of now costs more than to count.
    let came = record.started_at;
    let Some(unlogged) = FLOOD.with_borrow_mut(|flood| flood.admit(most, came)) else {
        return;
    };
    let mut line = decision("refused", config, record);
    line.text("code", rejection.code());
    line.number("status", rejection.status().into());
    if unlogged > 0 {
        line.number("unlogged", unlogged);
    }
    console_log(&line.end());
}

thread_local! {
    static FLOOD: RefCell<Flood> = RefCell::default();
}

/// Refusals of the second that began at `since`.
#[derive(Default)]
struct Flood {
    since: Option<NumericDate>,
    logged: u64,
    unlogged: u64,
}

impl Flood {
    /// Whether one more is to be logged, and how many before it were not.
    fn admit(&mut self, most: u64, now: NumericDate) -> Option<u64> {
        if self.since.is_none_or(|since| since.plus(Duration::from_secs(1)) <= now) {
            (self.since, self.logged) = (Some(now), 0);
        }
        if self.logged >= most {
            self.unlogged = self.unlogged.saturating_add(1);
            return None;
        }
        self.logged = self.logged.saturating_add(1);
        Some(std::mem::take(&mut self.unlogged))
    }
}

/// What would have been refused. `count` says how many this isolate has let pass so.
pub(super) fn shadow(config: &Config, rejection: &Rejection, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let mut line = decision("shadow", Some(config), record);
    line.text("code", rejection.code());
    line.number("status", rejection.status().into());
    line.number("count", one_more(&COUNT));
    console_log(&line.end());
}

/// A binding that did not answer; the request passes. `count` says how many did so in this isolate.
pub(super) fn limit_unavailable(config: &Config, binding: &str, record: &Record) {
    thread_local!(static COUNT: Cell<u64> = const { Cell::new(0) });
    let mut line = decision("limit_unavailable", Some(config), record);
    line.text("binding", binding);
    line.number("count", one_more(&COUNT));
    console_log(&line.end());
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
        console_log(&decision("passed", Some(config), record).end());
    }
}

pub(super) fn configuration_read(config: &Config, from: &str) {
    let line = json!({
        "event": "configuration_read",
        "from": from,
        "issuers": config.issuers.len(),
        "origins": config.origins.len(),
        "tenants": config.tenants.tenants().len(),
        "routes": config.routes.routes().iter().filter(|route| route.is_configured()).count(),
    });
    console_log(&line.to_string());
}

pub(super) fn configuration_invalid(errors: &ConfigErrors) {
    let line = json!({ "event": "configuration_invalid", "errors": listed(errors) });
    console_log(&line.to_string());
}

fn listed(errors: &ConfigErrors) -> Vec<String> {
    errors.as_slice().iter().map(ToString::to_string).collect()
}

/// `in_force` says what serves instead.
pub(super) fn configuration_rejected(errors: &ConfigErrors, in_force: &str) {
    let errors = listed(errors);
    let line = json!({ "event": "configuration_rejected", "errors": errors, "in_force": in_force });
    console_log(&line.to_string());
}

pub(super) fn configuration_unread() {
    console_log(r#"{"event":"configuration_unread"}"#);
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

/// What came of asking an auth server, where that is more than an answer.
pub(super) fn asked(config: &Config, place: RemotePlace, report: &RemoteReport) {
    let (of, name) = match place {
        RemotePlace::Issuer(index) => {
            ("issuer", config.issuers.get(index).map(|issuer| issuer.name.as_str()))
        }
        RemotePlace::Origin(index) => {
            ("origin", config.origins.get(index).map(|origin| origin.name.as_str()))
        }
    };
    let tell = |event: &str, more: &dyn Fn(&mut Line)| {
        let mut line = Line::new(event);
        line.text(of, name.unwrap_or_default());
        more(&mut line);
        console_log(&line.end());
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
    if let Some(kid) = &record.kid {
        line.text("kid", &kid.chars().take(KID_CHARACTERS).collect::<String>());
    }
    let issuers = config.map_or(&[][..], |config| &config.issuers);
    if let Some(issuer) = record.issuer.and_then(|index| issuers.get(index)) {
        line.text("issuer", &issuer.name);
    }
    line
}

/// One JSON object, written as it comes: a line for each refusal is not worth a tree of values.
struct Line(String);

impl Line {
    fn new(event: &str) -> Self {
        Self(["{\"event\":\"", event, "\""].concat())
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        self.0.push_str(&Value::from(text).to_string());
    }

    fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        self.0.push_str(&number.to_string());
    }

    fn name(&mut self, name: &str) {
        for part in [",\"", name, "\":"] {
            self.0.push_str(part);
        }
    }

    fn end(mut self) -> String {
        self.0.push('}');
        self.0
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
