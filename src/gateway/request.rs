use std::rc::Rc;

use super::caller::HeaderSet;
use super::exchange::HeldExchange;
use super::sync::SyncPlan;
use super::{Caller, Decision, Outcome, Record, Rejection, Step};
use crate::config::{Address, Config};
use crate::http::{self, FieldNames, HopByHop, RequestHead};
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
    /// Where in the URL as it came the part begins that goes on as it is, behind the origin's address.
    pub(super) kept_from: Option<usize>,
    pub(super) names: Rc<FieldNames>,
    /// Headers that stay behind besides those that [`FieldNames::removed`] has.
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
        let tenant_index = tenant.filter(|_| route.is_configured());
        let tenant = tenant_index.and_then(|index| config.tenants.tenants().get(index)).cloned();
        let origin = origin(&route, tenant.as_deref());
        let exchanges = exchanges(origin, config);
        Self {
            // An origin's request keeps its method where it is.
            own_method: (!route.is_configured()).then(|| head.method.to_owned()),
            url: [base(origin, config).unwrap_or(authority), path.as_str(), query].concat(),
            kept_from: kept_from(head.url, authority, path, query),
            sync: SyncPlan::of(head.method, &route, (tenant_index, tenant.as_deref()), authority),
            names: Rc::clone(head.names),
            removed: removed(head, !exchanges && route.keeps_authorization),
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

    /// Notes who sent it, and whether the keys that say so should have been replaced.
    pub(super) fn note(&mut self, caller: &Caller, keys_are_stale: bool) {
        self.record.issuer = Some(caller.issuer);
        self.record.kid = caller.token.header().and_then(|header| header.kid.clone());
        if keys_are_stale {
            self.revalidate = Some(caller.issuer);
        }
    }

    #[cold]
    #[inline(never)]
    #[allow(
        clippy::boxed_local,
        reason = "unboxed once, not by each caller; on 64 bits it is too large for the lint"
    )]
    pub(super) fn refuse(self: Box<Self>, rejection: Rejection) -> Step {
        if self.route.shadow.is_some() {
            return self.watch(rejection);
        }
        self.refuse_surely(rejection)
    }

    /// Refuses whatever the mode of the route is.
    pub(super) fn refuse_surely(self, rejection: Rejection) -> Step {
        Step::from(Decision {
            outcome: Outcome::Refuse(rejection),
            record: self.record,
            revalidate: self.revalidate,
        })
    }
}

/// What these values and this route take away besides what the names do.
fn removed(head: &RequestHead<'_>, keeps_authorization: bool) -> Vec<String> {
    let hop = HopByHop::of(head);
    if keeps_authorization && !hop.takes_more() {
        return Vec::new();
    }
    let always = head.names.removed();
    let is_removed = |name: &str| {
        let is_stripped = !keeps_authorization && name == "authorization";
        (is_stripped || hop.contains(name)) && !always.iter().any(|own| own == name)
    };
    let names = head.names.all().map(|(name, _)| name);
    names.filter(|name| is_removed(name)).map(str::to_owned).collect()
}

/// `None` when path and query are not the URL's own rest, to the letter.
fn kept_from(whole: &str, base: &str, path: &CanonicalPath<'_>, query: &str) -> Option<usize> {
    let parts = [base, path.as_str(), query].map(str::len);
    let bytes = parts.into_iter().fold(0, usize::saturating_add);
    (path.is_unchanged() && bytes == whole.len()).then_some(base.len())
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
