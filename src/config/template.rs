//! Issuers whose `iss` is a template: one for each tenant of an identity provider.

use super::table::Table;
use crate::json::ValueRef;
use crate::token::{ClaimsPolicy, IssuerTemplate, is_value};

/// The template that `issuer` is. Faulty is as good as none: the fault is noted.
pub(super) fn read(table: &Table<'_>, issuer: Option<&str>) -> Option<IssuerTemplate> {
    let issuer = issuer?;
    if !issuer.contains(['{', '}']) {
        if table.has("allowed") {
            table.error("allowed", "expected a claim in braces in `issuer` with it");
        }
        return None;
    }
    let is_list = table.value("allowed").is_some_and(|value| value.as_array().is_some());
    let allowed = if is_list { table.strings("allowed") } else { table.text("allowed").and(None) };
    if !table.has("allowed") {
        table.error("allowed", "expected the values of the claim that are accepted, or \"any\"");
    }
    for (field, problem) in [
        ("opaque", "expected no template in `issuer` with it"),
        ("without_iss", "expected no template in `issuer` with it"),
    ] {
        if table.value(field).and_then(ValueRef::as_bool) == Some(true) {
            table.error(field, problem);
        }
    }
    let verify = table.value("verify");
    let has = |name: &str| verify.is_some_and(|verify| verify.get(name).is_some());
    if has("me") || has("introspection") {
        table.error("verify", "expected keys, because `issuer` is a template");
    }
    for (index, value) in allowed.iter().flatten().enumerate() {
        if !is_value(value) {
            table.error(&format!("allowed[{index}]"), "expected letters, digits and `-._~`");
        }
    }
    let template = IssuerTemplate::parse(issuer, allowed);
    if template.is_none() {
        table.error(
            "issuer",
            "expected at most one claim in braces, such as `{tid}`, and a host that does not depend on it",
        );
    }
    template
}

/// Whether some token could be both issuers'. One that is named exactly comes before a template.
pub(super) fn are_twins(one: &ClaimsPolicy, other: &ClaimsPolicy) -> bool {
    match (&one.template, &other.template) {
        (Some(one), Some(other)) => one.overlaps(other),
        (None, None) => one.issuer == other.issuer,
        _ => false,
    }
}
