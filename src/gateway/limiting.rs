//! A route's limit: asked for once everything else lets a request pass.

use std::net::Ipv6Addr;

use sha2::{Digest, Sha256};

use super::request::PendingRequest;
use super::{Gateway, Passage, Record, Rejection, Step};
use crate::jose::base64url;
use crate::route::{LimitPer, RouteLimit};

/// A rate limiting binding is to be asked whether this request is one too many.
#[derive(Debug)]
pub struct NeedLimit {
    request: Box<PendingRequest>,
    passage: Passage,
    limit: RouteLimit,
    key: String,
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
    pub(super) fn new(request: Box<PendingRequest>, passage: Passage, limit: RouteLimit) -> Self {
        let key = key(&request, &passage, limit.per);
        Self { request, passage, limit, key }
    }

    /// The binding to ask.
    #[must_use]
    pub fn binding(&self) -> &str {
        &self.limit.binding
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
        let Self { request, passage, limit, .. } = self;
        match answer {
            LimitAnswer::Exceeded => {
                request.refuse(Rejection::RateLimited(limit.window.as_secs())).into()
            }
            LimitAnswer::Within | LimitAnswer::Unavailable => {
                Gateway::conclude(*request, passage).into()
            }
        }
    }
}

/// SHA-256 over route, kind and value, each with its length, so that no two run together. What is
/// absent is a value of its own.
fn key(request: &PendingRequest, passage: &Passage, per: LimitPer) -> String {
    let caller = passage.caller();
    let issuer = caller.and_then(|caller| caller.token().claims().issuer.as_deref());
    let value = match per {
        LimitPer::Subject => caller.and_then(|caller| caller.identity().subject.clone()),
        LimitPer::Tenant => caller.and_then(|caller| caller.identity().tenant.clone()),
        LimitPer::Address => request.address.as_deref().map(network),
    };
    let issuer = issuer.filter(|_| per != LimitPer::Address);
    let route = request.record.route.unwrap_or_default().to_string();
    let parts = [
        Some(request.route.pattern.as_str()),
        Some(&route),
        Some(per.word()),
        issuer,
        value.as_deref(),
    ];
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
