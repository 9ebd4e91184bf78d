use std::rc::Rc;
use std::time::Duration;

use super::endpoint::Endpoint;
use super::query::QueryKind;
use super::verdicts::CachedVerdict;
use super::{RemoteQuery, RemoteReport, RemoteStep};
use crate::gateway::held::HeldExchange;
use crate::gateway::{Gateway, Rejection};
use crate::limits;
use crate::time::NumericDate;
use crate::token::{ExchangeVerdict, VerifiedToken};

impl RemoteQuery {
    /// Asks for another token in exchange for one that was found good.
    pub(in crate::gateway) fn exchange(
        origin: usize,
        endpoint: &Endpoint,
        token: Rc<VerifiedToken>,
    ) -> Self {
        Self { key: endpoint.key(None, token.text()), about: QueryKind::Exchange { origin, token } }
    }

    /// Keeps what was issued, or that nothing was, and ends the attempt.
    pub(super) fn conclude_exchange(
        &self,
        gateway: &Gateway,
        token: &VerifiedToken,
        verdict: ExchangeVerdict,
        (asked_at, pause): (NumericDate, Option<Duration>),
        now: NumericDate,
    ) -> RemoteStep {
        let (answer, refusal) = match verdict {
            ExchangeVerdict::CannotSay(failure) => {
                return RemoteStep::Done(Box::new(self.fail(gateway, failure, pause, now)));
            }
            ExchangeVerdict::Issued(issued) => {
                (CachedVerdict::Issued(Rc::new(HeldExchange::new(issued, token, asked_at))), None)
            }
            ExchangeVerdict::Refused(why) => {
                let until = asked_at.plus(limits::REMOTE_NO);
                let rejection = Rejection::ExchangeRefused;
                (CachedVerdict::No { rejection, asked_at, until }, Some(why))
            }
        };
        gateway.remote.answers.borrow_mut().keep(self.key, answer);
        let change = self.finish_call(gateway);
        RemoteStep::Done(Box::new(RemoteReport { change, refusal, ..RemoteReport::default() }))
    }
}

impl Gateway {
    /// The answer to a question by memory, and the attempt that brought it.
    pub(in crate::gateway) fn answered(
        &self,
        question: &RemoteQuery,
    ) -> (Option<CachedVerdict>, u64, bool) {
        let entry = self.remote.answers.borrow().find(&question.key);
        (entry.answer, entry.attempt, entry.has_failed)
    }
}
