use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use super::held::{HeaderSet, HeldExchange};
use super::{Caller, Forwarded, Gateway, Record, SyncPlan};
use crate::config::{Address, Origin, Remote};
use crate::http::{CookieSession, FieldNames, HopByHop, KeptHeaders, RequestHead};
use crate::route::{CanonicalPath, ComparedSegments, Found, Route, Target, Tenant};
use crate::time::NumericDate;
use crate::token::RemoteMethod;

/// The purpose of what is pending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A request is decided.
    Request,
    /// A token was presented for verification alone.
    Token,
}

/// The parts of a request that are kept while its decision is made: enough to forward it. Its
/// `Debug` shows no value that the client sent.
#[expect(clippy::struct_excessive_bools, reason = "each is noted by a stage of its own")]
pub(super) struct PendingRequest {
    pub(super) route: Rc<Route>,
    pub(super) purpose: Purpose,
    pub(super) own_method: Option<String>,
    /// The tenant that the request is for; the gateway's own resources are of no tenant.
    pub(super) tenant: Option<Rc<Tenant>>,
    /// The index of the origin to which the request goes, if it passes; `None` for the gateway's
    /// own resources.
    pub(super) origin: Option<usize>,
    /// Whether that origin receives a token of its own in place of the caller's.
    pub(super) exchanges: bool,
    /// The exchanged token that was requested on behalf of this request.
    pub(super) exchanged: Option<Rc<HeldExchange>>,
    /// The identity headers for this origin, if it is the own origin of a tenant with header rules
    /// of its own.
    pub(super) set: Option<Rc<HeaderSet>>,
    /// The tenant to notify of the request afterwards.
    pub(super) sync: Option<SyncPlan>,
    pub(super) url: String,
    /// The byte offset in the client's URL of the part that is forwarded unchanged after the
    /// origin's address; `None` if no part is.
    pub(super) kept_from: Option<usize>,
    pub(super) names: Rc<FieldNames>,
    /// The headers that this origin receives as the client sent them and that another would not.
    pub(super) kept_headers: KeptHeaders,
    /// The host and scheme that the origin receives; `None` if it receives neither.
    pub(super) forwarded: Option<Rc<Forwarded>>,
    /// Whether the request is forwarded without its body.
    pub(super) drops_body: bool,
    /// Headers that are not forwarded, in addition to those of [`FieldNames::removed`].
    pub(super) removed: Vec<String>,
    /// Headers that are forwarded with another value than the client's.
    pub(super) replaced: Vec<(String, String)>,
    pub(super) record: Record,
    /// The path segments that the route's requirement compares.
    pub(super) segments: ComparedSegments,
    /// The authorization scheme of the caller's credential, if it is not `Bearer`.
    pub(super) scheme: Option<Rc<str>>,
    /// The client's address as the platform reports it, if the route has a rate limit.
    pub(super) address: Option<Box<str>>,
    /// The index of the issuer whose keys are stale and should be fetched again after the response.
    pub(super) revalidate: Option<usize>,
    /// Whether the copy of the revocation log should be brought up to date after the response.
    pub(super) follows_log: bool,
    /// Whether the origin gets the token of a cookie in `Authorization`.
    pub(super) sends_bearer: bool,
    /// The cookie session of the request, if it can be renewed.
    pub(super) renewal: Option<Rc<CookieSession>>,
    /// Whether the access token of that session ends within its leeway.
    pub(super) is_ending: bool,
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
        let sync = SyncPlan::of(head.method, &route, (tenant_index, tenant.as_deref()), authority);
        // The tenant is told what the answer says, and nobody here could read it in any encoding.
        let replaced = match sync {
            Some(_) => vec![("accept-encoding".to_owned(), "identity".to_owned())],
            None => Vec::new(),
        };
        Self {
            purpose: Purpose::Request,
            // An origin's request keeps its method where it is.
            own_method: (!route.is_configured()).then(|| head.method.to_owned()),
            url: [base, &path.text, query].concat(),
            kept_from: path.kept_from(head.url, authority, query),
            sync,
            names: Rc::clone(head.names),
            kept_headers,
            forwarded: target.and_then(|origin| gateway.forwarded.told(origin, authority)),
            drops_body: false,
            removed: removed(head, kept_headers, !exchanges && route.keeps_authorization),
            replaced,
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
            follows_log: false,
            sends_bearer: false,
            renewal: None,
            is_ending: false,
        }
    }

    /// A token that was presented for verification alone, in the place of a request.
    pub(super) fn of_token(route: Rc<Route>, record: Record) -> Self {
        Self {
            route,
            purpose: Purpose::Token,
            own_method: None,
            tenant: None,
            origin: None,
            exchanges: false,
            exchanged: None,
            set: None,
            sync: None,
            url: String::new(),
            kept_from: None,
            names: Rc::default(),
            kept_headers: KeptHeaders::default(),
            forwarded: None,
            drops_body: false,
            removed: Vec::new(),
            replaced: Vec::new(),
            record,
            segments: ComparedSegments::default(),
            scheme: None,
            address: None,
            revalidate: None,
            follows_log: false,
            sends_bearer: false,
            renewal: None,
            is_ending: false,
        }
    }

    /// The authorization scheme under which `remote` is asked about this request's token, if it is
    /// not `Bearer`. Introspection uses no scheme.
    pub(super) fn scheme_for(&self, remote: &Remote) -> Option<Rc<str>> {
        self.scheme.clone().filter(|_| remote.way == RemoteMethod::Me)
    }

    /// Whether the client's own credential is removed. It always is if the origin receives a token
    /// of its own, on a public route as well: a token for another audience, or for none, must not
    /// be taken for the one that was issued.
    pub(super) fn strips_credential(&self) -> bool {
        self.exchanges || !self.route.keeps_authorization
    }

    /// Whether the route leads to a tenant's origin although the request is for no tenant.
    pub(super) fn lacks_tenant(&self) -> bool {
        self.route.target == Target::Tenant && self.tenant.is_none()
    }

    /// Records the caller, and whether the keys that verified its token should have been replaced.
    pub(super) fn note(&mut self, caller: &Caller, keys_are_stale: bool) {
        self.record.issuer = Some(caller.issuer);
        self.record.kid = caller.token().header().and_then(|header| header.kid.clone());
        if keys_are_stale {
            self.revalidate = Some(caller.issuer);
        }
    }
}

/// A caller's request in the pipeline, with the latest proof about the caller's token.
#[derive(Debug)]
pub(super) struct Passing<P> {
    pub(super) request: Box<PendingRequest>,
    pub(super) caller: Rc<Caller>,
    pub(super) proof: P,
}

/// The path that is requested from the origin, and the client's path that it was made from.
pub(super) struct TargetPath<'p> {
    pub(super) text: Cow<'p, str>,
    pub(super) whole: &'p CanonicalPath<'p>,
}

impl TargetPath<'_> {
    /// The byte offset in `url` at which this path begins, followed by the query and unchanged to
    /// the letter; `None` if it was changed.
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

/// The `Origin` whose pages may read a refusal. Where a cookie may hold the token, only the origins
/// that are listed for it may: a browser sends the cookie whichever page asks, and a refusal would
/// tell a stranger's page whether somebody is logged in.
pub(super) fn reader(head: &RequestHead<'_>, route: &Route) -> Option<String> {
    let origin = head.header("origin").filter(|_| route.cors_preflight)?;
    let may_read = route.credentials.as_ref().is_none_or(|sources| sources.may_read(origin));
    may_read.then(|| origin.to_owned())
}

/// The headers that are removed because of their values or the route, in addition to those that are
/// removed by their names alone.
fn removed(head: &RequestHead<'_>, kept: KeptHeaders, keeps_authorization: bool) -> Vec<String> {
    let hop = HopByHop::of(head);
    if keeps_authorization && !hop.takes_more() {
        return Vec::new();
    }
    let is_stripped = |name: &str| !keeps_authorization && name == "authorization";
    let names = head.names.remaining(kept);
    names.filter(|name| is_stripped(name) || hop.contains(name)).map(str::to_owned).collect()
}

/// The address that precedes the path. A service binding has none: its Worker sees the host that
/// the client requested.
fn base(origin: &Origin) -> Option<&str> {
    match &origin.address {
        Address::Url(base) => Some(base),
        Address::Service(_) => None,
    }
}

/// The index of the route's own origin, or else of the tenant's.
fn origin(route: &Route, tenant: Option<&Tenant>) -> Option<usize> {
    match route.target {
        Target::Origin(index) => Some(index),
        Target::Tenant => tenant.map(|tenant| tenant.origin),
        Target::Own(_) => None,
    }
}
