//! The stage limit: rate limits, which are checked once everything else lets a request pass.

use std::net::Ipv6Addr;

use sha2::{Digest, Sha256};

use super::need::{Flow, NeedLimit};
use super::request::PendingRequest;
use super::{Admission, Gateway, Rejection, Step};
use crate::jose::base64url;
use crate::route::{LimitPer, RouteLimit, TenantLimit};

/// The answer of a rate limiting binding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be handled")]
pub enum LimitAnswer {
    /// The request is within the limit.
    Within,
    /// The request exceeds the limit.
    Exceeded,
    /// The binding gave no answer that could be understood, or none in time.
    Unavailable,
}

impl Gateway {
    /// The stage limit: checks whether the request exceeds the limit of its route or of its tenant.
    pub(super) fn limit(
        request: Box<PendingRequest>,
        admission: Admission,
    ) -> Flow<(Box<PendingRequest>, Admission)> {
        let Some(RouteLimit { binding, window, per }) = request.route.limit.clone() else {
            return Self::limit_tenant(request, admission);
        };
        let key = key(&request, &admission, per);
        let is_tenants = false;
        let need = NeedLimit { request, admission, binding, window, key, is_tenants };
        Err(Step::NeedLimit(Box::new(need)))
    }

    fn limit_tenant(
        request: Box<PendingRequest>,
        admission: Admission,
    ) -> Flow<(Box<PendingRequest>, Admission)> {
        let limit =
            request.tenant.as_deref().and_then(|tenant| Some((tenant, tenant.limit.clone()?)));
        let Some((tenant, TenantLimit { binding, window })) = limit else {
            return Ok((request, admission));
        };
        // Of the tenant that the request is for, whatever a token says, and whether there is one.
        let key = hash(&[Some("tenants"), Some(&tenant.name)]);
        let is_tenants = true;
        let need = NeedLimit { request, admission, binding, window, key, is_tenants };
        Err(Step::NeedLimit(Box::new(need)))
    }

    /// Resumes the request with the answer. Without an answer the request passes: every check of
    /// who may pass has been made before, and a count that is unavailable must not take an API
    /// down.
    pub(super) fn after_limit(
        need: NeedLimit,
        answer: LimitAnswer,
    ) -> Flow<(Box<PendingRequest>, Admission)> {
        let NeedLimit { request, admission, window, is_tenants, .. } = need;
        match answer {
            LimitAnswer::Exceeded => Err(request.refuse(Rejection::RateLimited(window))),
            // The tenant's comes second: what the route does not accept is none of its requests.
            _ if !is_tenants => Self::limit_tenant(request, admission),
            LimitAnswer::Within | LimitAnswer::Unavailable => Ok((request, admission)),
        }
    }
}

/// The key to count under: SHA-256, in base64url, over the route, the kind of value that is
/// counted, the issuer and the value. Each part is preceded by its length, so that no two lists of
/// parts hash the same bytes. An absent part differs from every present one.
fn key(request: &PendingRequest, admission: &Admission, per: LimitPer) -> String {
    let caller = admission.caller();
    // A preflight has no caller, on a route that counts callers: it counts by its address.
    let per = if caller.is_none() { LimitPer::Address } else { per };
    let issuer = caller.and_then(|caller| caller.token().claims().issuer.as_deref());
    let value = match per {
        LimitPer::Subject => caller.and_then(|caller| caller.identity().subject.clone()),
        LimitPer::Tenant => caller.and_then(|caller| caller.identity().tenant.clone()),
        LimitPer::Address => request.address.as_deref().map(network),
    };
    let issuer = issuer.filter(|_| per != LimitPer::Address);
    let route = request.record.route.unwrap_or_default().to_string();
    hash(&[
        Some(request.route.pattern.as_str()),
        Some(&route),
        Some(per.as_str()),
        issuer,
        value.as_deref(),
    ])
}

fn hash(parts: &[Option<&str>]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        let bytes = part.map_or(u64::MAX, |part| u64::try_from(part.len()).unwrap_or(u64::MAX));
        hash.update(bytes.to_be_bytes());
        hash.update(part.unwrap_or_default());
    }
    base64url(&hash.finalize())
}

/// The address itself or, for an IPv6 address, its /64 network: one customer has all addresses of
/// such a network.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => base64url(&(address.to_bits() >> 64_u32).to_be_bytes()),
        Err(_) => address.to_owned(),
    }
}
