//! Routes: one canonical path, one route for it, and who may pass.

mod foreign;
mod limit;
mod methods;
mod path;
mod pattern;
mod permit;
mod requirement;
mod rewrite;
mod table;
mod tenants;
mod trie;

pub use limit::{LimitPer, RouteLimit, TenantLimit};
pub use methods::Methods;
pub use path::{CanonicalPath, PathError};
pub use pattern::{Pattern, PatternError};
pub use permit::{Anonymous, Denial, RoutePermit, Shadow};
pub use requirement::{ClaimTest, Facts, Finding, Requirement, StepUp, Truth};
pub use rewrite::Rewrite;
pub use table::{Access, FindError, Found, OwnResource, Route, RouteConflict, RouteTable, Target};
pub use tenants::{
    HostPattern, NotTaken, Tenant, TenantAmbiguous, TenantConflict, TenantPlace, TenantTable,
};
