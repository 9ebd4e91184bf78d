use std::time::Duration;

/// How many requests a route takes: the count is kept by a rate limiting binding of the platform,
/// which alone knows how many are too many.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the configuration makes one")]
pub struct RouteLimit {
    /// The binding.
    pub binding: String,
    /// Who shares one count.
    pub per: LimitPer,
    /// How long the binding counts before it begins anew.
    pub window: Duration,
}

/// How many requests a tenant takes: all of them share one count, on whichever routes and by whomever.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "the configuration makes one")]
pub struct TenantLimit {
    /// The binding.
    pub binding: String,
    /// How long the binding counts before it begins anew.
    pub window: Duration,
}

/// Who shares one count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "each must be counted")]
pub enum LimitPer {
    /// One subject of one issuer.
    Subject,
    /// One tenant of one issuer.
    Tenant,
    /// One address of the client, as the platform sees it; an IPv6 network of 64 bits.
    Address,
}

impl LimitPer {
    /// The word in the configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Tenant => "tenant",
            Self::Address => "address",
        }
    }
}
