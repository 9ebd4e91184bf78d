use super::Check;
use super::evidence::{Evidence, Found};
use crate::gateway::split_url;
use crate::route::{HostPattern, Tenant, TenantPlace};

/// Of those that do not have the request, so many are named.
const OTHERS: usize = 5;

impl<'a> Evidence<'a> {
    pub(super) fn tenant(&self) -> Option<&'a Tenant> {
        let tenants = self.gateway.config().tenants.tenants();
        tenants.get(self.decision.record.tenant?).map(AsRef::as_ref)
    }

    /// Which tenant the request is for; nothing where there are none.
    pub(super) fn tenant_found(&self) -> Option<Found> {
        let tenants = self.gateway.config().tenants.tenants();
        if tenants.is_empty() {
            return None;
        }
        if !self.route().is_some_and(crate::route::Route::is_configured) {
            return Some(("the gateway's own paths are of no tenant".to_owned(), Vec::new()));
        }
        let is_chosen = |index: usize| Some(index) == self.decision.record.tenant;
        let others = tenants.iter().enumerate().filter(|(index, _)| !is_chosen(*index));
        let others = others.take(OTHERS).map(|(index, tenant)| {
            Check::note(format!("tenants[{index}] {}", tenant.name), place(&tenant.place))
        });
        let (authority, _) = self.authority();
        let summary = match (self.tenant(), self.decision.record.tenant) {
            (Some(tenant), Some(index)) => {
                format!("tenants[{index}] {}: {}", tenant.name, place(&tenant.place))
            }
            _ => format!("no tenant has the host {authority}, or the path"),
        };
        Some((summary, others.collect()))
    }

    /// Whether the token is one for the tenant; nothing where there is none to judge by.
    pub(super) fn membership(&self) -> Option<Found> {
        let (tenant, caller) = (self.tenant()?, self.journal.caller.as_ref()?);
        let issuer = self.issuer().map_or("", |issuer| issuer.name.as_str());
        let issuers = tenant.issuers.as_ref().map(|listed| {
            Check::new("issuer", listed.iter().any(|name| name == issuer))
                .expected(listed.join(", "))
                .got(issuer)
        });
        let own = caller.identity().tenant.as_deref();
        let claim = tenant.claim.as_deref().map_or_else(
            || Check::note("tenant of the token", "not looked at: `claim = false`"),
            |claim| {
                Check::new("tenant of the token", own == Some(claim))
                    .expected(claim)
                    .got(own.unwrap_or("none"))
            },
        );
        let checks: Vec<_> = issuers.into_iter().chain([claim]).collect();
        let is_taken = checks.iter().all(|check| check.holds != Some(false));
        let verb = if is_taken { "accepts" } else { "rejects" };
        Some((format!("{} {verb} the token", tenant.name), checks))
    }

    /// The authority of the URL, and whether `Host` names the same tenant.
    pub(super) fn authority(&self) -> (&'a str, bool) {
        let base = split_url(&self.journal.request.url).map_or("", |(base, ..)| base);
        let (scheme, authority) = base.split_once("://").unwrap_or(("", base));
        let tenants = &self.gateway.config().tenants;
        let tenant = |authority: &str| tenants.by_authority(scheme, authority);
        let host = self.journal.request.header("host");
        (authority, host.is_none_or(|host| tenant(&host) == tenant(authority)))
    }
}

fn place(place: &TenantPlace) -> String {
    match place {
        TenantPlace::Hosts(hosts) => {
            let host = |host: &HostPattern| match host {
                HostPattern::Exact(host) => host.clone(),
                HostPattern::AnyLabel(parent) => format!("*.{parent}"),
            };
            hosts.iter().map(host).collect::<Vec<_>>().join(", ")
        }
        TenantPlace::Prefix(segments) => format!("paths from /{}", segments.join("/")),
    }
}
