//! From the head of a request to its route and its credential.

use super::request::{PendingRequest, TargetPath, reader, split_url};
use super::{
    Admission, Decision, ForwardPlan, Gateway, Outcome, OwnRequest, Record, Rejection, Step,
};
use crate::http::{self, RequestHead};
use crate::limits;
use crate::route::{Access, CanonicalPath, FindError, Methods, Route, Target};
use crate::time::NumericDate;

/// A request that is refused before a route decides on it.
struct Unrouted {
    rejection: Rejection,
    /// What the log, and the page that asked, may know, where a path has matched.
    record: Option<Box<Record>>,
}

impl Gateway {
    /// Begins the decision on a request that came at `now`.
    ///
    /// A public request, a refusal, and a token that this gateway has seen before and whose
    /// revocation verdict is still fresh are decided here and now.
    #[must_use]
    pub fn begin(&self, head: &RequestHead<'_>, now: NumericDate) -> Step {
        match self.pending(head, now) {
            Ok((request, is_preflight)) => self.admit(head, request, is_preflight, now),
            Err(Unrouted { rejection, record }) => Step::from(Decision {
                outcome: Outcome::Refuse(rejection),
                record: record.map_or_else(|| Record::new(head.id.clone(), now), |record| *record),
                revalidate: None,
            }),
        }
    }

    /// The same for a head of which every field was fetched, whatever its names say.
    #[must_use]
    pub fn begin_whole(&self, head: &RequestHead<'_>, now: NumericDate) -> Step {
        let names = &self.field_names(head.names.all().map(|(name, _)| name)).into();
        self.begin(&RequestHead { names, ..head.clone() }, now)
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
        let withheld = match request.route.credentials.clone() {
            Some(sources) => request.withhold(&sources, head),
            None => Ok(()),
        };
        if is_preflight {
            request.strip_to_preflight();
        } else if let Err(rejection) = withheld {
            return Err(Unrouted { rejection, record: Some(Box::new(request.record)) });
        }
        if request.route.limit.is_some() {
            request.address = head.header("cf-connecting-ip").map(Into::into);
        }
        Ok((request, is_preflight))
    }

    /// Why no route decides. Where some have the path, the page that asked learns with which methods.
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

    /// Whether the origin of a route may take `/Admin` for `/admin`. The gateway itself does not.
    fn ignores_case(&self, route: &Route, tenant: Option<usize>) -> bool {
        let origin = match route.target {
            Target::Own(_) => return false,
            Target::Origin(index) => Some(index),
            Target::Tenant => self.tenant_origin(tenant),
        };
        let origin = origin.and_then(|index| self.config.origins.get(index));
        origin.is_none_or(|origin| !origin.has_case_sensitive_paths)
    }

    /// What was matched, as the origin is asked for it; `None` where it could be read in another
    /// way, or is one that no client may ask for.
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
        Some(TargetPath { text, whole: path })
    }

    fn admit(
        &self,
        head: &RequestHead<'_>,
        request: Box<PendingRequest>,
        is_preflight: bool,
        now: NumericDate,
    ) -> Step {
        // Never another tenant's origin, and no token is looked at for nobody.
        if request.lacks_tenant() {
            return request.refuse(Rejection::TenantUnknown);
        }
        if is_preflight {
            return match request.route.permit_preflight() {
                Some((who, permit)) => Self::pass(request, Admission::Anonymous(who, permit)),
                None => request.refuse(Rejection::CredentialMissing),
            };
        }
        if request.route.access == Access::Public {
            return Self::admit_anonymous(request);
        }
        if let Some(sources) = request.route.credentials.clone() {
            return self.admit_from(&sources, head, request, now);
        }
        match head.header("authorization") {
            Some(authorization) => self.admit_bearer(authorization, request, now),
            None => Self::admit_anonymous(request),
        }
    }

    fn admit_bearer(
        &self,
        authorization: &str,
        request: Box<PendingRequest>,
        now: NumericDate,
    ) -> Step {
        // What is remembered was looked at letter by letter when it was new, so it is asked for first,
        // as nearly all clients write it.
        let usual = authorization.strip_prefix("Bearer ");
        if let Some(caller) = usual.and_then(|text| self.remembered(text)) {
            return self.resume_cached(request, caller, now);
        }
        match http::bearer(authorization, self.config.token_grammar) {
            Err(error) => request.refuse(Rejection::Credential(error)),
            // Both are ends of one text, but for spaces: of one length they are the same.
            Ok(Some(token)) if usual.is_some_and(|text| text.len() == token.len()) => {
                self.verify_new(request, token, now)
            }
            Ok(Some(token)) => self.authenticate(request, token, now),
            // A route that takes callers without a token takes one with another scheme's too: that
            // credential is the origin's business.
            Ok(None) => Self::admit_anonymous(request),
        }
    }

    pub(super) fn admit_anonymous(request: Box<PendingRequest>) -> Step {
        let passage = request.route.permit_anonymous();
        Self::pass_anonymous(
            request,
            passage.map(|(who, permit)| Admission::Anonymous(who, permit)),
        )
    }

    fn pass_anonymous(request: Box<PendingRequest>, passage: Option<Admission>) -> Step {
        match passage {
            Some(passage) => Self::pass(request, passage),
            None => request.refuse(Rejection::CredentialMissing),
        }
    }

    /// Lets a request pass: the one place where [`ForwardPlan`]s are made.
    pub(super) fn forward(request: PendingRequest, passage: Admission) -> Step {
        let (record, revalidate) = (request.record.clone(), request.revalidate);
        let outcome = match (request.route.target, request.origin) {
            (Target::Own(resource), _) => Outcome::Serve(OwnRequest {
                resource,
                method: request.own_method.unwrap_or_default(),
                url: request.url,
                passage,
            }),
            (_, Some(origin)) => Outcome::Forward(ForwardPlan::new(request, origin, passage)),
            (_, None) => Outcome::Refuse(Rejection::TenantUnknown),
        };
        Decision { outcome, record, revalidate }.into()
    }
}

impl From<Rejection> for Unrouted {
    fn from(rejection: Rejection) -> Self {
        Self { rejection, record: None }
    }
}

/// Scheme with authority, path, and query of a request that no two servers read differently.
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
