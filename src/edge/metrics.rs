//! The counts of this isolate; `report` shows them.

use std::cell::{Cell, RefCell};

use serde_json::{Map, Value};

use super::bridge;
use crate::config::Config;
use crate::gateway::{Gateway, Record, Rejection};
use crate::metrics::{Counters, DecisionOutcome, RouteClass};
use crate::platform::clock;
use crate::revocation::{AskReply, RevocationLevel};
use crate::route::{Access, Route, Target};

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

/// Counts how long a change in the log took to come here. An isolate without requests asks nothing, and then
/// nothing is late: what comes to a copy that was not followed for a while is not counted.
pub(super) fn followed(gateway: &Gateway, reply: Option<&AskReply>) {
    let Some(at) = reply.and_then(|reply| reply.oldest_change).filter(|_| IS_ON.get()) else {
        return;
    };
    let now = clock::now();
    let idle = gateway.config().revocation.bound.saturating_mul(2);
    if gateway.log_copy().age(now).is_some_and(|age| age <= idle) {
        let lag = now.since(at);
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
