//! The token that goes to an origin in the place of the caller's, where the origin wants one of its own
//! (RFC 8693): asked for once the request may pass, and kept as long as it and the caller's token live.

use std::rc::Rc;

use super::assertion::Judged;
use super::remote::CachedVerdict;
use super::request::PendingRequest;
use super::{Caller, Gateway, Lease, Rejection, RemoteQuery, Step};
use crate::adapter_cache::AdapterCache;
use crate::limits;
use crate::time::NumericDate;
use crate::token::{ExchangedToken, VerifiedToken};

/// Proof that a caller's request takes along the token that its origin wants, wherever one of its own is
/// wanted. Only this module makes one.
#[derive(Debug)]
pub struct Exchanged(Option<Rc<HeldExchange>>);

/// A token that was issued in exchange for a caller's.
#[derive(Debug)]
pub(super) struct HeldExchange {
    pub(super) token: ExchangedToken,
    pub(super) prepared: AdapterCache,
    asked_at: NumericDate,
    fresh_until: NumericDate,
    ends_at: NumericDate,
}

/// A caller's token is to be exchanged for another one: under a [`Lease`], so that a burst of requests
/// with one token makes one call; then resume.
#[derive(Debug)]
pub struct NeedExchange {
    request: Box<PendingRequest>,
    caller: Rc<Caller>,
    question: Rc<RemoteQuery>,
    attempt: u64,
    revocations: u64,
}

impl Exchanged {
    pub(super) fn held(&self) -> Option<&HeldExchange> {
        self.0.as_deref()
    }
}

impl HeldExchange {
    /// `asked_at` is when the call began: its token cannot be younger than that.
    pub(super) fn new(token: ExchangedToken, of: &VerifiedToken, asked_at: NumericDate) -> Self {
        let life = token.lifetime();
        let margin = limits::EXCHANGE_MARGIN.min(life.checked_div(2).unwrap_or_default());
        let ends_at = asked_at.plus(life);
        let fresh_until = ends_at.minus(margin);
        // What it was exchanged for has ended then, and nobody vouches for the caller any more.
        let fresh_until = of.claims().expires_at.map_or(fresh_until, |exp| exp.min(fresh_until));
        Self { token, prepared: AdapterCache::default(), asked_at, fresh_until, ends_at }
    }

    pub(super) fn asked_at(&self) -> NumericDate {
        self.asked_at
    }

    /// Whether another request may take it along. A clock that went back makes it stale as well.
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        self.asked_at <= now && now < self.fresh_until
    }

    pub(super) fn bytes(&self) -> u64 {
        u64::try_from(self.token.bytes()).unwrap_or(u64::MAX)
    }
}

impl NeedExchange {
    /// What is to be asked for. It may be asked, and settled, on behalf of others after this request
    /// has gone.
    #[must_use]
    pub fn question(&self) -> &Rc<RemoteQuery> {
        &self.question
    }

    /// Who asks, as for [`super::NeedRemoteClaims`].
    #[must_use]
    pub fn lease(&self, gateway: &Gateway, now: NumericDate) -> Lease {
        self.question.lease(gateway, self.attempt, now)
    }

    /// Goes on with whatever was answered since the need arose.
    #[must_use]
    pub fn resume(self, gateway: &Gateway, now: NumericDate) -> Step {
        gateway.after_exchange(self, now)
    }
}

impl Gateway {
    /// Lets a caller's request pass, with a token of the origin's own where it wants one.
    pub(super) fn exchange(
        &self,
        mut request: Box<PendingRequest>,
        caller: Rc<Caller>,
        judged: Judged,
        now: NumericDate,
    ) -> Step {
        if !request.exchanges {
            return self.attest(request, caller, (judged, Exchanged(None)), now);
        }
        let Some(origin) = request.origin else {
            return request.refuse(Rejection::Internal);
        };
        // One that was asked for on behalf of this request does, be it as short-lived as it likes.
        match request.exchanged.take().or_else(|| caller.exchanged(origin, now)) {
            Some(held) => self.attest(request, caller, (judged, Exchanged(Some(held))), now),
            None => self.need_exchange(request, caller, (origin, judged), now),
        }
    }

    #[inline(never)]
    fn need_exchange(
        &self,
        request: Box<PendingRequest>,
        caller: Rc<Caller>,
        (origin, judged): (usize, Judged),
        now: NumericDate,
    ) -> Step {
        let Some(endpoint) = self.remote.exchanging(origin) else {
            return request.refuse(Rejection::Internal);
        };
        let question = RemoteQuery::exchange(origin, endpoint, Rc::clone(&caller.token));
        let (answer, attempt, _) = self.answered(&question);
        match answer {
            Some(CachedVerdict::Issued(held)) if held.is_fresh(now) => {
                caller.hold_exchanged(origin, &held);
                self.attest(request, caller, (judged, Exchanged(Some(held))), now)
            }
            Some(CachedVerdict::No { rejection, asked_at, until })
                if asked_at <= now && now < until =>
            {
                request.refuse(rejection)
            }
            _ => {
                let (question, revocations) = (Rc::new(question), self.revocations.get());
                let need = NeedExchange { request, caller, question, attempt, revocations };
                Step::NeedExchange(Box::new(need))
            }
        }
    }

    fn after_exchange(&self, need: NeedExchange, now: NumericDate) -> Step {
        let NeedExchange { request, caller, question, attempt, revocations } = need;
        let (answer, latest, has_failed) = self.answered(&question);
        let has_answered = latest != attempt && !has_failed;
        match answer {
            Some(CachedVerdict::Issued(held))
                if (has_answered && now < held.ends_at) || held.is_fresh(now) =>
            {
                return self.judge_again(request, caller, held, revocations, now);
            }
            // Refused once, it is not let through because nobody can be asked any more.
            Some(CachedVerdict::No { rejection, .. }) => return request.refuse(rejection),
            _ => {}
        }
        let seconds = self.remote.retry_after(&question, now);
        request.refuse(Rejection::ExchangeUnavailable(seconds))
    }

    /// The call may have taken seconds: time and revocation are judged as they are now.
    fn judge_again(
        &self,
        mut request: Box<PendingRequest>,
        caller: Rc<Caller>,
        held: Rc<HeldExchange>,
        revocations: u64,
        now: NumericDate,
    ) -> Step {
        if revocations != self.revocations.get() {
            // It may have been this token: nobody vouches for it any more.
            caller.asked_at.set(None);
        }
        if let Some(origin) = request.origin {
            caller.hold_exchanged(origin, &held);
        }
        request.exchanged = Some(held);
        self.judge(request, caller, now)
    }
}
