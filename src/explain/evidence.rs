use super::recorder::Recorder;
use super::{Check, Stage};
use crate::config::Issuer;
use crate::gateway::{Admission, Decision, Gateway, Outcome, Rejection, split_url};
use crate::http;
use crate::route::{CanonicalPath, PathError, Route};
use crate::token::{ClaimPaths, UnverifiedToken};

/// All that the findings are made from.
#[derive(Clone, Copy)]
pub(super) struct Evidence<'a> {
    pub(super) gateway: &'a Gateway,
    pub(super) journal: &'a Recorder,
    pub(super) decision: &'a Decision,
}

/// One line, and details.
pub(super) type Found = (String, Vec<Check>);

impl<'a> Evidence<'a> {
    pub(super) fn new(gateway: &'a Gateway, journal: &'a Recorder, decision: &'a Decision) -> Self {
        Self { gateway, journal, decision }
    }

    pub(super) fn refusal(&self) -> Option<&'a Rejection> {
        match &self.decision.outcome {
            Outcome::Refuse(rejection) => Some(rejection),
            // In shadow mode it passes; what is found is the same.
            Outcome::Forward(plan) => plan.admission().would_refuse(),
            Outcome::Serve(_) => None,
        }
    }

    /// An ambiguous path may be one in itself, or only among these routes.
    pub(super) fn stage_of(&self, rejection: &Rejection) -> Option<Stage> {
        let stage = Stage::of(rejection)?;
        let is_path = stage == Stage::Path && self.path().is_some();
        Some(if is_path { Stage::Route } else { stage })
    }

    pub(super) fn path(&self) -> Option<CanonicalPath<'_>> {
        let (_, path, _) = split_url(&self.journal.request.url)?;
        self.parsed(path).ok()
    }

    /// With encoded slashes where the matching route keeps them.
    pub(super) fn parsed<'p>(&self, raw: &'p str) -> Result<CanonicalPath<'p>, PathError> {
        let path = CanonicalPath::parse_with_encoded_slashes(raw)?;
        let routes = &self.gateway.config().routes;
        let keeps = |index: &usize| {
            routes.routes().get(*index).is_some_and(|route| route.keeps_encoded_slashes)
        };
        let is_kept = routes.most_specific(path.segments()).iter().any(keeps);
        if is_kept { Ok(path) } else { CanonicalPath::parse(raw) }
    }

    pub(super) fn route(&self) -> Option<&'a Route> {
        let routes = self.gateway.config().routes.routes();
        routes.get(self.decision.record.route?).map(AsRef::as_ref)
    }

    pub(super) fn issuer(&self) -> Option<&'a Issuer> {
        self.gateway.config().issuers.get(self.decision.record.issuer?)
    }

    /// Which claim means what in the token, or in the auth server's answer about it.
    pub(super) fn paths(&self, issuer: &'a Issuer) -> &'a ClaimPaths {
        let fallback = issuer.fallback_paths.as_ref().filter(|_| self.is_by_keys());
        fallback.unwrap_or(&issuer.paths)
    }

    pub(super) fn unverified(&self) -> Option<UnverifiedToken> {
        let max_bytes = self.gateway.config().token_bytes;
        UnverifiedToken::parse_at_most(self.journal.token()?, max_bytes).ok()
    }

    pub(super) fn is_preflight(&self) -> bool {
        let asks = self.journal.request.with_head(|head| http::requested_method(head).is_some());
        let is_anonymous = match &self.decision.outcome {
            Outcome::Forward(plan) => matches!(plan.admission(), Admission::Anonymous(..)),
            Outcome::Serve(_) | Outcome::Refuse(_) => false,
        };
        asks && is_anonymous && self.route().is_some_and(|route| route.cors_preflight)
    }
}
