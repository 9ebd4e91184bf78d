//! An explanation where nobody can be asked: every need is answered from what was given, but for
//! signatures, which are verified by whoever drives.

use super::{Assumption, Explanation, Given, GivenAnswer, Inquiry, Pending, Request, begin};
use crate::gateway::{Gateway, NeedAnswerSignature, NeedRemoteClaims, NeedSignature, RemoteStep};
use crate::jose::SignatureCheck;
use crate::time::NumericDate;
use crate::token::RemoteFailure;

/// An explanation with what it rests on, or a signature to verify on the way there.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must answer every need")]
pub enum Rehearsal {
    /// Explained, and what was assumed.
    Done(Box<Explanation>, Vec<Assumption>),
    /// A signature is to be verified.
    NeedSignature(Box<Unverified>),
}

/// A rehearsal that waits for a signature to be verified.
#[derive(Debug)]
pub struct Unverified {
    stand: StandIn,
    signed: Signed,
}

#[derive(Debug)]
enum Signed {
    Token(Pending<NeedSignature>),
    Answer(Pending<NeedRemoteClaims>, Box<NeedAnswerSignature>),
}

/// Answers in the place of everybody who would be asked.
#[derive(Debug)]
struct StandIn {
    given: Given,
    now: NumericDate,
    assumed: Vec<Assumption>,
}

/// Begins to explain what `gateway` does with a request that comes at `now`, as [`begin`] does.
#[must_use]
pub fn rehearse(gateway: &Gateway, request: Request, given: Given, now: NumericDate) -> Rehearsal {
    let inquiry = begin(gateway, request, now);
    StandIn { given, now, assumed: Vec::new() }.go_on(inquiry, gateway)
}

impl Unverified {
    /// What to verify, with which key, under which algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        match &self.signed {
            Signed::Token(need) => need.signature(),
            Signed::Answer(_, need) => need.signature(),
        }
    }

    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, holds: bool) -> Rehearsal {
        let Self { stand, signed } = self;
        match signed {
            Signed::Token(need) => stand.go_on(need.resume(gateway, holds), gateway),
            Signed::Answer(need, signature) => {
                let step = signature.resume(need.question(), gateway, holds, stand.now);
                stand.settle(need, step, gateway)
            }
        }
    }
}

impl StandIn {
    fn go_on(mut self, mut inquiry: Inquiry, gateway: &Gateway) -> Rehearsal {
        loop {
            inquiry = match inquiry {
                Inquiry::Done(explanation) => return Rehearsal::Done(explanation, self.assumed),
                Inquiry::NeedKeys(need) => {
                    if !self.given.publish(gateway, need.issuer(), self.now) {
                        let issuer = gateway.config().issuers.get(need.issuer());
                        let name = issuer.map_or_else(String::new, |issuer| issuer.name.clone());
                        self.assumed.push(Assumption::IssuerUnreachable(name));
                    }
                    need.resume(gateway)
                }
                Inquiry::NeedSignature(need) => return self.wait(Signed::Token(need)),
                Inquiry::NeedRemoteClaims(need) => return self.ask(need, gateway),
                Inquiry::NeedRevocation(need) => {
                    self.assumed.push(self.revocations());
                    let entries = self.given.entries(need.names(), self.now);
                    need.resume(gateway, entries)
                }
            };
        }
    }

    fn wait(self, signed: Signed) -> Rehearsal {
        Rehearsal::NeedSignature(Box::new(Unverified { stand: self, signed }))
    }

    fn revocations(&self) -> Assumption {
        let kinds: Vec<_> = self.given.revoked.iter().map(super::Revoked::kind).collect();
        match kinds.as_slice() {
            _ if self.given.is_store_down => Assumption::StoreDown,
            [] => Assumption::NothingRevoked,
            _ => Assumption::Revoked(kinds),
        }
    }

    fn ask(mut self, need: Pending<NeedRemoteClaims>, gateway: &Gateway) -> Rehearsal {
        self.assumed.extend(match self.given.answer {
            GivenAnswer::Untold => Some(Assumption::AnswerUntold),
            GivenAnswer::Silence => Some(Assumption::AnswerSilence),
            GivenAnswer::No => Some(Assumption::AnswerNo),
            GivenAnswer::Body(_) => None,
        });
        let (question, now) = (need.question(), self.now);
        if question.call(gateway, now).is_none() {
            let failure = Some(RemoteFailure::Unreachable);
            return self.go_on(need.resume(gateway, failure), gateway);
        }
        let issuer = gateway.config().issuers.get(question.issuer());
        let way = issuer.and_then(|issuer| issuer.remote.as_ref()).map(|remote| remote.way);
        let step = question.settle(gateway, now, self.given.answer.reply(way), now);
        self.settle(need, step, gateway)
    }

    fn settle(
        self,
        need: Pending<NeedRemoteClaims>,
        mut step: RemoteStep,
        gateway: &Gateway,
    ) -> Rehearsal {
        loop {
            step = match step {
                RemoteStep::Done(report) => {
                    return self.go_on(need.resume(gateway, report.failure), gateway);
                }
                RemoteStep::NeedKeys(keys) => {
                    self.given.publish(gateway, need.question().issuer(), self.now);
                    keys.resume(need.question(), gateway, self.now)
                }
                RemoteStep::NeedSignature(signature) => {
                    return self.wait(Signed::Answer(need, signature));
                }
            };
        }
    }
}
