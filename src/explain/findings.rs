//! The findings at each stage, up to the one at which the machine stopped.

use super::evidence::{Evidence, Found};
use super::{Check, Finding, Stage, claims, route};
use crate::gateway::{Outcome, Rejection, split_url};
use crate::http::{self, CredentialSource};
use crate::limits;
use crate::route::Access;

impl Evidence<'_> {
    pub(super) fn all(&self) -> Vec<Finding> {
        let refusal = self.refusal();
        let failed = refusal.and_then(|rejection| self.stage_of(rejection));
        let was_taken = |stage: &Stage| failed.is_none_or(|failed| *stage <= failed);
        let taken = Stage::ALL.into_iter().filter(was_taken);
        let taken = taken.filter(|stage| *stage <= Stage::Credential || self.judged_token(failed));
        let find = |stage: Stage| {
            let holds = failed != Some(stage);
            let code = refusal.filter(|_| !holds).map(Rejection::code);
            let (summary, checks) = self.found(stage)?;
            Some(Finding { stage, holds, code, summary, checks })
        };
        taken.filter_map(find).collect()
    }

    /// Whether the machine looked at a token at all.
    fn judged_token(&self, failed: Option<Stage>) -> bool {
        let admission = match &self.decision.outcome {
            Outcome::Forward(plan) => Some(plan.admission()),
            Outcome::Serve(own) => Some(&own.admission),
            Outcome::Refuse(_) => None,
        };
        failed.is_some_and(|failed| failed > Stage::Credential)
            || admission.is_some_and(|admission| admission.caller().is_some())
    }

    fn found(&self, stage: Stage) -> Option<Found> {
        match stage {
            Stage::Request => Some(self.request()),
            Stage::Path => Some(self.canonical()),
            Stage::Route => Some(route::found(self)),
            Stage::Tenant => self.tenant_found(),
            Stage::Credential => Some(self.credential()),
            Stage::Token => Some(self.token()),
            Stage::Issuer => Some(self.issuer_found()),
            Stage::Algorithm => self.algorithm(),
            Stage::AuthServer => self.auth_server(),
            Stage::Key => self.key(),
            Stage::Signature => self.signature(),
            Stage::Claims => self.issuer().map(|issuer| claims::found(self, issuer)),
            Stage::Revocation => self.revocation(),
            Stage::Membership => self.membership(),
            Stage::Requirement => self.requirement(),
            Stage::Identity => self.identity(),
            Stage::Exchange => self.exchange(),
        }
    }

    fn request(&self) -> Found {
        let request = &self.journal.request;
        let names = request.names();
        let has = |name: &str| names.iter().any(|own| own == name);
        let host = request.header("host");
        let elements = request.with_head(http::connection_elements);
        let checks = vec![
            Check::new("one body length", !(has("content-length") && has("transfer-encoding")))
                .expected("not both `content-length` and `transfer-encoding`"),
            Check::new("URL", split_url(&request.url).is_some())
                .expected("scheme, host, path; no fragment"),
            Check::new("Host", host.as_deref().is_none_or(http::is_authority))
                .expected("a host, with a port at most")
                .got(host.unwrap_or_else(|| "not given".to_owned())),
            Check::new("header fields", names.len() <= limits::FIELDS)
                .expected(format!("at most {}", limits::FIELDS))
                .got(names.len().to_string()),
            Check::new("elements of Connection", elements <= limits::CONNECTION_ELEMENTS)
                .expected(format!("at most {}", limits::CONNECTION_ELEMENTS))
                .got(elements.to_string()),
            // Looked at once the path has one reading, and only then.
            Check::new("tenant", self.path().is_none() || self.authority().1)
                .expected("the same by URL and `Host`"),
        ];
        if checks.iter().all(|check| check.holds == Some(true)) {
            return ("framing, URL and host have one reading".to_owned(), Vec::new());
        }
        let is_too_large = self.refusal() == Some(&Rejection::HeaderFieldsTooLarge);
        let summary = if is_too_large {
            "the head has more parts than any client needs"
        } else {
            "two servers could read this request differently"
        };
        (summary.to_owned(), checks)
    }

    fn canonical(&self) -> Found {
        let raw = split_url(&self.journal.request.url).map_or("", |(_, path, _)| path);
        match self.parsed(raw) {
            Ok(path) if path.as_str() == raw => (raw.to_owned(), Vec::new()),
            Ok(path) => (format!("{raw} is {}", path.as_str()), Vec::new()),
            Err(error) => (format!("{raw}: {error}"), Vec::new()),
        }
    }

    fn credential(&self) -> Found {
        let summary = match self.journal.credential() {
            _ if self.refusal() == Some(&Rejection::CrossSite) => {
                "a token in a cookie, and another site may have sent it".to_owned()
            }
            _ if self.route().is_some_and(|route| route.access == Access::Public) => {
                "not looked at: the route is public".to_owned()
            }
            _ if self.is_preflight() => "not looked at: a CORS preflight".to_owned(),
            Ok(Some(token)) => format!("one bearer token of {} bytes", token.len()),
            Ok(None) => self.no_credential(),
            Err(error) => error.to_string(),
        };
        (summary, Vec::new())
    }

    /// The summary for a request without a token: the places that were searched, and whether
    /// `Authorization` is absent, is not read or has another scheme.
    fn no_credential(&self) -> String {
        let bearer = [CredentialSource::Authorization("Bearer".to_owned())];
        let sources = self.journal.sources.as_ref().map_or(&bearer[..], |sources| sources.all());
        let is_read = |source| matches!(source, &CredentialSource::Authorization(_));
        let is_sent = self.journal.request.header("authorization").is_some();
        let authorization = match (is_sent, sources.iter().any(is_read)) {
            (false, false) => "",
            (false, true) => ", and there is no `Authorization`",
            (true, false) => "; `Authorization` is not read",
            (true, true) => "; `Authorization` has another scheme",
        };
        let places: Vec<_> = sources.iter().map(ToString::to_string).collect();
        format!("no token in {}{authorization}", places.join(", "))
    }
}
