use super::evidence::{Evidence, Found};
use super::{Check, Stage, level, requirement};
use crate::gateway::Caller;
use crate::identity::IdentityHeaders;
use crate::json;
use crate::revocation::RevocationAnswer;
use crate::route::Target;

/// The findings on a caller whose token is valid.
impl Evidence<'_> {
    pub(super) fn revocation(&self) -> Option<Found> {
        let level = self.route()?.revocation;
        let Some((names, answer)) = &self.journal.asked else {
            return Some((
                "the route does not check revocation: a revoked token passes".to_owned(),
                Vec::new(),
            ));
        };
        let RevocationAnswer::Entries(entries) = answer else {
            return Some(("the store does not answer".to_owned(), Vec::new()));
        };
        let checks = names.iter().zip(entries).map(|(name, entry)| {
            let got = entry.clone().unwrap_or_else(|| "no entry".to_owned());
            Check::note(name.kind().as_str(), got).expected(name.to_string())
        });
        let refused = self.refusal().and_then(Stage::of);
        if refused == Some(Stage::Revocation) {
            return Some(("revoked, by the assumed entries".to_owned(), checks.collect()));
        }
        let reuse = level::reuse(level, &self.gateway.config().revocation);
        Some((format!("not revoked, by the assumed entries; {reuse}"), checks.collect()))
    }

    pub(super) fn requirement(&self) -> Option<Found> {
        let (route, caller) = (self.route()?, self.journal.caller.as_ref()?);
        let Some(requirement) = &route.requirement else {
            return Some(("the route requires nothing more".to_owned(), Vec::new()));
        };
        let checks = requirement::trace(self, requirement, caller);
        let holds = checks.first().is_some_and(|check| check.holds == Some(true));
        let summary =
            if holds { "the caller has what is required" } else { "the caller lacks something" };
        Some((summary.to_owned(), checks))
    }

    pub(super) fn identity(&self) -> Option<Found> {
        let route = self.route().filter(|route| route.is_configured())?;
        let caller = self.journal.caller.as_ref()?;
        let tenant = self.decision.record.tenant.filter(|_| route.target == Target::Tenant);
        let rules = self.gateway.config().headers_of(tenant);
        let headers = IdentityHeaders::write(rules, caller.token(), caller.identity());
        let is_refused = self.refusal().and_then(Stage::of) == Some(Stage::Identity);
        let summary = match headers {
            Ok(_) if is_refused => "the assertion does not fit beside the headers".to_owned(),
            Ok(headers) => format!("{} headers fit", headers.fields().count()),
            Err(error) => error.to_string(),
        };
        Some((summary, self.no_subject(caller).into_iter().collect()))
    }

    /// The note on a token without a subject. It passes if nothing requires a subject, and no
    /// subject is named to the origin.
    fn no_subject(&self, caller: &Caller) -> Option<Check> {
        let path = &self.paths(self.issuer()?).subject;
        let is_there = json::lookup(&caller.token().claims().all, path).is_some();
        let got = if is_there { "the token's `{}` is empty" } else { "the token has no `{}`" };
        let check = || Check::note("no subject", got.replace("{}", path));
        caller.identity().subject.is_none().then(check)
    }
}
