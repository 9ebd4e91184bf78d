use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::held::{HeaderSet, HeldExchange};
use super::{Caller, Forwarded, Gateway, Record, SyncPlan};
use crate::config::{Address, Origin, Remote};
use crate::http::{FieldNames, HopByHop, KeptHeaders, RequestHead};
use crate::route::{CanonicalPath, ComparedSegments, Found, Route, Target, Tenant};
use crate::time::NumericDate;
use crate::token::RemoteMethod;

/// What is kept of a request while its decision is made: enough to forward it. Its `Debug` shows no
/// value that the client sent.
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
    /// Which of them the origin gets that another would not.
    pub(super) kept_headers: KeptHeaders,
    /// What the origin is told of host and scheme.
    pub(super) forwarded: Option<Rc<Forwarded>>,
    /// Whether it goes on without its body.
    pub(super) drops_body: bool,
    /// Headers that stay behind besides those that [`FieldNames::removed`] has.
    pub(super) removed: Vec<String>,
    /// Headers that go on with another value than the client's.
    pub(super) replaced: Vec<(String, String)>,
    pub(super) record: Record,
    /// Those that the route's requirement compares.
    pub(super) segments: ComparedSegments,
    /// The scheme of the caller's credential, where that is not `Bearer`.
    pub(super) scheme: Option<Rc<str>>,
    /// The client's address as the platform says it, where the route counts by it.
    pub(super) address: Option<Box<str>>,
    /// The issuer whose keys are stale, to be fetched again after the answer.
    pub(super) revalidate: Option<usize>,
}

impl PendingRequest {
    pub(super) fn new(
        head: &RequestHead<'_>,
        (authority, path, query): (&str, &TargetPath<'_>, &str),
        (Found { index, route }, tenant): (Found, Option<usize>),
        gateway: &Gateway,
        now: NumericDate,
    ) -> Self {
        let config = gateway.config();
        let tenant_index = tenant.filter(|_| route.is_configured());
        let tenant = tenant_index.and_then(|index| config.tenants.tenants().get(index)).cloned();
        let origin = origin(&route, tenant.as_deref());
        let target = origin.and_then(|index| config.origins.get(index));
        let exchanges = target.is_some_and(|origin| origin.exchange.is_some());
        let kept_headers = target.map(Origin::kept_headers).unwrap_or_default();
        let base = target.and_then(base).unwrap_or(authority);
        Self {
            // An origin's request keeps its method where it is.
            own_method: (!route.is_configured()).then(|| head.method.to_owned()),
            url: [base, &path.text, query].concat(),
            kept_from: path.kept_from(head.url, authority, query),
            sync: SyncPlan::of(head.method, &route, (tenant_index, tenant.as_deref()), authority),
            names: Rc::clone(head.names),
            kept_headers,
            forwarded: target.and_then(|origin| gateway.forwarded.told(origin, authority)),
            drops_body: false,
            removed: removed(head, kept_headers, !exchanges && route.keeps_authorization),
            replaced: Vec::new(),
            segments: ComparedSegments::of(path.whole, &route.compared_segments),
            scheme: None,
            address: None,
            record: Record {
                route: Some(index),
                tenant: tenant_index,
                reader: reader(head, &route),
                error_style: route.error_style,
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

    /// The scheme under which `remote` is asked about this request's token, where that is not
    /// `Bearer`. An introspection is asked under none.
    pub(super) fn scheme_for(&self, remote: &Remote) -> Option<Rc<str>> {
        self.scheme.clone().filter(|_| remote.way == RemoteMethod::Me)
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
        self.record.kid = caller.token().header().and_then(|header| header.kid.clone());
        if keys_are_stale {
            self.revalidate = Some(caller.issuer);
        }
    }
}

/// A caller's request on its way, with the last proof about the caller's token.
#[derive(Debug)]
pub(super) struct Passing<P> {
    pub(super) request: Box<PendingRequest>,
    pub(super) caller: Rc<Caller>,
    pub(super) proof: P,
}

/// The path at the origin, and the one that it was made from.
pub(super) struct TargetPath<'p> {
    pub(super) text: Cow<'p, str>,
    pub(super) whole: &'p CanonicalPath<'p>,
}

impl TargetPath<'_> {
    /// Where in the URL it begins with the query behind it, to the letter; `None` where it does not.
    fn kept_from(&self, url: &str, base: &str, query: &str) -> Option<usize> {
        let is_end =
            matches!(&self.text, Cow::Borrowed(text) if self.whole.as_str().ends_with(text));
        let parts = [base, self.whole.as_str(), query].map(str::len);
        let bytes = parts.into_iter().fold(0, usize::saturating_add);
        let is_unchanged = self.whole.is_unchanged() && bytes == url.len() && is_end;
        let behind = self.text.len().saturating_add(query.len());
        is_unchanged.then(|| url.len().checked_sub(behind)).flatten()
    }
}

impl fmt::Debug for PendingRequest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PendingRequest")
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

/// The `Origin` whose pages may read a refusal. Where a cookie holds the token it goes along
/// whichever page asks, and a refusal would tell a stranger's whether somebody is logged in.
pub(super) fn reader(head: &RequestHead<'_>, route: &Route) -> Option<String> {
    let origin = head.header("origin").filter(|_| route.cors_preflight)?;
    let may_read = route.credentials.as_ref().is_none_or(|sources| sources.may_read(origin));
    may_read.then(|| origin.to_owned())
}

/// What these values and this route take away besides what the names do.
fn removed(head: &RequestHead<'_>, kept: KeptHeaders, keeps_authorization: bool) -> Vec<String> {
    let hop = HopByHop::of(head);
    if keeps_authorization && !hop.takes_more() {
        return Vec::new();
    }
    let is_stripped = |name: &str| !keeps_authorization && name == "authorization";
    let names = head.names.remaining(kept);
    names.filter(|name| is_stripped(name) || hop.contains(name)).map(str::to_owned).collect()
}

/// The address before the path; a binding has none, and its Worker sees the host that the client
/// asked for.
fn base(origin: &Origin) -> Option<&str> {
    match &origin.address {
        Address::Url(base) => Some(base),
        Address::Service(_) => None,
    }
}

/// The route's own origin, or else the tenant's.
fn origin(route: &Route, tenant: Option<&Tenant>) -> Option<usize> {
    match route.target {
        Target::Origin(index) => Some(index),
        Target::Tenant => tenant.map(|tenant| tenant.origin),
        Target::Own(_) => None,
    }
}
