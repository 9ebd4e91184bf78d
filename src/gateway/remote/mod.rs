//! Asking an auth server: what it said, who asks, whether it is left alone.
//!
//! All of it is values and comparisons, as with keys: a call is held by a lease that others can see
//! and, once it has run out, take.

mod answers;
mod ask;
mod breaker;
mod call;
mod kept;
mod question;
mod signed;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use sha2::{Digest, Sha256};

pub use ask::NeedRemoteClaims;
pub use breaker::{BreakerChange, BreakerState};
pub use call::RemoteCall;
pub use question::{RemoteCopy, RemoteQuestion, RemoteReport};
pub use signed::{NeedAnswerKeys, NeedAnswerSignature, RemoteStep};

use crate::config::{Config, Issuer, Remote};
use crate::time::NumericDate;
use crate::token::RemoteWay;
use answers::{Answers, Key};
use breaker::Breaker;

/// The endpoints of all issuers that are asked, by the issuer's index, and their answers.
#[derive(Debug)]
pub struct RemoteRing {
    endpoints: Vec<Option<Endpoint>>,
    answers: RefCell<Answers>,
}

#[derive(Debug)]
struct Endpoint {
    scope: [u8; 32],
    issuer: Rc<str>,
    kept: Rc<[String]>,
    breaker: Cell<Breaker>,
}

impl RemoteRing {
    pub(super) fn new(config: &Config) -> Self {
        let endpoint = |issuer: &Issuer| {
            issuer.remote.as_ref().map(|remote| Endpoint::new(config, issuer, remote))
        };
        let endpoints = config.issuers.iter().map(endpoint).collect();
        Self { endpoints, answers: RefCell::default() }
    }

    /// The state of an issuer's endpoint, where there is one.
    #[must_use]
    pub fn state(&self, issuer: usize, now: NumericDate) -> Option<BreakerState> {
        Some(self.endpoint(issuer)?.breaker.get().state(now))
    }

    /// Until when an issuer's endpoint is left alone; `None` when it would be called.
    pub(super) fn rests_until(&self, issuer: usize, now: NumericDate) -> Option<NumericDate> {
        self.endpoint(issuer)?.breaker.get().rests_until(now)
    }

    /// Forgets what was said about one token.
    pub(super) fn forget(&self, key: &[u8; 32]) {
        self.answers.borrow_mut().remove(key);
    }

    /// Forgets every yes. Which endpoints are left alone has nothing to do with them.
    pub(super) fn forget_yes(&self) {
        self.answers.borrow_mut().forget_yes();
    }

    fn endpoint(&self, issuer: usize) -> Option<&Endpoint> {
        self.endpoints.get(issuer)?.as_ref()
    }
}

impl Endpoint {
    fn new(config: &Config, issuer: &Issuer, remote: &Remote) -> Self {
        let kept: Rc<[String]> = kept::paths(config, issuer).into();
        let client = remote.client.as_ref().map_or("", |client| client.id.as_str());
        let signed = if remote.way == RemoteWay::SignedIntrospection { "signed" } else { "" };
        let parts = [issuer.policy.issuer.as_str(), remote.way.word(), signed, &remote.url, client];
        let mut hash = Sha256::new();
        // Each with its length: no two lists of parts are one text.
        for part in parts.into_iter().chain(kept.iter().map(String::as_str)) {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self {
            scope: hash.finalize().into(),
            issuer: Rc::from(issuer.policy.issuer.as_str()),
            kept,
            breaker: Cell::default(),
        }
    }

    /// By the whole token, and by all that decides how it is asked about and what is kept: an answer
    /// is no other endpoint's, and no other token's that begins alike (CVE-2026-35039).
    fn key(&self, token: &str) -> Key {
        Sha256::new().chain_update(self.scope).chain_update(token).finalize().into()
    }

    fn breaker<T>(&self, change: impl FnOnce(&mut Breaker) -> T) -> T {
        let mut breaker = self.breaker.get();
        let outcome = change(&mut breaker);
        self.breaker.set(breaker);
        outcome
    }
}
