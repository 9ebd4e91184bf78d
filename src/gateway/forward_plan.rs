use std::fmt;
use std::rc::Rc;

use super::held::{HeaderSet, HeldExchange};
use super::request::PendingRequest;
use super::{Admission, Forwarded, Gateway, SyncPlan};
use crate::config::{Config, Origin};
use crate::http::{FieldNames, KeptHeaders, RemovedNames, RequestId};
use crate::identity::IdentityHeaders;
use crate::route::Handler;
use crate::token::ExchangedToken;

/// A request as the origin is to receive it.
///
/// ```compile_fail
/// // There is no way to make one without the proofs: the fields are private, and so is `new`.
/// let plan = edgeward::gateway::ForwardPlan { url: String::new() };
/// ```
///
/// Its `Debug` shows nothing that the client sent.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct ForwardPlan {
    url: String,
    kept_from: Option<usize>,
    origin: usize,
    names: Rc<FieldNames>,
    kept_headers: KeptHeaders,
    forwarded: Option<Rc<Forwarded>>,
    uses_zone_cache: bool,
    drops_body: bool,
    removed: Vec<String>,
    replaced: Vec<(String, String)>,
    admission: Admission,
    id: RequestId,
    sync: Option<SyncPlan>,
    handler: Option<Rc<Handler>>,
    is_in_session: bool,
    sends_bearer: bool,
    set: Option<Rc<HeaderSet>>,
}

impl fmt::Debug for ForwardPlan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ForwardPlan")
            .field("id", &self.id)
            .field("origin", &self.origin)
            .field("admission", &self.admission)
            .finish_non_exhaustive()
    }
}

impl ForwardPlan {
    /// The only constructor: the proofs in the admission say why the request may pass.
    pub(super) fn new(request: PendingRequest, origin: usize, admission: Admission) -> Self {
        let uses_zone_cache = request.route.uses_zone_cache && admission.is_anonymous();
        Self {
            url: request.url,
            kept_from: request.kept_from,
            origin,
            names: request.names,
            kept_headers: KeptHeaders {
                // An answer that is kept for everybody must not hold what one client chose.
                forwarded: request.kept_headers.forwarded && !uses_zone_cache,
                method_override: request.kept_headers.method_override && !uses_zone_cache,
                cache_control: uses_zone_cache,
            },
            forwarded: request.forwarded.filter(|_| !uses_zone_cache),
            uses_zone_cache,
            drops_body: request.drops_body,
            removed: request.removed,
            replaced: request.replaced,
            admission,
            id: request.record.id,
            sync: request.sync,
            handler: request.route.handler.clone(),
            is_in_session: request.route.session.is_some(),
            sends_bearer: request.sends_bearer,
            set: request.set,
        }
    }

    /// The URL to fetch: the origin's address, the canonical path, the query as it came.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The byte offset in the client's URL of the part that is forwarded unchanged after the
    /// origin's address; `None` if no part is.
    #[must_use]
    pub fn kept_from(&self) -> Option<usize> {
        self.kept_from
    }

    /// The origin.
    #[must_use]
    pub fn origin<'a>(&self, config: &'a Config) -> Option<&'a Origin> {
        config.origins.get(self.origin)
    }

    /// Inbound headers that must not be forwarded, by their lower-case names: those of
    /// [`Self::removed_by_name`] and those of [`Self::removed_besides`].
    pub fn removed(&self) -> impl Iterator<Item = &str> {
        self.removed_by_name().names.iter().chain(&self.removed).map(String::as_str)
    }

    /// Inbound headers that must not be forwarded to this origin, whatever their values are.
    #[must_use]
    pub fn removed_by_name(&self) -> &RemovedNames {
        self.names.removed(self.kept_headers)
    }

    /// The host and scheme that the origin receives; `None` if it receives neither. An origin that
    /// receives them receives the client's address, too.
    #[must_use]
    pub fn forwarded(&self) -> Option<&Forwarded> {
        self.forwarded.as_deref()
    }

    /// The same in an adapter's own form, made once.
    pub fn prepared_forwarded<T: 'static>(
        &self,
        make: impl FnOnce(&Forwarded) -> T,
    ) -> Option<Rc<T>> {
        let forwarded = self.forwarded.as_ref()?;
        forwarded.prepared.get_or(|| make(forwarded))
    }

    /// Whether the response may come from the zone's cache and be stored there: it is for anybody.
    #[must_use]
    pub fn uses_zone_cache(&self) -> bool {
        self.uses_zone_cache
    }

    /// Whether the request is forwarded without its body.
    #[must_use]
    pub fn drops_body(&self) -> bool {
        self.drops_body
    }

    /// Inbound headers that must not be forwarded for this request, in addition to those of
    /// [`Self::removed_by_name`].
    #[must_use]
    pub fn removed_besides(&self) -> &[String] {
        &self.removed
    }

    /// Headers to set in place of the client's: the rest of a header that held a token, and the
    /// mark of shadow mode.
    #[must_use]
    pub fn replaced(&self) -> &[(String, String)] {
        &self.replaced
    }

    /// Identity headers to set; none for an anonymous caller.
    #[must_use]
    pub fn identity(&self) -> Vec<(String, String)> {
        let headers = self.admission.caller().map(|caller| match &self.set {
            None => &caller.headers,
            Some(set) => &set.headers,
        });
        let headers = headers.and_then(|headers| headers.as_ref().ok());
        let fields = headers.into_iter().flat_map(IdentityHeaders::fields);
        fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    /// The name and value of the header with the assertion, if there is one.
    #[must_use]
    pub fn assertion(&self) -> Option<(&str, &str)> {
        match &self.admission {
            Admission::Anonymous(..) | Admission::Shadow(..) => None,
            Admission::Caller(attested) => {
                attested.assertion().map(|held| (held.name.as_str(), held.assertion.text()))
            }
        }
    }

    /// The token to set as `Authorization`, if the origin receives one of its own.
    #[must_use]
    pub fn exchanged(&self) -> Option<&ExchangedToken> {
        self.held_exchange().map(|held| &held.token)
    }

    /// The same in an adapter's own form, made once.
    pub fn prepared_exchange<T: 'static>(
        &self,
        make: impl FnOnce(&ExchangedToken) -> T,
    ) -> Option<Rc<T>> {
        self.held_exchange().and_then(|held| held.prepared.get_or(|| make(&held.token)))
    }

    /// The caller's own token, if the origin gets it in `Authorization` in the place of a cookie.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let caller = self.admission.caller().filter(|_| self.sends_bearer);
        caller.map(|caller| caller.token().text())
    }

    /// The same in an adapter's own form, made once.
    pub fn prepared_bearer<T: 'static>(&self, make: impl FnOnce(&str) -> T) -> Option<Rc<T>> {
        let caller = self.admission.caller().filter(|_| self.sends_bearer)?;
        caller.bearer.get_or(|| make(caller.token().text()))
    }

    fn held_exchange(&self) -> Option<&HeldExchange> {
        match &self.admission {
            Admission::Anonymous(..) | Admission::Shadow(..) => None,
            Admission::Caller(attested) => attested.exchanged(),
        }
    }

    /// The headers of [`Self::identity`] and [`Self::assertion`] in an adapter's own form, made
    /// once. `make` receives names and values in turn, one per line. `None` for an anonymous caller
    /// and in shadow mode, where there are none.
    pub fn prepared<T: 'static>(&self, make: impl FnOnce(&str) -> T) -> Option<Rc<T>> {
        match &self.admission {
            Admission::Anonymous(..) | Admission::Shadow(..) => None,
            Admission::Caller(attested) => {
                attested.caller().prepared(self.set.as_deref(), attested.assertion(), make)
            }
        }
    }

    /// The id for `x-request-id`.
    #[must_use]
    pub fn id(&self) -> &RequestId {
        &self.id
    }

    /// The tenant to notify after the response; `None` for most requests.
    #[must_use]
    pub fn sync(&self) -> Option<&SyncPlan> {
        self.sync.as_ref()
    }

    /// The handler that serves the request in the place of the origin; `None` for most requests.
    #[must_use]
    pub fn handler(&self) -> Option<&Rc<Handler>> {
        self.handler.as_ref()
    }

    /// Whether the family of the caller's token has still to be told that it was used.
    #[must_use]
    pub fn is_unsighted(&self) -> bool {
        self.admission.caller().is_some_and(|caller| !caller.is_sighted.get())
    }

    /// Whether the route belongs to a cookie session, so that nobody may keep the response.
    #[must_use]
    pub fn is_in_session(&self) -> bool {
        self.is_in_session
    }

    /// The reason why the request may pass.
    #[must_use]
    pub fn admission(&self) -> &Admission {
        &self.admission
    }
}

impl Gateway {
    /// The origin of a request that may pass, in the adapter's own form, made once.
    pub fn origin_of<T: 'static>(
        &self,
        plan: &ForwardPlan,
        make: impl FnOnce(&Origin) -> T,
    ) -> Option<Rc<T>> {
        let origin = plan.origin(&self.config)?;
        self.prepared.get(plan.origin)?.get_or(|| make(origin))
    }
}
