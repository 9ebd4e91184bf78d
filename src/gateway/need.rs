//! The needs of a decision: the inputs from outside that the machine waits for. Each need says
//! which input is wanted, and is consumed together with the answer by its `resume`, in
//! [`resume`](super::resume).

use std::rc::Rc;
use std::time::Duration;

use super::request::{Passing, PendingRequest};
use super::{Admission, Caller, Decision, Exchanged, Gateway, Lease, Record, RemoteQuery};
use crate::identity::UnsignedAssertion;
use crate::jose::SignatureCheck;
use crate::revocation::{Ask, RevocationName, RevocationNames};
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
    /// The revocation log is to be asked, or KV is to be read.
    NeedRevocation(Box<NeedRevocation>),
    /// An auth server is to be asked for another token in exchange.
    NeedExchange(Box<NeedExchange>),
    /// An assertion is to be signed.
    NeedAssertion(Box<NeedAssertion>),
    /// A rate limiting binding is to be asked.
    NeedLimit(Box<NeedLimit>),
}

/// The result of a stage: the value that it adds, or the step with which the request ends or waits.
pub(super) type Flow<T> = Result<T, Step>;

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

/// The revocation log is to be asked, or KV is to be read.
#[derive(Debug)]
pub struct NeedRevocation {
    pub(super) token: Passing<Authenticated>,
    pub(super) names: Rc<RevocationNames>,
    pub(super) revocations: u64,
    /// The question to the log, and when it arose; `None` where KV is to be read.
    pub(super) ask: Option<(Ask, NumericDate)>,
}

/// A caller's token is to be exchanged for another one: under a [`Lease`], so that a burst of
/// requests with one token makes one call; then resume.
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

    /// The number of fetch attempts that had ended when the need arose, for
    /// [`super::JwksCache::lease`].
    #[must_use]
    pub fn attempts(&self) -> u64 {
        self.attempts
    }

    /// Whether the revocation log should be asked while the keys are fetched: the copy will be too old
    /// for this request. Names of its token are not asked for, because it is not verified.
    #[must_use]
    pub fn wants_log(&self, gateway: &Gateway, now: NumericDate) -> bool {
        gateway.wants_log(&self.request, now)
    }

    /// Whether the gateway has keys and only this token's is not among them. Then a copy that is
    /// kept elsewhere is of no use, and the issuer itself must be asked.
    #[must_use]
    pub fn is_for_unknown_kid(&self) -> bool {
        self.only_unknown_kid
    }
}

impl NeedSignature {
    /// The signature to verify, with its key and its algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        self.check.signature()
    }
}

impl NeedRemoteClaims {
    /// The question to ask the auth server. It may be asked, and settled, on behalf of others after
    /// this request has gone.
    #[must_use]
    pub fn question(&self) -> &Rc<RemoteQuery> {
        &self.question
    }

    /// Whether the revocation log should be asked meanwhile, as for [`NeedKeys::wants_log`].
    #[must_use]
    pub fn wants_log(&self, gateway: &Gateway, now: NumericDate) -> bool {
        gateway.wants_log(&self.request, now)
    }

    /// Requests the lease for a call: the request that gets it makes the call, the others look
    /// again in a while.
    #[must_use]
    pub fn lease(&self, gateway: &Gateway, now: NumericDate) -> Lease {
        self.question.lease(gateway, self.attempt, now)
    }
}

impl NeedRevocation {
    /// The names to look up, in one read.
    #[must_use]
    pub fn names(&self) -> &[RevocationName] {
        self.names.as_slice()
    }

    /// The question to the log, which is to be sent at once; `None` where KV is to be read.
    #[must_use]
    pub fn ask(&self) -> Option<&Ask> {
        self.ask.as_ref().map(|(ask, _)| ask)
    }
}

impl NeedExchange {
    /// The exchange to request from the auth server. It may be requested, and settled, on behalf of
    /// others after this request has gone.
    #[must_use]
    pub fn question(&self) -> &Rc<RemoteQuery> {
        &self.question
    }

    /// Requests the lease for a call, as [`NeedRemoteClaims::lease`] does.
    #[must_use]
    pub fn lease(&self, gateway: &Gateway, now: NumericDate) -> Lease {
        self.question.lease(gateway, self.attempt, now)
    }
}

impl NeedAssertion {
    /// The text to sign with Ed25519.
    #[must_use]
    pub fn signing_input(&self) -> &str {
        self.unsigned.signing_input()
    }
}

impl NeedLimit {
    /// The binding to ask.
    #[must_use]
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// The key to count under: a hash, so that the platform learns neither subject nor address.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The record of the request, for the log.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.request.record
    }
}

impl From<Decision> for Step {
    fn from(decision: Decision) -> Self {
        Self::Done(Box::new(decision))
    }
}

/// The step that results from a flow: that of its decision, or the one with which it stopped.
pub(super) fn step(flow: Flow<Decision>) -> Step {
    flow.map_or_else(|step| step, Step::from)
}
