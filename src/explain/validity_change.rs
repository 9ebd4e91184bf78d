use std::time::Duration;

use super::ValidityChange;
use super::evidence::Evidence;
use crate::config::Issuer;
use crate::json::{self, Member};
use crate::time::NumericDate;
use crate::token::Claims;

/// When the claims of a verified token come into force and when they lose it, in order;
/// none for an unverified token, because none of its claims is checked then.
pub(super) fn of(findings: &Evidence<'_>) -> Vec<ValidityChange> {
    let (Some(issuer), Some(caller)) = (findings.issuer(), &findings.journal.caller) else {
        return Vec::new();
    };
    let claims = caller.token().claims();
    let mut turns = in_force(issuer, claims);
    let requirement = findings.route().and_then(|route| route.requirement.as_ref());
    let ages = requirement.map(crate::route::Requirement::ages).unwrap_or_default();
    turns.extend(of_login(issuer, claims, &ages));
    turns.sort_by_key(|turn| turn.at_seconds);
    turns
}

fn in_force(issuer: &Issuer, claims: &Claims) -> Vec<ValidityChange> {
    let (policy, leeway) = (&issuer.policy, issuer.policy.leeway);
    let start =
        |claim, at: Option<NumericDate>| at.map(|at| ValidityChange::start(claim, at, leeway));
    let issued_at = claims.issued_at;
    let age = issued_at.zip(policy.max_age);
    let turns = [
        start("nbf", claims.not_before),
        start("iat", issued_at),
        age.map(|(iat, most)| ValidityChange::end("iat", iat, most.saturating_add(leeway))),
        claims.expires_at.map(|exp| ValidityChange::end("exp", exp, leeway)),
    ];
    turns.into_iter().flatten().collect()
}

/// A login that a requirement wants to be recent.
fn of_login(issuer: &Issuer, claims: &Claims, ages: &[Duration]) -> Vec<ValidityChange> {
    let Member::Value(serde_json::Value::Number(number)) = json::member(&claims.all, "auth_time")
    else {
        return Vec::new();
    };
    let Some(at) = NumericDate::from_json(number).filter(|_| !ages.is_empty()) else {
        return Vec::new();
    };
    let leeway = issuer.policy.leeway;
    let end = |age: &Duration| ValidityChange::end("auth_time", at, age.saturating_add(leeway));
    [ValidityChange::start("auth_time", at, leeway)]
        .into_iter()
        .chain(ages.iter().map(end))
        .collect()
}

impl ValidityChange {
    fn start(claim: &'static str, at: NumericDate, early: Duration) -> Self {
        Self::new(claim, at, at.minus(early), true)
    }

    fn end(claim: &'static str, at: NumericDate, late: Duration) -> Self {
        Self::new(claim, at, at.plus(late), false)
    }

    fn new(claim: &'static str, says: NumericDate, at: NumericDate, is_start: bool) -> Self {
        // A fraction of a second is over at the next whole one.
        let at_seconds = at.plus(Duration::from_millis(999)).seconds();
        Self { claim, claim_seconds: says.seconds(), at_seconds, is_start }
    }
}
