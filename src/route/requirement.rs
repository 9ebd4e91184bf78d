mod claim;
mod explain;
mod facts;
mod step_up;
mod truth;

use std::fmt;
use std::time::Duration;

pub use claim::ClaimTest;
pub use explain::Finding;
pub use facts::Facts;
pub use step_up::StepUp;
pub use truth::Truth;

use crate::json;

/// The conditions that a route sets for a caller, as a tree.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Requirement {
    /// Every branch must hold. An empty list never holds.
    All(Vec<Self>),
    /// One branch must hold. An empty list never holds.
    Any(Vec<Self>),
    /// The branch must be known to fail; see [`Truth`].
    Not(Box<Self>),
    /// The caller has exactly this role.
    Role(String),
    /// The token was granted this scope.
    Scope(String),
    /// The token is by the issuer of this name in the configuration.
    Issuer(String),
    /// The caller belongs to exactly this tenant.
    Tenant(String),
    /// The caller authenticated no longer ago than this, by `auth_time`, with the leeway added.
    MaxAge(Duration),
    /// `acr` is exactly one of these.
    Acr(Vec<String>),
    /// The claim at a path passes a test.
    Claim {
        /// Dotted path.
        path: String,
        /// The test that it must pass.
        test: ClaimTest,
    },
}

impl Requirement {
    /// Whether the requirement is known to hold. A missing claim or one of another type never lets
    /// anybody pass, even under `not`; only `exists = false` asks for absence.
    #[must_use]
    pub fn holds(&self, facts: &Facts<'_>) -> bool {
        self.judge(facts) == Truth::Holds
    }

    /// Judges the requirement by `facts`. Nothing is allocated.
    #[must_use]
    pub fn judge(&self, facts: &Facts<'_>) -> Truth {
        match self {
            Self::All(branches) => Truth::all(branches.iter().map(|one| one.judge(facts))),
            Self::Any(branches) => Truth::any(branches.iter().map(|one| one.judge(facts))),
            Self::Not(branch) => !branch.judge(facts),
            Self::Role(role) => facts.role(role),
            Self::Scope(scope) => facts.scope(scope),
            Self::Issuer(name) => Truth::from(facts.issuer == name),
            Self::Tenant(tenant) => facts.tenant(tenant),
            Self::MaxAge(age) => facts.authenticated_within(*age),
            Self::Acr(accepted) => facts.acr(accepted),
            Self::Claim { path, test } => {
                test.judge(json::member(&facts.claims.all, path), facts.segments)
            }
        }
    }

    /// All scopes that would help, for the challenge of a refusal (RFC 6750 §3): not those under
    /// `not`.
    #[must_use]
    pub fn scopes(&self) -> Vec<&str> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::scopes).collect(),
            Self::Scope(scope) => vec![scope],
            _ => Vec::new(),
        }
    }

    /// The path of every claim that it reads by itself; roles, scopes and the tenant are read by the
    /// issuer's mapping.
    #[must_use]
    pub fn claims(&self) -> Vec<&str> {
        match self {
            Self::All(_) | Self::Any(_) | Self::Not(_) => {
                self.branches().iter().flat_map(Self::claims).collect()
            }
            Self::Claim { path, .. } => vec![path],
            Self::MaxAge(_) => vec!["auth_time"],
            Self::Acr(_) => vec!["acr"],
            Self::Role(_) | Self::Scope(_) | Self::Issuer(_) | Self::Tenant(_) => Vec::new(),
        }
    }

    /// The index of every segment of the path that it compares with a claim.
    #[must_use]
    pub fn segments(&self) -> Vec<usize> {
        match self {
            Self::Claim { test: ClaimTest::PathSegment(index), .. } => vec![*index],
            _ => self.branches().iter().flat_map(Self::segments).collect(),
        }
    }

    /// Whether a comparison with a segment of the path stands under `not`.
    #[must_use]
    pub fn negates_segment(&self) -> bool {
        match self {
            Self::Not(branch) => !branch.segments().is_empty(),
            _ => self.branches().iter().any(Self::negates_segment),
        }
    }

    /// Whether a tenant is named anywhere in it.
    #[must_use]
    pub fn names_tenant(&self) -> bool {
        matches!(self, Self::Tenant(_)) || self.branches().iter().any(Self::names_tenant)
    }

    /// All ages of the login that it sets as limits.
    #[must_use]
    pub fn ages(&self) -> Vec<Duration> {
        match self {
            Self::MaxAge(age) => vec![*age],
            _ => self.branches().iter().flat_map(Self::ages).collect(),
        }
    }

    /// Whether it holds only where one of the requirements holds that `is_narrow` accepts, which is
    /// asked about those without branches.
    #[must_use]
    pub fn is_limited_to(&self, is_narrow: &dyn Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(branches) => branches.iter().any(|one| one.is_limited_to(is_narrow)),
            Self::Any(branches) => branches.iter().all(|one| one.is_limited_to(is_narrow)),
            Self::Not(_) => false,
            leaf => is_narrow(leaf),
        }
    }

    fn branches(&self) -> &[Self] {
        match self {
            Self::All(branches) | Self::Any(branches) => branches,
            Self::Not(branch) => std::slice::from_ref(branch),
            _ => &[],
        }
    }
}

/// Writes the requirement as configured; for `all`, `any` and `not` the name alone.
impl fmt::Display for Requirement {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All(_) => formatter.write_str("all"),
            Self::Any(_) => formatter.write_str("any"),
            Self::Not(_) => formatter.write_str("not"),
            Self::Role(role) => write!(formatter, "role = {role:?}"),
            Self::Scope(scope) => write!(formatter, "scope = {scope:?}"),
            Self::Issuer(name) => write!(formatter, "issuer = {name:?}"),
            Self::Tenant(tenant) => write!(formatter, "tenant = {tenant:?}"),
            Self::MaxAge(age) => write!(formatter, "max_age_seconds = {}", age.as_secs()),
            Self::Acr(accepted) => write!(formatter, "acr = {accepted:?}"),
            Self::Claim { path, test } => write!(formatter, "claim = {path:?}, {test}"),
        }
    }
}

#[cfg(test)]
mod tests;
