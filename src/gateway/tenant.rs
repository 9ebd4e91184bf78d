//! Which tenant a request is for.

use super::{Gateway, Rejection};
use crate::http::RequestHead;
use crate::route::{CanonicalPath, Target, Tenant};

impl Gateway {
    /// The tenant of the request, by index, by the authority of its URL or by its path.
    pub(super) fn tenant(
        &self,
        head: &RequestHead<'_>,
        base: &str,
        path: &CanonicalPath<'_>,
    ) -> Result<Option<usize>, Rejection> {
        if self.config.tenants.tenants().is_empty() {
            return Ok(None);
        }
        let (scheme, authority) = base.split_once("://").unwrap_or(("", base));
        let tenant = |authority: &str| self.config.tenants.by_authority(scheme, authority);
        let by_host = tenant(authority);
        // The platform makes the URL from `Host`. Should they differ, as with an absolute target,
        // the origin may believe the other one.
        let host = head.header("host").filter(|host| *host != authority);
        if host.is_some_and(|host| tenant(host) != by_host) {
            return Err(Rejection::RequestAmbiguous);
        }
        let ignores_case = |tenant: &Tenant| self.may_ignore_case(tenant);
        let by_path = self.config.tenants.by_path(path, ignores_case);
        Ok(by_host.or(by_path.map_err(|_| Rejection::PathAmbiguous)?))
    }

    /// Whether a server that gets requests of the tenant's paths may ignore case: its own origin, or that of a route.
    fn may_ignore_case(&self, tenant: &Tenant) -> bool {
        let routes = self.config.routes.routes().iter().filter_map(|route| match route.target {
            Target::Origin(index) => Some(index),
            Target::Tenant | Target::Own(_) => None,
        });
        routes.chain([tenant.origin]).any(|index| {
            let origin = self.config.origins.get(index);
            origin.is_none_or(|origin| !origin.has_case_sensitive_paths)
        })
    }

    /// The origin of the tenant with this index.
    pub(super) fn tenant_origin(&self, tenant: Option<usize>) -> Option<usize> {
        self.config.tenants.tenants().get(tenant?).map(|tenant| tenant.origin)
    }
}
