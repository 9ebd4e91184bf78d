use super::recorder::{Recorder, SignatureAttempt};
use super::{Explanation, Request, exchange};
use crate::gateway::{
    Gateway, LimitAnswer, NeedKeys, NeedRemoteClaims, NeedRevocation, NeedSignature, RemoteQuery,
    Step,
};
use crate::jose::SignatureCheck;
use crate::revocation::{RevocationAnswer, RevocationName};
use crate::time::NumericDate;
use crate::token::RemoteFailure;

/// An explanation, or one of the machine's needs that must be answered to go on.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must answer every need")]
pub enum ExplainStep {
    /// Explained.
    Done(Box<Explanation>),
    /// Keys of an issuer are needed.
    NeedKeys(Pending<NeedKeys>),
    /// A signature is to be verified.
    NeedSignature(Pending<NeedSignature>),
    /// An auth server is to be asked about the token.
    NeedRemoteClaims(Pending<NeedRemoteClaims>),
    /// The revocation store is to be asked.
    NeedRevocation(Pending<NeedRevocation>),
}

/// A need of the machine, with the facts that were recorded on the way to it.
#[derive(Debug)]
pub struct Pending<N> {
    need: Box<N>,
    journal: Box<Recorder>,
}

/// Begins to explain what `gateway` does with a request that comes at `now`.
///
/// The gateway forgets what it remembers of tokens, so that every step is taken. It should be a
/// gateway that serves nothing else.
#[must_use]
pub fn begin(gateway: &Gateway, request: Request, now: NumericDate) -> ExplainStep {
    gateway.forget_verdicts();
    let journal = Box::new(Recorder::new(gateway, request, now));
    let step = journal.begin(gateway);
    ExplainStep::after(step, journal, gateway)
}

/// The placeholder for a signature, which verifies under no key.
const UNSIGNED: [u8; 64] = [0; 64];

impl ExplainStep {
    fn after(step: Step, mut journal: Box<Recorder>, gateway: &Gateway) -> Self {
        journal.look(gateway);
        match step {
            Step::Done(decision) => {
                Self::Done(Box::new(Explanation::new(gateway, &journal, &decision)))
            }
            Step::NeedKeys(need) => Self::NeedKeys(Pending { need, journal }),
            Step::NeedSignature(need) => Self::NeedSignature(Pending { need, journal }),
            Step::NeedRemoteClaims(need) => Self::NeedRemoteClaims(Pending { need, journal }),
            Step::NeedRevocation(need) => Self::NeedRevocation(Pending { need, journal }),
            // Nobody is asked for a token for the sake of an explanation.
            Step::NeedExchange(need) => {
                Self::after(exchange::assume(*need, gateway, journal.now), journal, gateway)
            }
            // An explanation is no proof: nothing is signed for it.
            Step::NeedAssertion(need) => {
                let step = need.resume(gateway, Some(&UNSIGNED), journal.now);
                Self::after(step, journal, gateway)
            }
            // A count is the platform's alone; what is explained is everything before it.
            Step::NeedLimit(need) => {
                Self::after(need.resume(LimitAnswer::Within), journal, gateway)
            }
        }
    }
}

impl Pending<NeedKeys> {
    /// The issuer, by its index in the configuration.
    #[must_use]
    pub fn issuer(&self) -> usize {
        self.need.issuer()
    }

    /// Goes on with whatever [`Gateway::keys`] holds now.
    #[must_use]
    pub fn resume(self, gateway: &Gateway) -> ExplainStep {
        let now = self.journal.now;
        ExplainStep::after(self.need.resume(gateway, now), self.journal, gateway)
    }
}

impl Pending<NeedSignature> {
    /// The signature to verify, with its key and its algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        self.need.signature()
    }

    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(mut self, gateway: &Gateway, holds: bool) -> ExplainStep {
        self.journal.trials.push(SignatureAttempt::of(self.need.signature(), holds));
        let now = self.journal.now;
        ExplainStep::after(self.need.resume(gateway, holds, now), self.journal, gateway)
    }
}

impl Pending<NeedRemoteClaims> {
    /// The question to ask the auth server: take its call, and settle the outcome.
    #[must_use]
    pub fn question(&self) -> &RemoteQuery {
        self.need.question()
    }

    /// Resumes with the answer that was settled; `failure` is the reason why there is none, if so.
    #[must_use]
    pub fn resume(mut self, gateway: &Gateway, failure: Option<RemoteFailure>) -> ExplainStep {
        self.journal.failure = failure;
        let now = self.journal.now;
        ExplainStep::after(self.need.resume(gateway, now), self.journal, gateway)
    }
}

impl Pending<NeedRevocation> {
    /// The names to look up.
    #[must_use]
    pub fn names(&self) -> &[RevocationName] {
        self.need.names()
    }

    /// Goes on with an answer, the store's or an assumed one.
    #[must_use]
    pub fn resume(mut self, gateway: &Gateway, answer: RevocationAnswer) -> ExplainStep {
        let (now, names) = (self.journal.now, self.need.names().to_vec());
        let step = self.need.resume(gateway, &answer, now);
        self.journal.asked = Some((names, answer));
        ExplainStep::after(step, self.journal, gateway)
    }
}
