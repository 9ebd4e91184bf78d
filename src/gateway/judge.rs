//! What is judged anew on every request of a caller: claims and time, revocation, requirements.

use std::rc::Rc;

use super::caller::VerifiedBy;
use super::request::PendingRequest;
use super::{Caller, Gateway, NeedRevocation, Rejection, Step};
use crate::revocation::{self, NotRevoked, RevocationAnswer, RevocationError, RevocationName};
use crate::route::{ComparedSegments, Facts};
use crate::time::NumericDate;
use crate::token::Authenticated;

impl Gateway {
    /// What requirements are judged by when `caller` asks at `now`, but for the path; `None` for the
    /// caller of another gateway.
    #[must_use]
    pub fn facts<'a>(&'a self, caller: &'a Caller, now: NumericDate) -> Option<Facts<'a>> {
        let issuer = self.config.issuers.get(caller.issuer)?;
        Some(Facts {
            claims: caller.token.claims(),
            identity: &caller.identity,
            issuer: &issuer.name,
            segments: ComparedSegments::NONE,
            now,
            leeway: issuer.policy.leeway,
        })
    }

    /// Everything that is judged anew on every request: claims and time, then revocation.
    pub(super) fn judge(
        &self,
        request: Box<PendingRequest>,
        caller: Rc<Caller>,
        now: NumericDate,
    ) -> Step {
        let Some(issuer) = self.config.issuers.get(caller.issuer) else {
            return request.refuse(Rejection::Internal);
        };
        let authenticated =
            match issuer.policy.check_at(now, Rc::clone(&caller.token), caller.lasting) {
                Ok(authenticated) => authenticated,
                Err(error) => return request.refuse(Rejection::Token(error.into())),
            };
        if let Some(not_revoked) = request.route.revocation.recall(caller.asked_at.get(), now) {
            return self.permit(request, caller, (authenticated, not_revoked), now);
        }
        let names = caller.names(issuer);
        self.ask(request, caller, authenticated, names)
    }

    #[inline(never)]
    fn ask(
        &self,
        request: Box<PendingRequest>,
        caller: Rc<Caller>,
        authenticated: Authenticated,
        names: Rc<[RevocationName]>,
    ) -> Step {
        let revocations = self.revocations.get();
        Step::NeedRevocation(Box::new(NeedRevocation {
            request,
            caller,
            authenticated,
            names,
            revocations,
        }))
    }

    pub(super) fn after_revocation(
        &self,
        need: NeedRevocation,
        answer: &RevocationAnswer,
        now: NumericDate,
    ) -> Step {
        let NeedRevocation { request, caller, authenticated, names, revocations } = need;
        // Something was revoked here since the question was put: it may have been this.
        if revocations != self.revocations.get() {
            return self.ask(request, caller, authenticated, names);
        }
        let issued_at = caller.token.claims().issued_at;
        match revocation::judge(&names, answer, issued_at, now) {
            // The question was put before the answer came: the older time is the honest one.
            Ok(not_revoked) => {
                caller.asked_at.set(Some(request.record.started_at));
                self.permit(request, caller, (authenticated, not_revoked), now)
            }
            Err(RevocationError::Revoked) => {
                self.forget(&caller);
                request.refuse(Rejection::Revoked)
            }
            Err(RevocationError::Unavailable) => request.refuse(Rejection::RevocationUnavailable),
        }
    }

    fn forget(&self, caller: &Caller) {
        self.verified.borrow_mut().remove(caller.token.text());
        self.remote.forget_exchanges(caller.token.text());
        if let VerifiedBy::Remote { key, .. } = &caller.basis {
            self.remote.forget(key);
        }
    }

    fn permit(
        &self,
        mut request: Box<PendingRequest>,
        caller: Rc<Caller>,
        (authenticated, not_revoked): (Authenticated, NotRevoked),
        now: NumericDate,
    ) -> Step {
        let Some(facts) = self.facts(&caller, now) else {
            return request.refuse(Rejection::Internal);
        };
        let facts = Facts { segments: &request.segments, ..facts };
        let permit = match request.route.permit(&authenticated, facts, request.tenant.as_deref()) {
            Ok(permit) => permit,
            Err(denial) => return request.refuse(Rejection::Denied(denial)),
        };
        // The gateway itself needs no headers, and can tell the caller what does not fit.
        if request.route.is_configured() && !self.select_identity_headers(&mut request, &caller) {
            return request.refuse(Rejection::IdentityTooLarge);
        }
        self.exchange(request, caller, (authenticated, not_revoked, permit), now)
    }
}
