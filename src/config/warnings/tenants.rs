//! Tenants, and what stands there for them, that no request is for.

use super::Warnings;
use crate::route::{Access, Target, Tenant, TenantPlace};

impl Warnings<'_> {
    pub(super) fn tenants(&mut self) {
        for (index, tenant) in self.config.tenants.tenants().iter().enumerate() {
            if !self.has_route(tenant) {
                let message = format!("no route leads to the origin of `{}`", tenant.name);
                self.add("tenant_unused", format!("tenants[{index}]"), message);
            }
            if tenant.claim.is_none() {
                let message = "a good token of any tenant, or of none, passes here";
                self.add("tenant_unchecked", format!("tenants[{index}].claim"), message);
            }
        }
        self.issuers();
    }

    fn has_route(&self, tenant: &Tenant) -> bool {
        self.config.configured().any(|(_, route)| {
            let is_reached = match &tenant.place {
                TenantPlace::Hosts(_) => true,
                TenantPlace::Prefix(segments) => route.pattern.reaches(segments),
            };
            route.target == Target::Tenant && is_reached
        })
    }

    /// Issuers that no tenant takes, where nothing but tenants' requests are judged.
    fn issuers(&mut self) {
        let config = self.config;
        let tenants = config.tenants.tenants();
        let is_judged = |access| access != Access::Public;
        let is_beside = config
            .configured()
            .any(|(_, route)| route.target != Target::Tenant && is_judged(route.access));
        // An administrator's tokens may come from an issuer of their own.
        if tenants.is_empty() || is_beside || !config.admins.is_empty() {
            return;
        }
        for (index, issuer) in config.issuers.iter().enumerate() {
            let takes = |tenant: &Tenant| {
                tenant.issuers.as_ref().is_none_or(|names| names.contains(&issuer.name))
            };
            if !tenants.iter().any(|tenant| takes(tenant)) {
                let message = format!("no tenant accepts tokens of `{}`", issuer.name);
                self.add("issuer_unused", format!("issuers[{index}]"), message);
            }
        }
    }

    /// Whether a tenant's requests go to the origin with this index.
    pub(super) fn serves_tenant(&self, origin: usize) -> bool {
        let tenants = self.config.tenants.tenants().iter();
        tenants.filter(|tenant| tenant.origin == origin).any(|tenant| self.has_route(tenant))
    }

    /// Where an origin's address stands: in a table of its own, or at the tenant that gives it.
    pub(super) fn address_place(&self, origin: usize) -> String {
        let tenants = self.config.tenants.tenants();
        let of = tenants.iter().position(|tenant| tenant.origin == origin);
        match of.filter(|_| origin >= self.named_origins) {
            Some(index) => format!("tenants[{index}].origin"),
            None => format!("origins[{origin}].url"),
        }
    }
}
