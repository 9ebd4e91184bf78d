//! `routes[].cache`: whether answers may come from the zone's cache.

use super::origin::Origins;
use super::table::Table;
use super::{Address, Origin};
use crate::route::{Access, HostPattern, Route, Target, Tenant, TenantPlace, TenantTable};

/// The zone's cache knows an answer by the origin's URL alone. So none of its answers may depend on
/// who asks, nor on the host that was asked for.
pub(super) fn check(
    table: &Table<'_>,
    route: &Route,
    origins: &Origins,
    tenants: Option<&TenantTable>,
) {
    if !route.uses_zone_cache {
        return;
    }
    if route.access == Access::Authenticated {
        let expected =
            "expected `access = \"public\"` or \"optional\" with it: no caller's answer is kept";
        table.error("cache", expected);
    }
    let tenants = tenants.map(TenantTable::tenants).unwrap_or_default();
    let serves: Vec<_> = match route.target {
        Target::Origin(index) => vec![(index, tenants.iter().collect::<Vec<_>>())],
        Target::Tenant => tenants
            .iter()
            .map(|tenant| (tenant.origin, sharing(tenant, tenants, origins)))
            .collect(),
        Target::Own(_) => Vec::new(),
    };
    let is_shared = serves
        .iter()
        .any(|(_, those)| those.len() > 1 || those.iter().any(|tenant| has_several_hosts(tenant)));
    if is_shared {
        let expected = "expected an origin with one host and tenant for it: the zone's cache knows its URL alone";
        table.error("cache", expected);
    }
    if serves.iter().any(|(index, _)| is_service(origins.list.get(*index))) {
        table
            .error("cache", "expected an origin with a URL: a service binding has no zone's cache");
    }
}

/// The tenants whose origin has the address of this one's, itself among them.
fn sharing<'t>(
    tenant: &Tenant,
    tenants: &'t [std::rc::Rc<Tenant>],
    origins: &Origins,
) -> Vec<&'t std::rc::Rc<Tenant>> {
    let address = |tenant: &Tenant| origins.list.get(tenant.origin).map(|origin| &origin.address);
    tenants.iter().filter(|other| address(other) == address(tenant)).collect()
}

fn has_several_hosts(tenant: &Tenant) -> bool {
    match &tenant.place {
        TenantPlace::Hosts(hosts) => {
            hosts.len() > 1 || hosts.iter().any(|host| matches!(host, HostPattern::AnyLabel(_)))
        }
        TenantPlace::Prefix(_) => false,
    }
}

fn is_service(origin: Option<&Origin>) -> bool {
    matches!(origin.map(|origin| &origin.address), Some(Address::Service(_)))
}
