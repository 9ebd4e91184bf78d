use std::rc::Rc;

use super::assertion::Proofs;
use super::request::PendingRequest;
use super::{Caller, Decision, Gateway, NeedExchange, NeedLimit, NeedRemoteClaims};
use crate::identity::UnsignedAssertion;
use crate::jose::SignatureCheck;
use crate::revocation::{RevocationAnswer, RevocationName};
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

    /// Goes on with whatever the key ring holds now.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        gateway.verify_with_held_keys(self, now)
    }
}

/// A signature is to be verified.
#[derive(Debug)]
pub struct NeedSignature {
    pub(super) request: Box<PendingRequest>,
    pub(super) check: TokenCheck,
    pub(super) issuer: usize,
    pub(super) generation: u64,
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
        let step = self.check.resume(holds);
        gateway.after_signature(self.request, step, (self.issuer, self.generation), now)
    }
}

/// The revocation store is to be asked.
#[derive(Debug)]
pub struct NeedRevocation {
    pub(super) request: Box<PendingRequest>,
    pub(super) caller: Rc<Caller>,
    pub(super) authenticated: Authenticated,
    pub(super) names: Rc<[RevocationName]>,
    pub(super) revocations: u64,
}

impl NeedRevocation {
    /// The names to look up, in one read.
    #[must_use]
    pub fn names(&self) -> &[RevocationName] {
        &self.names
    }

    /// Goes on with the store's answer.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, answer: &RevocationAnswer, now: NumericDate) -> Step {
        gateway.after_revocation(self, answer, now)
    }
}

/// An assertion is to be signed with the key of [`crate::config::Config::assertion`].
#[derive(Debug)]
pub struct NeedAssertion {
    pub(super) request: Box<PendingRequest>,
    pub(super) caller: Rc<Caller>,
    pub(super) proofs: Proofs,
    pub(super) origin: usize,
    pub(super) unsigned: UnsignedAssertion,
    pub(super) revocations: u64,
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
        gateway.after_assertion(self, signature, now)
    }
}

impl From<Decision> for Step {
    fn from(decision: Decision) -> Self {
        Self::Done(Box::new(decision))
    }
}
