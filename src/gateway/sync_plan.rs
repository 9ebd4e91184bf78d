use crate::route::{Route, Tenant};

/// Who is to be told once an origin has carried a write out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncPlan {
    /// The route's path for it.
    pub path: String,
    /// Scheme and authority that the client asked for: a service binding has none of its own.
    pub authority: String,
    /// The tenant's origin, by its index in the configuration.
    pub origin: usize,
    /// The tenant, by its index.
    pub tenant: usize,
}

/// What changes something. Another method has nothing to tell.
const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

impl SyncPlan {
    /// The plan for a request, where its route has one and there is a tenant to tell.
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
