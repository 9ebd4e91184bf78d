//! What a decision may need from outside. Each need says what is wanted, and is consumed by `resume`
//! with the answer.

use std::rc::Rc;
use std::time::Duration;

use super::exchange::Exchanged;
use super::forward::Admission;
use super::pipeline::{Passing, step};
use super::rate_limit::LimitAnswer;
use super::request::PendingRequest;
use super::{Caller, Decision, Gateway, Lease, Record, RemoteQuery};
use crate::identity::UnsignedAssertion;
use crate::jose::SignatureCheck;
use crate::revocation::{RevocationAnswer, RevocationName, RevocationNames};
use crate::time::NumericDate;
use crate::token::{Authenticated, TokenCheck, UnverifiedToken};

/// A decision, or what is needed to go on.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must answer every need")]
pub enum Step {
    /// Decided.
    Done(Box<Decision>),
    /// Keys of an issuer are needed.
    NeedKeys(Box<NeedKeys>),
    /// A signature is to be verified.
    NeedSignature(Box<NeedSignature>),
    /// An auth server is to be asked about the token.
    NeedRemoteClaims(Box<NeedRemoteClaims>),
    /// The revocation store is to be asked.
    NeedRevocation(Box<NeedRevocation>),
    /// An auth server is to be asked for another token in exchange.
    NeedExchange(Box<NeedExchange>),
    /// An assertion is to be signed.
    NeedAssertion(Box<NeedAssertion>),
    /// A rate limiting binding is to be asked.
    NeedLimit(Box<NeedLimit>),
}

/// Keys of an issuer are needed: fetch them under a [`super::Lease`], tell the
/// [`super::JwksCache`] how it went, then resume.
#[derive(Debug)]
pub struct NeedKeys {
    pub(super) request: Box<PendingRequest>,
    pub(super) token: UnverifiedToken,
    pub(super) issuer: usize,
    pub(super) attempts: u64,
    pub(super) only_unknown_kid: bool,
}

/// A signature is to be verified.
#[derive(Debug)]
pub struct NeedSignature {
    pub(super) request: Box<PendingRequest>,
    pub(super) check: TokenCheck,
    pub(super) issuer: usize,
    pub(super) generation: u64,
}

/// An auth server is to be asked about a token: under a [`Lease`], so that a burst of requests with
/// one token makes one call; then resume.
#[derive(Debug)]
pub struct NeedRemoteClaims {
    pub(super) request: Box<PendingRequest>,
    pub(super) question: Rc<RemoteQuery>,
    pub(super) attempt: u64,
}

/// The revocation store is to be asked.
#[derive(Debug)]
pub struct NeedRevocation {
    pub(super) token: Passing<Authenticated>,
    pub(super) names: Rc<RevocationNames>,
    pub(super) revocations: u64,
}

/// A caller's token is to be exchanged for another one: under a [`Lease`], so that a burst of requests
/// with one token makes one call; then resume.
#[derive(Debug)]
pub struct NeedExchange {
    pub(super) request: Box<PendingRequest>,
    pub(super) caller: Rc<Caller>,
    pub(super) question: Rc<RemoteQuery>,
    pub(super) attempt: u64,
    pub(super) revocations: u64,
}

/// An assertion is to be signed with the key of [`crate::config::Config::assertion`].
#[derive(Debug)]
pub struct NeedAssertion {
    pub(super) exchanged: Passing<Exchanged>,
    pub(super) origin: usize,
    pub(super) unsigned: UnsignedAssertion,
    pub(super) revocations: u64,
}

/// A rate limiting binding is to be asked whether this request is one too many.
#[derive(Debug)]
pub struct NeedLimit {
    pub(super) request: Box<PendingRequest>,
    pub(super) admission: Admission,
    pub(super) binding: String,
    pub(super) window: Duration,
    pub(super) key: String,
    pub(super) is_tenants: bool,
}

impl NeedKeys {
    /// The issuer, by its index in the configuration.
    #[must_use]
    pub fn issuer(&self) -> usize {
        self.issuer
    }

    /// How many attempts had ended when the need arose, for [`super::JwksCache::lease`].
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether there are keys and only this token's is not among them: then a copy kept elsewhere
    /// is of no use, and the issuer itself is to be asked.
    #[must_use]
    pub fn is_for_unknown_kid(&self) -> bool {
        self.only_unknown_kid
    }

    /// Goes on with the keys that the cache holds now.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let verified = gateway.verify_with_held_keys(self, now);
        step(verified.and_then(|caller| gateway.from_caller(caller, now)))
    }
}

impl NeedSignature {
    /// What to verify, with which key, under which algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        self.check.signature()
    }

    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, holds: bool, now: NumericDate) -> Step {
        let checked = self.check.resume(holds);
        let verified =
            gateway.after_signature(self.request, checked, (self.issuer, self.generation));
        step(verified.and_then(|caller| gateway.from_caller(caller, now)))
    }
}

impl NeedRemoteClaims {
    /// What is to be asked. It may be asked, and settled, on behalf of others after this request has
    /// gone.
    #[must_use]
    pub fn question(&self) -> &Rc<RemoteQuery> {
        &self.question
    }

    /// Requests the lease for a call: the request that gets it makes the call, the others look again
    /// in a while.
    #[must_use]
    pub fn lease(&self, gateway: &Gateway, now: NumericDate) -> Lease {
        self.question.lease(gateway, self.attempt, now)
    }

    /// Goes on with what was answered since the need arose.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let verified = gateway.after_remote(self, now);
        step(verified.and_then(|caller| gateway.from_caller(caller, now)))
    }
}

impl NeedRevocation {
    /// The names to look up, in one read.
    #[must_use]
    pub fn names(&self) -> &[RevocationName] {
        self.names.as_slice()
    }

    /// Goes on with the store's answer.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, answer: &RevocationAnswer, now: NumericDate) -> Step {
        let not_revoked = gateway.after_revocation(self, answer);
        step(not_revoked.and_then(|token| gateway.from_not_revoked(token, now)))
    }
}

impl NeedExchange {
    /// What is to be asked for. It may be asked, and settled, on behalf of others after this request
    /// has gone.
    #[must_use]
    pub fn question(&self) -> &Rc<RemoteQuery> {
        &self.question
    }

    /// Requests the lease for a call, as [`NeedRemoteClaims::lease`] does.
    #[must_use]
    pub fn lease(&self, gateway: &Gateway, now: NumericDate) -> Lease {
        self.question.lease(gateway, self.attempt, now)
    }

    /// Goes on with what was answered since the need arose.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        let caller = gateway.after_exchange(self, now);
        step(caller.and_then(|caller| gateway.from_caller(caller, now)))
    }
}

impl NeedAssertion {
    /// What to sign with Ed25519.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        self.unsigned.signing_input()
    }

    /// Goes on with the signature; without one the request is refused.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, signature: Option<&[u8]>, now: NumericDate) -> Step {
        let signed = gateway.after_assertion(self, signature);
        step(signed.and_then(|signed| gateway.from_signed(signed, now)))
    }
}

impl NeedLimit {
    /// The binding to ask.
    #[must_use]
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// What is counted under: a hash, so that the platform learns neither subject nor address.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What a log may say about the request.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.request.record
    }

    /// Goes on with the answer.
    #[must_use]
    pub fn resume(self, answer: LimitAnswer) -> Step {
        let limited = Gateway::after_limit(self, answer);
        step(limited.map(|(request, admission)| Gateway::forward(*request, admission)))
    }
}

impl From<Decision> for Step {
    fn from(decision: Decision) -> Self {
        Self::Done(Box::new(decision))
    }
}
