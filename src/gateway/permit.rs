//! The stages permit and headers: whether the caller may use this route, and which identity headers
//! the origin receives.

use super::need::Flow;
use super::request::{Passing, PendingRequest};
use super::{Caller, Gateway, Rejection};
use crate::revocation::NotRevoked;
use crate::route::{ComparedSegments, Facts, Permitted, Target};
use crate::time::NumericDate;

impl Gateway {
    /// The facts by which requirements are judged for `caller` at `now`, without the segments of
    /// the path; `None` for the caller of another gateway, whose issuer this configuration does not
    /// have.
    #[must_use]
    pub fn facts<'a>(&'a self, caller: &'a Caller, now: NumericDate) -> Option<Facts<'a>> {
        let issuer = self.config.issuers.get(caller.issuer)?;
        Some(Facts {
            claims: caller.token().claims(),
            identity: &caller.identity,
            issuer: &issuer.name,
            segments: ComparedSegments::NONE,
            now,
            leeway: issuer.policy.leeway,
        })
    }

    /// The stage permit: judges the caller by the tenant's rules and the route's requirement.
    pub(super) fn permit(
        &self,
        token: Passing<NotRevoked>,
        now: NumericDate,
    ) -> Flow<Passing<Permitted>> {
        let Passing { mut request, caller, proof } = token;
        let Some(facts) = self.facts(&caller, now) else {
            return Err(request.refuse(Rejection::Internal));
        };
        let facts = Facts { segments: &request.segments, ..facts };
        match request.route.permit(proof, facts, request.tenant.as_deref()) {
            Ok(proof) => Ok(Passing { request, caller, proof }),
            Err(denial) => {
                request.record.caller = Some(caller);
                Err(request.refuse(Rejection::Denied(denial)))
            }
        }
    }

    /// The stage headers: selects the identity headers for the origin, and refuses the request if
    /// they do not fit.
    pub(super) fn select_headers(
        &self,
        mut permitted: Passing<Permitted>,
    ) -> Flow<Passing<Permitted>> {
        let Passing { request, caller, .. } = &mut permitted;
        // The gateway itself needs no headers, and can tell the caller what does not fit.
        if request.route.is_configured() && !self.select_identity_headers(request, caller) {
            return Err(permitted.request.refuse(Rejection::IdentityTooLarge));
        }
        Ok(permitted)
    }

    /// Selects the header set by the origin, and returns whether it fits. If the tenant is notified
    /// of the request, the set for the notification must fit as well.
    fn select_identity_headers(&self, request: &mut PendingRequest, caller: &Caller) -> bool {
        let own = request
            .record
            .tenant
            .and_then(|tenant| Some((tenant, self.config.tenant_headers.get(tenant)?.as_ref()?)));
        // Another origin than the tenant's has what all have; but the tenant is told of it in its own.
        let is_own = request.route.target == Target::Tenant;
        let Some((tenant, rules)) = own.filter(|_| is_own || request.sync.is_some()) else {
            return caller.headers.is_ok();
        };
        let set = caller.set(tenant, rules);
        let fits = set.headers.is_ok() && (is_own || caller.headers.is_ok());
        request.set = Some(set).filter(|_| is_own);
        fits
    }
}
