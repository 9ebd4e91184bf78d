//! Explanations without I/O: every need is answered from the given [`Fixtures`], except that
//! signatures are verified by the driver.

use super::{
    Assumption, ExplainStep, Explanation, FixtureAnswer, Fixtures, Pending, Request, begin,
};
use crate::gateway::{
    EndpointId, Gateway, NeedAnswerSignature, NeedRemoteClaims, NeedSignature, RemoteStep,
};
use crate::jose::SignatureCheck;
use crate::time::NumericDate;
use crate::token::RemoteFailure;

/// An explanation with its assumptions, or a signature to verify on the way there.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "a driver must answer every need")]
pub enum OfflineExplain {
    /// The explanation, and the assumptions that it rests on.
    Done(Box<Explanation>, Vec<Assumption>),
    /// A signature is to be verified.
    NeedSignature(Box<Unverified>),
}

/// An explanation in progress that waits for a signature to be verified.
#[derive(Debug)]
pub struct Unverified {
    stand: OfflineDriver,
    signed: Signed,
}

#[derive(Debug)]
enum Signed {
    Token(Pending<NeedSignature>),
    Answer(Pending<NeedRemoteClaims>, Box<NeedAnswerSignature>),
}

/// A driver that answers in place of every party that would be asked.
#[derive(Debug)]
struct OfflineDriver {
    given: Fixtures,
    now: NumericDate,
    assumed: Vec<Assumption>,
}

/// Begins to explain what `gateway` does with a request that comes at `now`, as [`begin`] does.
#[must_use]
pub fn rehearse(
    gateway: &Gateway,
    request: Request,
    given: Fixtures,
    now: NumericDate,
) -> OfflineExplain {
    let inquiry = begin(gateway, request, now);
    OfflineDriver { given, now, assumed: Vec::new() }.go_on(inquiry, gateway)
}

impl Unverified {
    /// The signature to verify, with its key and its algorithm.
    #[must_use]
    pub fn signature(&self) -> &SignatureCheck {
        match &self.signed {
            Signed::Token(need) => need.signature(),
            Signed::Answer(_, need) => need.signature(),
        }
    }

    /// Goes on with the outcome: `true` means that the signature holds.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, holds: bool) -> OfflineExplain {
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

impl OfflineDriver {
    fn go_on(mut self, mut inquiry: ExplainStep, gateway: &Gateway) -> OfflineExplain {
        loop {
            inquiry = match inquiry {
                ExplainStep::Done(explanation) => {
                    return OfflineExplain::Done(explanation, self.assumed);
                }
                ExplainStep::NeedKeys(need) => {
                    if !self.given.publish(gateway, need.issuer(), self.now) {
                        let issuer = gateway.config().issuers.get(need.issuer());
                        let name = issuer.map_or_else(String::new, |issuer| issuer.name.clone());
                        self.assumed.push(Assumption::IssuerUnreachable(name));
                    }
                    need.resume(gateway)
                }
                ExplainStep::NeedSignature(need) => return self.wait(Signed::Token(need)),
                ExplainStep::NeedRemoteClaims(need) => return self.ask(need, gateway),
                ExplainStep::NeedRevocation(need) => {
                    self.assumed.push(self.revocations());
                    let entries = self.given.entries(need.names(), self.now);
                    need.resume(gateway, entries)
                }
            };
        }
    }

    fn wait(self, signed: Signed) -> OfflineExplain {
        OfflineExplain::NeedSignature(Box::new(Unverified { stand: self, signed }))
    }

    fn revocations(&self) -> Assumption {
        let kinds: Vec<_> = self.given.revoked.iter().map(super::Revoked::kind).collect();
        match kinds.as_slice() {
            _ if self.given.is_store_down => Assumption::StoreDown,
            [] => Assumption::NothingRevoked,
            _ => Assumption::Revoked(kinds),
        }
    }

    fn ask(mut self, need: Pending<NeedRemoteClaims>, gateway: &Gateway) -> OfflineExplain {
        self.assumed.extend(match self.given.answer {
            FixtureAnswer::Untold => Some(Assumption::AnswerUntold),
            FixtureAnswer::Silence => Some(Assumption::AnswerSilence),
            FixtureAnswer::No => Some(Assumption::AnswerNo),
            FixtureAnswer::Body(_) => None,
        });
        let (question, now) = (need.question(), self.now);
        if question.call(gateway, now).is_none() {
            let failure = Some(RemoteFailure::Unreachable);
            return self.go_on(need.resume(gateway, failure), gateway);
        }
        let issuer = match question.place() {
            EndpointId::Issuer(index) => gateway.config().issuers.get(index),
            EndpointId::Origin(_) => None,
        };
        let way = issuer.and_then(|issuer| issuer.remote.as_ref()).map(|remote| remote.way);
        let step = question.settle(gateway, now, self.given.answer.reply(way), now);
        self.settle(need, step, gateway)
    }

    fn settle(
        self,
        need: Pending<NeedRemoteClaims>,
        mut step: RemoteStep,
        gateway: &Gateway,
    ) -> OfflineExplain {
        loop {
            step = match step {
                RemoteStep::Done(report) => {
                    return self.go_on(need.resume(gateway, report.failure), gateway);
                }
                RemoteStep::NeedKeys(keys) => {
                    self.given.publish(gateway, keys.issuer(), self.now);
                    keys.resume(need.question(), gateway, self.now)
                }
                RemoteStep::NeedSignature(signature) => {
                    return self.wait(Signed::Answer(need, signature));
                }
            };
        }
    }
}
