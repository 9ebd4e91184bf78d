//! Exchange: the token that goes to an origin in the place of the caller's, where the origin wants one of
//! its own (RFC 8693). It is asked for once the request may pass, and kept as long as it and the
//! caller's token live.

use std::rc::Rc;

use super::held::HeldExchange;
use super::need::{Flow, NeedExchange};
use super::remote::CachedVerdict;
use super::request::Passing;
use super::{Exchanged, Gateway, Rejection, RemoteQuery, Step};
use crate::route::Permitted;
use crate::time::NumericDate;

impl Gateway {
    /// Exchange: the origin's own token, if it wants one.
    pub(super) fn exchange(
        &self,
        permitted: Passing<Permitted>,
        now: NumericDate,
    ) -> Flow<Passing<Exchanged>> {
        if !permitted.request.exchanges {
            return exchanged(permitted, None);
        }
        let Passing { mut request, caller, proof } = permitted;
        let Some(origin) = request.origin else {
            return Err(request.refuse(Rejection::Internal));
        };
        // One that was asked for on behalf of this request does, be it as short-lived as it likes.
        let held = request.exchanged.take().or_else(|| caller.exchanged(origin, now));
        let permitted = Passing { request, caller, proof };
        match held {
            Some(held) => exchanged(permitted, Some(held)),
            None => self.need_exchange(permitted, origin, now),
        }
    }

    #[inline(never)]
    fn need_exchange(
        &self,
        permitted: Passing<Permitted>,
        origin: usize,
        now: NumericDate,
    ) -> Flow<Passing<Exchanged>> {
        let Some(endpoint) = self.remote.exchanging(origin) else {
            return Err(permitted.request.refuse(Rejection::Internal));
        };
        let token = Rc::clone(permitted.caller.checked.token());
        let question = RemoteQuery::exchange(origin, endpoint, token);
        let (answer, attempt, _) = self.answered(&question);
        match answer {
            Some(CachedVerdict::Issued(held)) if held.is_fresh(now) => {
                permitted.caller.hold_exchanged(origin, &held);
                exchanged(permitted, Some(held))
            }
            Some(CachedVerdict::No { rejection, asked_at, until })
                if asked_at <= now && now < until =>
            {
                Err(permitted.request.refuse(rejection))
            }
            _ => {
                // Time and revocation are checked anew afterwards: the call may take seconds.
                let Passing { request, caller, .. } = permitted;
                let (question, revocations) = (Rc::new(question), self.revocations.get());
                let need = NeedExchange { request, caller, question, attempt, revocations };
                Err(Step::NeedExchange(Box::new(need)))
            }
        }
    }

    /// Goes on with the answer, from the claims: time and revocation are checked as they are now.
    pub(super) fn after_exchange(&self, need: NeedExchange, now: NumericDate) -> Flow<Passing<()>> {
        let NeedExchange { mut request, caller, question, attempt, revocations } = need;
        let (answer, latest, has_failed) = self.answered(&question);
        let has_answered = latest != attempt && !has_failed;
        match answer {
            Some(CachedVerdict::Issued(held))
                if (has_answered && now < held.ends_at) || held.is_fresh(now) =>
            {
                if revocations != self.revocations.get() {
                    // It may have been this token: nobody vouches for it any more.
                    caller.asked_at.set(None);
                }
                if let Some(origin) = request.origin {
                    caller.hold_exchanged(origin, &held);
                }
                request.exchanged = Some(held);
                Ok(Passing { request, caller, proof: () })
            }
            // Refused once, it is not let through because nobody can be asked any more.
            Some(CachedVerdict::No { rejection, .. }) => Err(request.refuse(rejection)),
            _ => {
                let wait = self.remote.retry_after(question.source(), now);
                Err(request.refuse(Rejection::ExchangeUnavailable(wait)))
            }
        }
    }
}

fn exchanged(
    permitted: Passing<Permitted>,
    held: Option<Rc<HeldExchange>>,
) -> Flow<Passing<Exchanged>> {
    let Passing { request, caller, proof } = permitted;
    match Exchanged::new(proof, request.exchanges, held) {
        Some(proof) => Ok(Passing { request, caller, proof }),
        None => Err(request.refuse(Rejection::Internal)),
    }
}
