//! The counts of this isolate; `report` shows them.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use super::bridge;
use crate::config::Config;
use crate::gateway::{Record, Rejection};
use crate::metrics::{Counters, DecisionOutcome, RouteClass};
use crate::platform::clock;
use crate::revocation::RevocationLevel;
use crate::route::{Access, Route, Target};
use crate::time::NumericDate;

thread_local! {
    static IS_ON: Cell<bool> = const { Cell::new(false) };
    static COUNTERS: RefCell<Counters> = RefCell::default();
}

/// Begins or ends the counting, as a configuration says that has come in force.
pub(super) fn configure(config: &Config) {
    if IS_ON.replace(config.observation.counts()) != config.observation.counts() {
        bridge::report_metrics(config.observation.counts(), config.revocation.location.as_deref());
    }
}

/// Counts a decision.
pub(super) fn decided(config: Option<&Config>, outcome: DecisionOutcome, record: &Record) {
    if !IS_ON.get() {
        return;
    }
    let routes = config.map_or(&[][..], |config| config.routes.routes());
    let route = record.route.and_then(|index| routes.get(index));
    let labels = route
        .map_or((RouteClass::None, RevocationLevel::Off), |route| (class(route), route.revocation));
    let time = clock::now().since(record.started_at);
    COUNTERS.with_borrow_mut(|counters| counters.add_decision(outcome, labels, time));
}

/// Counts the reason of a refusal.
pub(super) fn refused(rejection: &Rejection) {
    if IS_ON.get() {
        COUNTERS.with_borrow_mut(|counters| counters.add_refusal(rejection.code()));
    }
}

/// Counts how long a change in the log, entered at `changed_at`, took to come here.
pub(super) fn followed(changed_at: Option<NumericDate>) {
    if let Some(at) = changed_at.filter(|_| IS_ON.get()) {
        let lag = clock::now().since(at);
        COUNTERS.with_borrow_mut(|counters| counters.add_revocation_lag(lag));
    }
}

fn class(route: &Route) -> RouteClass {
    match (route.target, &route.handler, route.access) {
        (Target::Own(_), ..) => RouteClass::Own,
        (_, Some(_), _) => RouteClass::Handler,
        (_, _, Access::Public) => RouteClass::Public,
        (_, _, Access::Optional) => RouteClass::Optional,
        (_, _, Access::Authenticated) => RouteClass::Authenticated,
    }
}

/// The counts since the isolate started.
pub(super) fn counts() -> Map<String, Value> {
    COUNTERS.with_borrow(Counters::to_series)
}
