use std::fmt;
use std::rc::Rc;

use super::url::split_url;
use super::{Admission, Caller, ForwardPlan, Record, Rejection};
use crate::http::CookieSession;
use crate::route::OwnResource;

/// The decision on a request: its outcome, and what is to be logged and refreshed besides.
#[derive(Debug)]
pub struct Decision {
    /// The outcome for the request.
    pub outcome: Outcome,
    /// The record of the request, for the log.
    pub record: Record,
    /// The index of the issuer whose keys should be fetched again once the response is on its way.
    pub revalidate: Option<usize>,
    /// Whether the copy of the revocation log should be brought up to date once the response is on its
    /// way.
    pub follows_log: bool,
    /// The session whose tokens are to be refreshed first; the outcome is what is left where they cannot
    /// be.
    pub renewal: Option<Rc<CookieSession>>,
    /// The caller of a token that was presented for verification alone, as far as its signature or its
    /// auth server goes: neither its claims nor revocation were checked. The outcome is a refusal then,
    /// because there is no request.
    pub verified: Option<Rc<Caller>>,
}

impl Decision {
    /// Whether there is more to do than the outcome alone: to refresh, to log, or to have a handler serve
    /// the request.
    #[must_use]
    pub fn has_more(&self) -> bool {
        self.revalidate.is_some()
            || self.follows_log
            || self.renewal.is_some()
            || self.is_degraded()
            || matches!(&self.outcome, Outcome::Forward(plan) if plan.handler().is_some())
    }

    /// Whether the request passes by a copy of the revocation log that is older than the bound.
    #[must_use]
    pub fn is_degraded(&self) -> bool {
        let is_refused = matches!(self.outcome, Outcome::Refuse(_));
        !is_refused && self.record.revocation.is_some_and(|check| check.is_degraded)
    }

    /// A refusal after which nothing is to be refreshed.
    pub(super) fn refused(rejection: Rejection, record: Record) -> Self {
        let outcome = Outcome::Refuse(rejection);
        let (revalidate, follows_log, renewal, verified) = Default::default();
        Self { outcome, record, revalidate, follows_log, renewal, verified }
    }
}

/// The outcome of a decision.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "an adapter must carry out every outcome")]
pub enum Outcome {
    /// The request is forwarded to an origin.
    Forward(ForwardPlan),
    /// The gateway answers the request from its own resources.
    Serve(OwnRequest),
    /// The request is refused.
    Refuse(Rejection),
}

/// A request for one of the gateway's own resources, admitted by the same checks as any other. Its
/// `Debug` shows no query.
pub struct OwnRequest {
    /// The resource that is requested.
    pub resource: OwnResource,
    /// The request method.
    pub method: String,
    /// The client's authority, the canonical path, the query as it came.
    pub url: String,
    /// The caller, if there is one, and the reason why the request may pass.
    pub admission: Admission,
}

impl fmt::Debug for OwnRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("OwnRequest")
            .field("resource", &self.resource)
            .field("admission", &self.admission)
            .finish_non_exhaustive()
    }
}

impl OwnRequest {
    /// The refusal of a request that the resource cannot answer: it does not exist, or it does not
    /// allow this method. `None` if it can answer.
    #[must_use]
    pub fn refusal(&self) -> Option<Rejection> {
        let allowed = match self.resource {
            OwnResource::Unknown => return Some(Rejection::RouteNotFound),
            OwnResource::Revocations => "GET, POST, DELETE",
            OwnResource::RevocationImport | OwnResource::Archive => "GET, POST",
            OwnResource::TokenRevocation | OwnResource::TokenExpiry => "POST",
            OwnResource::Sessions if self.path() == "/.edgeward/sessions" => "GET, DELETE",
            OwnResource::Tokens => "GET, HEAD, POST",
            OwnResource::Sessions | OwnResource::Subject => "DELETE",
            OwnResource::Health
            | OwnResource::Ready
            | OwnResource::Me
            | OwnResource::KeySet
            | OwnResource::Audit
            | OwnResource::AuditSeals
            | OwnResource::Metrics
            | OwnResource::Page => "GET, HEAD",
        };
        let is_allowed = allowed.split(", ").any(|method| method == self.method);
        (!is_allowed).then_some(Rejection::MethodNotAllowed(allowed.into()))
    }

    /// The query without its question mark.
    #[must_use]
    pub fn query(&self) -> &str {
        split_url(&self.url).map_or("", |(_, _, query)| query.trim_start_matches('?'))
    }

    /// The canonical path.
    #[must_use]
    pub fn path(&self) -> &str {
        split_url(&self.url).map_or("", |(_, path, _)| path)
    }
}
