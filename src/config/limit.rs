use std::time::Duration;

use super::Environment;
use super::shape::{Default, Shape, choice, number, text};
use super::table::Table;
use crate::route::{Access, LimitPer, RouteLimit};

pub(super) static SHAPE: Shape = Shape {
    name: "limit",
    about: "How many requests a route takes. A rate limiting binding counts them.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[
        text("binding").required().about("The name of a `[[ratelimits]]` binding."),
        choice("per", &PER).required().about("Who shares one count."),
        number("window_seconds", 10, 60)
            .or(Default::Number(60))
            .about("The period of the binding, 10 or 60; it stands in `Retry-After`."),
    ],
};

const PER: [(&str, LimitPer); 3] =
    [("subject", LimitPer::Subject), ("tenant", LimitPer::Tenant), ("address", LimitPer::Address)];

pub(super) fn read(
    route: &Table<'_>,
    access: Option<Access>,
    environment: &Environment<'_>,
) -> Option<RouteLimit> {
    let table = route.table("limit")?;
    let binding = table.string("binding");
    let per = table.choice("per", &PER);
    let seconds = table.number("window_seconds");
    table.finish();
    if seconds.is_some_and(|seconds| seconds != 10 && seconds != 60) {
        table.error("window_seconds", "expected 10 or 60, which are all that the platform counts");
    }
    // Callers without a token would share one count: one of them could lock out all others.
    if per.is_some_and(|per| per != LimitPer::Address) && access != Some(Access::Authenticated) {
        table.error("per", "expected `access = \"authenticated\"` with it, or `per = \"address\"`");
    }
    let (binding, seconds) = (binding?, seconds?);
    match (environment.limiter)(&binding) {
        None => table.error("binding", format!("no rate limiting binding `{binding}`")),
        Some(Some(period)) if period != seconds => {
            table.error("window_seconds", format!("expected {period}, the binding's period"));
        }
        Some(_) => {}
    }
    Some(RouteLimit { binding, per: per?, window: Duration::from_secs(seconds) })
}
