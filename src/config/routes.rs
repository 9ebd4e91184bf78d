use super::table::Table;
use super::{Environment, Origin, own, requirement};
use crate::revocation::RevocationPolicy;
use crate::route::{Access, Methods, Pattern, Requirement, Route, RouteTable, Target};

pub(super) fn read_all(
    root: &Table<'_>,
    origins: &[Origin],
    admin: Option<&Requirement>,
    issuers: &[&str],
    environment: &Environment<'_>,
) -> Option<RouteTable> {
    let tables = root.tables("routes");
    if tables.is_empty() {
        root.error("routes", "expected at least one route");
    }
    let mut routes = Vec::new();
    let mut places = Vec::new();
    for (index, table) in tables.iter().enumerate() {
        if let Some(route) = read(table, origins, issuers) {
            check(table, &route, issuers.is_empty(), environment);
            routes.push(route);
            places.push((index, table));
        }
        table.finish();
    }
    routes.extend(own::routes(admin, environment.has_store));
    build(routes, &places)
}

fn build(routes: Vec<Route>, places: &[(usize, &Table<'_>)]) -> Option<RouteTable> {
    match RouteTable::new(routes) {
        Ok(table) => Some(table),
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

fn read(table: &Table<'_>, origins: &[Origin], issuers: &[&str]) -> Option<Route> {
    let pattern = pattern(table);
    let methods = methods(table);
    let access = table.choice(
        "access",
        &[
            ("authenticated", Access::Authenticated),
            ("optional", Access::Optional),
            ("public", Access::Public),
        ],
    );
    if !table.has("access") {
        table.error("access", "is required");
    }
    let requirement = requirement::optional(table, "require", issuers);
    let revocation = revocation(table);
    let origin = origin(table, origins);
    let authorization = table.choice("authorization", &[("keep", true), ("strip", false)]);
    let cors_preflight = table.boolean("cors_preflight").unwrap_or(false);
    Some(Route {
        pattern: pattern?,
        methods,
        access: access?,
        requirement,
        revocation,
        target: Target::Origin(origin?),
        keeps_authorization: authorization.unwrap_or(true),
        cors_preflight,
    })
}

fn check(table: &Table<'_>, route: &Route, has_no_issuer: bool, environment: &Environment<'_>) {
    if table.has("require") && route.access != Access::Authenticated {
        table.error("require", "expected `access = \"authenticated\"` with it");
    }
    if has_no_issuer && route.access != Access::Public {
        table.error("access", "expected an issuer for it under `issuers`");
    }
    let asks = route.access != Access::Public && route.revocation != RevocationPolicy::Off;
    if asks && !environment.has_store {
        table.error("revocation", "expected a KV binding `EDGEWARD_KV`, or `revocation = \"off\"`");
    }
}

fn pattern(table: &Table<'_>) -> Option<Pattern> {
    let text = table.required_string("path")?;
    match Pattern::parse(&text) {
        Ok(pattern) if own::is_reserved(&pattern) => {
            table.error("path", "`/.edgeward/` belongs to the gateway");
            None
        }
        Ok(pattern) => Some(pattern),
        Err(problem) => {
            table.error("path", problem.to_string());
            None
        }
    }
}

fn methods(table: &Table<'_>) -> Methods {
    let Some(names) = table.strings("methods") else {
        return Methods::Any;
    };
    if names == ["*"] {
        return Methods::Any;
    }
    for (index, name) in names.iter().enumerate() {
        let token = name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-');
        if !token || Methods::is_refused(name) {
            let problem = "expected a method in upper case (not TRACE or CONNECT), or `[\"*\"]`";
            table.error(&format!("methods[{index}]"), problem);
        }
    }
    Methods::Only(names)
}

fn revocation(table: &Table<'_>) -> RevocationPolicy {
    if table.value("revocation").is_some_and(|value| value == "strict") {
        table.error(
            "revocation",
            "`strict` needs a Durable Object, which this version does not have",
        );
        return RevocationPolicy::EveryTime;
    }
    let choice = table.choice(
        "revocation",
        &[
            ("bounded", RevocationPolicy::Bounded),
            ("eventual", RevocationPolicy::Eventual),
            ("off", RevocationPolicy::Off),
        ],
    );
    choice.unwrap_or(RevocationPolicy::Bounded)
}

fn origin(table: &Table<'_>, origins: &[Origin]) -> Option<usize> {
    let Some(name) = table.string("origin") else {
        return Some(0);
    };
    let index = origins.iter().position(|origin| origin.name == name);
    if index.is_none() {
        table.error("origin", "expected the name of an origin");
    }
    index
}
