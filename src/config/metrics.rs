//! `audit`, `metrics` and `metrics_require`: what operators learn besides the log.

use super::table::Table;
use super::{Administrator, Environment, admin, requirement};
use crate::route::Requirement;

pub(super) const AUDIT: [(&str, bool); 2] = [("off", false), ("database", true)];
pub(super) const METRICS: [(&str, bool); 2] = [("off", false), ("object", true)];

/// The error of a field that needs the database.
pub(super) const DATABASE_MISSING: &str = "expected a D1 database with it, bound as `EDGEWARD_DB`, and as \
    `main` the Worker that fills it: `edgeward/worker`, in a clone `build/index.js`";

/// The rules for what operators learn besides the log.
#[derive(Debug)]
pub struct ObservationRules {
    /// Whether there is an audit trail.
    pub audits: bool,
    /// SHA-256 of the configuration in base64url, where there is an audit trail.
    pub digest: Option<String>,
    /// The requirement for reading the metrics; `None` where nothing is counted.
    pub metrics_readers: Option<Requirement>,
}

impl ObservationRules {
    /// Whether isolates count what they decide, and report it.
    #[must_use]
    pub const fn counts(&self) -> bool {
        self.metrics_readers.is_some()
    }
}

/// Reads the rules.
pub(super) fn read(
    root: &Table<'_>,
    (issuers, admins): (&[&str], &[Administrator]),
    environment: &Environment<'_>,
) -> ObservationRules {
    let audits = root.choice("audit", &AUDIT).unwrap_or_default();
    if audits && !environment.has_database {
        root.error("audit", DATABASE_MISSING);
    }
    let metrics_readers = metrics_readers(root, (issuers, admins), environment);
    ObservationRules { audits, digest: None, metrics_readers }
}

fn metrics_readers(
    root: &Table<'_>,
    (issuers, admins): (&[&str], &[Administrator]),
    environment: &Environment<'_>,
) -> Option<Requirement> {
    let readers = requirement::read_in(root, "metrics_require", issuers);
    if readers.as_ref().is_some_and(|tree| !tree.segments().is_empty()) {
        root.error("metrics_require", "expected no `path_segment`: it is not about one path");
    }
    if !root.choice("metrics", &METRICS).unwrap_or_default() {
        if root.has("metrics_require") {
            root.error("metrics_require", "expected `metrics = \"object\"` with it");
        }
        return None;
    }
    if !environment.has_metrics {
        let expected =
            "expected the Durable Object `MetricsSink` bound as `EDGEWARD_METRICS` with it";
        root.error("metrics", expected);
    }
    if !root.has("metrics_require") && !root.has("admin") {
        let expected = "expected `metrics_require` or `admin` with it: no one could read them";
        root.error("metrics", expected);
    }
    readers.or_else(|| admin::any_of(admins))
}
