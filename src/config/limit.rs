use std::time::Duration;

use super::Environment;
use super::shape::{Default, Field, Shape, choice, number, text};
use super::table::Table;
use crate::route::{Access, LimitPer, RouteLimit, TenantLimit};

pub(super) static SHAPE: Shape = Shape {
    name: "limit",
    about: "How many requests a route takes. A rate limiting binding counts them.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[BINDING, choice("per", &PER).required().about("Who shares one count."), WINDOW],
};

pub(super) static TENANT_SHAPE: Shape = Shape {
    name: "tenant_limit",
    about: "How many requests a tenant takes, all together. A rate limiting binding counts them.",
    exactly_one: &[],
    sets_beside: ("", &[]),
    fields: &[BINDING, WINDOW],
};

const BINDING: Field = text("binding").required().about("The name of a `[[ratelimits]]` binding.");
const WINDOW: Field = number("window_seconds", 10, 60)
    .or(Default::Number(60))
    .about("The period of the binding, 10 or 60; it stands in `Retry-After`.");

const PER: [(&str, LimitPer); 3] =
    [("subject", LimitPer::Subject), ("tenant", LimitPer::Tenant), ("address", LimitPer::Address)];

pub(super) fn read(
    route: &Table<'_>,
    access: Option<Access>,
    environment: &Environment<'_>,
) -> Option<RouteLimit> {
    let table = route.table("limit")?;
    let per = table.choice("per", &PER);
    let counted = counted(&table, environment);
    table.finish();
    // Callers without a token would share one count: one of them could lock out all others.
    if per.is_some_and(|per| per != LimitPer::Address) && access != Some(Access::Authenticated) {
        table.error("per", "expected `access = \"authenticated\"` with it, or `per = \"address\"`");
    }
    let (binding, window) = counted?;
    Some(RouteLimit { binding, per: per?, window })
}

pub(super) fn read_tenants(
    tenant: &Table<'_>,
    environment: &Environment<'_>,
) -> Option<TenantLimit> {
    let table = tenant.table("limit")?;
    let counted = counted(&table, environment);
    table.finish();
    let (binding, window) = counted?;
    Some(TenantLimit { binding, window })
}

/// A binding that is there, and its period.
fn counted(table: &Table<'_>, environment: &Environment<'_>) -> Option<(String, Duration)> {
    let binding = table.string("binding");
    let seconds = table.number("window_seconds");
    if seconds.is_some_and(|seconds| seconds != 10 && seconds != 60) {
        table.error("window_seconds", "expected 10 or 60, which are all that the platform counts");
    }
    let (binding, seconds) = (binding?, seconds?);
    match (environment.limiter)(&binding) {
        None => table.error("binding", format!("no rate limiting binding `{binding}`")),
        Some(Some(period)) if period != seconds => {
            table.error("window_seconds", format!("expected {period}, the binding's period"));
        }
        Some(_) => {}
    }
    Some((binding, Duration::from_secs(seconds)))
}
