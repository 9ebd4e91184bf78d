use std::time::Duration;

use super::BreakerChange;
use crate::jose::SignatureCheck;
use crate::time::NumericDate;
use crate::token::{RemoteFailure, SignedAnswer};

/// The step after a reply: it is settled, or something is needed to verify it.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must answer every need")]
pub enum RemoteStep {
    /// Settled: the attempt has ended.
    Done(Box<RemoteReport>),
    /// The answer is signed, and keys of the issuer are needed.
    NeedKeys(Box<NeedAnswerKeys>),
    /// The answer's signature is to be verified.
    NeedSignature(Box<NeedAnswerSignature>),
}

/// Keys of an issuer are needed for its signed answer, as by [`crate::gateway::NeedKeys`].
#[derive(Debug)]
pub struct NeedAnswerKeys {
    pub(super) issuer: usize,
    pub(super) answer: SignedAnswer,
    pub(super) asked_at: NumericDate,
    pub(super) attempts: u64,
    pub(super) only_unknown_kid: bool,
}

/// The signature of an answer is to be verified.
#[derive(Debug)]
pub struct NeedAnswerSignature {
    pub(super) check: SignatureCheck,
    pub(super) asked_at: NumericDate,
}

/// The outcome of an attempt, for the log and the store.
#[derive(Clone, Debug, Default)]
pub struct RemoteReport {
    /// The reason why there was no answer.
    pub failure: Option<RemoteFailure>,
    /// The change of the endpoint's circuit breaker that the outcome caused.
    pub change: Option<BreakerChange>,
    /// The reason why no token was issued in exchange, in the auth server's term.
    pub refusal: Option<&'static str>,
    /// A positive answer that other isolates may use.
    pub copy: Option<RemoteCopy>,
}

/// A positive answer as it is stored: name, value, lifetime.
#[derive(Clone, Debug)]
pub struct RemoteCopy {
    /// The name under which it is stored.
    pub name: String,
    /// The text that is stored.
    pub text: String,
    /// How long the store may keep it. That may be longer than it may be used, which the text says.
    pub ttl: Duration,
}
