//! A route's limit: asked for once everything else lets a request pass.

use std::net::Ipv6Addr;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::request::PendingRequest;
use super::{Admission, Gateway, Record, Rejection, Step};
use crate::jose::base64url;
use crate::route::{LimitPer, RouteLimit, TenantLimit};

/// A rate limiting binding is to be asked whether this request is one too many.
#[derive(Debug)]
pub struct NeedLimit {
    request: Box<PendingRequest>,
    passage: Admission,
    binding: String,
    window: Duration,
    key: String,
    is_tenants: bool,
}

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

impl NeedLimit {
    /// The binding to ask.
    #[must_use]
    pub fn binding(&self) -> &str {
        &self.binding
    }

    /// What is counted under: a hash, so that the platform learns neither subject nor address.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What a log may say about the request.
    #[must_use]
    pub fn record(&self) -> &Record {
        &self.request.record
    }

    /// Goes on with the answer. No answer lets the request pass: everything that says who may has
    /// been asked before, and a count that cannot be had must not close an API.
    #[must_use]
    pub fn resume(self, answer: LimitAnswer) -> Step {
        let Self { request, passage, window, is_tenants, .. } = self;
        match answer {
            LimitAnswer::Exceeded => request.refuse(Rejection::RateLimited(window.as_secs())),
            // The tenant's comes second: what the route does not take is none of its requests.
            _ if !is_tenants => Gateway::pass_tenant(request, passage),
            LimitAnswer::Within | LimitAnswer::Unavailable => Gateway::forward(*request, passage),
        }
    }
}

impl Gateway {
    /// Lets a request pass that is not one too many for its route, nor for its tenant.
    pub(super) fn pass(request: Box<PendingRequest>, passage: Admission) -> Step {
        match request.route.limit.clone() {
            Some(limit) => {
                let key = key(&request, &passage, limit.per);
                let RouteLimit { binding, window, .. } = limit;
                let is_tenants = false;
                Step::NeedLimit(Box::new(NeedLimit {
                    request,
                    passage,
                    binding,
                    window,
                    key,
                    is_tenants,
                }))
            }
            None => Self::pass_tenant(request, passage),
        }
    }

    fn pass_tenant(request: Box<PendingRequest>, passage: Admission) -> Step {
        let Some(tenant) = request.tenant.clone() else {
            return Self::forward(*request, passage);
        };
        let Some(TenantLimit { binding, window }) = tenant.limit.clone() else {
            return Self::forward(*request, passage);
        };
        // Of the tenant that the request is for, whatever a token says, and whether there is one.
        let key = hash(&[Some("tenants"), Some(&tenant.name)]);
        let is_tenants = true;
        Step::NeedLimit(Box::new(NeedLimit { request, passage, binding, window, key, is_tenants }))
    }
}

/// SHA-256 over route, kind and value, each with its length, so that no two run together. What is
/// absent is a value of its own.
fn key(request: &PendingRequest, passage: &Admission, per: LimitPer) -> String {
    let caller = passage.caller();
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
