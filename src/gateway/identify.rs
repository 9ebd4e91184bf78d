//! The stage identify: finds a request's route, its tenant and its credential by its head.

use std::borrow::Cow;
use std::rc::Rc;

use super::need::Flow;
use super::request::{PendingRequest, TargetPath, reader};
use super::url::split_url;
use super::{Caller, Decision, Gateway, Record, Rejection, Step};
use crate::http::{self, RequestHead};
use crate::limits;
use crate::route::{Access, Anonymous, CanonicalPath, FindError, Methods, Route, Target};
use crate::time::NumericDate;

/// A request that is refused before a route decides on it.
struct Unrouted {
    rejection: Rejection,
    /// The record for the log and for the page that sent the request, if a path has matched.
    record: Option<Box<Record>>,
}

/// A request with its route and the credential that it presents, which is not verified yet.
pub(super) enum Identified<'h> {
    /// A request without a caller, on a route that lets it pass.
    Anonymous(Box<PendingRequest>, Anonymous),
    /// A request with a token whose caller this gateway remembers.
    Remembered(Box<PendingRequest>, Rc<Caller>),
    /// A request with a token.
    Presented(Box<PendingRequest>, Cow<'h, str>),
}

impl Gateway {
    /// Finds route, tenant and credential.
    pub(super) fn identify<'h>(
        &self,
        head: &RequestHead<'h>,
        now: NumericDate,
    ) -> Flow<Identified<'h>> {
        match self.pending(head, now) {
            Ok((request, is_preflight)) => self.credential(head, request, is_preflight),
            Err(Unrouted { rejection, record }) => {
                let record =
                    record.map_or_else(|| Record::new(head.id.clone(), now), |record| *record);
                Err(Step::from(Decision::refused(rejection, record)))
            }
        }
    }

    /// Finds the route; the flag says whether the request is a CORS preflight that may pass.
    fn pending(
        &self,
        head: &RequestHead<'_>,
        now: NumericDate,
    ) -> Result<(Box<PendingRequest>, bool), Unrouted> {
        // First of all: what follows looks at each field, and compares some with each other.
        if head.names.count() > limits::FIELDS
            || http::connection_elements(head) > limits::CONNECTION_ELEMENTS
        {
            return Err(Rejection::HeaderFieldsTooLarge.into());
        }
        let (authority, path, query) = read_url(head)?;
        let path = CanonicalPath::parse_with_encoded_slashes(path)
            .map_err(|_| Rejection::PathAmbiguous)?;
        let tenant = self.tenant(head, authority, &path)?;
        if Methods::is_refused(head.method) {
            return Err(Rejection::RouteNotFound.into());
        }
        let ignores_case = |route: &Route| self.ignores_case(route, tenant);
        let found = |method: &str| self.config.routes.find(method, &path, ignores_case);
        let preflight = http::requested_method(head).and_then(|method| found(method).ok());
        let preflight = preflight.filter(|found| found.route.cors_preflight);
        let is_preflight = preflight.is_some();
        let route = preflight.map_or_else(|| found(head.method), Ok);
        let keeps_encoded_slashes =
            route.as_ref().is_ok_and(|found| found.route.keeps_encoded_slashes);
        if path.has_encoded_slash() && !keeps_encoded_slashes {
            return Err(Rejection::PathAmbiguous.into());
        }
        let route = route.map_err(|error| {
            let record = Record { tenant, ..Record::new(head.id.clone(), now) };
            self.unrouted(error, head, record)
        })?;
        let target = self.path_at_origin(&route.route, &path).ok_or(Rejection::PathAmbiguous)?;
        let mut request = Box::new(PendingRequest::new(
            head,
            (authority, &target, query),
            (route, tenant),
            self,
            now,
        ));
        let withheld = request.withhold_credentials(head, self.config.session.as_deref());
        if is_preflight {
            request.strip_to_preflight();
        } else if let Err(rejection) = withheld {
            return Err(Unrouted { rejection, record: Some(Box::new(request.record)) });
        }
        if let Err(rejection) = request.begin_session(head, path.as_str(), is_preflight) {
            return Err(Unrouted { rejection, record: Some(Box::new(request.record)) });
        }
        if request.route.limit.is_some() {
            request.address = head.header("cf-connecting-ip").map(Into::into);
        }
        Ok((request, is_preflight))
    }

    /// The refusal of a request for which no route was found. If the path has routes for other
    /// methods, the refusal lists these, and the page that asked may read it where the route lets
    /// it.
    fn unrouted(&self, error: FindError, head: &RequestHead<'_>, record: Record) -> Unrouted {
        match error {
            FindError::NotFound => Rejection::RouteNotFound.into(),
            FindError::Ambiguous => Rejection::PathAmbiguous.into(),
            FindError::MethodNotAllowed { index, allowed } => {
                let route = self.config.routes.routes().get(index);
                let reader = route.and_then(|route| reader(head, route));
                Unrouted {
                    rejection: Rejection::MethodNotAllowed(allowed.into()),
                    record: Some(Box::new(Record { route: Some(index), reader, ..record })),
                }
            }
        }
    }

    /// Whether the origin of a route may treat `/Admin` as `/admin`. The gateway itself does not.
    fn ignores_case(&self, route: &Route, tenant: Option<usize>) -> bool {
        let origin = match route.target {
            Target::Own(_) => return false,
            Target::Origin(index) => Some(index),
            Target::Tenant => self.tenant_origin(tenant),
        };
        let origin = origin.and_then(|index| self.config.origins.get(index));
        origin.is_none_or(|origin| !origin.has_case_sensitive_paths)
    }

    /// The matched path as it is requested from the origin, rewritten if the route says so; `None`
    /// if the rewritten path could be read in more than one way, or is one that no client may
    /// request.
    fn path_at_origin<'p>(
        &self,
        route: &Route,
        path: &'p CanonicalPath<'_>,
    ) -> Option<TargetPath<'p>> {
        if route.rewrite.is_none() {
            return Some(TargetPath { text: path.as_str().into(), whole: path });
        }
        let text = route.rewrite.apply(path)?;
        let rewritten = CanonicalPath::parse_with_encoded_slashes(&text).ok()?;
        if self.config.routes.is_closed(&rewritten) {
            return None;
        }
        // A server that reads `//` as the beginning of a host reads another path behind it.
        let has_host = |reading: &Vec<String>| {
            reading.len() > 1 && reading.first().is_some_and(String::is_empty)
        };
        if rewritten.readings()?.iter().any(has_host) {
            return None;
        }
        Some(TargetPath { text, whole: path })
    }

    fn credential<'h>(
        &self,
        head: &RequestHead<'h>,
        request: Box<PendingRequest>,
        is_preflight: bool,
    ) -> Flow<Identified<'h>> {
        // Never another tenant's origin, and no token is looked at for nobody.
        if request.lacks_tenant() {
            return Err(request.refuse(Rejection::TenantUnknown));
        }
        if is_preflight {
            let permit = request.route.permit_preflight();
            return anonymous(request, permit);
        }
        if request.route.access == Access::Public {
            return from_nobody(request);
        }
        if let Some(sources) = request.route.credentials.clone() {
            return self.credential_from(&sources, head, request);
        }
        match head.header("authorization") {
            Some(authorization) => self.bearer(authorization, request),
            None => from_nobody(request),
        }
    }

    fn bearer<'h>(
        &self,
        authorization: &'h str,
        request: Box<PendingRequest>,
    ) -> Flow<Identified<'h>> {
        // What is remembered was looked at letter by letter when it was new, so it is asked for first,
        // as nearly all clients write it.
        let usual = authorization.strip_prefix("Bearer ");
        if let Some(caller) = usual.and_then(|text| self.remembered(text)) {
            return Ok(Identified::Remembered(request, caller));
        }
        match http::bearer(authorization, self.config.token_grammar) {
            Err(error) => Err(request.refuse(Rejection::Credential(error))),
            // Both are ends of one text, but for spaces: of one length they are the same.
            Ok(Some(token)) if usual.is_some_and(|text| text.len() == token.len()) => {
                Ok(Identified::Presented(request, token.into()))
            }
            Ok(Some(token)) => Ok(self.presented(request, token.into())),
            // A route that lets callers without a token pass lets one with another scheme's pass, too:
            // that credential is the origin's business.
            Ok(None) => from_nobody(request),
        }
    }

    /// The remembered caller of a token or, if there is none, the token itself.
    pub(super) fn presented<'h>(
        &self,
        request: Box<PendingRequest>,
        text: Cow<'h, str>,
    ) -> Identified<'h> {
        match self.remembered(&text) {
            Some(caller) => Identified::Remembered(request, caller),
            None => Identified::Presented(request, text),
        }
    }
}

/// Handles a request without a token: it goes on as anonymous if the route lets it, and is refused
/// otherwise.
pub(super) fn from_nobody<'h>(request: Box<PendingRequest>) -> Flow<Identified<'h>> {
    let permit = request.route.permit_anonymous();
    anonymous(request, permit)
}

fn anonymous<'h>(request: Box<PendingRequest>, permit: Option<Anonymous>) -> Flow<Identified<'h>> {
    match permit {
        Some(permit) => Ok(Identified::Anonymous(request, permit)),
        None => Err(request.refuse(Rejection::CredentialMissing)),
    }
}

impl From<Rejection> for Unrouted {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, record: None }
    }
}

/// The scheme with the authority, the path, and the query of a request. A request that two servers
/// could read differently is refused with [`Rejection::RequestAmbiguous`].
fn read_url<'h>(head: &RequestHead<'h>) -> Result<(&'h str, &'h str, &'h str), Rejection> {
    let framed = |name| head.header(name).is_some();
    // Two lengths: which one counts is where request smuggling begins (RFC 9112 §6.3).
    if framed("content-length") && framed("transfer-encoding") {
        return Err(Rejection::RequestAmbiguous);
    }
    let (authority, path, query) = split_url(head.url).ok_or(Rejection::RequestAmbiguous)?;
    // The URL was put together from `Host`: what is no host would have become part of a path.
    // As a rule it is the URL's own, which has been looked at.
    let is_own = |host| authority.strip_suffix(host).is_some_and(|scheme| scheme.ends_with("://"));
    let is_host = |host| is_own(host) || http::is_authority(host);
    if !head.header("host").is_none_or(is_host) {
        return Err(Rejection::RequestAmbiguous);
    }
    Ok((authority, path, query))
}
