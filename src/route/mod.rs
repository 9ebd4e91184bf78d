//! Routes: one canonical path, one route for it, and who may pass.

mod foreign;
mod handler;
mod limit;
mod methods;
mod path;
mod pattern;
mod permit;
mod requirement;
mod rewrite;
mod segments;
mod table;
mod target;
mod tenants;
mod trie;

pub use handler::Handler;
pub use limit::{LimitPer, RouteLimit, TenantLimit};
pub use methods::Methods;
pub use path::{CanonicalPath, PathError};
pub use pattern::{Pattern, PatternError};
pub use permit::{Anonymous, Denial, Permitted, Shadow};
pub use requirement::{ClaimTest, Facts, Finding, Requirement, StepUp, Truth};
pub use rewrite::Rewrite;
pub use segments::ComparedSegments;
pub use table::{Access, FindError, Found, Route, RouteConflict, RouteTable};
pub use target::{OwnResource, Target};
pub use tenants::{
    HostPattern, NotTaken, Tenant, TenantAmbiguous, TenantConflict, TenantPlace, TenantTable,
};
