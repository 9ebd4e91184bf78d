use std::time::Duration;

use serde_json::{Map, Value};

use super::histogram::Histogram;
use super::series::Series;
use crate::revocation::RevocationLevel;

/// The outcome of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is a label")]
pub enum DecisionOutcome {
    /// It was forwarded, or the gateway answered it.
    Passed,
    /// It was refused.
    Refused,
    /// It was forwarded in shadow mode, and would have been refused.
    Shadow,
}

/// The class of the route that a request took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each is a label")]
pub enum RouteClass {
    /// None: the request matched no route, or came before there was a configuration.
    None,
    /// One for everyone.
    Public,
    /// One on which a token may be missing.
    Optional,
    /// One on which a token is needed.
    Authenticated,
    /// One with a handler.
    Handler,
    /// One of the gateway's own.
    Own,
}

const OUTCOMES: [&str; 3] = ["passed", "refused", "shadow"];
const CLASSES: [&str; 6] = ["none", "public", "optional", "authenticated", "handler", "own"];
const LEVELS: [RevocationLevel; 4] = [
    RevocationLevel::Strict,
    RevocationLevel::Bounded,
    RevocationLevel::Eventual,
    RevocationLevel::Off,
];

/// The counts of one isolate since it started. Counting a decision allocates nothing.
#[derive(Debug, Default)]
pub struct Counters {
    decisions: [[[u64; LEVELS.len()]; CLASSES.len()]; OUTCOMES.len()],
    /// By code: as many as there are codes, and no more.
    refusals: Vec<(&'static str, u64)>,
    decision_time: Histogram,
    revocation_lag: Histogram,
}

impl Counters {
    /// Counts a decision that took `time`.
    pub fn add_decision(
        &mut self,
        outcome: DecisionOutcome,
        (class, level): (RouteClass, RevocationLevel),
        time: Duration,
    ) {
        let at_outcome = match outcome {
            DecisionOutcome::Passed => 0,
            DecisionOutcome::Refused => 1,
            DecisionOutcome::Shadow => 2,
        };
        let at_class = match class {
            RouteClass::None => 0,
            RouteClass::Public => 1,
            RouteClass::Optional => 2,
            RouteClass::Authenticated => 3,
            RouteClass::Handler => 4,
            RouteClass::Own => 5,
        };
        let at_level = LEVELS.iter().position(|own| *own == level).unwrap_or_default();
        let of_outcome: Option<&mut [[u64; 4]; 6]> = self.decisions.get_mut(at_outcome);
        let of_class = of_outcome.and_then(|classes| classes.get_mut(at_class));
        if let Some(count) = of_class.and_then(|levels| levels.get_mut(at_level)) {
            *count = count.saturating_add(1);
        }
        self.decision_time.add(time);
    }

    /// Counts the reason of a refusal, by its code for logs.
    pub fn add_refusal(&mut self, code: &'static str) {
        match self.refusals.iter_mut().find(|(own, _)| *own == code) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => self.refusals.push((code, 1)),
        }
    }

    /// Counts the time between the entry of a revocation and its arrival in this isolate's copy.
    pub fn add_revocation_lag(&mut self, lag: Duration) {
        self.revocation_lag.add(lag);
    }

    /// All counts as series, those of 0 left out: a map from name and labels to a number.
    #[must_use]
    pub fn to_series(&self) -> Map<String, Value> {
        let mut series = Series::default();
        self.write(&mut series);
        series.into_map()
    }

    fn write(&self, series: &mut Series) {
        for (outcome, classes) in OUTCOMES.iter().zip(&self.decisions) {
            for (class, levels) in CLASSES.iter().zip(classes) {
                for (level, count) in LEVELS.iter().zip(levels) {
                    let labels =
                        [("outcome", *outcome), ("route", class), ("revocation", level.as_str())];
                    if *count > 0 {
                        series.count("edgeward_decisions_total", &labels, *count);
                    }
                }
            }
        }
        for (code, count) in &self.refusals {
            series.count("edgeward_refusals_total", &[("code", code)], *count);
        }
        self.decision_time.write("edgeward_decision_seconds", series);
        self.revocation_lag.write("edgeward_revocation_lag_seconds", series);
    }
}
