//! Asking an auth server: what it said, who asks, whether it is left alone.
//!
//! All of it is values and comparisons, as with keys: a call is held by a lease that others can see
//! and, once it has run out, take.

mod ask;
mod breaker;
mod call;
mod exchange;
mod query;
mod query_kind;
mod retained_claims;
mod signed;
mod verdicts;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sha2::{Digest, Sha256};

pub use breaker::{BreakerChange, BreakerState};
pub use call::RemoteCall;
pub use query::{RemoteCopy, RemoteQuery, RemoteReport};
pub use query_kind::EndpointId;
pub use signed::{NeedAnswerKeys, NeedAnswerSignature, RemoteStep};

use super::caller::VerifiedBy;
use super::{Caller, Rejection};
use crate::config::{Config, Exchange, Issuer, Origin, Remote};
use crate::limits;
use crate::time::NumericDate;
use crate::token::RemoteMethod;
use breaker::Breaker;
pub(super) use verdicts::CachedVerdict;
use verdicts::{Answers, Key};

/// The endpoints of all issuers that are asked, by the issuer's index; those that exchange tokens, by
/// the origin's; and their answers.
#[derive(Debug)]
pub struct AuthServers {
    issuers: Vec<Option<IssuerEndpoint>>,
    origins: Vec<Option<Endpoint>>,
    answers: RefCell<Answers>,
}

/// What every endpoint has: all that its answers depend on but the token, and a breaker.
#[derive(Debug)]
pub(super) struct Endpoint {
    scope: [u8; 32],
    breaker: Cell<Breaker>,
}

#[derive(Debug)]
struct IssuerEndpoint {
    endpoint: Endpoint,
    issuer: Rc<str>,
    kept: Rc<[String]>,
}

impl AuthServers {
    pub(super) fn new(config: &Config) -> Self {
        let asked = |issuer: &Issuer| {
            issuer.remote.as_ref().map(|remote| IssuerEndpoint::new(config, issuer, remote))
        };
        let exchanging = |origin: &Origin| origin.exchange.as_ref().map(Endpoint::exchanging);
        let issuers = config.issuers.iter().map(asked).collect();
        let origins = config.origins.iter().map(exchanging).collect();
        Self { issuers, origins, answers: RefCell::default() }
    }

    /// The state of the circuit breaker of an endpoint, where there is one.
    #[must_use]
    pub fn state(&self, place: EndpointId, now: NumericDate) -> Option<BreakerState> {
        Some(self.endpoint(place)?.breaker.get().state(now))
    }

    /// Whether the endpoint of a caller's issuer is left alone now, at all or about this token under
    /// this scheme.
    pub(super) fn leaves_alone(
        &self,
        caller: &Caller,
        scheme: Option<&str>,
        now: NumericDate,
    ) -> bool {
        let Some(IssuerEndpoint { endpoint, .. }) = self.issuer(caller.issuer) else {
            return false;
        };
        endpoint.breaker.get().open_until(now).is_some() || {
            let key = match caller.basis {
                VerifiedBy::Remote { key, .. } => key,
                VerifiedBy::Keys { .. } => endpoint.key(scheme, caller.token().text()),
            };
            self.answers.borrow().open_until(&key).is_some_and(|until| now < until)
        }
    }

    /// The refusal of a token of this issuer that was heard last, under whichever scheme.
    pub(super) fn refusal(&self, issuer: usize, input_hash: &[u8; 32]) -> Option<Rejection> {
        let IssuerEndpoint { endpoint, .. } = self.issuer(issuer)?;
        let entry = self.answers.borrow().find(&endpoint.refusal_key(input_hash));
        match entry.answer {
            Some(CachedVerdict::No { rejection, .. }) => Some(rejection),
            _ => None,
        }
    }

    /// Forgets what was said about one token.
    pub(super) fn forget(&self, key: &[u8; 32]) {
        self.answers.borrow_mut().remove(key);
    }

    /// Forgets every yes. Which endpoints are left alone has nothing to do with them.
    pub(super) fn drop_positive(&self) {
        self.answers.borrow_mut().drop_positive();
    }

    /// Forgets all that a token was exchanged for.
    pub(super) fn forget_exchanges(&self, token: &str) {
        for endpoint in self.origins.iter().flatten() {
            self.answers.borrow_mut().remove(&endpoint.key(None, token));
        }
    }

    /// The endpoint that exchanges tokens for an origin, where one does.
    pub(super) fn exchanging(&self, origin: usize) -> Option<&Endpoint> {
        self.origins.get(origin)?.as_ref()
    }

    /// How long an endpoint that cannot say is left alone, at all or about this token, or else when to
    /// ask again.
    pub(super) fn retry_after(&self, question: &RemoteQuery, now: NumericDate) -> u64 {
        let endpoint = self.endpoint(question.place());
        let rest = endpoint.and_then(|endpoint| endpoint.breaker.get().open_until(now));
        let own = self.answers.borrow().open_until(&question.key);
        let rest = rest.max(own.filter(|until| now < *until));
        let rest = rest.map_or(limits::RETRY_AFTER, |until| until.since(now));
        u64::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1)
    }

    fn issuer(&self, issuer: usize) -> Option<&IssuerEndpoint> {
        self.issuers.get(issuer)?.as_ref()
    }

    fn endpoint(&self, place: EndpointId) -> Option<&Endpoint> {
        match place {
            EndpointId::Issuer(index) => Some(&self.issuer(index)?.endpoint),
            EndpointId::Origin(index) => self.exchanging(index),
        }
    }
}

impl IssuerEndpoint {
    fn new(config: &Config, issuer: &Issuer, remote: &Remote) -> Self {
        let kept: Rc<[String]> = retained_claims::paths(config, issuer).into();
        let client = remote.client.as_ref().map_or("", |client| client.id.as_str());
        let signed = if remote.way == RemoteMethod::SignedIntrospection { "signed" } else { "" };
        let parts =
            [issuer.policy.issuer.as_str(), remote.way.as_str(), signed, &remote.url, client];
        let endpoint = Endpoint::new(parts.into_iter().chain(kept.iter().map(String::as_str)));
        Self { endpoint, issuer: Rc::from(issuer.policy.issuer.as_str()), kept }
    }
}

impl Endpoint {
    /// Of the parts that its answers depend on, each with its length: no two lists of parts are one
    /// text.
    fn new<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self { scope: hash.finalize().into(), breaker: Cell::default() }
    }

    fn exchanging(exchange: &Exchange) -> Self {
        // An absent part is not an empty one, which no configuration has.
        let parts = [
            "exchange",
            &exchange.url,
            &exchange.client.id,
            &exchange.audience,
            exchange.resource.as_deref().unwrap_or_default(),
            exchange.scope.as_deref().unwrap_or_default(),
            exchange.subject_token_type,
        ];
        Self::new(parts.into_iter())
    }

    /// By the whole token, and by all that decides how it is asked about and what is kept: an answer
    /// is no other endpoint's, no other scheme's, and no other token's that begins alike
    /// (CVE-2026-35039). No token holds the space that ends a scheme.
    fn key(&self, scheme: Option<&str>, token: &str) -> Key {
        let mut hash = Sha256::new().chain_update(self.scope);
        if let Some(scheme) = scheme {
            hash = hash.chain_update(scheme).chain_update(" ");
        }
        hash.chain_update(token).finalize().into()
    }

    /// By what a refused token is known whatever its text or scheme is: an ECDSA signature has a twin.
    fn refusal_key(&self, input_hash: &[u8; 32]) -> Key {
        let hash = Sha256::new().chain_update(self.scope).chain_update("refused ");
        hash.chain_update(input_hash).finalize().into()
    }

    fn breaker<T>(&self, change: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breaker = self.breaker.get();
        let outcome = change(&mut breaker);
        self.breaker.set(breaker);
        outcome
    }
}
