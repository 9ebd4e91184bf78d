use super::Check;
use crate::gateway::Caller;
use crate::route::Requirement;

/// Every node of a requirement, each before its branches, judged by the function that decides.
pub(super) fn trace(requirement: &Requirement, caller: &Caller) -> Vec<Check> {
    let mut checks = Vec::new();
    push(requirement, caller, 0, &mut checks);
    checks
}

fn push(requirement: &Requirement, caller: &Caller, depth: usize, checks: &mut Vec<Check>) {
    let holds = requirement.holds(caller.token().claims(), caller.identity());
    checks.push(Check::new(text(requirement), holds).at(depth));
    if let Requirement::All(branches) | Requirement::Any(branches) = requirement {
        for branch in branches {
            push(branch, caller, depth.saturating_add(1), checks);
        }
    }
}

fn text(requirement: &Requirement) -> String {
    match requirement {
        Requirement::All(_) => "all".to_owned(),
        Requirement::Any(_) => "any".to_owned(),
        Requirement::Role(role) => format!("role = {role:?}"),
        Requirement::Scope(scope) => format!("scope = {scope:?}"),
        Requirement::Claim { path, one_of } => {
            let values: Vec<_> = one_of.iter().map(ToString::to_string).collect();
            format!("claim {path} one of {}", values.join(", "))
        }
    }
}
