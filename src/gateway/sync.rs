use crate::route::{Route, Tenant};

/// Who is to be told once an origin has carried a write out: the tenant keeps a copy of what
/// another service owns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SyncPlan {
    /// Where the answer is posted to.
    pub url: String,
    /// The tenant's origin, by its index in the configuration.
    pub origin: usize,
}

/// What changes something. Another method has nothing to tell.
const WRITES: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

impl SyncPlan {
    /// The plan for a request, where its route has one and there is a tenant to tell; `base` is the
    /// address of an origin.
    pub(super) fn of<'a>(
        method: &str,
        route: &Route,
        tenant: Option<&Tenant>,
        base: impl FnOnce(usize) -> &'a str,
    ) -> Option<Self> {
        let path = route.sync.as_deref().filter(|_| WRITES.contains(&method))?;
        let origin = tenant?.origin;
        Some(Self { url: [base(origin), path].concat(), origin })
    }
}
