//! The assertion that goes with a caller's request: made once for a token and an origin, and used
//! until half of its life is over.

use std::rc::Rc;

use super::request::PendingRequest;
use super::{Admission, Caller, Exchanged, Gateway, NeedAssertion, Rejection, Step};
use crate::adapter_cache::AdapterCache;
use crate::identity::{Assertion, UnsignedAssertion};
use crate::revocation::NotRevoked;
use crate::route::RoutePermit;
use crate::time::NumericDate;
use crate::token::Authenticated;

/// What is judged of a caller who may pass.
pub(super) type Judged = (Authenticated, NotRevoked, RoutePermit);

/// The same, with the token that the origin wants.
pub(super) type Proofs = (Judged, Exchanged);

/// Proof that a caller's request has its assertion, wherever one is due: with a key configured,
/// nothing goes to an origin without. Only this module makes one.
#[derive(Debug)]
pub struct Attested(Option<Rc<HeldAssertion>>);

/// An assertion as it is kept with its caller.
#[derive(Debug)]
pub(super) struct HeldAssertion {
    /// The header's name.
    pub(super) name: String,
    pub(super) prepared: AdapterCache,
    pub(super) assertion: Assertion,
}

impl Attested {
    pub(super) fn held(&self) -> Option<&HeldAssertion> {
        self.0.as_deref()
    }
}

impl HeldAssertion {
    pub(super) fn is_fresh(&self, now: NumericDate) -> bool {
        self.assertion.is_fresh(now)
    }
}

impl Gateway {
    /// Lets a caller's request pass, with an assertion where one is due.
    pub(super) fn attest(
        &self,
        request: Box<PendingRequest>,
        caller: Rc<Caller>,
        proofs: Proofs,
        now: NumericDate,
    ) -> Step {
        // The gateway itself needs no proof of what it has just judged: only a request that goes to
        // an origin, the route's own or the tenant's, has one.
        let (Some(_), Some(origin)) = (&self.config.assertion, request.origin) else {
            return pass(request, caller, proofs, None);
        };
        let set = request.set.as_ref().map(|set| set.tenant);
        match caller.assertion((origin, set), now) {
            Some(held) => pass(request, caller, proofs, Some(held)),
            None => self.need_assertion(request, caller, (origin, proofs), now),
        }
    }

    #[inline(never)]
    fn need_assertion(
        &self,
        request: Box<PendingRequest>,
        caller: Rc<Caller>,
        (origin, proofs): (usize, Proofs),
        now: NumericDate,
    ) -> Step {
        let unsigned = match self.write_assertion(&request, &caller, origin, now) {
            Ok(unsigned) => unsigned,
            Err(rejection) => return request.refuse(rejection),
        };
        let revocations = self.revocations.get();
        Step::NeedAssertion(Box::new(NeedAssertion {
            request,
            caller,
            proofs,
            origin,
            unsigned,
            revocations,
        }))
    }

    fn write_assertion(
        &self,
        request: &PendingRequest,
        caller: &Caller,
        origin: usize,
        now: NumericDate,
    ) -> Result<UnsignedAssertion, Rejection> {
        let rules = self.config.assertion.as_ref().ok_or(Rejection::Internal)?;
        let audience = self.config.origins.get(origin).ok_or(Rejection::Internal)?;
        let headers = request.set.as_ref().map_or(&caller.headers, |set| &set.headers);
        let headers = headers.as_ref().map_err(|_| Rejection::IdentityTooLarge)?;
        let set = request.set.as_ref().map(|set| set.tenant);
        let names = (self.config.headers_of(set), headers);
        let about = (caller.token(), caller.identity());
        UnsignedAssertion::write(rules, names, &audience.name, about, now)
            .map_err(|_| Rejection::IdentityTooLarge)
    }

    pub(super) fn after_assertion(
        &self,
        need: NeedAssertion,
        signature: Option<&[u8]>,
        now: NumericDate,
    ) -> Step {
        let NeedAssertion { request, caller, proofs, origin, unsigned, revocations } = need;
        let Some(assertion) = signature.and_then(|signature| unsigned.sign(signature)) else {
            return request.refuse(Rejection::AssertionUnavailable);
        };
        // Something was revoked here since the signature was asked for: it may have been this
        // token, and then nobody vouches for it any more.
        if revocations != self.revocations.get() {
            caller.asked_at.set(None);
            return self.judge(request, caller, now);
        }
        let name = self.config.headers.assertion().to_owned();
        let prepared = AdapterCache::default();
        let held = Rc::new(HeldAssertion { name, prepared, assertion });
        let set = request.set.as_ref().map(|set| set.tenant);
        caller.hold_assertion((origin, set), Rc::clone(&held));
        pass(request, caller, proofs, Some(held))
    }
}

fn pass(
    request: Box<PendingRequest>,
    caller: Rc<Caller>,
    ((authenticated, not_revoked, permit), exchanged): Proofs,
    held: Option<Rc<HeldAssertion>>,
) -> Step {
    let held = Attested(held);
    let passage = Admission::Caller(caller, authenticated, not_revoked, permit, exchanged, held);
    Gateway::pass(request, passage)
}
