//! Limit: asked for once everything else lets a request pass.

use std::net::Ipv6Addr;

use sha2::{Digest, Sha256};

use super::need::{Flow, NeedLimit};
use super::request::PendingRequest;
use super::{Admission, Gateway, Rejection, Step};
use crate::jose::base64url;
use crate::route::{LimitPer, RouteLimit, TenantLimit};

/// What the binding said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be handled")]
pub enum LimitAnswer {
    /// The request is within the limit.
    Within,
    /// It is one too many.
    Exceeded,
    /// Nothing that could be understood, or nothing in time.
    Unavailable,
}

impl Gateway {
    /// Limit: whether the request is one too many for its route, or for its tenant.
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

    /// Goes on with the answer. No answer lets the request pass: everything that says who may has
    /// been asked before, and a count that cannot be had must not close an API.
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

/// SHA-256 over route, kind and value, each with its length, so that no two run together. What is
/// absent is a value of its own.
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

/// An address, or the IPv6 network of 64 bits: one customer has all addresses of such a network.
fn network(address: &str) -> String {
    match address.parse::<Ipv6Addr>() {
        Ok(address) => base64url(&(address.to_bits() >> 64_u32).to_be_bytes()),
        Err(_) => address.to_owned(),
    }
}
