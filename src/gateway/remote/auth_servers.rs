use std::cell::RefCell;
use std::time::Duration;

use super::BreakerState;
use super::endpoint::{Endpoint, EndpointId, IssuerEndpoint};
use super::verdicts::{Answers, CachedVerdict, Key};
use crate::config::{Config, Issuer, Origin};
use crate::gateway::caller::VerifiedBy;
use crate::gateway::{Caller, Rejection};
use crate::limits;
use crate::time::NumericDate;

/// The endpoints of all issuers that are asked, by the issuer's index; those that exchange tokens, by
/// the origin's; and their answers.
#[derive(Debug)]
pub struct AuthServers {
    issuers: Vec<Option<IssuerEndpoint>>,
    origins: Vec<Option<Endpoint>>,
    pub(super) answers: RefCell<Answers>,
}

impl AuthServers {
    pub(in crate::gateway) fn new(config: &Config) -> Self {
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
    pub(in crate::gateway) fn leaves_alone(
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
    pub(in crate::gateway) fn refusal(
        &self,
        issuer: usize,
        input_hash: &[u8; 32],
    ) -> Option<Rejection> {
        let IssuerEndpoint { endpoint, .. } = self.issuer(issuer)?;
        let entry = self.answers.borrow().find(&endpoint.refusal_key(input_hash));
        match entry.answer {
            Some(CachedVerdict::No { rejection, .. }) => Some(rejection),
            _ => None,
        }
    }

    /// Forgets what was said about one token.
    pub(in crate::gateway) fn forget(&self, key: &[u8; 32]) {
        self.answers.borrow_mut().remove(key);
    }

    /// Forgets every yes. Which endpoints are left alone has nothing to do with them.
    pub(in crate::gateway) fn drop_positive(&self) {
        self.answers.borrow_mut().drop_positive();
    }

    /// Forgets all that a token was exchanged for.
    pub(in crate::gateway) fn forget_exchanges(&self, token: &str) {
        for endpoint in self.origins.iter().flatten() {
            self.answers.borrow_mut().remove(&endpoint.key(None, token));
        }
    }

    /// The endpoint that exchanges tokens for an origin, where one does.
    pub(in crate::gateway) fn exchanging(&self, origin: usize) -> Option<&Endpoint> {
        self.origins.get(origin)?.as_ref()
    }

    /// How long an endpoint that cannot say is left alone, at all or about this token, or else when to
    /// ask again: whole seconds, rounded up, at least one.
    pub(in crate::gateway) fn retry_after(
        &self,
        (place, key): (EndpointId, &Key),
        now: NumericDate,
    ) -> Duration {
        let endpoint = self.endpoint(place);
        let rest = endpoint.and_then(|endpoint| endpoint.breaker.get().open_until(now));
        let own = self.answers.borrow().open_until(key);
        let rest = rest.max(own.filter(|until| now < *until));
        let rest = rest.map_or(limits::RETRY_AFTER, |until| until.since(now));
        let seconds = u64::try_from(rest.as_millis().div_ceil(1000)).unwrap_or(u64::MAX);
        Duration::from_secs(seconds.max(1))
    }

    pub(super) fn issuer(&self, issuer: usize) -> Option<&IssuerEndpoint> {
        self.issuers.get(issuer)?.as_ref()
    }

    pub(super) fn endpoint(&self, place: EndpointId) -> Option<&Endpoint> {
        match place {
            EndpointId::Issuer(index) => Some(&self.issuer(index)?.endpoint),
            EndpointId::Origin(index) => self.exchanging(index),
        }
    }
}
