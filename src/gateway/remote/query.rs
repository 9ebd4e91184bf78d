use std::rc::Rc;
use std::time::Duration;

use super::EndpointId;
use super::endpoint::{Endpoint, IssuerEndpoint};
use super::verdicts::Key;
use crate::config::{BreakerPolicy, Issuer, Remote};
use crate::gateway::{Gateway, Lease};
use crate::jose::base64url;
use crate::limits;
use crate::time::NumericDate;
use crate::token::{PresentedToken, RemoteCheck, RemoteMethod, VerifiedToken};

/// A question to an auth server: about which token, and at which endpoint.
#[derive(Debug)]
pub struct RemoteQuery {
    pub(super) key: Key,
    pub(super) about: QueryKind,
}

/// The subject of a question, and the owner of the endpoint at which it is asked.
#[derive(Debug)]
pub(super) enum QueryKind {
    /// Whether the token is valid, and whose it is, at the endpoint of this issuer.
    Token { issuer: usize, scheme: Option<Rc<str>>, check: RemoteCheck },
    /// The exchange of this token, which is valid, for another one, at the endpoint of this origin.
    Exchange { origin: usize, token: Rc<VerifiedToken> },
}

impl RemoteQuery {
    pub(super) fn new(
        issuer: usize,
        place: &IssuerEndpoint,
        way: RemoteMethod,
        (scheme, token): (Option<Rc<str>>, PresentedToken),
    ) -> Self {
        let key = place.endpoint.key(scheme.as_deref(), token.text());
        let (name, kept) = (Rc::clone(&place.issuer), Rc::clone(&place.kept));
        let check = RemoteCheck::new(token, way, name, kept);
        Self { key, about: QueryKind::Token { issuer, scheme, check } }
    }

    /// The owner of the endpoint that is asked.
    #[must_use]
    pub fn place(&self) -> EndpointId {
        match self.about {
            QueryKind::Token { issuer, .. } => EndpointId::Issuer(issuer),
            QueryKind::Exchange { origin, .. } => EndpointId::Origin(origin),
        }
    }

    /// The owner of the endpoint that is asked, and the key under which its answer is kept.
    pub(in crate::gateway) fn source(&self) -> (EndpointId, &Key) {
        (self.place(), &self.key)
    }

    /// Requests the lease for a call, for a request that has seen `attempt` as the last attempt to
    /// end. The request that takes the lease makes an attempt; the others look again in a while.
    pub(in crate::gateway) fn lease(
        &self,
        gateway: &Gateway,
        attempt: u64,
        now: NumericDate,
    ) -> Lease {
        let Some((_, _, life)) = self.endpoint_policy(gateway) else {
            return Lease::Settled;
        };
        let until = now.plus(limits::STORE_TIMEOUT).plus(life);
        gateway.remote.answers.borrow_mut().lease(self.key, attempt, until, now)
    }

    /// The authorization scheme under which the token is asked about, if it is not `Bearer`.
    pub(super) fn scheme(&self) -> Option<Rc<str>> {
        match &self.about {
            QueryKind::Token { scheme, .. } => scheme.clone(),
            QueryKind::Exchange { .. } => None,
        }
    }

    /// The check by which the token's validity is asked about; `None` for an exchange.
    pub(super) fn check(&self) -> Option<&RemoteCheck> {
        match &self.about {
            QueryKind::Token { check, .. } => Some(check),
            QueryKind::Exchange { .. } => None,
        }
    }

    /// The index of the issuer, the issuer, and the auth server that is asked for it; `None` for an
    /// exchange.
    pub(super) fn at<'a>(&self, gateway: &'a Gateway) -> Option<(usize, &'a Issuer, &'a Remote)> {
        let QueryKind::Token { issuer: index, .. } = self.about else {
            return None;
        };
        let issuer = gateway.config.issuers.get(index)?;
        Some((index, issuer, issuer.remote.as_ref()?))
    }

    /// The endpoint, the policy of its circuit breaker, and how long a call may take before another
    /// one takes its place.
    pub(super) fn endpoint_policy<'a>(
        &self,
        gateway: &'a Gateway,
    ) -> Option<(&'a Endpoint, BreakerPolicy, Duration)> {
        let endpoint = gateway.remote.endpoint(self.place())?;
        match self.about {
            QueryKind::Token { .. } => {
                let (_, _, remote) = self.at(gateway)?;
                Some((endpoint, remote.breaker, call_life(remote)))
            }
            QueryKind::Exchange { origin, .. } => {
                let exchange = gateway.config.origins.get(origin)?.exchange.as_ref()?;
                Some((endpoint, exchange.breaker, exchange.timeout.saturating_add(MORE)))
            }
        }
    }

    /// A hash that tells a few tokens apart, whatever their schemes and signatures are.
    pub(super) fn tag(&self) -> u64 {
        let hash = match &self.about {
            QueryKind::Token { check, .. } => check.token().input_hash(),
            QueryKind::Exchange { token, .. } => token.input_hash(),
        };
        hash.first_chunk().copied().map(u64::from_be_bytes).unwrap_or_default()
    }

    pub(super) fn name(&self) -> String {
        format!("remote:{}", base64url(&self.key))
    }
}

/// The additional time that a call has to end after its timeout.
const MORE: Duration = Duration::from_secs(1);

/// How long a call may take: its timeout and [`MORE`] and, if its answer is signed, the time to
/// fetch the keys for that.
fn call_life(remote: &Remote) -> Duration {
    let life = remote.timeout.saturating_add(MORE);
    match remote.way {
        RemoteMethod::SignedIntrospection => life.saturating_add(limits::JWKS_LEASE),
        RemoteMethod::Introspection | RemoteMethod::Me => life,
    }
}
