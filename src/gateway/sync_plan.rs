use crate::route::{Route, Tenant};

/// The tenant to notify once an origin has carried out a write, and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncPlan {
    /// The path to notify, from the route's `sync`.
    pub path: String,
    /// The scheme and authority that the client requested: a service binding has none of its own.
    pub authority: String,
    /// The tenant's origin, by its index in the configuration.
    pub origin: usize,
    /// The tenant, by its index.
    pub tenant: usize,
}

/// The methods that change something. After any other method there is nothing to notify of.
const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

impl SyncPlan {
    /// The plan for a request, if its route has a `sync` path, its method is one of [`WRITES`], and
    /// there is a tenant to notify.
    pub(super) fn of(
        method: &str,
        route: &Route,
        (index, tenant): (Option<usize>, Option<&Tenant>),
        authority: &str,
    ) -> Option<Self> {
        let path = route.sync.as_deref().filter(|_| WRITES.contains(&method))?;
        let (path, authority) = (path.to_owned(), authority.to_owned());
        Some(Self { path, authority, origin: tenant?.origin, tenant: index? })
    }
}
