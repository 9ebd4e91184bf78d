use std::time::Duration;

use super::BreakerChange;
use crate::jose::SignatureCheck;
use crate::time::NumericDate;
use crate::token::{RemoteFailure, SignedAnswer};

/// What came of a reply: it is settled, or something is needed to believe it.
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

/// Keys of an issuer are needed for an answer of it, as by [`crate::gateway::NeedKeys`].
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

/// What came of an attempt, for the log and the store.
#[derive(Clone, Debug, Default)]
pub struct RemoteReport {
    /// Why there was no answer.
    pub failure: Option<RemoteFailure>,
    /// What that did to the endpoint's breaker.
    pub change: Option<BreakerChange>,
    /// Why no other token was given in exchange, as the auth server calls it.
    pub refusal: Option<&'static str>,
    /// A yes that other isolates may use.
    pub copy: Option<RemoteCopy>,
}

/// A yes as it is stored: name, value, life.
#[derive(Clone, Debug)]
pub struct RemoteCopy {
    /// Where.
    pub name: String,
    /// What.
    pub text: String,
    /// How long the store may keep it; that is longer than it may be used, which the text says.
    pub ttl: Duration,
}
