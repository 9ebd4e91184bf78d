//! What the tests of the gateway share: keys that sign, requests, and a driver that answers needs.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod drive;
pub(crate) mod explain;
pub(crate) mod log;
pub(crate) mod request;
pub(crate) mod sign;

use edgeward::config::{Config, ConfigErrors, Environment};
use edgeward::gateway::Gateway;
use edgeward::json::ValueRef;
use edgeward::time::NumericDate;
use serde_json::Value;

/// 2026-01-01T00:00:00Z, in seconds.
pub(crate) const NOW_SECONDS: i64 = 1_767_225_600;
pub(crate) const NOW: NumericDate = NumericDate::from_seconds(NOW_SECONDS);

/// `NOW`, so many milliseconds later.
pub(crate) const fn after_ms(millis: i64) -> NumericDate {
    NumericDate::from_millis(NOW_SECONDS * 1000 + millis)
}

/// Checks a configuration in surroundings that have a store, every service, and a few secrets.
pub(crate) fn check(raw: &Value) -> Result<Config, ConfigErrors> {
    check_ref(&raw.into())
}

pub(crate) fn check_ref(raw: &ValueRef<'_>) -> Result<Config, ConfigErrors> {
    Config::check(raw, &ENVIRONMENT)
}

const ENVIRONMENT: Environment<'_> = Environment {
    secret: &sign::secret,
    has_service: &|_| true,
    limiter: &|_| Some(None),
    has_store: true,
    has_log: false,
    has_sessions: false,
    has_database: false,
    has_metrics: false,
    is_edge: false,
};

#[track_caller]
pub(crate) fn gateway(raw: &Value) -> Gateway {
    Gateway::new(check(raw).unwrap_or_else(|errors| panic!("{errors}")))
}

/// A gateway whose revocation log is bound, and sessions with it, with or without KV.
#[track_caller]
pub(crate) fn gateway_with_log(raw: &Value, has_store: bool) -> Gateway {
    Gateway::new(check_with_log(raw, has_store).unwrap_or_else(|errors| panic!("{errors}")))
}

pub(crate) fn check_with_log(raw: &Value, has_store: bool) -> Result<Config, ConfigErrors> {
    Config::check(
        &raw.into(),
        &Environment { has_log: true, has_sessions: true, has_store, ..ENVIRONMENT },
    )
}
