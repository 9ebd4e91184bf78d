use std::time::Duration;

use serde_json::{Map, Value, json};

/// The most series that are shown, whatever is sent.
pub const MOST_SERIES: usize = 400;

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "the text form has a word for each")]
pub enum Kind {
    /// Grows, and is summed up over all isolates.
    Counter,
    /// A counter for each of some buckets, a sum and a count.
    Histogram,
    /// A sum and a count.
    Summary,
    /// A state: the greatest among the isolates that have reported lately.
    Gauge,
}

/// A metric: its name, its kind and what it says.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the text form shows all of it")]
pub struct Metric {
    /// The name, without the endings of a histogram's series.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// One sentence.
    pub help: &'static str,
}

const fn counter(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, help }
}

const fn histogram(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, help }
}

const fn summary(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Summary, help }
}

const fn gauge(name: &'static str, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, help }
}

/// All metrics. A series of any other is not shown. Where there are too many series, the last are left
/// out: those on which alerts depend come first.
pub const METRICS: [Metric; 13] = [
    gauge("edgeward_isolates", "Isolates that have reported within the last minute."),
    counter(
        "edgeward_registry_events_lost_total",
        "Events for the registry and the audit trail that could not be stored.",
    ),
    counter(
        "edgeward_decisions_total",
        "Decisions by outcome, class of the route and revocation level.",
    ),
    counter(
        "edgeward_refusals_total",
        "Refused requests by code, those for which an origin gave no answer included.",
    ),
    histogram("edgeward_decision_seconds", "Time from a request to its decision."),
    histogram(
        "edgeward_revocation_lag_seconds",
        "Time from a change in the revocation log to its arrival in an isolate's copy.",
    ),
    counter("edgeward_refresh_total", "Refreshes by outcome."),
    summary("edgeward_refresh_seconds", "Time of refreshes, the auth server's included."),
    counter(
        "edgeward_session_events_total",
        "Logins, logouts and other events of sessions by outcome.",
    ),
    counter("edgeward_sessions_ended_total", "Sessions that have ended, by reason."),
    gauge("edgeward_key_age_seconds", "Age of an issuer's key set, the oldest in any isolate."),
    gauge(
        "edgeward_revocation_copy_age_seconds",
        "Age that the oldest copy of the revocation log had when it last decided about a token.",
    ),
    gauge(
        "edgeward_breaker_state",
        "Circuit breaker of an endpoint: 0 closed, 1 half-open, 2 open.",
    ),
];

/// Series by name and labels, as one isolate reports them.
#[derive(Debug, Default)]
pub(super) struct Series(Map<String, Value>);

impl Series {
    pub(super) fn into_map(self) -> Map<String, Value> {
        self.0
    }

    pub(super) fn count(&mut self, name: &str, labels: &[(&str, &str)], count: u64) {
        self.0.insert(key(name, labels), json!(count));
    }

    pub(super) fn seconds(&mut self, name: &str, labels: &[(&str, &str)], duration: Duration) {
        self.0.insert(key(name, labels), json!(duration.as_secs_f64()));
    }
}

/// A name with its labels, as the text form has them.
#[must_use]
pub fn key(name: &str, labels: &[(&str, &str)]) -> String {
    let labels: Vec<_> =
        labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
    if labels.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", labels.join(",")) }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
