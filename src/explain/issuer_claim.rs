//! The checks of `iss`, and of the claim of a template whose value must stand in `iss`.

use serde_json::Value;

use super::Check;
use super::evidence::Evidence;
use crate::config::Issuer;
use crate::json;
use crate::token::{UnverifiedToken, VerifiedToken};

/// The checks of `iss` and, for an issuer with a template, of the claim whose value stands in it.
pub(super) fn checks(
    findings: &Evidence<'_>,
    issuer: &Issuer,
    token: &VerifiedToken,
    holds: bool,
) -> Vec<Check> {
    let own = |holds, got: &str| Check::new("iss", holds).expected(&issuer.policy.issuer).got(got);
    let said = token.claims().issuer.as_deref().unwrap_or("none");
    if let Some(pair) = Pair::of(issuer, token) {
        let expected = [pair.value, ", as in iss"].concat();
        let same = Check::new(pair.name, holds).expected(expected).got(pair.got);
        return vec![own(true, said), same];
    }
    if findings.is_unnamed(issuer) {
        return vec![own(holds, &["none: taken for ", &issuer.name].concat())];
    }
    vec![own(holds, said)]
}

/// The reason why `iss` and the claim of a template do not agree; `None` without a template.
pub(super) fn disagreement(issuer: &Issuer, token: &VerifiedToken) -> Option<String> {
    let Pair { name, value, got } = Pair::of(issuer, token)?;
    Some(["`", name, "` is ", &got, "; expected ", value, ", which `iss` says"].concat())
}

/// The claim of a template: its name, the value that `iss` has in its place, and the value that the
/// claim itself has.
struct Pair<'a> {
    name: &'a str,
    value: &'a str,
    got: String,
}

impl<'a> Pair<'a> {
    fn of(issuer: &'a Issuer, token: &'a VerifiedToken) -> Option<Self> {
        let (template, claims) = (issuer.policy.template.as_ref()?, token.claims());
        let value = template.value(claims.issuer.as_deref()?)?;
        let got = match json::lookup(&claims.all, template.claim()) {
            Some(Value::String(text)) => text.clone(),
            Some(value) => value.to_string(),
            None => "missing".to_owned(),
        };
        Some(Self { name: template.claim(), value, got })
    }
}

impl Evidence<'_> {
    /// Whether the token has no `iss`, and is taken for a token of this issuer.
    pub(super) fn is_unnamed(&self, issuer: &Issuer) -> bool {
        issuer.is_unnamed
            && self.unverified().as_ref().is_some_and(UnverifiedToken::names_no_issuer)
    }
}
