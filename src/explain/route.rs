use super::evidence::{Evidence, Found};
use super::{Check, level};
use crate::gateway::Rejection;
use crate::route::{Access, CanonicalPath, Methods, Route, Target};

/// The route that decides, and those that match the path and do not.
pub(super) fn found(findings: &Evidence<'_>) -> Found {
    let Some(path) = findings.path() else {
        return (String::new(), Vec::new());
    };
    let mut losers = losers(findings, &path);
    let others = others(findings, &path);
    let index = findings.decision.record.route;
    let method = &findings.journal.request.method;
    if let Some(Rejection::MethodNotAllowed(allowed)) = findings.refusal() {
        let summary = format!(
            "the most specific path decides alone, and does not list {method}: its methods are {allowed}"
        );
        return (summary, [losers, others].concat());
    }
    if let (Some(index), Some(route)) = (index, findings.route()) {
        let preflight = if findings.is_preflight() { ", asked about by a preflight" } else { "" };
        return (
            format!("{}: {}{preflight}", name(index, route), describe(findings, route)),
            [losers, others].concat(),
        );
    }
    let summary = match findings.refusal() {
        Some(Rejection::PathAmbiguous) => {
            losers.extend(readings(findings, &path));
            ambiguity(findings, &path).to_owned()
        }
        _ if Methods::is_refused(method) => format!("{method} is served nowhere"),
        _ => "no route matches the path".to_owned(),
    };
    (summary, [losers, others].concat())
}

/// Of the routes whose path is another, so many are named: those that come nearest.
const OTHERS: usize = 10;

/// The routes that do not match the path, and where they part from it.
fn others(findings: &Evidence<'_>, path: &CanonicalPath<'_>) -> Vec<Check> {
    let routes = findings.gateway.config().routes.routes().iter().enumerate();
    let configured = routes.filter(|(_, route)| route.is_configured());
    let parting = |(index, route): (usize, &std::rc::Rc<Route>)| {
        route.pattern.differs_at(path.segments()).map(|at| (at, name(index, route)))
    };
    let mut parting: Vec<_> = configured.filter_map(parting).collect();
    parting.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let rest = parting.len().saturating_sub(OTHERS);
    let named = parting.into_iter().take(OTHERS);
    let named = named.map(|(at, name)| Check::note(name, differs(path, at)));
    let more = (rest > 0).then(|| Check::note(format!("{rest} more"), "another path"));
    named.chain(more).collect()
}

fn differs(path: &CanonicalPath<'_>, at: usize) -> String {
    match path.segments().get(at) {
        Some(segment) => format!("another path, from `{segment}` on"),
        None => "another path: the pattern goes on".to_owned(),
    }
}

/// The routes that match the path but do not decide, and why.
fn losers(findings: &Evidence<'_>, path: &CanonicalPath<'_>) -> Vec<Check> {
    let table = &findings.gateway.config().routes;
    let nearest = table.most_specific(path.segments());
    let method = &findings.journal.request.method;
    let is_ambiguous = matches!(findings.refusal(), Some(Rejection::PathAmbiguous));
    let is_refused = matches!(findings.refusal(), Some(Rejection::MethodNotAllowed(_)));
    let decides = |index| Some(index) == findings.decision.record.route && !is_refused;
    let matching = table
        .routes()
        .iter()
        .enumerate()
        .filter(|(index, route)| !decides(*index) && route.pattern.matches(path.segments()));
    let reason = |(index, route): (usize, &std::rc::Rc<Route>)| {
        let reason = if !nearest.contains(&index) {
            "a less specific path"
        } else if is_ambiguous && route.methods.serves(method) {
            "would serve the path as it is written"
        } else if route.methods.serves(method) {
            "another route lists the method more closely"
        } else {
            "does not list the method"
        };
        Check::note(name(index, route), reason)
    };
    matching.map(reason).collect()
}

/// Why two servers could take the path for two routes'.
fn ambiguity(findings: &Evidence<'_>, path: &CanonicalPath<'_>) -> &'static str {
    let table = &findings.gateway.config().routes;
    let found = table.find(&findings.journal.request.method, path, |_| true);
    match found {
        Ok(found) if !found.route.rewrite.is_none() => {
            "the path at the origin would be another one than what was matched"
        }
        _ => "another route would match for a server that reads the path in another way",
    }
}

/// The path as other servers may read it, and what it would match then.
fn readings(findings: &Evidence<'_>, path: &CanonicalPath<'_>) -> Vec<Check> {
    let table = &findings.gateway.config().routes;
    let served_by = |indices: &[usize]| {
        let routes = table.routes();
        let names = indices.iter().filter_map(|index| Some(name(*index, routes.get(*index)?)));
        let names: Vec<_> = names.collect();
        if names.is_empty() {
            "no route has it".to_owned()
        } else {
            format!("it is of {}", names.join(", "))
        }
    };
    let note = |segments: &Vec<String>| {
        let served = served_by(table.most_specific(segments));
        Check::note(format!("read as /{}", segments.join("/")), served)
    };
    let Some(readings) = path.readings() else {
        return vec![Check::note("readings", "more than are looked at")];
    };
    let without_case = table.most_specific_without_case(path.segments());
    let without_case = (without_case != table.most_specific(path.segments())).then(|| {
        let advice = "where every router of the origin counts case: `case_sensitive_paths = true`";
        let served = format!("{}; {advice}", served_by(without_case));
        Check::note("read without regard to case", served)
    });
    readings.iter().map(note).chain(without_case).collect()
}

fn name(index: usize, route: &Route) -> String {
    let methods = match &route.methods {
        Methods::Any => String::new(),
        Methods::Only(methods) => format!("{} ", methods.join("|")),
    };
    // The gateway's own routes stand in no configuration.
    let place = if route.is_configured() { format!("routes[{index}] ") } else { String::new() };
    format!("{place}{methods}{}", route.pattern)
}

fn describe(findings: &Evidence<'_>, route: &Route) -> String {
    let access = match route.access {
        Access::Authenticated => "authenticated",
        Access::Optional => "optional",
        Access::Public => return format!("public, {}", target(findings, route)),
    };
    let revocation = level::promise(route.revocation, &findings.gateway.config().revocation);
    let requirement = if route.requirement.is_some() { ", a requirement" } else { "" };
    format!("{access}{requirement}, revocation {revocation}, {}", target(findings, route))
}

fn target(findings: &Evidence<'_>, route: &Route) -> String {
    let origins = &findings.gateway.config().origins;
    let handler = route.handler.as_ref();
    let handler = handler.map(|handler| format!(", by the handler `{}`", handler.kind));
    let handler = handler.unwrap_or_default();
    match route.target {
        Target::Own(_) => "answered by the gateway".to_owned(),
        Target::Tenant => format!("to the tenant's origin{handler}"),
        Target::Origin(index) => {
            format!("to `{}`{handler}", origins.get(index).map_or("", |origin| &origin.name))
        }
    }
}
