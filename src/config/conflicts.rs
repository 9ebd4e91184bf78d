//! Routes that match the same requests.

use super::origin::Origins;
use super::session_routes;
use super::table::Table;
use crate::route::{Route, RouteTable, Target, TenantTable};

/// Builds the table of routes; `None` where two of them tie, which is noted.
pub(super) fn build(
    routes: Vec<Route>,
    places: &[(usize, &Table<'_>)],
    beside: (&Origins, Option<&TenantTable>),
) -> Option<RouteTable> {
    match RouteTable::new(routes) {
        Ok(table) => {
            check_case(&table, places, beside);
            session_routes::check_logins(&table, places);
            Some(table)
        }
        Err(conflicts) => {
            for conflict in conflicts {
                let places = (places.get(conflict.first), places.get(conflict.second));
                if let (Some((first, _)), Some((_, table))) = places {
                    let problem = format!("ties with routes[{first}]: same paths and methods");
                    table.error("path", problem);
                }
            }
            None
        }
    }
}

/// Refuses routes that differ in case only, where the origin ignores case: to it they are one
/// route, and it is undefined whose rule holds.
fn check_case(
    routes: &RouteTable,
    places: &[(usize, &Table<'_>)],
    (origins, tenants): (&Origins, Option<&TenantTable>),
) {
    let distinguishes = |index: usize| match routes.routes().get(index).map(|route| route.target) {
        Some(Target::Origin(origin)) => origins.has_case_sensitive_paths(origin),
        Some(Target::Tenant) => {
            let tenants = tenants.into_iter().flat_map(TenantTable::tenants);
            tenants.into_iter().all(|own| origins.has_case_sensitive_paths(own.origin))
        }
        _ => false,
    };
    for conflict in routes.case_conflicts() {
        let places = (places.get(conflict.first), places.get(conflict.second));
        if let (Some((first, _)), Some((_, table))) = places
            && !(distinguishes(conflict.first) && distinguishes(conflict.second))
        {
            let problem = format!(
                "ties with routes[{first}] but for case: expected one of them, or \
                 `case_sensitive_paths = true` at their origins"
            );
            table.error("path", problem);
        }
    }
}
