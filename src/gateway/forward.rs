//! Forward: the end of a request that may pass.

use super::request::PendingRequest;
use super::{Admission, Decision, ForwardPlan, Gateway, Outcome, OwnRequest, Rejection};
use crate::route::Target;

impl Gateway {
    /// Forward: lets a request pass; the one place where [`ForwardPlan`]s are made.
    pub(super) fn forward(request: PendingRequest, admission: Admission) -> Decision {
        let (record, revalidate) = (request.record.clone(), request.revalidate);
        let follows_log = request.follows_log;
        let is_due = request.is_renewal_due(&admission);
        let renewal = request.renewal.clone().filter(|_| is_due);
        let outcome = match (request.route.target, request.origin) {
            (Target::Own(resource), _) => Outcome::Serve(OwnRequest {
                resource,
                method: request.own_method.unwrap_or_default(),
                url: request.url,
                admission,
            }),
            (_, Some(origin)) => Outcome::Forward(ForwardPlan::new(request, origin, admission)),
            (_, None) => Outcome::Refuse(Rejection::TenantUnknown),
        };
        Decision { outcome, record, revalidate, follows_log, renewal, verified: None }
    }
}
