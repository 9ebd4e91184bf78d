use std::rc::Rc;

use super::caller::HeaderSet;
use super::exchange::HeldExchange;
use super::sync::SyncPlan;
use super::{Decision, Outcome, Record, Rejection};
use crate::config::{Address, Config};
use crate::http::{self, HopByHop, RequestHead};
use crate::route::{CanonicalPath, Found, Route, Target, Tenant};
use crate::time::NumericDate;

/// What is kept of a request while its decision is made: enough to forward it, and nothing secret that
/// its `Debug` would show.
#[derive(Debug)]
pub(super) struct PendingRequest {
    pub(super) route: Rc<Route>,
    pub(super) own_method: Option<String>,
    /// The tenant that the request is for; the gateway's own resources are of no tenant.
    pub(super) tenant: Option<Rc<Tenant>>,
    /// Where the request goes, when it passes; `None` for the gateway's own resources.
    pub(super) origin: Option<usize>,
    /// Whether that origin gets a token of its own in the place of the caller's.
    pub(super) exchanges: bool,
    /// The one that was asked for on behalf of this request.
    pub(super) exchanged: Option<Rc<HeldExchange>>,
    /// The identity headers for this origin, where it is a tenant's own that has a set for itself.
    pub(super) set: Option<Rc<HeaderSet>>,
    /// Who is told of it afterwards.
    pub(super) sync: Option<SyncPlan>,
    pub(super) url: String,
    pub(super) removed: Vec<String>,
    /// Headers that go on with another value than the client's.
    pub(super) replaced: Vec<(String, String)>,
    pub(super) record: Record,
    /// The client's address as the platform says it, where the route counts by it.
    pub(super) address: Option<Box<str>>,
    /// The issuer whose keys are stale, to be fetched again after the answer.
    pub(super) revalidate: Option<usize>,
}

impl PendingRequest {
    pub(super) fn new(
        head: &RequestHead<'_>,
        (authority, path, query): (&str, &CanonicalPath<'_>, &str),
        (Found { index, route }, tenant): (Found, Option<usize>),
        config: &Config,
        now: NumericDate,
    ) -> Self {
        let hop = HopByHop::of(head);
        let tenant_index = tenant.filter(|_| route.is_configured());
        let tenant = tenant_index.and_then(|index| config.tenants.tenants().get(index)).cloned();
        let origin = origin(&route, tenant.as_deref());
        let exchanges = exchanges(origin, config);
        let strips_authorization = exchanges || !route.keeps_authorization;
        let is_removed = |name: &str| {
            config.headers.reserves(name)
                || hop.contains(name)
                || is_alias_of_request_id(name)
                || (strips_authorization && name == "authorization")
        };
        let names = head.fields.iter().map(|(name, _)| *name);
        Self {
            // An origin's request keeps its method where it is.
            own_method: (!route.is_configured()).then(|| head.method.to_owned()),
            url: url(base(origin, config).unwrap_or(authority), path.as_str(), query),
            sync: SyncPlan::of(head.method, &route, (tenant_index, tenant.as_deref()), authority),
            removed: names.filter(|name| is_removed(name)).map(str::to_owned).collect(),
            replaced: Vec::new(),
            address: None,
            record: Record {
                route: Some(index),
                tenant: tenant_index,
                reader: route
                    .cors_preflight
                    .then(|| head.header("origin"))
                    .flatten()
                    .map(str::to_owned),
                ..Record::new(head.id.clone(), now)
            },
            route,
            tenant,
            origin,
            exchanges,
            exchanged: None,
            set: None,
            revalidate: None,
        }
    }

    /// Whether the client's own credential stays behind. Where the origin gets a token of its own it
    /// always does, a public route included: what is for another audience, or for nobody, is not to be
    /// taken for the one that was issued.
    pub(super) fn strips_credential(&self) -> bool {
        self.exchanges || !self.route.keeps_authorization
    }

    /// Whether its route leads to a tenant's origin, and it is for no tenant.
    pub(super) fn lacks_tenant(&self) -> bool {
        self.route.target == Target::Tenant && self.tenant.is_none()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn refuse(self, rejection: Rejection) -> Decision {
        if self.route.shadow.is_some() {
            return self.watch(rejection);
        }
        self.refuse_surely(rejection)
    }

    /// Refuses whatever the mode of the route is.
    pub(super) fn refuse_surely(self, rejection: Rejection) -> Decision {
        Decision {
            outcome: Outcome::Refuse(rejection),
            record: self.record,
            revalidate: self.revalidate,
        }
    }
}

/// With room for what [`super::ForwardPlan::into_lines`] puts behind it.
fn url(base: &str, path: &str, query: &str) -> String {
    let bytes = [base, path, query].iter().map(|part| part.len()).fold(128, usize::saturating_add);
    let mut url = String::with_capacity(bytes);
    for part in [base, path, query] {
        url.push_str(part);
    }
    url
}

/// The address before the path; a binding has none, and its Worker sees the host that the client
/// asked for.
fn base(origin: Option<usize>, config: &Config) -> Option<&str> {
    match &config.origins.get(origin?)?.address {
        Address::Url(base) => Some(base),
        Address::Service(_) => None,
    }
}

fn exchanges(origin: Option<usize>, config: &Config) -> bool {
    origin
        .and_then(|index| config.origins.get(index))
        .is_some_and(|origin| origin.exchange.is_some())
}

/// The route's own origin, or else the tenant's.
fn origin(route: &Route, tenant: Option<&Tenant>) -> Option<usize> {
    match route.target {
        Target::Origin(index) => Some(index),
        Target::Tenant => tenant.map(|tenant| tenant.origin),
        Target::Own(_) => None,
    }
}

/// A second spelling of the header that names the request: a careless server merges the two.
fn is_alias_of_request_id(name: &str) -> bool {
    name != "x-request-id" && http::folds_to(name, "x-request-id")
}

/// Takes a URL apart into scheme with authority, path, and query with its `?`.
///
/// The path must come as the client sent it: a parser in between has already made one reading of
/// it, perhaps not the origin's. `None` for a fragment, which no request has (RFC 9112 §3.2).
pub(crate) fn split_url(url: &str) -> Option<(&str, &str, &str)> {
    let scheme_bytes = url.find(':')?;
    let authority_at = scheme_bytes.checked_add("://".len())?;
    if url.get(scheme_bytes..authority_at)? != "://" {
        return None;
    }
    let rest = url.get(authority_at..)?;
    let path_at = authority_at.checked_add(rest.find(['/', '?', '#']).unwrap_or(rest.len()))?;
    let (base, rest) = url.split_at_checked(path_at)?;
    if rest.contains('#') || !http::is_authority(base.get(authority_at..)?) {
        return None;
    }
    let query_at = rest.find('?').unwrap_or(rest.len());
    let (path, query) = rest.split_at_checked(query_at)?;
    Some((base, if path.is_empty() { "/" } else { path }, query))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_without_being_parsed_again() {
        let split = split_url("https://a.example:8/p/%2e%2e/x?q=/../#f".trim_end_matches("#f"));
        assert_eq!(split, Some(("https://a.example:8", "/p/%2e%2e/x", "?q=/../")));
        assert_eq!(split_url("https://a.example"), Some(("https://a.example", "/", "")));
        assert_eq!(split_url("https://a.example?q"), Some(("https://a.example", "/", "?q")));
        assert_eq!(split_url("https://a.example/p#f"), None);
        assert_eq!(split_url("https://a\\admin/p"), None);
        assert_eq!(split_url("*"), None);
    }
}
