//! Claims and revocation: what is checked of a caller's token on every request.

use std::rc::Rc;

use super::caller::VerifiedBy;
use super::need::Flow;
use super::need::NeedRevocation;
use super::request::Passing;
use super::{Caller, Gateway, Rejection, Step};
use crate::revocation::{self, NotRevoked, RevocationAnswer, RevocationError, RevocationNames};
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
    /// Revocation: by the last answer about the token, if the route lets it serve; otherwise the
    /// store is needed.
    pub(super) fn check_revocation(
        &self,
        token: Passing<Authenticated>,
        now: NumericDate,
    ) -> Flow<Passing<NotRevoked>> {
        let Passing { request, caller, proof } = token;
        match request.route.revocation.recall(proof, caller.asked_at.get(), now) {
            Ok(proof) => Ok(Passing { request, caller, proof }),
            Err(proof) => {
                let Some(issuer) = self.config.issuers.get(caller.issuer) else {
                    return Err(request.refuse(Rejection::Internal));
                };
                let names = caller.names(issuer);
                Err(self.need_revocation(Passing { request, caller, proof }, names))
            }
        }
    }

    #[inline(never)]
    fn need_revocation(&self, token: Passing<Authenticated>, names: Rc<RevocationNames>) -> Step {
        let revocations = self.revocations.get();
        Step::NeedRevocation(Box::new(NeedRevocation { token, names, revocations }))
    }

    /// Goes on with the store's answer.
    pub(super) fn after_revocation(
        &self,
        need: NeedRevocation,
        answer: &RevocationAnswer,
    ) -> Flow<Passing<NotRevoked>> {
        let NeedRevocation { token, names, revocations } = need;
        // Something was revoked here since the question was put: it may have been this.
        if revocations != self.revocations.get() {
            return Err(self.need_revocation(token, names));
        }
        let Passing { request, caller, proof } = token;
        match revocation::judge(proof, &names, answer) {
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
