//! The stage attest: the assertion that is sent with a caller's request. It is made once for a
//! token and an origin, and used until half of its lifetime is over.

use std::rc::Rc;

use super::held::HeldAssertion;
use super::need::{Flow, NeedAssertion};
use super::request::{Passing, PendingRequest};
use super::{Attested, Caller, Exchanged, Gateway, Rejection, Step};
use crate::adapter_cache::AdapterCache;
use crate::identity::UnsignedAssertion;
use crate::time::NumericDate;

impl Gateway {
    /// The stage attest: adds an assertion to the request, if one is due.
    pub(super) fn attest(
        &self,
        exchanged: Passing<Exchanged>,
        now: NumericDate,
    ) -> Flow<(Box<PendingRequest>, Attested)> {
        // The gateway itself needs no proof of what it has just judged: only a request that goes to
        // an origin, the route's own or the tenant's, has one.
        let (Some(_), Some(origin)) = (&self.config.assertion, exchanged.request.origin) else {
            return self.attested(exchanged, None);
        };
        let set = exchanged.request.set.as_ref().map(|set| set.tenant);
        match exchanged.caller.assertion((origin, set), now) {
            Some(held) => self.attested(exchanged, Some(held)),
            None => Err(self.need_assertion(exchanged, origin, now)),
        }
    }

    #[inline(never)]
    fn need_assertion(
        &self,
        exchanged: Passing<Exchanged>,
        origin: usize,
        now: NumericDate,
    ) -> Step {
        let Passing { request, caller, .. } = &exchanged;
        let unsigned = match self.write_assertion(request, caller, origin, now) {
            Ok(unsigned) => unsigned,
            Err(rejection) => return exchanged.request.refuse(rejection),
        };
        let revocations = self.revocations.get();
        Step::NeedAssertion(Box::new(NeedAssertion { exchanged, origin, unsigned, revocations }))
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

    /// Resumes the request with a signature. If something was revoked at this gateway since the
    /// signature was requested, the request goes back to the check of the claims; otherwise it goes
    /// on with the assertion.
    pub(super) fn after_assertion(
        &self,
        need: NeedAssertion,
        signature: Option<&[u8]>,
    ) -> Flow<Signed> {
        let NeedAssertion { exchanged, origin, unsigned, revocations } = need;
        let Some(assertion) = signature.and_then(|signature| unsigned.sign(signature)) else {
            return Err(exchanged.request.refuse(Rejection::AssertionUnavailable));
        };
        // It may have been this token, and then nobody vouches for it any more.
        if revocations != self.revocations.get() {
            let Passing { request, caller, .. } = exchanged;
            caller.asked_at.set(None);
            return Ok(Signed::Outdated(Passing { request, caller, proof: () }));
        }
        let name = self.config.headers.assertion().to_owned();
        let prepared = AdapterCache::default();
        let held = Rc::new(HeldAssertion { name, prepared, assertion });
        let set = exchanged.request.set.as_ref().map(|set| set.tenant);
        exchanged.caller.hold_assertion((origin, set), Rc::clone(&held));
        self.attested(exchanged, Some(held))
            .map(|(request, attested)| Signed::Made(request, attested))
    }

    fn attested(
        &self,
        exchanged: Passing<Exchanged>,
        held: Option<Rc<HeldAssertion>>,
    ) -> Flow<(Box<PendingRequest>, Attested)> {
        let Passing { request, caller, proof } = exchanged;
        let is_due = self.config.assertion.is_some() && request.origin.is_some();
        match Attested::new(caller, proof, is_due, held) {
            Some(attested) => Ok((request, attested)),
            None => Err(request.refuse(Rejection::Internal)),
        }
    }
}

/// The outcome of a signature: the assertion was made, or it is outdated by a revocation.
pub(super) enum Signed {
    Made(Box<PendingRequest>, Attested),
    Outdated(Passing<()>),
}
