//! What `iss` says, and the claim of a template that must say the same.

use serde_json::Value;

use super::Check;
use super::evidence::Evidence;
use crate::config::Issuer;
use crate::json;
use crate::token::{IssuerTemplate, UnverifiedToken, VerifiedToken};

/// `iss`, and of a template the claim whose value stands in it.
pub(super) fn checks(
    findings: &Evidence<'_>,
    issuer: &Issuer,
    token: &VerifiedToken,
    holds: bool,
) -> Vec<Check> {
    let said = token.claims().issuer.as_deref();
    if let (Some(template), Some(iss)) = (&issuer.policy.template, said) {
        return of_template(template, issuer, token, iss);
    }
    let got = match said {
        Some(_) if findings.is_unnamed(issuer) => format!("none: taken for {}", issuer.name),
        said => said.unwrap_or("none").to_owned(),
    };
    vec![Check::new("iss", holds).expected(&issuer.policy.issuer).got(got)]
}

fn of_template(
    template: &IssuerTemplate,
    issuer: &Issuer,
    token: &VerifiedToken,
    iss: &str,
) -> Vec<Check> {
    let takes = template.takes(iss);
    let own = Check::new("iss", takes).expected(&issuer.policy.issuer).got(iss);
    let Some(value) = template.value(iss) else { return vec![own] };
    let claim = json::lookup(&token.claims().all, template.claim());
    let is_same = claim.and_then(Value::as_str) == Some(value);
    let same = Check::new(template.claim(), is_same)
        .expected(format!("{value}, as in iss"))
        .got(claim.map_or_else(|| "none".to_owned(), shown));
    vec![own, same]
}

/// Why `iss` and the claim of a template do not agree.
pub(super) fn disagreement(issuer: &Issuer, token: &VerifiedToken) -> Option<String> {
    let template = issuer.policy.template.as_ref()?;
    let value = template.value(token.claims().issuer.as_deref()?)?;
    let name = template.claim();
    let claim = json::lookup(&token.claims().all, name);
    let got = claim.map_or_else(|| "is missing".to_owned(), |it| format!("is {}", shown(it)));
    Some(format!("`{name}` {got}; expected {value}, which `iss` says"))
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

impl Evidence<'_> {
    /// Whether the token says no `iss`, and is taken for one of this issuer.
    pub(super) fn is_unnamed(&self, issuer: &Issuer) -> bool {
        issuer.is_unnamed
            && self.unverified().as_ref().is_some_and(UnverifiedToken::names_no_issuer)
    }
}
