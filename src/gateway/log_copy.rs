//! The revocation log: a token is judged by the isolate's copy, or by the log's own answer.

use std::cell::Ref;
use std::rc::Rc;
use std::time::Duration;

use super::need::Flow;
use super::request::{Passing, PendingRequest};
use super::{Gateway, Rejection, RevocationCheck};
use crate::revocation::{
    self, Ask, AskReply, CopyError, LogCopy, NotRevoked, RevocationAnswer, RevocationError,
    RevocationLevel, RevocationNames,
};
use crate::time::NumericDate;
use crate::token::Authenticated;

impl Gateway {
    /// The copy of the revocation log.
    #[must_use]
    pub fn log_copy(&self) -> Ref<'_, LogCopy> {
        self.log_copy.borrow()
    }

    /// How old the copy was when it last decided about a token; while it decides nothing, it may grow old
    /// without harm.
    #[must_use]
    pub fn copy_age(&self) -> Option<Duration> {
        self.copy_age.get()
    }

    /// A question to the log on behalf of no request, if it is due: the copy is older than half the
    /// bound of `bounded` routes, or was not loaded to the end, and no such question is on its way.
    #[must_use]
    pub fn follow_log(&self, now: NumericDate) -> Option<Ask> {
        let mut copy = self.log_copy.borrow_mut();
        let bound = if copy.has_more() { Duration::ZERO } else { self.config.revocation.bound };
        copy.is_due(bound, now).then(|| copy.follow(now))
    }

    /// The question for the next page, after an answer that was not the last.
    #[must_use]
    pub fn follow_on(&self, now: NumericDate) -> Option<Ask> {
        let mut copy = self.log_copy.borrow_mut();
        copy.has_more().then(|| copy.follow(now))
    }

    /// A question to the log, whatever the age of the copy.
    #[must_use]
    pub fn ask_log(&self) -> Ask {
        self.log_copy.borrow().ask(&[])
    }

    /// Whether the log should be asked for a request that waits for something else: the copy decides
    /// on its route and is too old, and no question is on its way.
    pub(super) fn wants_log(&self, request: &PendingRequest, now: NumericDate) -> bool {
        let rules = &self.config.revocation;
        let bound = request.route.revocation.copy_bound(rules.bound).filter(|_| rules.has_log);
        let copy = self.log_copy.borrow();
        bound.is_some_and(|bound| {
            copy.age(now).is_none_or(|age| age >= bound) && copy.is_due(bound, now)
        })
    }

    /// Takes over the log's answer to a question that was sent at `sent_at`; `None` for no answer until
    /// `now`.
    pub fn log_answered(
        &self,
        ask: &Ask,
        (sent_at, now): (NumericDate, NumericDate),
        reply: Option<&AskReply>,
    ) {
        let mut copy = self.log_copy.borrow_mut();
        match reply {
            Some(reply) => copy.apply(ask, sent_at, reply),
            None => copy.give_up(ask, now),
        }
    }

    /// Judges a token by the copy of the log where that is recent enough for the route.
    pub(super) fn check_log(
        &self,
        token: Passing<Authenticated>,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        let level = token.request.route.revocation;
        if level == RevocationLevel::Off {
            return self.check_kv(token, now);
        }
        let Passing { mut request, caller, proof } = token;
        let Some(names) = self.names(&caller) else {
            return Err(request.refuse(Rejection::Internal));
        };
        let (judged, check) = self.by_copy((level, &mut request), proof, &names, now);
        if !matches!(judged, Err((_, CopyError::Unknown))) {
            self.copy_age.set(check.copy_age);
        }
        match judged {
            Ok(proof) => {
                request.record.revocation = Some(check);
                self.check_unimported(Passing { request, caller, proof }, now)
            }
            Err((_, CopyError::Revoked)) => {
                request.record.revocation = Some(check);
                request.record.caller = Some(caller);
                Err(request.refuse(Rejection::Revoked))
            }
            Err((proof, CopyError::Unknown)) => {
                let ask = self.log_copy.borrow().ask(names.as_slice());
                let token = Passing { request, caller, proof };
                Err(self.need_revocation(token, names, Some((ask, now))))
            }
        }
    }

    fn by_copy(
        &self,
        (level, request): (RevocationLevel, &mut PendingRequest),
        proof: Authenticated,
        names: &RevocationNames,
        now: NumericDate,
    ) -> (Result<NotRevoked, (Authenticated, CopyError)>, RevocationCheck) {
        let rules = &self.config.revocation;
        let copy = self.log_copy.borrow();
        let check = RevocationCheck { level, copy_age: copy.age(now), is_degraded: false };
        let Some(bound) = level.copy_bound(rules.bound) else {
            return (Err((proof, CopyError::Unknown)), check);
        };
        request.follows_log |= copy.is_due(bound, now);
        match (revocation::by_copy(proof, names, &copy, (bound, now)), rules.fallback) {
            // The log was asked a moment ago, in vain: not every request waits for it.
            (Err((proof, CopyError::Unknown)), Some(fallback)) if copy.is_failing(now) => {
                let judged = revocation::by_copy(proof, names, &copy, (fallback, now));
                let is_degraded = judged.is_ok();
                (judged, RevocationCheck { is_degraded, ..check })
            }
            (judged, _) => (judged, check),
        }
    }

    /// Judges a token by the log's answer to `ask`, which was sent at the time beside it; without an
    /// answer by the copy, as far as the route and the operator allow.
    pub(super) fn after_log(
        &self,
        request: &mut PendingRequest,
        (proof, names): (Authenticated, &Rc<RevocationNames>),
        ((ask, sent_at), answer): (&(Ask, NumericDate), &RevocationAnswer),
        now: NumericDate,
    ) -> Result<NotRevoked, RevocationError> {
        let level = request.route.revocation;
        let mut copy = self.log_copy.borrow_mut();
        match answer {
            RevocationAnswer::Log(reply) => copy.apply(ask, *sent_at, reply),
            RevocationAnswer::Unavailable => copy.give_up(ask, now),
            RevocationAnswer::Entries(_) => {}
        }
        // The log was asked for this request just now: only the next page is worth a question more.
        request.follows_log = match answer {
            RevocationAnswer::Log(reply) => reply.has_more || copy.has_more(),
            _ => false,
        };
        // Another request's answer may have made it fresh meanwhile.
        let bound = level.copy_bound(self.config.revocation.bound);
        let mut check = RevocationCheck { level, copy_age: None, is_degraded: false };
        let is_by_copy =
            *answer == RevocationAnswer::Unavailable && level != RevocationLevel::Strict;
        let judged = if is_by_copy {
            check.copy_age = copy.age(now);
            self.copy_age.set(check.copy_age);
            let oldest = self.config.revocation.fallback.max(bound);
            revocation::without_log(proof, names, &copy, (oldest, now))
        } else {
            revocation::judge(proof, names, answer)
        };
        let is_fresh = check.copy_age.zip(bound).is_some_and(|(age, bound)| age < bound);
        check.is_degraded = is_by_copy && judged.is_ok() && !is_fresh;
        request.record.revocation = Some(check);
        judged
    }
}
