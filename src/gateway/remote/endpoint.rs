use std::cell::Cell;
use std::rc::Rc;

use sha2::{Digest, Sha256};

use super::breaker::Breaker;
use super::retained_claims;
use super::verdicts::Key;
use crate::config::{Config, Exchange, Issuer, Remote};
use crate::token::RemoteMethod;

/// The owner of an endpoint, by its index in the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each has its own name in logs")]
pub enum EndpointId {
    /// The endpoint of an issuer.
    Issuer(usize),
    /// The endpoint of an origin, at which tokens are exchanged for it.
    Origin(usize),
}

/// The part that every endpoint has: a hash of everything that its answers depend on except the
/// token, and a circuit breaker.
#[derive(Debug)]
pub(in crate::gateway) struct Endpoint {
    pub(super) scope: [u8; 32],
    pub(super) breaker: Cell<Breaker>,
}

/// An endpoint that is asked about the tokens of an issuer.
#[derive(Debug)]
pub(super) struct IssuerEndpoint {
    pub(super) endpoint: Endpoint,
    pub(super) issuer: Rc<str>,
    pub(super) kept: Rc<[String]>,
}

impl IssuerEndpoint {
    pub(super) fn new(config: &Config, issuer: &Issuer, remote: &Remote) -> Self {
        let kept: Rc<[String]> = retained_claims::paths(config, issuer).into();
        let client = remote.client.as_ref().map_or("", |client| client.id.as_str());
        let signed = if remote.way == RemoteMethod::SignedIntrospection { "signed" } else { "" };
        let service = remote.service.as_deref().unwrap_or_default();
        let parts = [
            issuer.policy.issuer.as_str(),
            remote.way.as_str(),
            signed,
            &remote.url,
            service,
            client,
        ];
        let endpoint = Endpoint::new(parts.into_iter().chain(kept.iter().map(String::as_str)));
        Self { endpoint, issuer: Rc::from(issuer.policy.issuer.as_str()), kept }
    }
}

impl Endpoint {
    /// Creates an endpoint from the parts that its answers depend on. Each part is hashed with its
    /// length, so that no two lists of parts hash the same bytes.
    pub(super) fn new<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self { scope: hash.finalize().into(), breaker: Cell::default() }
    }

    pub(super) fn exchanging(exchange: &Exchange) -> Self {
        // An absent part is not an empty one, which no configuration has.
        let parts = [
            "exchange",
            &exchange.url,
            exchange.service.as_deref().unwrap_or_default(),
            &exchange.client.id,
            &exchange.audience,
            exchange.resource.as_deref().unwrap_or_default(),
            exchange.scope.as_deref().unwrap_or_default(),
            exchange.subject_token_type,
        ];
        Self::new(parts.into_iter())
    }

    /// The key of an answer: SHA-256 over the whole token and everything that decides how it is
    /// asked about and what is kept. An answer never counts for another endpoint, for another
    /// scheme, or for another token that begins alike (CVE-2026-35039). No token contains the space
    /// that ends a scheme.
    pub(super) fn key(&self, scheme: Option<&str>, token: &str) -> Key {
        let mut hash = Sha256::new().chain_update(self.scope);
        if let Some(scheme) = scheme {
            hash = hash.chain_update(scheme).chain_update(" ");
        }
        hash.chain_update(token).finalize().into()
    }

    /// The key of a refusal, which is the same whatever the token's text or scheme is: an ECDSA
    /// signature can be changed into a second valid one.
    pub(super) fn refusal_key(&self, input_hash: &[u8; 32]) -> Key {
        let hash = Sha256::new().chain_update(self.scope).chain_update("refused ");
        hash.chain_update(input_hash).finalize().into()
    }

    pub(super) fn breaker<T>(&self, change: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breaker = self.breaker.get();
        let outcome = change(&mut breaker);
        self.breaker.set(breaker);
        outcome
    }
}
