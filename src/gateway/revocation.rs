//! Claims and revocation: what is checked of a caller's token on every request.

use std::rc::Rc;

use super::caller::VerifiedBy;
use super::need::Flow;
use super::need::NeedRevocation;
use super::request::Passing;
use super::{Caller, Decision, Gateway, Rejection, Step};
use crate::revocation::{
    self, Ask, NotRevoked, RevocationAnswer, RevocationError, RevocationNames,
};
use crate::time::NumericDate;
use crate::token::Authenticated;

impl Passing<()> {
    /// Claims: the token's policy and time.
    pub(super) fn check_claims(self, now: NumericDate) -> Flow<Passing<Authenticated>> {
        let Self { request, caller, .. } = self;
        match caller.checked.at(now) {
            Ok(proof) => Ok(Passing { request, caller, proof }),
            Err(error) => Err(request.refuse(Rejection::Token(error.into()))),
        }
    }
}

impl Gateway {
    /// Revocation: by the copy of the log, or by KV's last answer about the token, as far as the
    /// route lets them serve; otherwise the log or KV is needed.
    pub(super) fn check_revocation(
        &self,
        token: Passing<Authenticated>,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        if self.config.revocation.has_log {
            self.check_log(token, now)
        } else {
            self.check_kv(token, now)
        }
    }

    /// The same anew, for a request that was about to wait.
    pub(super) fn check_revocation_again(
        &self,
        need: NeedRevocation,
        now: NumericDate,
    ) -> Flow<Decision> {
        let not_revoked = self.check_revocation(need.token, now)?;
        self.proceed_with_not_revoked(not_revoked, now)
    }

    /// Until the log has all of KV's entries, KV is read as well.
    pub(super) fn check_unimported(
        &self,
        token: Passing<NotRevoked>,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        if !self.config.revocation.has_kv || self.log_copy.borrow().is_imported() {
            return Ok(token);
        }
        let Passing { request, caller, proof } = token;
        self.check_kv(Passing { request, caller, proof: proof.into_authenticated() }, now)
    }

    pub(super) fn check_kv(
        &self,
        token: Passing<Authenticated>,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        let Passing { request, caller, proof } = token;
        match request.route.revocation.recall(proof, caller.asked_at.get(), now) {
            Ok(proof) => Ok(Passing { request, caller, proof }),
            Err(proof) => {
                let Some(names) = self.names(&caller) else {
                    return Err(request.refuse(Rejection::Internal));
                };
                Err(self.need_revocation(Passing { request, caller, proof }, names, None))
            }
        }
    }

    /// The names of a caller's token; `None` for the caller of another gateway.
    pub(super) fn names(&self, caller: &Caller) -> Option<Rc<RevocationNames>> {
        self.config.issuers.get(caller.issuer).map(|issuer| caller.names(issuer))
    }

    #[inline(never)]
    pub(super) fn need_revocation(
        &self,
        token: Passing<Authenticated>,
        names: Rc<RevocationNames>,
        ask: Option<(Ask, NumericDate)>,
    ) -> Step {
        let revocations = self.revocations.get();
        Step::NeedRevocation(Box::new(NeedRevocation { token, names, revocations, ask }))
    }

    /// Goes on with the answer of the log or of KV.
    pub(super) fn after_revocation(
        &self,
        need: NeedRevocation,
        answer: &RevocationAnswer,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        let NeedRevocation { token, names, revocations, ask } = need;
        let Passing { mut request, caller, proof } = token;
        // Something was revoked here since KV was read: it may have been this. The log was asked after
        // the request came, so that its answer counts.
        if ask.is_none() && revocations != self.revocations.get() {
            return self.check_revocation(Passing { request, caller, proof }, now);
        }
        let judged = match &ask {
            Some(ask) => self.after_log(&mut request, (proof, &names), (ask, answer), now),
            None => revocation::judge(proof, &names, answer),
        };
        match judged {
            // Entries answer for both: an explanation knows of no difference.
            Ok(proof) if ask.is_some() && !matches!(answer, RevocationAnswer::Entries(_)) => {
                self.check_unimported(Passing { request, caller, proof }, now)
            }
            Ok(proof) => {
                // The question was put before the answer came: the older time is the honest one.
                caller.asked_at.set(Some(request.record.started_at));
                Ok(Passing { request, caller, proof })
            }
            Err(RevocationError::Revoked) => {
                self.forget(&caller);
                Err(request.refuse(Rejection::Revoked))
            }
            Err(RevocationError::Unavailable) => {
                Err(request.refuse(Rejection::RevocationUnavailable))
            }
        }
    }

    fn forget(&self, caller: &Caller) {
        self.verified.borrow_mut().remove(caller.token().text());
        self.remote.forget_exchanges(caller.token().text());
        if let VerifiedBy::Remote { key, .. } = &caller.basis {
            self.remote.forget(key);
        }
    }
}
