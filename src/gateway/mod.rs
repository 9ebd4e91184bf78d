//! The decision as a machine without I/O: a request head goes in, a [`Step`] comes out.
//!
//! A step is either a [`Decision`] or a need: keys, a signature to verify, a revocation look-up.
//! Whoever drives answers the need and resumes. Time is passed in; nothing here waits.

mod answer;
mod begin;
mod caller;
mod decision;
mod elsewhere;
mod keyring;
mod limiting;
mod need;
mod order;
mod plan;
mod rejection;
mod request;
mod shadow;
mod verified;
mod verify;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

pub use answer::Answer;
pub use caller::Caller;
pub use decision::{Decision, Outcome, OwnRequest, Record};
pub use keyring::{KeyRing, KeyState, KeyUpdate, Lease};
pub use limiting::{LimitAnswer, NeedLimit};
pub use need::{NeedKeys, NeedRevocation, NeedSignature, Step};
pub use plan::{ForwardPlan, Passage};
pub use rejection::Rejection;
pub(crate) use request::split_url;

use crate::config::Config;
use verified::VerifiedTokens;

/// One configuration at work: what it says, the keys it has, the tokens it has seen.
///
/// Another configuration is another gateway, so that nothing remembered under the old one counts.
#[derive(Debug)]
pub struct Gateway {
    config: Config,
    keys: KeyRing,
    verified: RefCell<VerifiedTokens>,
    revocations: Cell<u64>,
}

impl Gateway {
    /// A gateway that has seen nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let keys = KeyRing::new(&config.issuers);
        Self { config, keys, verified: RefCell::default(), revocations: Cell::default() }
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The keys of all issuers.
    #[must_use]
    pub fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Forgets every revocation verdict and every verified token: after a revocation nothing that
    /// was remembered, or asked for, before it may decide.
    pub fn forget_verdicts(&self) {
        *self.verified.borrow_mut() = VerifiedTokens::default();
        self.revocations.set(self.revocations.get().wrapping_add(1));
    }

    /// The caller of a token with exactly this text, when it was verified here.
    pub(crate) fn remembered(&self, text: &str) -> Option<Rc<Caller>> {
        self.verified.borrow().find(text)
    }

    fn remember(&self, caller: &Rc<Caller>) {
        self.verified.borrow_mut().insert(Rc::clone(caller));
    }
}
